"""The workbench of one detection process: extractor, inspector and live registry, and what is done on it.

Loads every detection library; imported only where detection runs (``lane``, ``scan``, ``register``).
"""

import logging
import struct
import time
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.directory import kept
from app.ingest.accused import accused_parts
from app.ingest.jobs import (
    MAX_PICTURES,
    Count,
    Counted,
    Equipment,
    Fingerprint,
    Fingerprinted,
    Inspect,
    Inspected,
    Part,
    Place,
    Read,
    ReadOn,
    StoredAsset,
)
from app.ingest.sighted import Sightings
from detectors.pipeline import Inspector
from detectors.recognisability import Resemblance, resemblance
from detectors.registry import AssetChange, Registry
from detectors.types import (
    Asset,
    AssetKind,
    Attachment,
    Excused,
    Level,
    Match,
    Message,
    Mistake,
    Reference,
    UnreadPart,
    Verdict,
)
from fingerprints import codec
from fingerprints.distinctiveness import ADVICE, Distinctiveness
from fingerprints.errors import Unreadable
from fingerprints.extraction import Extractor, FingerprintedPart, Observation
from fingerprints.ocr import open_reader
from fingerprints.previews import jpeg
from fingerprints.types import Fingerprints

log = logging.getLogger(__name__)
SIDE = 64
BLANK = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54 + SIDE * SIDE * 3, 0, 0, 54, 40, SIDE, SIDE, 1, 24, *(0,) * 6)
BLANK += b"\xff" * (SIDE * SIDE * 3)
"""A white bitmap."""


class Bench:
    """Not thread-safe; a process owns one. Raises EngineMissing when the chosen OCR engine is not installed.

    ``alive`` is called before each part of a file or message: a sign of life for whoever waits.
    """

    def __init__(self, equipment: Equipment) -> None:
        self.extractor = Extractor(
            open_reader(equipment.ocr_engine, equipment.ocr_threads), equipment.limits, registering=equipment.registering
        )
        self.inspector = Inspector(self.extractor, review_unread=equipment.review_unread, thorough=equipment.thorough)
        self.registry = Registry()
        self.alive: Callable[[], object] = lambda: None
        self._seconds = equipment.message_seconds
        self._sightings = equipment.sightings

    def warm(self) -> None:
        """Load every model now, not with the first picture. Raises EngineMissing."""
        for part in self.extractor.open(BLANK, "blank.bmp").parts:
            _ = part.keypoints, part.reading

    def apply(self, change: StoredAsset) -> int:
        references = tuple(
            (Reference(one.id, change.asset_id, one.label, one.text, one.derived), codec.load(one.digest, one.kinds))
            for one in change.references
        )
        asset = _asset(change.asset_id, change.asset) if change.asset else None
        mistakes = tuple(
            (Mistake(one.id, one.references, one.alert_id), codec.load(one.digest, one.kinds)) for one in change.mistakes
        )
        self.registry.apply(AssetChange(change.checkpoint, change.asset_id, asset, references, mistakes))
        return self.registry.checkpoint

    def load(self, folder: str) -> tuple[int, int]:
        """Begin with what was saved: its checkpoint, and how many references. Zeros, and nothing changed, if it is of no use."""
        try:
            self.registry = Registry.load(Path(folder))
        except ValueError as error:
            log.warning("a saved snapshot is of no use; everything is read from the database", extra={"reason": str(error)})
            return 0, 0
        return self.registry.checkpoint, len(self.registry)

    def save(self, folder: str) -> None:
        """Raises OSError."""
        self.registry.save(Path(folder))

    def inspect(self, job: Inspect) -> Inspected:
        began = time.perf_counter()
        message = self.message(job)

        def proceed() -> bool:
            self.alive()
            return time.perf_counter() - began < self._seconds

        sightings = Sightings(None if self._sightings == "none" else message)
        verdict = self.inspector.inspect(message, self.registry, proceed, job.own, inspected=sightings.add)
        elapsed = round((time.perf_counter() - began) * 1000, 1)
        told = {**verdict_out(verdict), "elapsed_ms": elapsed}
        pictures = self._pictures(message, verdict)
        accused = accused_parts(self.extractor, message, verdict.matches, pictures)
        kept = sightings.found if self._sightings == "all" or told["verdict"] != "clear" else ()
        return Inspected(told, pictures, self.registry.checkpoint, tuple(accused), tuple(kept))

    def read(self, job: Read) -> tuple[str, ...]:
        parts = self.extractor.open(self._read(job.file.path), job.file.name).parts
        return tuple(line.text for part in parts for line in part.reading.lines)

    def read_on(self, job: ReadOn) -> dict[str, bytes] | None:
        """Raises Unreadable."""
        for part in self.extractor.open(self._read(job.file.path), job.file.name).parts:
            if part.digest == job.digest:
                self.alive()
                return codec.dump(Fingerprints(part.digest, shingles=part.shingles))
        return None

    def count(self, job: Count) -> Counted:
        observed = self.extractor.open(self._read(job.file.path), job.file.name, self.extractor.registering)
        return Counted(len(observed.parts), tuple((one.part, f"{one.reason}: {one.detail}") for one in observed.unread))

    def fingerprint(self, job: Fingerprint) -> Fingerprinted:
        data = self._read(job.file.path)
        made = self.extractor.fingerprint(data, job.file.name, job.part, 1)
        parts = tuple(_part(part, self._resemblance(part.seen, job.own), job.keep) for part in made.parts)
        return Fingerprinted(parts, tuple((one.part, f"{one.reason}: {one.detail}") for one in made.unread), made.more)

    def _resemblance(self, part: Observation, own: str) -> Resemblance | None:
        return resemblance(part, self.registry, self.inspector.thresholds, own)

    def message(self, job: Inspect) -> Message:
        body = job.body
        return Message(
            gateway=body["gateway"],
            message_id=body["message_id"],
            sent_at=datetime.fromisoformat(body["sent_at"]) if body.get("sent_at") else None,
            channel_id=body["channel"]["id"],
            sender_id=body["sender"]["id"],
            text=body.get("text") or "",
            attachments=tuple(Attachment(f.name, f.content_type, self._read(f.path)) for f in job.files),
            external=body["channel"].get("external"),
            earlier=job.earlier,
            standing=kept.standing(job.standing),
        )

    def _read(self, path: str) -> bytes:
        """At most one byte more than a file may have: enough to refuse it."""
        with Path(path).open("rb") as file:
            return file.read(self.extractor.limits.max_bytes + 1)

    def _pictures(self, message: Message, verdict: Verdict) -> dict[Place, bytes]:
        """The parts that matched, for people to look at; matches come surest first."""
        labels: defaultdict[int, dict[str, None]] = defaultdict(dict)
        for match in verdict.matches:
            if match.attachment is not None and len(labels[match.attachment]) < MAX_PICTURES:
                labels[match.attachment][match.part] = None
        return {
            (index, label): shown
            for index, wanted in labels.items()
            for label, shown in self._look(message.attachments[index], wanted)
        }

    def _look(self, attachment: Attachment, labels: Container[str]) -> Iterator[tuple[str, bytes]]:
        for part in self.extractor.open(attachment.data, attachment.name).parts:
            if part.label in labels:
                self.alive()
                if (shown := _shown(part)) is not None:
                    yield part.label, shown


