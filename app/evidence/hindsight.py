"""What is left of what was found in hindsight: no file, no picture, but fingerprints as long as sightings keep them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.alerts.schemas import AlertOut
from app.db import Session
from app.ingest.jobs import Place
from app.sightings import service as sightings

Prints = dict[Place, dict[str, bytes]]


@dataclass(frozen=True, slots=True)
class Left:
    """Fingerprints by kind and place, and places of which there are none any more."""

    prints: Prints
    missing: tuple[Place, ...]


async def left(session: Session, alert: AlertOut, known: Collection[Place]) -> Left:
    """Of the parts that a historic alert is about, but for those ``known``; nothing of any other alert."""
    places = sorted(_accused(alert) - set(known)) if alert.historic else []
    found = await sightings.of_messages(session, [alert.message.id]) if places else []
    digests = {(one.position, one.part): one.digest for one in found if (one.position, one.part) in places}
    kinds = await sightings.kinds(session, digests.values())
    prints = {place: kinds[digest] for place, digest in digests.items() if kinds.get(digest)}
    return Left(prints, tuple(place for place in places if place not in prints))


def widened(alert: AlertOut) -> bool:
    """Whether only part of what it is about was found in hindsight: its message had an alert already."""
    return any(entry.action == "widened" and "historic" in entry.change for entry in alert.history)


def found_at(alert: AlertOut) -> datetime:
    """When the last of what was found in hindsight was."""
    return max((entry.at for entry in alert.history if entry.action == "widened"), default=alert.created_at)


def unkept(alert: AlertOut) -> Iterator[int]:
    """Attachments of a historic alert of which not even a name is kept."""
    known = {file.index for file in alert.message.attachments}
    yield from sorted({position for position, _ in _accused(alert) if position >= 0 and position not in known and alert.historic})


def _accused(alert: AlertOut) -> set[Place]:
    return {(-1 if match.attachment is None else match.attachment, match.part) for match in alert.matches}
