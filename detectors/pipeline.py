"""One message in, one verdict out: the cascade, cheapest detector first.

Synchronous and without a clock; whoever calls it runs it off the event loop and measures the time.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from detectors import DETECTORS
from detectors.piecemeal import pieced_together
from detectors.policy import conclude, raised, unseen, without_others
from detectors.registry import Registry
from detectors.subject import Likeness, Subject
from detectors.thresholds import DEFAULT, Thresholds
from detectors.types import Excused, Match, Message, UnreadPart, Verdict
from fingerprints.errors import Unreadable
from fingerprints.extraction import Extractor, Observation
from fingerprints.layout import grown
from fingerprints.types import Quad

CERTAIN = 1.0  # the registered file itself: nothing further can add to that
RIM = 0.015  # of a page's width and height, on each side
OF_THE_PAGE = ("page_copy", "document_text")  # a registered page's level is its asset's; its marking adds nothing


class Inspector:
    """Holds what inspecting needs and a message does not bring. Not thread-safe.

    ``review_unread``: codes of reasons for which what could not be inspected is put before a person. ``thorough``: pictures are
    read in full, even where that can change nothing any more.
    """

    def __init__(
        self,
        extractor: Extractor,
        thresholds: Thresholds = DEFAULT,
        review_unread: Container[str] = frozenset(),
        thorough: bool = False,
    ) -> None:
        self.extractor = extractor
        self.thresholds = thresholds
        self.review_unread = review_unread
        self.thorough = thorough

    def inspect(
        self,
        message: Message,
        registry: Registry,
        proceed: Callable[[], bool] = lambda: True,
        own: Container[str] | None = None,
        watch: Callable[[Subject], object] = lambda _: None,
        inspected: Callable[[Subject], object] = lambda _: None,
        others: bool = False,
    ) -> Verdict:
        """Never raises for what a sender can put into a message: what could not be inspected is in ``unread``.

        ``proceed`` is asked before each part; once it says no, the remaining parts are left unread. ``own``: for somebody
        who may know of these assets only: they are looked for even in what is certainly another's; ``others``: matches
        on others are told all the same, to a caller who withholds them. ``watch`` is shown each part in which nothing was
        found, ``inspected`` each part that was.
        """
        matches: list[Match] = []
        unread: list[UnreadPart] = []
        excused: list[Excused] = []
        for subject in self._subjects(message, registry, unread):
            if not proceed():
                unread.append(_unread(subject, "out_of_time", "the message took too long; this part was not inspected"))
                continue
            try:
                found = detect(subject)
                matches += _here(subject, found)
                matches += _here(subject, _of_theirs(subject, found, own))
                excused += [one for one in dict.fromkeys(subject.excused) if own is None or one.asset_id in own]
                if not found:
                    watch(subject)
                inspected(subject)
            except Unreadable as error:
                unread.append(_unread(subject, error.code, error.detail))
                continue
            if subject.seen.truncated:
                unread.append(_unread(subject, "truncated", "the file ends early; what had arrived was inspected"))
        matches += pieced_together(self.extractor, message, registry, self.thresholds, matches)
        if own is not None and not others:
            matches = without_others(matches, own)
        matches.sort(key=lambda match: -match.confidence)
        weighed = matches, registry.assets, message.external, self.thresholds, message.standing
        verdict, severity = conclude(*weighed)
        if not matches and any(part.code in self.review_unread for part in unread):
            verdict, severity = unseen(message.external)
        return Verdict(verdict, severity, tuple(matches), tuple(unread), tuple(excused), raised(*weighed))

    def _subjects(self, message: Message, registry: Registry, unread: list[UnreadPart]) -> Iterator[Subject]:
        if message.text:
            yield Subject(None, self.extractor.text(message.text), registry, self.thresholds)
        for index, attachment in enumerate(message.attachments):
            observed = self.extractor.open(attachment.data, attachment.name)
            for part in observed.unread:
                where = f"{part.part}: " if part.part else ""
                unread.append(UnreadPart(index, f"{where}{part.reason}: {part.detail}", part.reason))
            for seen in observed.parts:
                yield Subject(index, seen, registry, self.thresholds, self.thorough)


def detect(subject: Subject) -> list[Match]:
    """Every detector in order of cost, until one is certain. Raises Unreadable when the picture cannot be decoded."""
    matches: list[Match] = []
    for detector in DETECTORS:
        if detector.name == "marking" and _page_known(matches, subject.thresholds):
            continue
        found = detector.detect(subject)
        if leaked := _leaked_before(subject, found):
            return [*matches, *leaked]
        matches += found
        if detector.name == "page_copy":
            subject.proved = tuple(_outlines(found, subject.thresholds))
        if any(match.confidence >= CERTAIN for match in matches):
            break
    return matches


def _here(subject: Subject, found: Iterable[Match]) -> Iterator[Match]:
    return (replace(match, part=subject.seen.label) for match in found)


def _of_theirs(subject: Subject, found: Sequence[Match], own: Container[str] | None) -> list[Match]:
    """What of ``own`` it resembles beside, where the certain match that ended the search is on another asset."""
    certain = {match.asset_id for match in found if match.confidence >= CERTAIN}
    if own is None or not certain or any(asset_id in own for asset_id in certain):
        return []
    known = {match.asset_id for match in found}
    return [match for match in detect(subject.by_likeness()) if match.asset_id in own and match.asset_id not in known]


def _leaked_before(subject: Subject, matches: Sequence[Match]) -> list[Match]:
    """The matches, if the part surely shows what a confirmed leak showed that was this very picture as a whole: nothing else was
    in that one, so that nothing is read in its copies, unless something registered since lies there. Which leak it was is told.
    """
    points = subject.thresholds
    sure = {match.asset_id for match in matches if points.leak_confidence <= match.confidence < CERTAIN}
    if subject.thorough or not sure:
        return []
    if any(one.asset.id not in sure and one.inliers >= points.inliers for one in subject.likenesses):
        return []
    before = {one.asset.id: one for one in reversed(subject.leaked) if one.asset.id in sure}
    return [replace(one, evidence={**one.evidence, **_told(before, one.asset_id)}) for one in matches] if before else []


def _told(before: Mapping[str, Likeness], asset_id: str | None) -> dict[str, Any]:
    leak = before.get(asset_id or "")
    return {"leaked": {"reference_id": leak.reference.key, "reference": leak.reference.label}} if leak else {}


def _outlines(pages: Iterable[Match], thresholds: Thresholds) -> Iterator[Quad]:
    """Where pages that are proved lie in the picture, and a little around: a rim left of a page looks like thin strokes."""
    for match in pages:
        geometry = match.evidence.get("geometry")
        if geometry is not None and match.confidence >= thresholds.leak_confidence:
            a, b, c, d = ((x, y) for x, y in geometry["outline"])
            yield grown((a, b, c, d), RIM)


def _page_known(matches: Iterable[Match], thresholds: Thresholds) -> bool:
    """A mere likeness, left to a person, must not silence what stands on the page in plain words."""
    return any(match.detector in OF_THE_PAGE and match.confidence >= thresholds.leak_confidence for match in matches)


def _unread(subject: Subject, code: str, detail: str) -> UnreadPart:
    observation: Observation = subject.seen
    where = f"{observation.label}: " if observation.label else ""
    return UnreadPart(subject.attachment if subject.attachment is not None else -1, f"{where}{code}: {detail}", code)