def _asset(asset_id: str, stored: Mapping[str, Any]) -> Asset:
    kind, level = AssetKind(stored["kind"]), Level(stored["level"])
    return Asset(asset_id, stored["title"], kind, level, tuple(stored["terms"]), tuple(stored["tags"]))


def verdict_out(verdict: Verdict) -> dict[str, Any]:
    """As JSON."""
    return {
        "verdict": verdict.verdict.value,
        "severity": verdict.severity.value,
        "matches": [match_out(match) for match in verdict.matches],
        "unread": _unread(verdict.unread),
        "excused": [_excused(one) for one in verdict.excused],
        **({"raised": kept.raised(verdict.raised)} if verdict.raised else {}),
    }


def match_out(match: Match) -> dict[str, Any]:
    """As JSON."""
    return {
        "asset_id": match.asset_id,
        "asset_title": match.asset_title,
        "reference": match.reference,
        "reference_id": match.reference_key,
        "detector": match.detector,
        "confidence": match.confidence,
        "attachment": match.attachment,
        "part": match.part,
        "evidence": dict(match.evidence),
    }


def _excused(one: Excused) -> dict[str, Any]:
    fields = ("asset_id", "asset_title", "reference", "attachment", "part")
    told = {field: getattr(one, field) for field in fields}
    return {**told, "mistake_id": one.mistake.key, "alert_id": one.mistake.alert_id}


def _unread(parts: Iterable[UnreadPart]) -> list[dict[str, Any]]:
    return [{"attachment": part.attachment if part.attachment >= 0 else None, "reason": part.reason} for part in parts]


def _part(part: FingerprintedPart, like: Resemblance | None, keep: bool) -> Part:
    return Part(
        label=part.label,
        digest=part.fingerprints.digest,
        kinds=codec.dump(part.fingerprints),
        distinctiveness={**distinctiveness(part.distinctiveness), "resembles": _resembles(like) if like else None},
        text=part.text if keep else None,
        picture=_shown(part.seen) if keep else None,
    )


def distinctiveness(found: Distinctiveness) -> dict[str, Any]:
    """As it is stored with a reference."""
    flaws = [{"name": flaw.value, "advice": ADVICE[flaw]} for flaw in found.flaws]
    return {"score": found.score, "verdict": found.verdict, "advice": found.advice, "flaws": flaws}


def _resembles(like: Resemblance) -> dict[str, Any]:
    others = [{"asset_id": one.asset_id, "reference": one.label} for one in like.others]
    return {"kinship": like.kinship.value, "share": like.share, "others": others}


def _shown(part: Observation) -> bytes | None:
    try:
        return jpeg(part.picture) if part.has_picture else None
    except Unreadable:
        return None
