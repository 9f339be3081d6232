"""Where else something was seen: what a message held, or a file that somebody brings, among what came in the last days.

The same bytes, a picture that is all but the same as a whole, in any orientation, or a text with phrases of it. Nothing of what
is brought is kept.
"""

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.db import Session
from app.db.ids import earliest
from app.errors import Invalid, NotFound, Unavailable
from app.ingest.jobs import File, JobError, LaneError, Priority
from app.ingest.lanes import Lanes
from app.ingest.trials import SAMPLE, Like, Liken, Likened
from app.sightings import repository
from app.sightings.repository import Raised
from app.sightings.service import BITS, Sighting, kinds, shown
from app.uploads import Upload, put_down
from fingerprints.sieve import PASSAGES, Sieve, agreement

CHUNK, TEXTS = 5000, 500
"""Pictures and texts of one reading."""
WIDTH = 4
"""Bytes of a phrase."""
PARTS = 8
"""Parts of a file or a message that are sought, the first."""


@dataclass(frozen=True, slots=True)
class Effort:
    """``looked``: sightings that are compared with what is sought, the newest: some microseconds each. The same bytes are found
    among all. ``read``: of these, sightings with a text, the newest. ``told``: sightings that are told of, the first.
    """

    looked: int = 500_000
    read: int = 50_000
    told: int = 2000


USUAL = Effort()


@dataclass(frozen=True, slots=True)
class Alike:
    """``distance``: bits of 64 by which the pictures differ as a whole; 0 for the same bytes, ``None`` where only text is alike.
    ``raised``: its message's alert. ``agrees``: the share of the text sought that stands in it, by a sample of phrases.
    """

    sighting: Sighting
    distance: int | None
    exact: bool
    raised: Raised | None
    agrees: float = 0.0


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
    known, said = await kinds(session, digests), await repository.phrases(session, digests)
    return [
        Like(digest, known.get(digest, {}).get("perceptual", b""), said.get(digest, b"")[: SAMPLE * WIDTH]) for digest in digests
    ]


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


async def of_text(lanes: Lanes, text: str, folder: Path) -> Likened:
    """By what a text is sought. Raises Invalid for one of which too little is sampled, Unavailable."""
    upload = await asyncio.to_thread(put_down, text.encode(errors="replace"), "text.txt", "text/plain", folder)
    found = await of_file(lanes, upload)
    if max(len(one.phrases) for one in found.parts) < PASSAGES * WIDTH:
        raise Invalid("Paste more of the text: so little stands in many.", "text_too_short")
    return found


async def seek(session: Session, likes: Sequence[Like], since: datetime, besides: str = "", effort: Effort = USUAL) -> Found:
    """What is like any of these and came since then; not what the message ``besides`` held."""
    begin = earliest("sgt", since)
    oldest = await repository.nth_newest(session, effort.looked) or ""
    same = set(await repository.with_digests(session, [one.digest for one in likes], begin))
    distances = {**await _near(session, likes, max(begin, oldest)), **dict.fromkeys(same, 0)}
    agreeing, longer = await _agreeing(session, likes, max(begin, oldest), effort.read)
    own = {one.row.id for one in await repository.of_messages(session, [besides])} if besides else set[str]()
    wanted = sorted((distances.keys() | agreeing.keys()) - own)
    rows = await repository.told(session, wanted[: effort.told])
    raised = await repository.raised(session, {one.row.message_id for one in rows})
    found = [shown(one) for one in rows]
    alike = [
        Alike(one, distances.get(one.id), one.id in same, raised.get(one.message_id), agreeing.get(one.id, 0.0)) for one in found
    ]
    alike.sort(key=lambda one: (one.sighting.at, one.sighting.id))
    return Found(tuple(alike), max(0, len(wanted) - effort.told), longer or oldest > begin)


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


async def _agreeing(session: Session, likes: Sequence[Like], since: str, most: int) -> tuple[dict[str, float], bool]:
    """Which share of one of the texts each sighting has; and whether there may be more than the newest ``most`` texts."""
    sought = [one.phrases for one in likes if one.phrases]
    sieve, found, read, before = Sieve((), (), b"".join(sought)), dict[str, float](), 0, "sgt_~"
    while sought and read < most and (some := await repository.texts(session, since, before, min(TEXTS, most - read))):
        counts = sieve.words([phrases for _, phrases in some]).tolist()
        near = [one for one, count in zip(some, counts, strict=True) if count >= PASSAGES]
        found |= {ident: max(agreement(one, phrases) for one in sought) for ident, phrases in near}
        read, before = read + len(some), some[-1][0]
    return {ident: share for ident, share in found.items() if share}, bool(sought) and read >= most
