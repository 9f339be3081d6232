"""A known mistake excuses its copies, and nothing else: everything else is judged as if nothing was remembered."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from detectors.pipeline import Inspector
from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Mistake, Verdict
from fingerprints.extraction import Extractor
from fingerprints.types import U8, Reader
from tests.benchmarks.attacks import ATTACKS
from tests.detectors.drawn import lines
from tests.detectors.scenes import asset, jpeg, message, page, pdf, png, register, scene, sentences
from tests.fingerprints.test_extraction import CountingReader

REFERENCE, ACCUSED, THIRD = 1, 2, 3
Draw = Callable[[int], U8]


def form(seed: int) -> U8:
    """A detailed frame that all share, and in its middle what is each one's own; no text."""
    picture = scene(99, 900, 1200).copy()
    picture[250:850, 190:710] = scene(seed, 520, 600)
    return picture


def edition(seed: int) -> U8:
    """A page of which one line in eighteen is another in each edition."""
    text = sentences(1)
    text[seed * 5 % 18] = sentences(100 + seed, 1)[0]
    return page(text, 1000, 1000)


def beside(one: U8, other: U8) -> U8:
    return np.ascontiguousarray(np.hstack([one, other]))


class Desk:
    """A registry in which one thing is registered, and what an analyst remembers of it."""

    def __init__(self, extractor: Extractor, kind: AssetKind, *files: bytes) -> None:
        self.extractor, self.inspector = extractor, Inspector(extractor)
        self.registry, self.naive = Registry(), Registry()
        self.asset = asset("it", kind)
        for registry in (self.registry, self.naive):
            register(registry, extractor, self.asset, *files)
        self.references = frozenset(self.registry.reference(f"it/{i}/0").key for i in range(len(files)))

    def remember(
        self, data: bytes, about: Asset | None = None, references: frozenset[str] | None = None, *, read: bool = True
    ) -> None:
        """A file that was accused by mistake. ``read``: in full, by now."""
        [part] = self.extractor.fingerprint(data, "x.jpg").parts
        mistake = Mistake(f"mistake {hashlib.sha256(data).hexdigest()}", references or self.references, "alert")
        prints = part.fingerprints if read else replace(part.fingerprints, shingles=None)
        self.registry.memory.apply(self.registry.checkpoint, (about or self.asset).id, [(mistake, prints)])

    def told(self, data: bytes, registry: Registry | None = None) -> Verdict:
        return self.inspector.inspect(message(data), registry or self.registry)

    def excuses(self, data: bytes) -> bool:
        """Whether it would be accused, and is not."""
        assert self.told(data, self.naive).matches, "there is nothing to excuse"
        verdict = self.told(data)
        assert bool(verdict.excused) is not bool(verdict.matches)
        return not verdict.matches

    def unmoved(self, data: bytes) -> bool:
        """Whether it is accused just as if nothing was remembered."""
        now, before = self.told(data), self.told(data, self.naive)
        same = [(m.detector, m.reference_key, m.confidence) for m in now.matches]
        return bool(same) and same == [(m.detector, m.reference_key, m.confidence) for m in before.matches]


@pytest.fixture(scope="module")
def photos() -> Desk:
    """Equipment: details alone decide."""
    desk = Desk(Extractor(CountingReader()), AssetKind.EQUIPMENT, png(form(REFERENCE)))
    desk.remember(jpeg(form(ACCUSED), 85))
    return desk


OF_PHOTOS = (
    "recompress", "preview", "grey", "crop70", "crop40", "rotate90", "tilted", "mirror", "stickers", "watermark",
    "chat_screenshot", "inset", "print_photo", "screen_photo", "oblique", "worst",
)  # fmt: skip


@pytest.mark.parametrize("attack", OF_PHOTOS)
def test_copies_of_the_accused_photo_are_excused_and_nothing_else(photos: Desk, attack: str) -> None:
    def mangled(picture: U8) -> bytes:
        return ATTACKS[attack](picture, 3)

    assert photos.excuses(mangled(form(ACCUSED)))
    assert photos.unmoved(mangled(form(REFERENCE)))
    assert photos.unmoved(mangled(form(THIRD)))


@pytest.mark.parametrize("order", [(ACCUSED, REFERENCE), (REFERENCE, ACCUSED)])
def test_beside_the_accused_photo_the_registered_one_alarms(photos: Desk, order: tuple[int, int]) -> None:
    assert photos.unmoved(jpeg(beside(form(order[0]), form(order[1]))))


