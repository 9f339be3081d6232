"""What only fingerprints are left of is judged as if it could not be read: where reading would decide, by a person."""

import cv2
import numpy as np
import pytest

from app.demo import pages
from detectors.hindsight import Hindsight, concluded, judged
from detectors.registry import Registry
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind, Conclusion, Match
from fingerprints import kept
from fingerprints.extraction import Extractor
from fingerprints.types import U8, Fingerprints, Reader
from tests.detectors.scenes import asset, jpeg, page, png, register, scene, sentences


def memo() -> U8:
    return page(sentences(1), 760, 1000)


@pytest.fixture(scope="module")
def extractor(reader: Reader) -> Extractor:
    return Extractor(reader)


@pytest.fixture(scope="module")
def registry(extractor: Extractor) -> Registry:
    """Nobody changes it."""
    registry = Registry()
    register(registry, extractor, asset("engine"), png(scene(1)))
    register(registry, extractor, asset("other"), png(scene(2)))
    register(registry, extractor, asset("memo", AssetKind.DOCUMENT), png(memo()))
    return registry


def remembered(extractor: Extractor, data: bytes, name: str = "a.jpg") -> Fingerprints:
    """What is left of a file that was seen."""
    [part] = extractor.open(data, name).parts
    picture = part.has_picture
    prints = Fingerprints(
        part.digest, part.perceptual if picture else None, part.keypoints if picture else None, None if picture else part.shingles
    )
    return kept.load(part.digest, kept.dump(prints))


def found(registry: Registry, extractor: Extractor, data: bytes, about: str, name: str = "a.jpg") -> list[Match]:
    seen = remembered(extractor, data, name)
    return judged(Hindsight(seen, extractor, registry, DEFAULT, sorted(registry.keys_of(about))), about)


def cropped(picture: U8) -> bytes:
    return jpeg(picture[100:520, 150:700], 70)


def test_equipment_is_recognised_as_surely_as_when_it_was_posted(registry: Registry, extractor: Extractor) -> None:
    [match] = found(registry, extractor, cropped(scene(1)), "engine")
    assert match.confidence >= DEFAULT.leak_confidence
    assert match.evidence["hindsight"]
    assert match.evidence["geometry"]["inliers"] > 50
    assert concluded([match], registry, None, DEFAULT).verdict is Conclusion.LEAK


def test_so_is_its_mirror_image(registry: Registry, extractor: Extractor) -> None:
    [match] = found(registry, extractor, jpeg(np.ascontiguousarray(scene(1)[:, ::-1])), "engine")
    assert match.evidence["geometry"]["mirrored"]


def test_only_the_asset_that_is_sought_is_told(registry: Registry, extractor: Extractor) -> None:
    assert found(registry, extractor, cropped(scene(2)), "engine") == []
    assert found(registry, extractor, cropped(scene(3)), "engine") == []


def test_a_page_whose_text_is_registered_is_left_to_a_person(registry: Registry, extractor: Extractor) -> None:
    picture = memo()
    smaller = np.asarray(cv2.resize(picture, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA), np.uint8)
    [match] = found(registry, extractor, jpeg(smaller), "memo")
    assert match.confidence < DEFAULT.leak_confidence
    assert concluded([match], registry, None, DEFAULT).verdict is Conclusion.REVIEW


def test_the_very_file_is_certain_whatever_it_is(registry: Registry, extractor: Extractor) -> None:
    [match] = found(registry, extractor, png(memo()), "memo")
    assert match.confidence == 1.0


def test_a_quoted_text_is_told_by_its_shingles(extractor: Extractor) -> None:
    registry = Registry()
    register(registry, extractor, asset("minutes", AssetKind.TEXT), " ".join(sentences(7)).encode())
    quoted = f"they said: {' '.join(sentences(7)[2:12])} and no more"
    [match] = found(registry, extractor, quoted.encode(), "minutes", "a.txt")
    assert match.detector == "document_text"
    assert match.confidence >= DEFAULT.leak_confidence


def test_other_pages_of_its_form_are_not_put_before_a_person(extractor: Extractor) -> None:
    registry = Registry()
    register(registry, extractor, asset("order", AssetKind.DOCUMENT), png(pages.official(3).pixels))
    [match] = found(registry, extractor, jpeg(pages.official(3).pixels[:700], 60), "order")
    assert match.evidence["geometry"]["inliers"] > 50
    others = [found(registry, extractor, jpeg(pages.official(number).pixels, 60), "order") for number in (11, 19, 27)]
    assert others == [[], [], []]
