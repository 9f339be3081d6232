"""What is said to have come nearest, and what it lacked."""

import numpy as np
import pytest

from detectors.nearest import Nearness, nearest
from detectors.pipeline import Inspector
from detectors.registry import Registry
from detectors.subject import Subject
from detectors.types import AssetKind, Attachment, Message
from fingerprints.extraction import Extractor
from fingerprints.types import U8
from tests.detectors.scenes import asset, jpeg, png, register, scene, sentences
from tests.fingerprints.test_extraction import CountingReader


@pytest.fixture
def extractor() -> Extractor:
    return Extractor(CountingReader())


@pytest.fixture
def registry(extractor: Extractor) -> Registry:
    made = Registry()
    register(made, extractor, asset("crane"), png(scene(1)))
    register(made, extractor, asset("order", AssetKind.TEXT), "\n".join(sentences(1)).encode())
    return made


def shown(extractor: Extractor, registry: Registry, data: bytes) -> list[Subject]:
    """The parts in which nothing was found."""
    seen: list[Subject] = []
    message = Message("g", "m", None, "c", "u", attachments=(Attachment("a", "", data),))
    Inspector(extractor).inspect(message, registry, watch=seen.append)
    return seen


def corner(share: float) -> U8:
    """Another picture, with a small piece of the crane in it."""
    picture, size = scene(9).copy(), round(700 * share)
    picture[:size, :size] = scene(1)[200 : 200 + size, 300 : 300 + size]
    return picture


def test_what_is_found_is_not_near(extractor: Extractor, registry: Registry) -> None:
    assert shown(extractor, registry, jpeg(scene(1), 60)) == []


def test_a_few_details_are_told_with_how_many_it_takes(extractor: Extractor, registry: Registry) -> None:
    told = [
        nearest(subject) for share in np.arange(0.05, 0.3, 0.02) for subject in shown(extractor, registry, png(corner(share)))
    ]
    near = [one for one in told if one is not None and one.asset_id == "crane" and one.missing == "details"]
    assert near
    for one in near:
        assert isinstance(one, Nearness)
        assert 0 < one.there < one.needed
        assert 0 < one.share < 1


def test_some_of_a_text_is_told(extractor: Extractor, registry: Registry) -> None:
    text = " ".join([*[" ".join(sentences(40 + n)) for n in range(4)], sentences(1)[0][:45]]).encode()
    [subject] = shown(extractor, registry, text)
    one = nearest(subject)
    assert one is not None
    assert (one.asset_id, one.missing) == ("order", "passages")
    assert nearest(subject, frozenset({"crane"})) is None


def test_nothing_alike_is_told_so(extractor: Extractor, registry: Registry) -> None:
    [subject] = shown(extractor, registry, b"Lunch is at noon in the large hall, as every day of this week.")
    assert nearest(subject) is None
