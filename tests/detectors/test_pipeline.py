"""From message to verdict: fingerprints, indexes and geometry are real, and OCR is where reading itself is at stake."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from detectors.pipeline import Inspector
from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Conclusion, Level, Reference, Severity, Verdict
from fingerprints.extraction import Extractor
from fingerprints.types import Fingerprints
from tests.detectors.drawn import lines
from tests.detectors.scenes import asset, jpeg, message, page, pdf, png, register, scene, sentences
from tests.fingerprints.test_extraction import CountingReader

MARKING = "SECRET//NOFORN"


def detectors_of(verdict: Verdict) -> list[str]:
    return [match.detector for match in verdict.matches]


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def looking() -> Extractor:
    """It reads nothing, of pictures in which nothing stands: that reading finds nothing either is tested by itself."""
    return Extractor(CountingReader())


def test_a_cropped_recompressed_photo_is_matched_and_explained(extractor: Extractor, registry: Registry) -> None:
    register(registry, extractor, asset("a"), png(scene(1)))
    register(registry, extractor, asset("b"), png(scene(2)))
    verdict = Inspector(extractor).inspect(message(jpeg(scene(1)[80:600, 100:760], 40)), registry)
    assert verdict.verdict is Conclusion.LEAK
    [match] = verdict.matches
    assert (match.asset_id, match.detector, match.attachment) == ("a", "equipment_photo", 0)
    geometry = match.evidence["geometry"]
    assert geometry["inliers"] >= geometry["threshold"]
    # the crop's border on the reference is where it was cut
    left, top = geometry["reference_outline"][0]
    assert (left, top) == (pytest.approx(100 / 900, abs=0.02), pytest.approx(80 / 700, abs=0.02))
    assert "Asset a" in match.evidence["summary"]


def test_two_leaks_in_one_picture_are_two_matches(registry: Registry) -> None:
    extractor = Extractor(CountingReader())
    for seed in range(1, 7):
        register(registry, extractor, asset(f"a{seed}"), png(scene(seed)))
    collage = np.hstack([cv2.resize(scene(2), None, fx=0.6, fy=0.6), cv2.resize(np.rot90(scene(5)), (420, 420))])
    verdict = Inspector(extractor).inspect(message(jpeg(np.asarray(collage, np.uint8))), registry)
    assert {match.asset_id for match in verdict.matches} == {"a2", "a5"}


def test_the_same_bytes_are_certain_and_end_the_cascade(looking: Extractor, registry: Registry) -> None:
    data = png(scene(3))
    register(registry, looking, asset("a"), data)
    [match] = Inspector(looking).inspect(message(data), registry).matches
    assert match.confidence == 1.0
    assert set(match.evidence) == {"summary", "sha256"}


@pytest.mark.parametrize("kinds", [("equipment", "equipment"), ("document", "document"), ("equipment", "document")])
def test_whose_asset_merely_resembles_what_is_anothers_is_told_so(
    looking: Extractor, registry: Registry, kinds: tuple[str, str]
) -> None:
    theirs, mine = (asset(name, AssetKind(kind)) for name, kind in zip(("theirs", "mine"), kinds, strict=True))
    third = asset("third", theirs.kind)
    data, inspector = jpeg(scene(3), 70), Inspector(looking)
    register(registry, looking, mine, png(scene(3)))
    register(registry, looking, theirs, data)
    register(registry, looking, third, jpeg(scene(3), 50))

    def told(own: set[str] | None, others: bool = False) -> list[tuple[str | None, bool]]:
        matches = inspector.inspect(message(data), registry, own=own, others=others).matches
        return [(match.asset_id, match.confidence == 1.0) for match in matches]

    assert told(None) == [("theirs", True)], "nothing further adds to that"
    assert told({"mine"}) == [("mine", False)]
    assert told({"mine"}, others=True) == [("theirs", True), ("mine", False)]
    assert told({"mine", "theirs"}) == [("theirs", True)]
    assert told({"nothing"}) == []


def test_whose_text_is_quoted_in_anothers_file_is_told_so(looking: Extractor, registry: Registry) -> None:
    words = sentences(1, 30)
    file = "\n".join(words).encode()
    register(registry, looking, asset("mine", AssetKind.TEXT), "\n".join(words[:25]).encode())
    register(registry, looking, asset("theirs", AssetKind.TEXT), file)
    found = Inspector(looking).inspect(message(file), registry, own={"mine"}).matches
    assert [(match.asset_id, match.detector) for match in found] == [("mine", "document_text")]


def test_nothing_is_read_in_the_registered_file_itself(registry: Registry) -> None:
    register(registry, Extractor(CountingReader()), asset("a"), png(scene(3)))
    reader = CountingReader(lines([MARKING]))
    inspector = Inspector(Extractor(reader))
    assert detectors_of(inspector.inspect(message(png(scene(3))), registry)) == ["equipment_photo"]
    assert reader.reads == 0


def teach(registry: Registry, what: Asset, registered: bytes, leaked: bytes) -> None:
    """That an asset's picture leaked in that one, as the application would."""
    extractor = Extractor(CountingReader())
    [one], [other] = (extractor.fingerprint(data, "x").parts for data in (registered, leaked))
    prints = Fingerprints(other.fingerprints.digest, other.fingerprints.perceptual)
    references = (Reference("r", what.id, "", None), one.fingerprints), (Reference("l", what.id, "leak", None, True), prints)
    registry.apply(AssetChange(registry.checkpoint + 1, what.id, what, references))


