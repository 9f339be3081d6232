"""Where else something was seen: what a message held, or a file that somebody brings, among what came in the last days.

The same bytes, or a picture that is all but the same as a whole, in any orientation. Nothing of what is brought is kept.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db import Session
from app.db.ids import earliest
from app.errors import Invalid, NotFound, Unavailable
from app.ingest.jobs import File, JobError, LaneError, Priority
from app.ingest.lanes import Lanes
from app.ingest.trials import Like, Liken, Likened
from app.sightings import repository
from app.sightings.repository import Raised
from app.sightings.service import BITS, Sighting, kinds, shown
from app.uploads import Upload
from fingerprints.sieve import Sieve

CHUNK = 5000
PARTS = 8
"""Parts of a file or a message that are sought, the first."""


@dataclass(frozen=True, slots=True)
class Effort:
    """``looked``: sightings that are compared with what is sought, the newest: some microseconds each. The same bytes are found
    among all. ``told``: sightings that are told of, the first.
    """

    looked: int = 500_000
    told: int = 2000


USUAL = Effort()


@dataclass(frozen=True, slots=True)
class Alike:
    """``distance``: bits of 64 by which the pictures differ as a whole; 0 for the same bytes. ``raised``: its message's alert."""

    sighting: Sighting
    distance: int
    exact: bool
    raised: Raised | None


@dataclass(frozen=True, slots=True)
class Found:
    """The earliest first. ``left``: so many later ones are not told of.

    ``short``: of those before those that were compared only the same bytes were sought.
    """

    alike: tuple[Alike, ...]
    left: int = 0
    short: bool = False


async def of_message(session: Session, message_id: str) -> list[Like]:
    """By what a message is sought. Raises NotFound, where nothing of it is remembered."""
    own = await repository.of_messages(session, [message_id])
    if not own:
        raise NotFound(f"Nothing that message {message_id} held is remembered.", "unknown_message")
    digests = list(dict.fromkeys(one.digest for one in own))[:PARTS]
    known = await kinds(session, digests)
    return [Like(digest, known.get(digest, {}).get("perceptual", b"")) for digest in digests]


async def alert_of(session: Session, message_id: str) -> str | None:
    """The alert that a message raised."""
    found = (await repository.raised(session, [message_id])).get(message_id)
    return found.alert_id if found else None


async def of_file(lanes: Lanes, upload: Upload) -> Likened:
    """By what a file is sought. Raises Invalid for what cannot be opened, Unavailable."""
    try:
        found = await lanes.run(Liken(File(str(upload.path), upload.name, upload.content_type), PARTS), Priority.INTERACTIVE)
    except (JobError, LaneError) as error:
        said = f"“{upload.name}” could not be opened: {error.detail}."
        raise Unavailable(said, "opening_failed", file=upload.name, reason=error.code) from None
    if not found.parts:
        reason = found.unread[0] if found.unread else "empty"
        raise Invalid(f"“{upload.name}” cannot be used: {reason}.", "unreadable_file", file=upload.name, reason=reason)
    return found


async def seek(session: Session, likes: Sequence[Like], since: datetime, besides: str = "", effort: Effort = USUAL) -> Found:
    """What is like any of these and came since then; not what the message ``besides`` held."""
    begin = earliest("sgt", since)
    oldest = await repository.nth_newest(session, effort.looked) or ""
    same = set(await repository.with_digests(session, [one.digest for one in likes], begin))
    distances = {**await _near(session, likes, max(begin, oldest)), **dict.fromkeys(same, 0)}
    own = {one.row.id for one in await repository.of_messages(session, [besides])} if besides else set[str]()
    wanted = sorted(distances.keys() - own)
    rows = await repository.told(session, wanted[: effort.told])
    raised = await repository.raised(session, {one.row.message_id for one in rows})
    alike = [_alike(shown(one), distances[one.row.id], same, raised) for one in rows]
    alike.sort(key=lambda one: (one.sighting.at, one.sighting.id))
    return Found(tuple(alike), max(0, len(wanted) - effort.told), oldest > begin)


def _alike(one: Sighting, distance: int, same: set[str], raised: Mapping[str, Raised]) -> Alike:
    return Alike(one, distance, one.id in same, raised.get(one.message_id))


async def _near(session: Session, likes: Sequence[Like], after: str) -> dict[str, int]:
    """Distances of the sightings that are so near to one of them."""
    wholes = b"".join(one.perceptual for one in likes)
    if not wholes:
        return {}
    sieve = Sieve((), struct.unpack(f"<{len(wholes) // 8}q", wholes))
    found: dict[str, int] = {}
    while some := await repository.wholes(session, after, CHUNK):
        distances = sieve.whole([whole for _, whole in some]).tolist()
        found |= {ident: distance for (ident, _), distance in zip(some, distances, strict=True) if distance <= BITS}
        after = some[-1][0]
    return found
