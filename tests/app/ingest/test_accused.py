"""What is kept of an accused part lies ready when it is accused: for that alone nothing is read."""

import pytest

from app.ingest.accused import accused_parts
from app.ingest.jobs import UNREAD, Accused
from detectors.pipeline import Inspector
from detectors.registry import Registry
from detectors.types import AssetKind, Message
from fingerprints.extraction import Extractor, Observation
from fingerprints.ocr import open_reader
from tests.detectors.scenes import asset, jpeg, message, page, png, register, sentences

PAGE = sentences(1, 24)
POSTED = jpeg(page(PAGE), 70)


@pytest.fixture(scope="module")
def registering() -> Extractor:
    return Extractor(open_reader("rapidocr", 1))


def accused(registering: Extractor, posted: Message, *, thorough: bool = False) -> tuple[list[Accused], list[Observation]]:
    """What is kept of a message while that page is registered, and its attachments' parts as they are left."""
    registry, extractor = Registry(), Extractor(registering.reader)
    register(registry, registering, asset("page", AssetKind.DOCUMENT), png(page(PAGE)))
    verdict = Inspector(extractor, thorough=thorough).inspect(posted, registry)
    pictures = {(index, "") for index, _ in enumerate(posted.attachments)}
    kept = list(accused_parts(extractor, posted, verdict.matches, pictures))
    return kept, [part for one in posted.attachments for part in extractor.open(one.data, one.name).parts]


def test_a_proved_page_is_read_no_further_to_be_accused(registering: Extractor) -> None:
    [one], [left] = accused(registering, message(POSTED))
    assert left.knows("strips"), "it was proved by some of its lines"
    assert not any(left.knows(name) for name in ("reading", "glimpse", "shingles"))
    assert one.kinds.keys() == {"keypoints", "perceptual", UNREAD}


def test_what_was_read_in_full_is_kept_with_its_text(registering: Extractor) -> None:
    [one], [left] = accused(registering, message(POSTED), thorough=True)
    assert left.was_read
    assert one.kinds.keys() == {"keypoints", "perceptual", "shingles"}


def test_written_text_is_kept(registering: Extractor) -> None:
    [one], _ = accused(registering, message(text=" ".join(PAGE[:8])))
    assert one.kinds.keys() == {"shingles"}


def test_a_glimpse_is_no_text(registering: Extractor) -> None:
    """A copy is held against all that is written there: a few lines of it would speak for another text."""
    [one], [left] = accused(registering, message(POSTED))
    assert left.glimpse.lines
    assert UNREAD in one.kinds
    assert "shingles" not in one.kinds
