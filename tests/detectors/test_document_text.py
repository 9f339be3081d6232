"""A quotation is enough; a letterhead and everyday talk are not."""

import pytest

from detectors.document_text import DocumentText
from detectors.registry import Registry
from detectors.subject import Subject
from detectors.thresholds import DEFAULT
from detectors.types import AssetKind, Match
from fingerprints.extraction import Extractor
from tests.detectors.drawn import GridReader, Nominated, hit, laid_out_page, like, lines, read
from tests.detectors.scenes import asset, png, register, scene, sentences
from tests.fingerprints.test_extraction import CountingReader

LETTERHEAD = "NORTHERN DEPOT COMMAND, ENGINEERING BRANCH, QUAY ROAD 25, BUILDING 4\nMEMORANDUM\nTo: all heads of section\n"
CHINESE = "加长真空腔门须在试验前拍照留存并由两名值班工程师共同复测记录汇报会前送交西河中转库统一封存备查不得外传"


@pytest.fixture
def extractor() -> Extractor:
    return Extractor(CountingReader())


@pytest.fixture
def registry(extractor: Extractor) -> Registry:
    registry = Registry()
    register(registry, extractor, asset("memo", AssetKind.DOCUMENT), (LETTERHEAD + "\n".join(sentences(1, 40))).encode())
    register(registry, extractor, asset("zh", AssetKind.DOCUMENT), CHINESE.encode())
    return registry


def found(extractor: Extractor, registry: Registry, text: str) -> list[Match]:
    return DocumentText().detect(Subject(None, extractor.text(text), registry, DEFAULT))


def test_a_quotation_in_a_message_is_found(extractor: Extractor, registry: Registry) -> None:
    quotation = "\n".join(sentences(1, 40))[300:420]
    [match] = found(extractor, registry, f"you will not believe this: {quotation} wow")
    assert match.asset_id == "memo"
    assert match.evidence["text"]["units"] >= match.evidence["text"]["threshold"]


def test_forty_chinese_characters_are_enough(extractor: Extractor, registry: Registry) -> None:
    [match] = found(extractor, registry, f"看看这个：{CHINESE[4:46]}，哈哈")
    assert match.asset_id == "zh"


def test_another_memo_on_the_same_letterhead_is_not_accused(extractor: Extractor, registry: Registry) -> None:
    assert found(extractor, registry, LETTERHEAD + "\n".join(sentences(2, 40))) == []


def test_everyday_talk_is_not_accused(extractor: Extractor, registry: Registry) -> None:
    for text in ("lunch at noon?", "the memo went to all heads of section yesterday, I think", "好的，收到，明天上午九点开会"):
        assert found(extractor, registry, text) == []


def test_a_registered_text_file_is_recognised_by_its_bytes_however_short(extractor: Extractor, registry: Registry) -> None:
    register(registry, extractor, asset("short", AssetKind.TEXT), b"go north")
    part = extractor.open(b"go north", "note.txt").parts[0]
    [match] = DocumentText().detect(Subject(0, part, registry, DEFAULT))
    assert (match.asset_id, match.confidence) == ("short", 1.0)


def test_a_short_registered_text_is_recognised_when_it_is_the_whole_message(extractor: Extractor, registry: Registry) -> None:
    short = "The code is 4711."
    register(registry, extractor, asset("short", AssetKind.TEXT), short.encode())
    [match] = found(extractor, registry, short)
    assert (match.asset_id, match.confidence) == ("short", 1.0)
    assert match.evidence["summary"].startswith("The text is byte for byte")
    assert found(extractor, registry, f"{short} See you.") == []


def test_a_long_quotation_is_found_in_a_much_longer_message(extractor: Extractor, registry: Registry) -> None:
    quotation = sentences(1, 40)[10:22]
    [match] = found(extractor, registry, "\n".join([*sentences(5, 60), *quotation, *sentences(6, 60)]))
    assert match.evidence["text"]["share"] < DEFAULT.text_share
    assert found(extractor, registry, "\n".join([*sentences(5, 60), *quotation[:4], *sentences(6, 60)])) == []


def test_the_more_is_quoted_the_surer(extractor: Extractor, registry: Registry) -> None:
    [little], [much] = (found(extractor, registry, "\n".join(sentences(1, count))) for count in (2, 12))
    assert 0.6 <= little.confidence < much.confidence == 0.99