def test_in_a_copy_of_a_confirmed_leak_as_a_whole_nothing_is_read(registry: Registry) -> None:
    crop = scene(3)[80:600, 100:760]
    teach(registry, asset("a"), png(scene(3)), jpeg(crop, 90))
    reader = CountingReader(lines([MARKING]))
    inspector, again = Inspector(Extractor(reader)), message(jpeg(crop, 40))
    [match] = inspector.inspect(again, registry).matches
    assert (match.detector, match.reference_key, match.confidence > 0.9, reader.reads) == ("equipment_photo", "r", True, 0)
    assert match.evidence["leaked"] == {"reference_id": "l", "reference": "leak"}
    assert "marking" in detectors_of(Inspector(Extractor(reader), thorough=True).inspect(again, registry))
    other = inspector.inspect(message(jpeg(scene(3))), registry)
    assert detectors_of(other) == ["equipment_photo", "marking"], "it shows more than the leak did"
    assert "leaked" not in other.matches[0].evidence


def test_a_copy_of_a_confirmed_leak_is_read_if_another_asset_lies_there(registry: Registry) -> None:
    shown = np.hstack([scene(3), scene(4)])
    teach(registry, asset("a"), png(scene(3)), jpeg(shown, 90))
    again = message(jpeg(shown, 40))

    def read() -> int:
        reader = CountingReader(lines([MARKING]))
        Inspector(Extractor(reader)).inspect(again, registry)
        return reader.reads

    assert read() == 0
    register(registry, Extractor(CountingReader()), asset("d", AssetKind.DOCUMENT), png(scene(4)))
    assert read() > 0


def test_however_sure_a_copy_is_the_cascade_goes_on(registry: Registry) -> None:
    register(registry, Extractor(CountingReader()), asset("a"), png(scene(3)))
    verdict = Inspector(Extractor(CountingReader(lines([MARKING])))).inspect(message(jpeg(scene(3))), registry)
    assert detectors_of(verdict) == ["equipment_photo", "marking"]


@pytest.mark.parametrize(("written", "detectors"), [(1, ["page_copy"]), (30, ["document_text", "page_copy"])])
def test_the_marking_of_a_registered_page_is_not_told_again(registry: Registry, written: int, detectors: list[str]) -> None:
    extractor = Extractor(CountingReader(lines([*sentences(1)[:2], MARKING, *sentences(2, written)])))
    register(registry, extractor, asset("d", AssetKind.DOCUMENT), png(scene(3)))
    verdict = Inspector(extractor, thorough=True).inspect(message(jpeg(scene(3))), registry)
    assert sorted(detectors_of(verdict)) == detectors


def test_the_marking_of_a_quoted_page_is_not_told_again(registry: Registry) -> None:
    text, extractor = "\n".join([*sentences(1), MARKING]), Extractor(CountingReader())
    register(registry, extractor, asset("d", AssetKind.DOCUMENT), text.encode())
    assert detectors_of(Inspector(extractor).inspect(message(text=f"look: {text}"), registry)) == ["document_text"]


def test_the_surest_match_comes_first(registry: Registry) -> None:
    extractor = Extractor(CountingReader())
    register(registry, extractor, asset("a"), png(scene(3)))
    registry.apply(AssetChange(9, "word", Asset("word", "W", AssetKind.TEXT, Level.SECRET, ("ORCHID-9",))))
    verdict = Inspector(extractor).inspect(message(png(scene(3)), text="the orchid 9, see"), registry)
    assert [match.confidence for match in verdict.matches] == [1.0, 0.95]


def test_a_copy_of_a_page_in_which_nothing_can_be_read_is_for_a_person_to_decide(registry: Registry) -> None:
    registering = Extractor(CountingReader(lines(sentences(1))))
    register(registry, registering, asset("d", AssetKind.DOCUMENT, Level.SECRET), png(page(sentences(1))))
    posted = message(jpeg(page(sentences(1)), 60), external=False)
    verdict = Inspector(Extractor(CountingReader())).inspect(posted, registry)
    assert (verdict.verdict, verdict.severity) == (Conclusion.REVIEW, Severity.MEDIUM)
    assert [(match.asset_id, match.detector) for match in verdict.matches] == [("d", "page_copy")]


