"""Geometry nominates, text decides; where text cannot, only overwhelming geometry reaches a person."""

from dataclasses import replace

import numpy as np
import pytest

from detectors.guided_reading import Finding, GuidedReading, LineRead
from detectors.page_copy import PageCopy
from detectors.registry import Registry
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind, Match, Mistake
from fingerprints.extraction import Extractor
from fingerprints.types import U8, Fingerprints, Line, PerceptualHit
from tests.detectors.drawn import CORNERS, GridReader, Nominated, hit, laid_out_page, like, lines, read, registered
from tests.detectors.scenes import asset, png, register, scene, sentences
from tests.fingerprints.test_extraction import CountingReader

PAGE, SIBLING = sentences(1), sentences(2)
FORM = ["NORTHERN DEPOT COMMAND", "Readiness review, quarterly"]
MIXED = [*PAGE[: len(PAGE) * 7 // 10], *SIBLING[len(PAGE) * 7 // 10 :]]
SURE = (150, 1.0)
BARELY = (DEFAULT.inliers, DEFAULT.coverage)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registered(registry, "page", "\n".join([*FORM, *PAGE]))
    registered(registry, "textless", "")
    return registry


def found(
    registry: Registry, texts: list[str] | tuple[Line, ...], inliers: int, coverage: float, key: str = "page"
) -> list[Match]:
    read_there = texts if isinstance(texts, tuple) else lines(texts)
    return PageCopy().detect(Nominated(read(read_there), registry, [like(registry, key, hit(key, inliers, coverage))]))


def test_a_page_whose_text_agrees_is_a_copy_at_the_least_geometry(registry: Registry) -> None:
    [match] = found(registry, [*FORM, *PAGE], 18, DEFAULT.coverage)
    assert match.confidence >= DEFAULT.leak_confidence
    assert match.evidence["text"]["agreement"] >= match.evidence["text"]["agreement_threshold"]
    assert len(found(registry, [*FORM, *PAGE], *BARELY)) == 1


@pytest.mark.parametrize(
    ("inliers", "coverage"),
    [
        (DEFAULT.inliers - 1, 1.0),
        (DEFAULT.inliers_solid - 1, DEFAULT.coverage - 0.01),
        (150, DEFAULT.coverage_solid - 0.01),
    ],
)
def test_without_geometry_agreeing_text_is_no_copy(registry: Registry, inliers: int, coverage: float) -> None:
    assert found(registry, [*FORM, *PAGE], inliers, coverage) == []


def test_a_sibling_of_one_template_is_not_accused_however_sure_geometry_is(registry: Registry) -> None:
    assert found(registry, [*FORM, *SIBLING], *SURE) == []


def test_a_page_without_registered_text_is_told_by_how_much_of_it_is_there(registry: Registry) -> None:
    [match] = found(registry, [], 60, DEFAULT.coverage_textless, "textless")
    assert match.confidence >= DEFAULT.leak_confidence
    assert found(registry, [], 60, DEFAULT.coverage_textless - 0.01, "textless") == []


UNREADABLE = {
    "nothing": (),
    "too little": lines(PAGE[:1]),
    "a blur": lines(PAGE, DEFAULT.readable_confidence - 0.05),
}


@pytest.mark.parametrize("blurred", UNREADABLE.values(), ids=UNREADABLE)
def test_a_page_that_cannot_be_read_is_put_before_a_person(registry: Registry, blurred: tuple[Line, ...]) -> None:
    [match] = found(registry, blurred, DEFAULT.inliers_unread, DEFAULT.coverage_unread)
    assert match.confidence < DEFAULT.leak_confidence
    assert "text" not in match.evidence
    assert "compare the pictures" in match.evidence["summary"]


@pytest.mark.parametrize(
    ("inliers", "coverage"), [(DEFAULT.inliers_unread - 1, 1.0), (150, DEFAULT.coverage_unread - 0.01)], ids=["few", "patchy"]
)
def test_a_page_that_cannot_be_read_needs_much_surer_geometry(registry: Registry, inliers: int, coverage: float) -> None:
    assert found(registry, (), inliers, coverage) == []


@pytest.mark.parametrize(
    ("text", "inliers", "width", "named"),
    [
        (SIBLING, 100, 1.0, []),
        (SIBLING, 80, 1.0, ["page"]),
        (SIBLING, 300, 1.0, ["other"]),
        (SIBLING, 100, 0.4, ["page", "other"]),
        (PAGE, 100, 1.0, ["page", "other"]),
    ],
    ids=["nearly as sure", "far behind", "far ahead", "in another place", "the same text"],
)
def test_of_pages_that_cannot_be_read_one_is_named_only_if_it_is_far_ahead(
    registry: Registry, text: list[str], inliers: int, width: float, named: list[str]
) -> None:
    registered(registry, "other", "\n".join([*FORM, *text]))
    beside = [(1 - (1 - x) * width, y) for x, y in CORNERS]
    theirs = replace(hit("other", inliers, 1.0), outline=(beside[0], beside[1], beside[2], beside[3]))
    mine = hit("page", 125, 1.0)
    if width < 1:
        mine = replace(mine, outline=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    alike = [like(registry, "page", mine), like(registry, "other", theirs)]
    matches = PageCopy().detect(Nominated(read(()), registry, alike))
    assert [match.asset_id for match in matches] == named


PARTLY = [*PAGE[:13], *SIBLING[:5]]


def test_doubtful_text_under_overwhelming_geometry_is_put_before_a_person(registry: Registry) -> None:
    [match] = found(registry, PARTLY, DEFAULT.inliers_doubt, DEFAULT.coverage_doubt)
    assert match.confidence < DEFAULT.leak_confidence
    assert "only in part" in match.evidence["summary"]


@pytest.mark.parametrize(
    ("inliers", "coverage"), [(DEFAULT.inliers_doubt - 1, 1.0), (400, DEFAULT.coverage_doubt - 0.01)], ids=["few", "patchy"]
)
def test_doubtful_text_is_nothing_under_less(registry: Registry, inliers: int, coverage: float) -> None:
    assert found(registry, PARTLY, inliers, coverage) == []


def test_doubtful_text_that_another_asset_holds_as_well_is_nothing(registry: Registry) -> None:
    registered(registry, "other", "\n".join(PARTLY[4:]))
    assert found(registry, PARTLY, 400, 1.0) == []


def test_a_page_registered_for_two_assets_is_a_copy_of_both(registry: Registry) -> None:
    registered(registry, "twin", "\n".join(PAGE))
    almost = [*PAGE[:9], SIBLING[0], *PAGE[10:]]
    assert [match.confidence >= DEFAULT.leak_confidence for match in found(registry, lines(almost), 100, 0.9)] == [True]


def squeezed(line: Line, left: float) -> Line:
    a, b, c, d = ((left + x / 2, y) for x, y in line.quad)
    return replace(line, quad=(a, b, c, d))


def test_text_beside_the_page_does_not_count(registry: Registry) -> None:
    both = [squeezed(line, 0.0) for line in lines(PAGE)] + [squeezed(line, 0.5) for line in lines(SIBLING)]
    left = hit("page", 60, 1.0)
    left.homography[0, 0] = 0.5
    [match] = PageCopy().detect(Nominated(read(tuple(both)), registry, [like(registry, "page", left)]))
    assert match.evidence["text"]["agreement"] == 1.0


def test_a_proved_page_rules_out_what_would_lie_there_as_well_but_not_if_it_is_a_known_mistake(registry: Registry) -> None:
    registered(registry, "sibling", "\n".join([*FORM, *SIBLING]))
    both = [squeezed(line, 0.0) for line in lines(PAGE)] + [squeezed(line, 0.5) for line in lines(SIBLING)]
    left, right = hit("page", 60, 1.0), hit("sibling", 50, 1.0)
    left.homography[0, 0] = right.homography[0, 0] = right.homography[0, 2] = 0.5
    seen, alike = read(tuple(both)), [like(registry, "page", left), like(registry, "sibling", right)]
    subject = Nominated(seen, registry, alike)
    assert [match.asset_id for match in PageCopy().detect(subject)] == ["page"]
    mistake = Mistake("mistake", frozenset({"page"}), "alert")
    registry.memory.apply(registry.checkpoint, "page", [(mistake, Fingerprints(seen.digest))])
    subject = Nominated(seen, registry, alike)
    assert [match.asset_id for match in PageCopy().detect(subject)] == ["sibling"]
    assert [one.asset_id for one in subject.excused] == ["page"]


@pytest.mark.parametrize(("kind", "count"), [(AssetKind.DOCUMENT, 1), (AssetKind.TEXT, 1), (AssetKind.EQUIPMENT, 0)])
def test_equipment_is_no_page(registry: Registry, kind: AssetKind, count: int) -> None:
    registered(registry, "it", "", kind)
    assert len(found(registry, [], *SURE, "it")) == count


@pytest.mark.parametrize(
    ("distance", "count"), [(DEFAULT.perceptual_same, 1), (DEFAULT.perceptual_same + 1, 0), (DEFAULT.perceptual_near, 0)]
)
def test_without_details_to_compare_only_the_same_picture_counts(registry: Registry, distance: int, count: int) -> None:
    near = like(registry, "textless", None, PerceptualHit("textless", distance, 0))
    matches = PageCopy().detect(Nominated(read(()), registry, [near]))
    assert [match.confidence < DEFAULT.leak_confidence for match in matches] == [True] * count


@pytest.mark.parametrize(("picture", "count"), [(scene(8), 0), (np.full((400, 300, 3), 255, np.uint8), 1)])
def test_the_perceptual_hash_is_silent_where_details_could_be_compared(picture: U8, count: int) -> None:
    registry, extractor = Registry(), Extractor(CountingReader())
    register(registry, extractor, asset("rich", AssetKind.DOCUMENT), png(scene(7)))
    near = like(registry, "rich/0/0", None, PerceptualHit("rich/0/0", 0, 0))
    part = extractor.open(png(picture), "x.png").parts[0]
    assert len(PageCopy().detect(Nominated(part, registry, [near]))) == count


@pytest.mark.parametrize(
    ("name", "data", "count"), [("x.png", png(scene(7)), 1), ("x.txt", b"go north", 0)], ids=["page", "text"]
)
def test_the_registered_file_itself_is_a_copy_if_it_is_a_picture(name: str, data: bytes, count: int) -> None:
    registry, extractor = Registry(), Extractor(CountingReader())
    register(registry, extractor, asset("it", AssetKind.TEXT), data)
    part = extractor.open(data, name).parts[0]
    matches = PageCopy().detect(Nominated(part, registry, []))
    assert [match.confidence for match in matches] == [1.0] * count


def test_a_page_that_geometry_did_not_name_is_named_by_its_text() -> None:
    """Among hundreds of one form only a few are tried; what is read names the page, and its geometry is looked at then."""
    registry, extractor = Registry(), Extractor(CountingReader(lines([*FORM, *PAGE])))
    register(registry, extractor, asset("page", AssetKind.DOCUMENT), png(scene(1)))
    registered(registry, "sibling", "\n".join([*FORM, *SIBLING]))
    seen = extractor.open(png(scene(1)[:-2]), "x.png").parts[0]
    [match] = PageCopy().detect(Nominated(seen, registry, [like(registry, "sibling", hit("sibling", *SURE))]))
    assert match.asset_id == "page"
    elsewhere = extractor.open(png(scene(5)), "x.png").parts[0]
    assert PageCopy().detect(Nominated(elsewhere, registry, [])) == [], "text alone is not this detector's business"


@pytest.mark.parametrize(
    ("shown", "against", "count"),
    [([], 0.0, 1), (MIXED, 0.0, 1), (SIBLING, 0.0, 0), (MIXED, -3.2, 0)],
    ids=["nothing else legible", "most of the page's text", "another text", "a line says something else"],
)
def test_a_few_lines_under_overwhelming_geometry_are_asked_about_unless_something_speaks_against_them(
    monkeypatch: pytest.MonkeyPatch, shown: list[str], against: float, count: int
) -> None:
    """What a shop prints on all its receipts agrees on each of them."""
    registry = Registry()
    laid_out_page(registry, "page", PAGE)
    few = [LineRead(0, CORNERS, "", 1.0, 1.0, 0.8, evidence, shifted=False) for evidence in (3.5, 2.5, against)]
    guided = GuidedReading(Finding.DOUBT, tuple(few), only_words=False)
    monkeypatch.setattr("detectors.page_copy.read_guided", lambda *_: guided)
    geometry = hit("page", DEFAULT.inliers_unread, 1.0)
    subject = Nominated(read(lines(shown)), registry, [like(registry, "page", geometry)])
    assert len(PageCopy().detect(subject)) == count


@pytest.mark.parametrize(
    ("text", "inliers", "coverage", "told"),
    [
        (SIBLING, 100, 1.0, "proved"),
        (PAGE, 100, 1.0, "found"),
        (SIBLING, 100, DEFAULT.coverage_solid - 0.01, "spread"),
        (SIBLING, DEFAULT.inliers_solid - 1, DEFAULT.coverage - 0.01, None),
    ],
    ids=["another page", "the same page", "a part of it", "too few"],
)
def test_why_the_nearest_other_is_not_found_is_told_where_its_details_are_enough(
    registry: Registry, text: list[str], inliers: int, coverage: float, told: str | None
) -> None:
    registered(registry, "other", "\n".join([*FORM, *text]))
    alike = [like(registry, "page", hit("page", *SURE)), like(registry, "other", hit("other", inliers, coverage))]
    match = PageCopy().detect(Nominated(read(lines([*FORM, *PAGE])), registry, alike))[0]
    other = match.evidence["nearest_other"]
    assert (match.asset_id, other["asset_id"], other.get("told_apart")) == ("page", "other", told)
    assert (other["inliers"] >= other["threshold"]) == (told is not None)


def test_a_nearer_page_that_was_read_and_is_another_is_told_as_that(registry: Registry) -> None:
    laid_out_page(registry, "other", [*FORM, *SIBLING])
    alike = [like(registry, "other", hit("other", 200, 1.0)), like(registry, "page", hit("page", *SURE))]
    shown = Extractor(GridReader(lines([*FORM, *PAGE]))).open(png(scene(1, 700, 900)), "x.png").parts[0]
    [match] = PageCopy().detect(Nominated(shown, registry, alike))
    assert (match.asset_id, match.evidence["nearest_other"]["told_apart"]) == ("page", "read")
