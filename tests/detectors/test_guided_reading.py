"""A page is told from its siblings by its rarest lines, read where they must lie; where they do not fit, it is read in full."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from detectors.guided_reading import BATCHES, Finding, LineRead, concluded, read_guided
from detectors.page_copy import PageCopy
from detectors.registry import AssetChange, Registry
from detectors.subject import Likeness, Subject
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind, Reference
from fingerprints.extraction import Extractor, Observation
from fingerprints.text import shingles
from fingerprints.types import U8, Fingerprints, GeometricHit, Line, Picture, Quad, Reader, Strip
from tests.detectors.drawn import CORNERS, GridReader, Nominated, hit, laid_out_page, like, lines
from tests.detectors.scenes import asset, jpeg, page, png, prose, register, scene, sentences

PAGE, SIBLING = sentences(1), sentences(2)
FORM = ["NORTHERN DEPOT COMMAND", "Readiness review, quarterly"]


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    laid_out_page(registry, "page", [*FORM, *PAGE])
    return registry


def opened(shown: Sequence[Line]) -> tuple[GridReader, Extractor, Observation]:
    reader = GridReader(shown)
    extractor = Extractor(reader)
    return reader, extractor, extractor.open(png(scene(1, 700, 900)), "x.png").parts[0]


def judged(
    registry: Registry, shown: Sequence[Line], geometry: GeometricHit | None = None
) -> tuple[Finding, GridReader, Subject]:
    reader, _, seen = opened(shown)
    geometry = geometry or hit("page", 60, 1.0)
    subject = Nominated(seen, registry, [like(registry, "page", geometry)])
    guided = read_guided(subject, "page", geometry)
    assert guided is not None
    return guided.finding, reader, subject


def test_the_page_itself_is_known_by_a_few_lines_without_reading_it(registry: Registry) -> None:
    finding, reader, subject = judged(registry, lines([*FORM, *PAGE]))
    assert finding is Finding.SAME
    [match] = PageCopy().detect(subject)
    assert reader.pages == 0
    assert reader.strips <= sum(BATCHES[:2])
    assert match.confidence >= DEFAULT.leak_confidence
    first = match.evidence["text"]["passages"][0]
    assert first["text"] == first["reference_text"]
    assert first["likeness"] == 1.0 >= first["likeness_threshold"]
    assert len(first["boxes"][0]) == 4


def test_a_sibling_of_the_form_is_rejected_without_reading_it(registry: Registry) -> None:
    finding, reader, subject = judged(registry, lines([*FORM, *SIBLING]))
    assert finding is Finding.OTHER
    assert reader.pages == 0
    assert PageCopy().detect(subject) == []


def test_figures_part_pages_that_share_every_word(registry: Registry) -> None:
    other = [line.translate(str.maketrans("0123456789", "5678901234")) for line in PAGE]
    assert judged(registry, lines([*FORM, *other]))[0] is not Finding.SAME


def test_a_registered_sibling_teaches_which_lines_are_form(registry: Registry) -> None:
    shared = [*FORM, *PAGE[:12]]
    other = Registry()
    laid_out_page(other, "page", [*shared, *PAGE[12:]])
    laid_out_page(other, "sibling", [*shared, *SIBLING[:6]])
    finding, _, subject = judged(other, lines([*shared, *SIBLING[:6]]))
    assert finding is Finding.OTHER
    assert judged(other, lines([*shared, *PAGE[12:]]))[0] is Finding.SAME
    assert PageCopy().detect(subject) == []


def test_the_same_page_registered_again_makes_none_of_its_lines_form(registry: Registry) -> None:
    laid_out_page(registry, "twin", [*FORM, *PAGE])
    laid_out_page(registry, "third", [*FORM, *PAGE])
    assert judged(registry, lines([*FORM, *PAGE]))[0] is Finding.SAME
    assert judged(registry, lines([*FORM, *SIBLING]))[0] is Finding.OTHER


@pytest.mark.parametrize(("proven", "accused"), [(True, ["page"]), (False, ["other"])])
def test_a_mere_likeness_gives_way_to_the_page_proven_in_its_place(registry: Registry, proven: bool, accused: list[str]) -> None:
    laid_out_page(registry, "other", [*FORM, *SIBLING])
    shown = lines([*FORM, *(PAGE if proven else sentences(3))], 0.5)
    _, _, seen = opened(shown)
    likenesses = [like(registry, key, hit(key, 60, 1.0)) for key in ("page", "other") if proven or key == "other"]
    matches = PageCopy().detect(Nominated(seen, registry, likenesses))
    assert [match.asset_id for match in matches] == accused


@pytest.mark.parametrize(
    ("text", "accused"), [([*SIBLING, *sentences(3)], ["page"]), (PAGE, ["page", "other"])], ids=["a sibling", "the same"]
)
def test_where_a_page_is_proved_no_other_of_its_form_is_read(registry: Registry, text: list[str], accused: list[str]) -> None:
    laid_out_page(registry, "other", [*FORM, *text])
    likenesses = [like(registry, "page", hit("page", 90, 1.0)), like(registry, "other", hit("other", 40, 1.0))]

    def detected(*resembled: Likeness, thorough: bool = False) -> tuple[list[str | None], int]:
        reader, _, seen = opened(lines([*FORM, *PAGE]))
        subject = Nominated(seen, registry, resembled)
        subject.thorough = thorough
        return [match.asset_id for match in PageCopy().detect(subject)], reader.strips

    alone, strips = detected(likenesses[0])
    both, together = detected(*likenesses)
    assert (alone, both) == (["page"], accused)
    in_full, all_strips = detected(*likenesses, thorough=True)
    assert together == strips, "the lines of a sibling are not read, and those of a twin are known"
    assert (in_full, all_strips > strips) == (accused, text is not PAGE)


def test_where_a_page_was_ruled_out_only_those_are_tried_that_hold_what_was_read() -> None:
    registry, texts = Registry(), {f"page {seed}": prose(seed) for seed in range(5)}
    for ident, text in texts.items():
        laid_out_page(registry, ident, [*FORM, *text[: 30 + len(registry)]])
    likenesses = [like(registry, ident, hit(ident, 90 - i, 1.0)) for i, ident in enumerate(texts)]

    def detected(shown: list[str], *, thorough: bool = False) -> tuple[list[str | None], int]:
        reader, _, seen = opened(lines([*FORM, *shown]))
        subject = Nominated(seen, registry, likenesses)
        subject.thorough = thorough
        return [match.asset_id for match in PageCopy().detect(subject)], reader.strips

    nobody, few = detected(prose(9))
    in_full, many = detected(prose(9), thorough=True)
    assert nobody == in_full == []
    assert 2 * few < many
    assert detected(texts["page 3"][:33])[0] == ["page 3"]


def test_a_grid_off_by_a_row_is_no_proof_against_the_page_and_it_is_read_in_full(registry: Registry) -> None:
    shown = lines([*FORM, *PAGE])
    pitch = shown[1].quad[0][1] - shown[0].quad[0][1]
    off = hit("page", 60, 1.0)
    off.homography[1, 2] = pitch
    finding, reader, subject = judged(registry, shown, off)
    assert finding is Finding.DOUBT
    [match] = PageCopy().detect(subject)
    assert reader.pages == 1
    assert match.evidence["text"]["legibility"] == 1.0


@pytest.mark.parametrize("confidence", [0.2, DEFAULT.line_confidence - 0.01])
def test_what_is_read_badly_says_nothing_against_the_page(registry: Registry, confidence: float) -> None:
    assert judged(registry, lines([*FORM, *SIBLING], confidence))[0] is Finding.ILLEGIBLE
    assert judged(registry, ())[0] is Finding.ILLEGIBLE


def test_a_line_or_two_that_agree_leave_it_to_geometry_and_a_person(registry: Registry) -> None:
    shown = tuple(line for line in lines([*FORM, *PAGE]) if line.text in PAGE[3:4])
    for coverage, count in ((1.0, 1), (DEFAULT.coverage_unread - 0.01, 0)):
        finding, _, subject = judged(registry, shown, hit("page", DEFAULT.inliers_unread, coverage))
        assert finding is Finding.AGREES
        matches = PageCopy().detect(subject)
        assert [match.confidence < DEFAULT.leak_confidence for match in matches] == [True] * count


def test_lines_too_small_to_be_read_are_not_read(registry: Registry) -> None:
    small = hit("page", 60, 1.0)
    small.homography[:2] *= 0.1
    finding, reader, _ = judged(registry, lines([*FORM, *SIBLING]), small)
    assert (finding, reader.strips) == (Finding.ILLEGIBLE, 0)


def test_a_reference_registered_before_lines_were_kept_is_read_in_full() -> None:
    registry = Registry()
    text = "\n".join([*FORM, *PAGE])
    prints = Fingerprints("digest", shingles=shingles(text))
    what = asset("page", AssetKind.DOCUMENT)
    registry.apply(AssetChange(1, "page", what, ((Reference("page", "page", ""), prints),)))
    reader, _, seen = opened(lines([*FORM, *PAGE]))
    [match] = PageCopy().detect(Nominated(seen, registry, [like(registry, "page", hit("page", 60, 1.0))]))
    assert reader.pages == 1
    assert match.evidence["text"]["agreement"] == 1.0


def test_the_same_picture_is_not_read_again_though_the_registry_changed(registry: Registry) -> None:
    reader, extractor, seen = opened(lines([*FORM, *PAGE]))
    like_it = [like(registry, "page", hit("page", 60, 1.0))]
    found = PageCopy().detect(Nominated(seen, registry, like_it))
    strips = reader.strips
    again = extractor.open(png(scene(1, 700, 900)), "x.png").parts[0]
    assert PageCopy().detect(Nominated(again, registry, like_it)) == found
    assert reader.strips == strips > 0
    changed = Registry()
    laid_out_page(changed, "page", [*FORM, *SIBLING])
    assert PageCopy().detect(Nominated(again, changed, [like(changed, "page", hit("page", 60, 1.0))])) == []


def line_read(evidence: float, *, shifted: bool = False) -> LineRead:
    return LineRead(0, CORNERS, "", 1.0, 1.0, 0.8, evidence, shifted)


@pytest.mark.parametrize(
    ("evidence", "finding"),
    [
        ([2.0, 2.0, 2.0], Finding.SAME),
        ([5.0, 5.0], Finding.AGREES),
        ([2.0, 2.0, 2.0, 2.0, 2.0, 2.0, -3.0], Finding.SAME),
        ([9.0, 9.0, 9.0, -3.0, -3.0], Finding.DOUBT),
        ([1.0, -3.0, -3.0], Finding.OTHER),
        ([1.0, -3.0], Finding.DOUBT),
        ([0.0, 0.0], Finding.ILLEGIBLE),
        ([0.01] * 9, Finding.DOUBT),
    ],
)
def test_evidence_adds_up(evidence: list[float], finding: Finding) -> None:
    assert concluded([line_read(one) for one in evidence], DEFAULT) is finding
    assert concluded([*map(line_read, evidence), line_read(0.0)], DEFAULT) is finding


def test_all_that_is_visible_and_agrees_is_enough() -> None:
    few = [line_read(0.8)] * 3
    assert concluded(few, DEFAULT, whole=True) is Finding.SAME
    assert concluded(few, DEFAULT) is Finding.AGREES
    assert concluded([*few, line_read(-0.3)], DEFAULT, whole=True) is Finding.AGREES
    assert concluded([*few, line_read(-2.1)], DEFAULT, whole=True) is Finding.DOUBT
    assert concluded(few[:2], DEFAULT, whole=True) is Finding.AGREES


def test_a_neighbours_text_keeps_a_doubt() -> None:
    assert concluded([line_read(0.0, shifted=True)], DEFAULT) is Finding.DOUBT


def sheet(texts: Sequence[str]) -> U8:
    return page(texts, 760, 1000)


@pytest.fixture(scope="module")
def known(reader: Reader) -> tuple[Registry, Extractor]:
    registry, extractor = Registry(), Extractor(reader)
    register(registry, extractor, asset("page", AssetKind.DOCUMENT), png(sheet(PAGE)))
    return registry, extractor


def seen_askew(picture: U8) -> U8:
    height, width = picture.shape[:2]
    there = np.array([(90, 60), (width - 40, 0), (width, height - 70), (10, height)], np.float32)
    here = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    view = cv2.getPerspectiveTransform(here, there)
    return np.asarray(cv2.warpPerspective(picture, view, (width, height), borderValue=(90, 90, 90)), np.uint8)


BECAME: dict[str, Callable[[U8], U8]] = {
    "as it is": lambda picture: picture,
    "turned": lambda picture: np.ascontiguousarray(np.rot90(picture)),
    "mirrored": lambda picture: np.ascontiguousarray(picture[:, ::-1]),
    "in perspective": seen_askew,
}


@pytest.mark.parametrize("became", BECAME.values(), ids=BECAME)
@pytest.mark.parametrize(("texts", "count"), [(PAGE, 1), (SIBLING, 0)], ids=["page", "sibling"])
def test_the_drawn_page_is_accepted_and_its_sibling_rejected(
    known: tuple[Registry, Extractor], became: Callable[[U8], U8], texts: list[str], count: int
) -> None:
    registry, extractor = known
    part = extractor.open(jpeg(became(sheet(texts))), "x.jpg").parts[0]
    subject = Subject(0, part, registry, DEFAULT)
    assert len(PageCopy().detect(subject)) == count


def test_strips_that_agree_carry_their_own_evidence(registry: Registry) -> None:
    almost = [*FORM, *PAGE]
    almost[8] = SIBLING[0]
    shown = [replace(line, confidence=0.95) for line in lines(almost)]
    finding, _, _ = judged(registry, shown)
    assert finding is Finding.SAME


SHOP = ["SANDHILL STATIONERY", "GST Reg No 000549584896", "Tel 03-89410243", "Fax 03-89410255"]


def test_the_numbers_of_a_shop_do_not_make_one_of_its_receipts_another() -> None:
    """Only one receipt is registered, so the registry cannot tell which numbers stand on all of them."""
    registry = Registry()
    laid_out_page(registry, "page", [*SHOP, "Invoice CR 1803-0064", "Date 01-03-2018 17:23", "Total 48.20"])
    assert judged(registry, lines([*SHOP, "Invoice CR 1806-0729", "Date 11-06-2018 15:36", "Total 63.90"]))[0] is Finding.OTHER
    assert judged(registry, lines([*SHOP, "Invoice CR 1803-0064", "Date 01-03-2018 17:23", "Total 48.20"]))[0] is Finding.SAME


@pytest.mark.parametrize(("date", "finding"), [("25/07/2017", Finding.SAME), ("21/07/2017", Finding.OTHER)])
def test_a_date_that_differs_in_a_digit_is_not_that_date(date: str, finding: Finding) -> None:
    registry, texts = Registry(), ["Delivered to the workshop", "Signed by the storekeeper"]
    laid_out_page(registry, "page", [*texts, "Date: 25/07/2017"])
    assert judged(registry, lines([*texts, f"Date: {date}"]))[0] is finding


BOUGHT = ["Lever arch file H399 (110 x 95mm)", "809 metal name badge clip", "100s at 20 0000", "Name badge (H) at 0.5500"]
THIS = ["27/03/2018", "No. CS-20242", "58.30", "21.20", "79.50", "100.00"]
NEXT = ["30/03/2018", "No. CS-20322", "116.60", "42.40", "159.00", "200.00"]


@pytest.mark.parametrize(("written", "finding"), [(THIS, Finding.SAME), (NEXT, Finding.OTHER)], ids=["this", "the next"])
def test_receipts_for_the_same_goods_differ_in_their_numbers(written: list[str], finding: Finding) -> None:
    """However much of a form agrees, all of it agrees at once."""
    registry = Registry()
    laid_out_page(registry, "page", [*SHOP, *BOUGHT, *PAGE[:6], *THIS])
    found, _, subject = judged(registry, lines([*SHOP, *BOUGHT, *PAGE[:6], *written], 0.93))
    assert found is finding
    assert len(PageCopy().detect(subject)) == (finding is Finding.SAME)


def test_another_shops_receipt_does_not_tell_which_numbers_are_this_shops() -> None:
    registry = Registry()
    laid_out_page(registry, "page", [*SHOP, "Cash", "Invoice CR 1803-0064", "Total 48.20"])
    laid_out_page(registry, "elsewhere", ["NORTHGATE HARDWARE TRADING", "Phone 04-2281730", "Cash", "Total 12.90"])
    shown = lines([*SHOP, "Cash", "Invoice CR 1806-0729", "Total 63.90"])
    _, _, seen = opened(shown)
    alike = [like(registry, key, hit(key, 60, 0.5)) for key in ("page", "elsewhere")]
    guided = read_guided(Nominated(seen, registry, alike), "page", hit("page", 60, 1.0))
    assert guided is not None
    assert guided.finding is Finding.OTHER


class Misreading(GridReader):
    """Reads one line as ``says``: in the first cut of it, or, ``stubborn``, in every one."""

    def __init__(self, shown: Sequence[Line], line: str, says: str, *, stubborn: bool) -> None:
        super().__init__(shown)
        self.high = shown[0].quad[3][1] - shown[0].quad[0][1]
        self.line, self.says, self.stubborn = line, says, stubborn

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        found = zip(quads, super().read_strips(picture, quads), strict=True)
        return tuple(replace(strip, text=self.says) if self._wrong(quad, strip) else strip for quad, strip in found)

    def _wrong(self, quad: Quad, strip: Strip) -> bool:
        first = abs(quad[3][1] - quad[0][1] - self.high) < self.high / 50 and quad[0][0] > 0.099
        return strip.text == self.line and (first or self.stubborn)


@pytest.mark.parametrize(
    ("says", "stubborn", "finding"),
    [
        ("Invoice CR 8358-5519", False, Finding.SAME),
        ("Invoice CR 8358-5519", True, Finding.OTHER),
        ("Invoice CR 18", True, Finding.SAME),
        ("In 8358-5519-04", True, Finding.SAME),
    ],
    ids=["misread once", "another number", "partly covered", "letters under a stroke"],
)
def test_a_number_is_another_only_if_every_cut_of_it_says_so(says: str, stubborn: bool, finding: Finding) -> None:
    registry, number = Registry(), "Invoice CR 1803-0064"
    texts = [*PAGE[:12], number, "Date 01-03-2018 17:23", "Total 48.20"]
    laid_out_page(registry, "page", texts)
    reader = Misreading(lines(texts), number, says, stubborn=stubborn)
    seen = Extractor(reader).open(png(scene(1, 700, 900)), "x.png").parts[0]
    geometry = hit("page", 60, 1.0)
    guided = read_guided(Nominated(seen, registry, [like(registry, "page", geometry)]), "page", geometry)
    assert guided is not None
    assert guided.finding is finding
    assert any(line.denied for line in guided.lines) == (finding is Finding.OTHER)
    assert any(line.text == says for line in guided.lines) == stubborn


@pytest.mark.parametrize(("left", "finding"), [(9, Finding.SAME), (16, Finding.OTHER)], ids=["mostly hidden", "little hidden"])
def test_what_is_left_of_hidden_lines_says_nothing_against_the_page(left: int, finding: Finding) -> None:
    """Of five lines of ten a sticker leaves some letters, which are read well, and as something else."""
    registry = Registry()
    laid_out_page(registry, "page", [line[:18] for line in [*PAGE[:5], *PAGE[5:10]]])
    shown = [line[:18] for line in PAGE[:5]] + [line[:left] for line in SIBLING[5:10]]
    found, _, _ = judged(registry, lines(shown))
    assert found is finding


@pytest.mark.parametrize(("denied", "finding"), [((3, 2), Finding.SAME), ((3, 3), Finding.OTHER), ((6,), Finding.OTHER)])
def test_so_many_digits_denied_outweigh_whatever_agrees(denied: tuple[int, ...], finding: Finding) -> None:
    read = [*(line_read(3.0) for _ in range(8)), *(replace(line_read(-4.6), denied=digits) for digits in denied)]
    assert concluded(read, DEFAULT) is finding


def test_a_stroke_that_makes_one_figure_another_is_not_enough_against_the_page() -> None:
    assert concluded([line_read(-4.8)], DEFAULT) is Finding.DOUBT
    assert concluded([line_read(-4.8), line_read(-0.6)], DEFAULT) is Finding.OTHER


@pytest.mark.parametrize(("sure", "finding"), [(True, Finding.DOUBT), (False, Finding.AGREES)])
def test_a_letterhead_among_more_lines_that_say_something_else_does_not_agree(sure: bool, finding: Finding) -> None:
    """Though each of them has an excuse: too little of it was read, or its letters may lie under a stroke."""
    excused = replace(line_read(0.0), text="30 boxes", confidence=DEFAULT.line_confidence - (0 if sure else 0.01), likeness=0.2)
    letterhead = [line_read(0.8) for _ in range(5)]
    assert concluded([*letterhead, *[excused] * 5], DEFAULT) is Finding.AGREES
    assert concluded([*letterhead, *[excused] * 6], DEFAULT) is finding


def test_a_number_that_is_read_right_at_second_sight_is_forgotten_before_more_is_read() -> None:
    """Two numbers misread at first would have made it another page."""
    registry, numbers = Registry(), ["Invoice CR 1803-0064", "Account 88-1203-77"]
    laid_out_page(registry, "page", [*PAGE[:9], *numbers])

    class Twice(Misreading):
        def _wrong(self, quad: Quad, strip: Strip) -> bool:
            self.line = strip.text if strip.text in numbers else self.line
            return super()._wrong(quad, strip)

    reader = Twice(lines([*PAGE[:9], *numbers]), numbers[0], "Receipt XX 9971-4382", stubborn=False)
    seen = Extractor(reader).open(png(scene(1, 700, 900)), "x.png").parts[0]
    geometry = hit("page", 60, 1.0)
    guided = read_guided(Nominated(seen, registry, [like(registry, "page", geometry)]), "page", geometry)
    assert guided is not None
    assert guided.finding is Finding.SAME


def test_a_strip_across_two_lines_of_a_bent_page_says_nothing_against_it() -> None:
    registry = Registry()
    laid_out_page(registry, "page", PAGE)
    halves = [f"{one[len(one) // 2 :]} {other[: len(other) // 2]}" for one, other in pairwise(PAGE)]
    finding, _, _ = judged(registry, lines([*halves, PAGE[0]]))
    assert finding is Finding.DOUBT
    assert judged(registry, lines(SIBLING[: len(PAGE)]))[0] is Finding.OTHER


FIGURES = ["Invoice CR 1803-0064", "Date 01-03-2018 17:23", "Total 48.20"]


@pytest.mark.parametrize(
    ("shown", "sure"), [(FIGURES, True), (["lnvqlce", "Dafe", "Tofal"], False)], ids=["figures", "only words"]
)
def test_where_only_words_agree_a_person_decides(shown: list[str], sure: bool) -> None:
    registry = Registry()
    laid_out_page(registry, "page", [*PAGE[:8], *FIGURES])
    finding, _, subject = judged(registry, lines([*PAGE[:8], *shown]))
    assert finding is Finding.SAME
    [match] = PageCopy().detect(subject)
    assert (match.confidence >= DEFAULT.leak_confidence) is sure


def test_few_lines_do_not_name_a_page_where_what_is_read_stands_on_another() -> None:
    """Labels too short to be looked up agree; all else that is read is registered for another asset."""
    labels, registry = ["Sold to", "Cash", "Change", "Served", "Signed", "Copies"], Registry()
    form = [text for label in labels for text in (label, "")]
    filled = [text for pair in zip(labels, SIBLING[:6], strict=True) for text in pair]
    laid_out_page(registry, "page", form)
    found, _, alone = judged(registry, lines(filled))
    assert found is Finding.SAME
    assert len(PageCopy().detect(alone)) == 1
    laid_out_page(registry, "other", filled)
    _, _, beside = judged(registry, lines(filled))
    assert PageCopy().detect(beside) == []