def test_a_mere_likeness_does_not_silence_a_marking(registry: Registry) -> None:
    """The form of a harmless registered page, and on it the one line that could be read."""
    registering = Extractor(CountingReader(lines(sentences(1))))
    register(registry, registering, asset("d", AssetKind.DOCUMENT, Level.INTERNAL), png(page(sentences(1))))
    reader = CountingReader(lines(["TOP SECRET//SI//NOFORN"]))
    verdict = Inspector(Extractor(reader)).inspect(message(jpeg(page(sentences(1)), 60)), registry)
    assert sorted(detectors_of(verdict)) == ["marking", "page_copy"]
    assert (verdict.verdict, verdict.severity) == (Conclusion.LEAK, Severity.CRITICAL)


def test_of_an_identical_file_every_page_is_named_rightly(looking: Extractor, registry: Registry) -> None:
    data = pdf(scene(31), scene(32), scene(33))
    register(registry, looking, asset("d", AssetKind.DOCUMENT), data)
    verdict = Inspector(looking).inspect(message(data), registry)
    assert sorted((match.part, match.reference) for match in verdict.matches) == [(f"page {n}", f"page {n}") for n in (1, 2, 3)]
    assert all(len(match.evidence["sha256"]) == 64 for match in verdict.matches)


def test_a_picture_seen_before_is_matched_with_what_is_registered_now(looking: Extractor, registry: Registry) -> None:
    inspector, posted = Inspector(looking), message(jpeg(scene(1), 60))

    def named() -> list[str | None]:
        return [match.asset_id for match in inspector.inspect(posted, registry).matches]

    register(registry, looking, asset("b"), png(scene(2)))
    assert named() == []
    register(registry, looking, asset("a"), png(scene(1)))
    assert named() == named() == ["a"]
    registry.apply(AssetChange(registry.checkpoint + 1, "a", None))
    assert named() == []


def test_another_picture_is_clear(extractor: Extractor, registry: Registry) -> None:
    register(registry, extractor, asset("a"), png(scene(4)))
    verdict = Inspector(extractor).inspect(message(png(scene(5)), text="lunch at noon?"), registry)
    assert (verdict.verdict, verdict.severity, verdict.matches) == (Conclusion.CLEAR, Severity.NONE, ())


def test_a_photographed_page_is_proved_by_its_text_and_its_sibling_is_not_accused(
    extractor: Extractor, registry: Registry
) -> None:
    registered, sibling = (page(sentences(seed), 760, 1000) for seed in (1, 2))
    register(registry, extractor, asset("doc", AssetKind.DOCUMENT), png(registered))
    corners = np.array([(0, 0), (760, 0), (760, 1000), (0, 1000)], np.float32)
    seen = np.array([(46, 31), (707, 69), (745, 954), (23, 977)], np.float32)

    def photographed(picture: "np.typing.NDArray[np.uint8]") -> bytes:
        tilted = cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, seen), (760, 1000), borderValue=(90, 80, 70))
        return jpeg(np.asarray(tilted, np.uint8), 70)

    inspector = Inspector(extractor)
    found = inspector.inspect(message(photographed(registered)), registry)
    assert "page_copy" in {match.detector for match in found.matches}
    assert found.verdict is Conclusion.LEAK
    assert inspector.inspect(message(photographed(sibling)), registry).matches == ()


def test_pasted_text_is_found_with_both_passages(looking: Extractor, registry: Registry) -> None:
    text = " ".join(sentences(7, 30))
    register(registry, looking, asset("t", AssetKind.TEXT), text.encode(), keep_text=True)
    pasted = text[200:420]
    [match] = Inspector(looking).inspect(message(text=f"look what I got: {pasted} lol"), registry).matches
    assert match.detector == "document_text"
    assert match.attachment is None
    passage = match.evidence["text"]["passages"][0]
    assert passage["text"][20:150] in passage["reference_text"]


def test_words_are_found_in_text_and_read_from_pictures(extractor: Extractor, registry: Registry) -> None:
    laptop = Asset("l", "Laptop 07", AssetKind.EQUIPMENT, Level.SECRET, ("ORCHID-9",), ("SN-550199",))
    registry.apply(AssetChange(1, "l", laptop))
    inspector = Inspector(extractor)
    for found, detector in (("the orchid 9 is here", "watch_term"), ("for sale, label SN550199", "asset_tag")):
        [match] = inspector.inspect(message(text=found), registry).matches
        assert match.detector == detector
        assert match.evidence["token"]["source"] == "text"
    label = page(["PROPERTY OF THE DEPOT", "SN-550199"], 760, 320)
    [match] = inspector.inspect(message(png(label)), registry).matches
    assert match.evidence["token"]["source"] == "ocr"
    assert match.evidence["token"]["boxes"]


