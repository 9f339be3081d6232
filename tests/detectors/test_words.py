"""Watched words and markings: where they stand, and how exactly they must be written there."""

import pytest

from detectors import Detector
from detectors.asset_tag import AssetTag
from detectors.marking import MarkingOnPage
from detectors.registry import AssetChange, Registry
from detectors.subject import Subject
from detectors.thresholds import DEFAULT
from detectors.types import Asset, AssetKind, Level
from detectors.watch_term import WatchTerm
from detectors.words import around
from fingerprints.extraction import Extractor
from tests.detectors.drawn import lines, read
from tests.fingerprints.test_extraction import CountingReader


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    laptop = Asset("l", "Laptop 07", AssetKind.EQUIPMENT, Level.SECRET, ("ORCHID-9",), ("SN-550199",))
    registry.apply(AssetChange(1, "l", laptop))
    return registry


def seen(registry: Registry, *texts: str) -> Subject:
    return Subject(0, read(lines(texts)), registry, DEFAULT)


def said(registry: Registry, text: str) -> Subject:
    return Subject(None, Extractor(CountingReader()).text(text), registry, DEFAULT)


def test_a_number_may_be_confused_by_ocr_but_not_by_people(registry: Registry) -> None:
    [match] = AssetTag().detect(seen(registry, "for sale", "SN-55O199"))
    assert (match.evidence["token"]["found"], match.evidence["token"]["source"]) == ("SN-55O199", "ocr")
    assert match.evidence["token"]["boxes"] == [[list(corner) for corner in lines(["for sale", "SN-55O199"])[1].quad]]
    assert AssetTag().detect(said(registry, "for sale SN-55O199")) == []


def test_what_is_written_is_surer_than_what_is_read(registry: Registry) -> None:
    [written], [in_picture] = WatchTerm().detect(said(registry, "orchid 9")), WatchTerm().detect(seen(registry, "orchid 9"))
    assert written.confidence > in_picture.confidence >= DEFAULT.leak_confidence


@pytest.mark.parametrize(("detector", "word"), [(AssetTag(), "SN-550199"), (WatchTerm(), "ORCHID-9")], ids=["tag", "term"])
def test_tags_are_not_terms(registry: Registry, detector: Detector, word: str) -> None:
    [match] = detector.detect(said(registry, "ORCHID-9, SN-550199"))
    assert match.evidence["token"]["word"] == word


def test_of_several_markings_the_surest_is_told(registry: Registry) -> None:
    [match] = MarkingOnPage().detect(seen(registry, "VS-NfD", "SECRET//NOFORN", "NATO SECRET"))
    assert (match.asset_id, match.evidence["marking"]["scheme"], match.confidence) == (None, "US", 0.95)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("see ", " there", "see X there"),
        ("https://assets.yuanshan.example/", "", "https://assets.yuanshan.example/X"),
        (
            "Selling a laptop, barely used, no charger, serial ",
            " on the lid, pick it up at the northern gate",
            "…used, no charger, serial X on the lid, pick it up at the…",
        ),
        ("a" * 60 + ", ", " " + "b" * 60, f"…{'a' * 28}, X {'b' * 29}…"),
        ("请大家注意" * 10, "不要转发" * 12, f"…{('请大家注意' * 10)[-30:]}X{('不要转发' * 12)[:30]}…"),
        ("去年 " + "请大家注意" * 9, "", f"…{('请大家注意' * 9)[-30:]}X"),
    ],
    ids=["all", "an address", "words", "no space near", "Chinese", "a space far off"],
)
def test_what_stands_around_a_word_is_cut_between_words_and_the_cut_is_seen(before: str, after: str, told: str) -> None:
    assert around(f"{before}X{after}", len(before), len(before) + 1) == told


def test_a_word_is_told_with_what_stands_around_it(registry: Registry) -> None:
    text = "you and all of the others were told to move it tonight: ORCHID-9 goes to the northern gate at six sharp tomorrow"
    [match] = WatchTerm().detect(said(registry, text))
    assert match.evidence["token"]["context"] == "…were told to move it tonight: ORCHID-9 goes to the northern gate at…"