@pytest.mark.parametrize(("top", "left"), [(0, 0), (300, 230), (640, 480)])
def test_in_the_middle_of_the_accused_photo_the_registered_one_alarms(photos: Desk, top: int, left: int) -> None:
    """As in a screenshot whose background is known."""
    sheet, small = form(ACCUSED).copy(), cv2.resize(form(REFERENCE), (420, 560), interpolation=cv2.INTER_AREA)
    sheet[top : top + 560, left : left + 420] = small
    assert photos.told(jpeg(sheet)).matches


def test_the_accused_photo_beside_something_else_is_excused(photos: Desk) -> None:
    assert photos.excuses(jpeg(beside(form(ACCUSED), scene(500, 900, 1200))))


@pytest.fixture(scope="module")
def editions(reader: Reader) -> Desk:
    """Pages: what is read decides."""
    desk = Desk(Extractor(reader), AssetKind.DOCUMENT, png(edition(REFERENCE)))
    desk.remember(jpeg(edition(ACCUSED), 85))
    return desk


@pytest.mark.parametrize("attack", ["recompress", "crop70", "print_photo"])
def test_copies_of_the_accused_edition_are_excused_and_nothing_else(editions: Desk, attack: str) -> None:
    def mangled(picture: U8) -> bytes:
        return ATTACKS[attack](picture, 3)

    assert editions.excuses(mangled(edition(ACCUSED)))
    assert editions.unmoved(mangled(edition(REFERENCE)))
    assert editions.unmoved(mangled(edition(THIRD)))


def test_an_edition_that_was_not_read_yet_excuses_the_same_file_alone(editions: Desk) -> None:
    desk = Desk(editions.extractor, AssetKind.DOCUMENT, png(edition(REFERENCE)))
    accused, copy = jpeg(edition(ACCUSED), 85), ATTACKS["recompress"](edition(ACCUSED), 3)
    desk.remember(accused, read=False)
    assert desk.excuses(accused)
    for other in (copy, jpeg(edition(REFERENCE), 70), jpeg(edition(THIRD), 70)):
        assert desk.unmoved(other)
    desk.remember(accused)
    assert desk.excuses(copy), "read in the meantime"
    assert desk.unmoved(jpeg(edition(REFERENCE), 70))


def test_beside_the_accused_edition_the_registered_one_alarms(editions: Desk) -> None:
    assert editions.unmoved(jpeg(beside(edition(ACCUSED), edition(REFERENCE))))


def test_an_edition_of_which_the_difference_cannot_be_read_alarms(editions: Desk) -> None:
    """What is left of it is as much the registered one's."""
    changed = 180 + 44 * (ACCUSED * 5 % 18)
    hidden = edition(ACCUSED).copy()
    hidden[changed - 6 : changed + 38] = 0
    assert editions.unmoved(jpeg(hidden))


def test_the_same_file_is_excused_without_being_looked_at() -> None:
    desk = Desk(Extractor(CountingReader()), AssetKind.EQUIPMENT, png(scene(1)))
    copy = jpeg(scene(1), 60)
    assert desk.unmoved(copy)
    desk.remember(copy)
    assert desk.excuses(copy), "somebody looked at this very file"
    assert desk.unmoved(jpeg(scene(1), 59)), "it is as much the registered picture's copy as the other file's"


def test_the_registered_file_itself_always_alarms() -> None:
    desk = Desk(Extractor(CountingReader()), AssetKind.EQUIPMENT, png(scene(1)))
    desk.remember(png(scene(1)))
    assert desk.unmoved(png(scene(1)))


def test_a_mistake_is_about_one_asset_and_the_references_it_had(photos: Desk) -> None:
    other = Desk(photos.extractor, AssetKind.EQUIPMENT, png(form(REFERENCE)))
    other.remember(jpeg(form(ACCUSED), 85), asset("another"))
    assert other.unmoved(jpeg(form(ACCUSED), 70))
    later = Desk(photos.extractor, AssetKind.EQUIPMENT, png(form(REFERENCE)))
    later.remember(jpeg(form(ACCUSED), 85), references=frozenset({"an earlier one"}))
    assert later.unmoved(jpeg(form(ACCUSED), 70))


