"""What a person tries, on the bench of a detection process."""

import time
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.demo.rehearsal import ATTACKS
from app.ingest.bench import Bench, verdict_out
from app.ingest.jobs import File, Inspect
from app.ingest.trials import SAMPLE, Elsewhere, Like, Liken, Likened, Nearest, Rehearse, Rehearsed, Tried, Try
from detectors.nearest import Nearness, nearest
from detectors.subject import Subject
from detectors.types import Attachment, Match, Message, Verdict
from fingerprints.errors import Unreadable
from fingerprints.extraction import Observation
from fingerprints.images import decode
from fingerprints.previews import jpeg
from fingerprints.sieve import packed
from fingerprints.sketches import phrases

NOBODY = {"gateway": "", "message_id": "", "channel": {"id": ""}, "sender": {"id": ""}}
PICTURES = ("page_copy", "equipment_photo", "document_text")
SECONDS = 60.0
SMALL = 480
LONGEST = 1600


def tried(bench: Bench, job: Try) -> Tried:
    message = bench.message(Inspect(NOBODY, (job.file,)))
    verdict, near = _inspected(bench, message, job.own)
    if job.own is None:
        return Tried(verdict_out(verdict), (), near)
    own = job.own
    others = [one for one in verdict.matches if one.asset_id is not None and one.asset_id not in own]
    mine = (one for one in verdict.matches if one not in others)
    named = replace(
        verdict,
        matches=tuple(replace(one, evidence=_told(one.evidence, own)) for one in mine),
        excused=tuple(one for one in verdict.excused if one.asset_id in own),
    )
    return Tried(verdict_out(named), tuple(_elsewhere(others)), near)


def likened(bench: Bench, job: Liken) -> Likened:
    observed = bench.extractor.open(_data(bench, job.file), job.file.name)
    parts = [_like(bench, part) for part in observed.parts[: job.most]]
    return Likened(tuple(parts), tuple(one.reason for one in observed.unread), len(observed.parts) - len(parts))


def _like(bench: Bench, part: Observation) -> Like:
    bench.alive()
    try:
        whole = part.perceptual if part.has_picture else None
    except Unreadable:
        whole = None
    text = part.shingles if part.text is not None else None
    said = b"" if text is None else packed(phrases(text)[:SAMPLE])
    return Like(part.digest, b"" if whole is None else bench.extractor.perceptual.dump(whole), said)


def rendered(bench: Bench, file: File) -> bytes | None:
    for part in bench.extractor.open(_data(bench, file), file.name).parts:
        if part.has_picture:
            try:
                return jpeg(part.picture, LONGEST)
            except Unreadable:
                continue
    return None


def _data(bench: Bench, file: File) -> bytes:
    """At most one byte more than a file may have: enough to refuse it."""
    with Path(file.path).open("rb") as opened:
        return opened.read(bench.extractor.limits.max_bytes + 1)


def rehearsed(bench: Bench, job: Rehearse) -> Rehearsed:
    """Raises Unreadable."""
    limits = bench.extractor.limits
    attacked = ATTACKS[job.attack](decode(Path(job.file.path).read_bytes(), limits, LONGEST).pixels)
    small = jpeg(decode(attacked, limits), SMALL, 75)
    if job.asset_id is None:
        return Rehearsed(small)
    bench.alive()
    message = replace(bench.message(Inspect(NOBODY)), attachments=(Attachment("picture.jpg", "image/jpeg", attacked),))
    verdict, near = _inspected(bench, message, frozenset({job.asset_id}))
    best = next((one for one in verdict.matches if one.asset_id == job.asset_id), None)
    return Rehearsed(small, nearest=near) if best is None else Rehearsed(small, best.detector, best.confidence)


def _inspected(bench: Bench, message: Message, among: Container[str] | None) -> tuple[Verdict, Nearest | None]:
    """All that is found, ``among`` even in what is certainly another asset; and what of ``among`` came nearest in parts in which
    nothing was.
    """
    near: list[Nearness] = []
    began = time.perf_counter()

    def proceed() -> bool:
        bench.alive()
        return time.perf_counter() - began < SECONDS

    def watch(subject: Subject) -> None:
        near.extend(one for one in (nearest(subject, among),) if one is not None)

    verdict = bench.inspector.inspect(message, bench.registry, proceed, among, watch, others=True)
    best = max(near, key=lambda one: one.share, default=None)
    found = (
        None if best is None else Nearest(best.asset_id, best.asset_title, best.reference, best.missing, best.there, best.needed)
    )
    return verdict, found


def _told(evidence: Mapping[str, Any], own: Container[str]) -> dict[str, Any]:
    """The nearest other asset without its name, if that may not be told."""
    told = {name: _told(value, own) if isinstance(value, Mapping) else value for name, value in evidence.items()}
    other = told.get("nearest_other")
    if other and other["asset_id"] not in own:
        told["nearest_other"] = {name: other[name] for name in ("inliers", "units") if name in other} | {"asset_id": None}
    return told


def _elsewhere(matches: Iterable[Match]) -> Iterable[Elsewhere]:
    return (Elsewhere(one.detector, one.confidence) for one in matches if one.detector in PICTURES)