def test_the_nearest_other_asset_is_named(extractor: Extractor, registry: Registry) -> None:
    register(registry, extractor, asset("near", AssetKind.DOCUMENT), "\n".join([*sentences(1, 40)[:4], *sentences(9)]).encode())
    matches = {match.asset_id: match for match in found(extractor, registry, "\n".join(sentences(1, 12)))}
    assert matches["memo"].evidence["text"]["nearest_other"]["asset_id"] == "near"
    [alone] = found(extractor, registry, CHINESE)
    assert alone.evidence["text"]["nearest_other"] is None


def test_an_identical_picture_is_not_told_as_text(extractor: Extractor, registry: Registry) -> None:
    register(registry, extractor, asset("p", AssetKind.DOCUMENT), png(scene(1, 240, 180)))
    assert DocumentText().detect(Subject(0, read(()), registry, DEFAULT)) == []


def read_from_a_picture(registry: Registry, texts: list[str]) -> list[Match]:
    return DocumentText().detect(Subject(0, read(lines(texts)), registry, DEFAULT))


def test_a_quotation_read_from_a_picture_is_found(extractor: Extractor, registry: Registry) -> None:
    [match] = read_from_a_picture(registry, [*sentences(3, 5), *sentences(1, 40)[5:17], *sentences(4, 5)])
    assert match.asset_id == "memo"
    assert all(passage["boxes"] for passage in match.evidence["text"]["passages"])


def test_two_lines_are_enough_in_writing_but_not_in_a_picture(extractor: Extractor, registry: Registry) -> None:
    two = sentences(1, 40)[5:7]
    assert read_from_a_picture(registry, two) == []
    assert len(found(extractor, registry, "\n".join(two))) == 1


def test_a_picture_with_other_lines_between_the_shared_ones_is_a_sibling(extractor: Extractor, registry: Registry) -> None:
    page, other = sentences(1, 40), sentences(2, 40)
    sibling = [line for at in range(0, 40, 8) for line in (*page[at : at + 4], *other[at + 4 : at + 8])]
    assert read_from_a_picture(registry, sibling) == []
    [match] = found(extractor, registry, "\n".join(sibling))
    assert match.evidence["text"]["units"] >= DEFAULT.text_units_read


RECEIPT = ["SANDHILL STATIONERY AND OFFICE SUPPLY", *sentences(3, 10), "INVOICE NO CS-0077188", "DATE 10/04/2026 10:41"]
ANOTHER = [*RECEIPT[:-2], "INVOICE NO CS-0108918", "DATE 06/09/2026 17:05"]


@pytest.mark.parametrize(
    ("shown", "there", "count"),
    [(RECEIPT, True, 1), (ANOTHER, True, 0), (ANOTHER, False, 1)],
    ids=["the page", "another of its form", "quoted elsewhere"],
)
def test_what_another_page_of_a_form_shares_is_the_form(shown: list[str], there: bool, count: int) -> None:
    registry = Registry()
    laid_out_page(registry, "receipt", RECEIPT)
    laid_out_page(registry, "earlier", [*RECEIPT[:-2], "INVOICE NO CS-0041207", "DATE 23/01/2026 09:12"])
    part = Extractor(GridReader(lines(shown))).open(png(scene(1, 700, 900)), "x.png").parts[0]
    likenesses = [like(registry, "receipt", hit("receipt", 100, 0.9))] if there else []
    accused = DocumentText().detect(Nominated(part, registry, likenesses))
    assert sum(match.asset_id == "receipt" for match in accused) == count


def test_a_number_that_is_another_outweighs_all_that_a_form_shares() -> None:
    """Nothing else of the form is registered to tell what is the form's."""
    registry = Registry()
    laid_out_page(registry, "receipt", RECEIPT)
    for shown, count in ((RECEIPT, 1), (ANOTHER, 0)):
        part = Extractor(GridReader(lines(shown))).open(png(scene(1, 700, 900)), "x.png").parts[0]
        likenesses = [like(registry, "receipt", hit("receipt", 100, 0.9))]
        assert len(DocumentText().detect(Nominated(part, registry, likenesses))) == count