def test_what_is_excused_for_one_reference_may_be_another_of_the_same_asset() -> None:
    """The accused page beside a page that really is registered: the surest match is the mistake, and hides nothing."""
    extractor = Extractor(CountingReader())
    desk = Desk(extractor, AssetKind.EQUIPMENT, png(form(REFERENCE)), png(scene(77)))
    desk.remember(jpeg(form(ACCUSED), 85))
    small = scene(77)[::2, ::2]
    sheet = form(ACCUSED).copy()
    sheet = beside(sheet, np.full((1200, 460, 3), 255, np.uint8))
    sheet[300 : 300 + small.shape[0], 905 : 905 + small.shape[1]] = small
    [naive] = desk.told(jpeg(sheet), desk.naive).matches
    assert naive.reference_key == "it/0/0"
    verdict = desk.told(jpeg(sheet))
    assert [match.reference_key for match in verdict.matches] == ["it/1/0"]
    assert [one.reference for one in verdict.excused] == [desk.registry.reference("it/0/0").label]


def clouds(change: float) -> U8:
    """Nothing to hold on to; ``change``: how far it is from another such picture."""
    rough = np.random.default_rng(3).normal(0, 1, (6, 6)) + change * np.random.default_rng(1003).normal(0, 1, (6, 6))
    grey = cv2.resize(rough.astype(np.float32), (600, 800), interpolation=cv2.INTER_CUBIC)
    shade = ((grey - grey.min()) / np.ptp(grey) * 255).astype(np.uint8)
    return np.repeat(shade[:, :, None], 3, axis=2)


@pytest.mark.parametrize(("change", "excused"), [(0.15, True), (0.05, False)], ids=["clearly nearer", "about as near"])
def test_a_picture_without_details_is_told_by_the_whole(change: float, excused: bool) -> None:
    desk = Desk(Extractor(CountingReader()), AssetKind.DOCUMENT, png(clouds(0.0)))
    desk.remember(jpeg(clouds(change), 85))
    copy = jpeg(clouds(change), 40)
    assert desk.excuses(copy) if excused else desk.unmoved(copy)
    assert desk.unmoved(jpeg(clouds(0.0), 40))


def test_a_text_judged_harmless_is_excused_in_a_picture_of_it_too() -> None:
    """Nothing was seen of it but words; they are enough, if none of the reference's alone are among them."""
    ours, mine = sentences(1, 12), sentences(2, 12)
    text = "\n".join([*mine, *ours])
    extractor = Extractor(CountingReader())
    desk = Desk(extractor, AssetKind.TEXT, "\n".join([*ours, *sentences(3, 6)]).encode())
    desk.remember(text.encode())

    def shown(*texts: str) -> Verdict:
        reading = Extractor(CountingReader(lines(texts)))
        return Inspector(reading).inspect(message(png(scene(60))), desk.registry)

    assert (len(shown(*mine, *ours).excused), shown(*mine, *ours).matches) == (1, ())
    assert shown(*ours).matches, "the quotation alone"
    assert shown(*mine, *ours, *sentences(3, 6)).matches, "more of the registered text"


def test_every_page_of_a_file_is_judged_alone(photos: Desk) -> None:
    verdict = photos.told(pdf(form(ACCUSED), form(REFERENCE)))
    assert [(one.part, one.mistake.alert_id) for one in verdict.excused] == [("page 1", "alert")]
    assert [match.part for match in verdict.matches] == ["page 2"]


def test_what_is_told_of_others_mistakes(photos: Desk) -> None:
    data = jpeg(form(ACCUSED), 70)
    for own, count in ((frozenset({"it"}), 1), (frozenset[str](), 0)):
        verdict = photos.inspector.inspect(message(data), photos.registry, own=own)
        assert (len(verdict.excused), verdict.matches) == (count, ())


def test_a_marking_on_an_excused_page_still_counts() -> None:
    reader = CountingReader(lines(["SECRET//NOFORN"]))
    desk = Desk(Extractor(CountingReader()), AssetKind.DOCUMENT, png(form(REFERENCE)))
    desk.remember(jpeg(form(ACCUSED), 85))
    verdict = Inspector(Extractor(reader)).inspect(message(jpeg(form(ACCUSED), 70)), desk.registry)
    assert [match.detector for match in verdict.matches] == ["marking"]
    assert len(verdict.excused) == 1


def test_a_mistake_taken_back_excuses_nothing(photos: Desk) -> None:
    desk = Desk(photos.extractor, AssetKind.EQUIPMENT, png(form(REFERENCE)))
    desk.remember(jpeg(form(ACCUSED), 85))
    assert desk.excuses(jpeg(form(ACCUSED), 70))
    desk.registry.apply(AssetChange(9, "it", desk.asset, ()))
    assert len(desk.registry.memory) == 0