def test_a_marking_on_a_page_nobody_registered(extractor: Extractor, registry: Registry) -> None:
    marked = png(page(["", "SECRET//NOFORN", *sentences(9, 4)], 760, 1000))
    verdict = Inspector(extractor).inspect(message(marked, external=True), registry)
    [match] = verdict.matches
    assert (match.detector, match.asset_id) == ("marking", None)
    assert verdict.severity in (Severity.HIGH, Severity.CRITICAL)


def test_what_cannot_be_read_is_said(looking: Extractor, registry: Registry) -> None:
    whole = jpeg(scene(11))
    verdict = Inspector(looking).inspect(message(b"\xff\xd8\xff\xe0 not a picture", b"", whole[: len(whole) // 2]), registry)
    assert [part.attachment for part in verdict.unread] == [0, 1, 2]
    assert verdict.unread[2].reason.startswith("truncated")


def test_what_there_was_no_time_for_is_said_and_the_rest_inspected(looking: Extractor, registry: Registry) -> None:
    register(registry, looking, asset("a"), png(scene(21)))
    asked: list[int] = []

    def proceed() -> bool:
        asked.append(1)
        return len(asked) == 1

    verdict = Inspector(looking).inspect(message(jpeg(scene(21)), jpeg(scene(22)), jpeg(scene(23))), registry, proceed)
    assert [match.attachment for match in verdict.matches] == [0]
    assert [(part.attachment, part.reason.split(":")[0]) for part in verdict.unread] == [(1, "out_of_time"), (2, "out_of_time")]


def test_text_there_was_no_time_for_is_said_of_no_attachment(registry: Registry) -> None:
    posted = message(jpeg(scene(21)), text="hello")
    verdict = Inspector(Extractor(CountingReader())).inspect(posted, registry, lambda: False)
    assert [part.attachment for part in verdict.unread] == [-1, 0]


def test_half_of_a_truncated_photo_is_still_inspected(looking: Extractor, registry: Registry) -> None:
    register(registry, looking, asset("a"), png(scene(12)))
    whole = jpeg(scene(12))
    verdict = Inspector(looking).inspect(message(whole[: len(whole) * 2 // 3]), registry)
    assert verdict.verdict is Conclusion.LEAK


def test_a_removed_asset_is_not_matched_again(looking: Extractor, registry: Registry) -> None:
    register(registry, looking, asset("a"), png(scene(13)))
    inspector = Inspector(looking)
    assert inspector.inspect(message(jpeg(scene(13))), registry).matches
    registry.apply(AssetChange(2, "a", None))
    assert not inspector.inspect(message(jpeg(scene(13))), registry).matches
    assert (len(registry), registry.checkpoint) == (0, 2)


def test_an_asset_registered_after_a_picture_was_seen_is_matched_in_it(looking: Extractor, registry: Registry) -> None:
    inspector = Inspector(looking)
    posted = message(jpeg(scene(14)))
    assert not inspector.inspect(posted, registry).matches
    register(registry, looking, asset("a"), png(scene(14)))
    assert inspector.inspect(posted, registry).matches


SECRET = "\n".join(sentences(1, 40))


def pieces(length: int) -> list[str]:
    """Of a registered text, each too short to count by itself."""
    return [SECRET[at : at + length] for at in range(200, 200 + 6 * length, length)]


def test_a_text_passed_on_piece_by_piece_is_put_together(registry: Registry) -> None:
    extractor = Extractor(CountingReader())
    register(registry, extractor, asset("d", AssetKind.DOCUMENT), SECRET.encode())
    inspector, said = Inspector(extractor), pieces(30)
    assert inspector.inspect(message(text=said[-1]), registry).matches == ()
    verdict = inspector.inspect(replace(message(text=said[-1]), earlier=tuple(said[:-1])), registry)
    [match] = verdict.matches
    assert (match.asset_id, match.detector, match.part) == ("d", "document_text", "with 5 messages before it")
    assert match.evidence["summary"].startswith("Together with 5 messages before it: About")


def test_what_was_said_before_is_not_held_against_every_message_after_it(registry: Registry) -> None:
    extractor = Extractor(CountingReader())
    register(registry, extractor, asset("d", AssetKind.DOCUMENT), SECRET.encode())
    inspector, said = Inspector(extractor), pieces(30)
    for text in ("lunch at noon?", ""):
        assert inspector.inspect(replace(message(text=text), earlier=tuple(said)), registry).matches == ()
    alone = inspector.inspect(replace(message(text=SECRET[:400]), earlier=tuple(said)), registry)
    assert [match.part for match in alone.matches] == [""]
