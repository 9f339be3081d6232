"""What a reference in the making shares with what others registered, and what it does not."""

from functools import cache

import numpy as np
import pytest

from detectors.recognisability import Kinship, Resemblance, resemblance
from detectors.registry import AssetChange, Registry
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind
from fingerprints.extraction import Extractor
from fingerprints.types import U8
from tests.detectors.drawn import lines
from tests.detectors.scenes import asset, jpeg, pdf, png, register, scene, sentences
from tests.fingerprints.test_extraction import CountingReader

IDENTICAL, BOILERPLATE = Kinship.NEAR_IDENTICAL, Kinship.BOILERPLATE


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    """It remembers what every registry here begins with."""
    return Extractor(CountingReader())


@cache
def form() -> bytes:
    return pdf(scene(2), scene(3))


@pytest.fixture
def registry(extractor: Extractor) -> Registry:
    """A crane, a form of two pages, and a text."""
    made = Registry()
    register(made, extractor, asset("crane"), png(scene(1)))
    register(made, extractor, asset("form", AssetKind.DOCUMENT), form())
    register(made, extractor, asset("order", AssetKind.TEXT), "\n".join(sentences(1)).encode())
    return made


def made_of(registry: Registry, extractor: Extractor, data: bytes) -> Resemblance | None:
    return resemblance(extractor.open(data, "new").parts[0], registry, DEFAULT)


def kin(found: Resemblance | None) -> tuple[Kinship, set[str]] | None:
    return None if found is None else (found.kinship, {one.asset_id for one in found.others})


def with_crane(share: float) -> U8:
    """Another picture, so much of whose width shows the crane."""
    cut = round(900 * share)
    return np.hstack([scene(1)[:, :cut], scene(9)[:, cut:]])


@pytest.mark.parametrize(
    ("data", "other"),
    [
        (png(scene(1)), "crane"),
        (jpeg(scene(1), 40), "crane"),
        (jpeg(np.ascontiguousarray(scene(1)[30:670, 40:880]), 80), "crane"),
        (jpeg(np.ascontiguousarray(scene(1)[:, ::-1]), 80), "crane"),
        (png(np.pad(scene(1), ((90, 90), (120, 120), (0, 0)), constant_values=90)), "crane"),
        (jpeg(scene(3), 70), "form"),
        ("\n".join(sentences(1)).encode(), "order"),
        ("\n".join([*sentences(1), "Copy for the depot."]).encode(), "order"),
    ],
    ids=["bytes", "recompressed", "trimmed", "mirrored", "on a desk", "page", "text", "text with a note"],
)
def test_what_is_registered_again_is_near_identical(registry: Registry, extractor: Extractor, data: bytes, other: str) -> None:
    assert kin(made_of(registry, extractor, data)) == (IDENTICAL, {other})


@pytest.mark.parametrize(
    "data",
    [png(scene(4)), png(np.full((400, 300, 3), 255, np.uint8)), "\n".join(sentences(5)).encode(), b"short"],
    ids=["picture", "blank", "text", "short text"],
)
def test_what_is_new_resembles_nothing(registry: Registry, extractor: Extractor, data: bytes) -> None:
    assert made_of(registry, extractor, data) is None


def test_an_empty_registry_holds_nothing_alike(extractor: Extractor) -> None:
    assert made_of(Registry(), extractor, png(scene(1))) is None


def test_all_that_are_alike_are_told(registry: Registry, extractor: Extractor) -> None:
    register(registry, extractor, asset("copy"), jpeg(scene(1), 60))
    assert kin(made_of(registry, extractor, png(scene(1)))) == (IDENTICAL, {"crane", "copy"})


def test_what_was_forgotten_is_not_alike(registry: Registry, extractor: Extractor) -> None:
    for gone in ("crane", "order"):
        registry.apply(AssetChange(registry.checkpoint + 1, gone, None))
    assert made_of(registry, extractor, png(scene(1))) is None
    assert made_of(registry, extractor, "\n".join(sentences(1)).encode()) is None


@pytest.mark.parametrize(
    ("picture", "expected"),
    [(scene(1)[100:480, 200:700], BOILERPLATE), (with_crane(0.35), None), (with_crane(0), None)],
    ids=["a part of it", "partly it", "another"],
)
def test_a_picture_of_details_that_another_has_is_boilerplate(
    registry: Registry, extractor: Extractor, picture: U8, expected: Kinship | None
) -> None:
    found = made_of(registry, extractor, png(np.ascontiguousarray(picture)))
    assert kin(found) == (None if expected is None else (expected, {"crane"}))


@pytest.mark.parametrize(("fresh", "expected"), [(2, BOILERPLATE), (10, None)])
def test_a_text_of_others_lines_is_boilerplate(
    registry: Registry, extractor: Extractor, fresh: int, expected: Kinship | None
) -> None:
    """Form lines from two registered texts, and lines of its own."""
    register(registry, extractor, asset("second", AssetKind.TEXT), "\n".join(sentences(2)).encode())
    text = "\n".join([*sentences(1)[:9], *sentences(2)[:9], *sentences(7)[:fresh]]).encode()
    found = made_of(registry, extractor, text)
    assert kin(found) == (None if expected is None else (expected, {"order", "second"}))
    assert found is None or 0.8 <= found.share < 1


def test_a_form_that_everybody_uses_is_boilerplate_all_the_same(extractor: Extractor) -> None:
    """What half of the registry holds is ignored when searching, not here."""
    registry, form = Registry(), sentences(1)
    for number in range(60):
        register(
            registry, extractor, asset(f"{number}", AssetKind.TEXT), "\n".join([*form, *sentences(100 + number)[:14]]).encode()
        )
    found = made_of(registry, extractor, "\n".join([*form, "Signed in the depot."]).encode())
    assert found is not None
    assert found.kinship is BOILERPLATE
    assert len(found.others) == 5


def test_pages_are_told_by_their_text_where_they_have_any() -> None:
    """Two forms that look the same all over, filled in differently: alike as pictures, not as pages."""
    old = Extractor(CountingReader(lines(sentences(1))))
    registry = Registry()
    register(registry, old, asset("filled in", AssetKind.DOCUMENT), png(scene(1)))
    again = Extractor(CountingReader(lines(sentences(1))))
    other = Extractor(CountingReader(lines(sentences(2))))
    assert kin(made_of(registry, again, jpeg(scene(1), 70))) == (IDENTICAL, {"filled in"})
    assert made_of(registry, other, jpeg(scene(1), 70)) is None
