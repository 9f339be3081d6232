"""Sightings and the parts they are of, in the database. A part is stored once, however often it is seen."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, delete, exists, func, insert, select
from sqlalchemy.exc import IntegrityError

from app.db import Session
from app.db.models import (
    AlertRow,
    DeletionRow,
    FingerprintRow,
    MessageRow,
    ReferenceRow,
    SeenFingerprintRow,
    SeenPartRow,
    SeenSketchRow,
    SightingRow,
)
from app.ingest.jobs import Sighted

_SOME = 500  # values in one statement
Value = TypeVar("Value")


class Told(NamedTuple):
    """A sighting, the digest and perceptual hash of its part, and when its message was deleted, by whom."""

    row: SightingRow
    digest: str
    perceptual: int | None
    deleted_at: datetime | None
    deleted_by: str | None


class Raised(NamedTuple):
    """An alert, where it stands, and the message that raised it."""

    message_id: str
    alert_id: str
    status: str
    resolution: str | None


Deletions = dict[tuple[str, str], DeletionRow]
"""By gateway and the gateway's id of the message."""


class Sketch(NamedTuple):
    """A part as a search backwards reads it."""

    number: int
    perceptual: int | None
    details: bytes
    phrases: bytes


async def add(session: Session, rows: Sequence[SightingRow], sighted: Sequence[Sighted]) -> None:
    """Sightings (whose ``seen`` is not known yet) of these parts, one each."""
    numbers = await _numbers(session, {one.digest: one for one in sighted})
    for row, one in zip(rows, sighted, strict=True):
        row.seen = numbers[one.digest]
    session.add_all(rows)
    await session.flush()


async def _numbers(session: Session, parts: Mapping[str, Sighted]) -> dict[str, int]:
    """Of these parts, by digest; those that nobody saw before are stored, and what nothing but the digest was known of."""
    known = await _known(session, parts)
    fresh = [parts[digest] for digest in sorted(parts.keys() - known.keys())]  # in one order, so that no two wait for each other
    rows = [SeenPartRow(digest=one.digest, perceptual=one.perceptual) for one in fresh]
    try:
        async with session.begin_nested():
            session.add_all(rows)
            await session.flush()
    except IntegrityError:  # somebody else saw one of them in this very moment
        return await _numbers(session, parts)
    numbers = {row.digest: row.number for row in rows}
    bare = await _bare(session, known, parts)
    await _fill(session, {**numbers, **bare}, parts)
    return {**known, **numbers}


async def _known(session: Session, digests: Collection[str]) -> dict[str, int]:
    """Held until the transaction ends, so that nobody forgets them meanwhile."""
    found: dict[str, int] = {}
    for some in _chunks(sorted(digests)):
        query = select(SeenPartRow.digest, SeenPartRow.number).where(SeenPartRow.digest.in_(some))
        rows = await session.execute(query.order_by(SeenPartRow.number).with_for_update(read=True, key_share=True))
        found |= {row[0]: row[1] for row in rows}
    return found


async def _bare(session: Session, known: Mapping[str, int], parts: Mapping[str, Sighted]) -> dict[str, int]:
    """Those of the known parts without fingerprints of which there are some now."""
    wanted = {digest: number for digest, number in known.items() if parts[digest].kinds}
    there = set[int]()
    for some in _chunks(wanted.values()):
        there.update(await session.scalars(select(SeenSketchRow.number).where(SeenSketchRow.number.in_(some))))
    return {digest: number for digest, number in wanted.items() if number not in there}


async def _fill(session: Session, numbers: Mapping[str, int], parts: Mapping[str, Sighted]) -> None:
    made = [(number, parts[digest]) for digest, number in sorted(numbers.items()) if parts[digest].kinds]
    if not made:
        return
    try:
        async with session.begin_nested():
            sketches = [{"number": n, "perceptual": p.perceptual, "details": p.details, "phrases": p.phrases} for n, p in made]
            await session.execute(insert(SeenSketchRow), sketches)
            prints = [{"number": number, "kind": kind, "data": data} for number, one in made for kind, data in one.kinds.items()]
            await session.execute(insert(SeenFingerprintRow), prints)
    except IntegrityError:  # somebody else has filled one in meanwhile: the others wait for their next sighting
        return


async def told(session: Session, ids: Collection[str]) -> list[Told]:
    """Those of these sightings that are there, the earliest first."""
    found: list[Told] = []
    for some in _chunks(ids):
        found += await _told(session, SightingRow.id.in_(some))
    return sorted(found, key=lambda one: one.row.id)


async def of_messages(session: Session, message_ids: Collection[str]) -> list[Told]:
    """In the order of message, attachment and part."""
    found: list[Told] = []
    for some in _chunks(message_ids):
        found += await _told(session, SightingRow.message_id.in_(some))
    return sorted(found, key=lambda one: (one.row.message_id, one.row.position, one.row.id))


async def of_parts(session: Session, numbers: Collection[int], since: str) -> list[Told]:
    """Of these parts, with ids from ``since`` on, the earliest first."""
    found: list[Told] = []
    for some in _chunks(numbers):
        found += await _told(session, SightingRow.seen.in_(some), SightingRow.id >= since)
    return sorted(found, key=lambda one: one.row.id)


async def with_digests(session: Session, digests: Collection[str], since: str) -> list[str]:
    """Ids of the sightings of those very parts, from an id on."""
    query = select(SightingRow.id).join(SeenPartRow, SeenPartRow.number == SightingRow.seen)
    return list(await session.scalars(query.where(SeenPartRow.digest.in_(digests), SightingRow.id >= since)))


async def nth_newest(session: Session, number: int) -> str | None:
    """The id of the sighting that is so many before the newest, if there are so many."""
    return (await session.scalars(select(SightingRow.id).order_by(SightingRow.id.desc()).offset(number).limit(1))).first()


async def wholes(session: Session, after: str, count: int) -> list[tuple[str, int | None]]:
    """The next sightings after an id, and the perceptual hash of each."""
    query = select(SightingRow.id, SeenPartRow.perceptual).join(SeenPartRow, SeenPartRow.number == SightingRow.seen)
    query = query.where(SightingRow.id > after).order_by(SightingRow.id).limit(count)
    return [(ident, whole) for ident, whole in await session.execute(query)]


async def texts(session: Session, since: str, before: str, count: int) -> list[tuple[str, bytes]]:
    """The newest sightings from one id on and before another that hold text, and the sampled phrases of each."""
    query = select(SightingRow.id, SeenSketchRow.phrases).join(SeenSketchRow, SeenSketchRow.number == SightingRow.seen)
    query = query.where(SightingRow.id >= since, SightingRow.id < before, func.length(SeenSketchRow.phrases) > 0)
    rows = await session.execute(query.order_by(SightingRow.id.desc()).limit(count))
    return [(ident, phrases) for ident, phrases in rows]


async def phrases(session: Session, digests: Collection[str]) -> dict[str, bytes]:
    """The sampled phrases of these parts, by digest, as far as there are any."""
    query = select(SeenPartRow.digest, SeenSketchRow.phrases).join(SeenSketchRow, SeenSketchRow.number == SeenPartRow.number)
    return {row[0]: row[1] for row in await session.execute(query.where(SeenPartRow.digest.in_(digests)))}


async def raised(session: Session, message_ids: Collection[str]) -> dict[str, Raised]:
    """The alerts about these messages, by message."""
    found: dict[str, Raised] = {}
    for some in _chunks(message_ids):
        query = select(AlertRow.message_id, AlertRow.id, AlertRow.status, AlertRow.resolution)
        rows = await session.execute(query.where(AlertRow.message_id.in_(some)).order_by(AlertRow.id))
        found |= {row[0]: Raised(*row) for row in rows}
    return found


async def in_alerts(session: Session, since: str, count: int) -> list[tuple[str, int]]:
    """Alerts and the perceptual hashes of what was seen in their messages, the newest from an id of a sighting on."""
    query = select(AlertRow.id, SeenPartRow.perceptual).join(SightingRow, SightingRow.message_id == AlertRow.message_id)
    query = query.join(SeenPartRow, SeenPartRow.number == SightingRow.seen).where(SightingRow.id >= since)
    found = await session.execute(query.order_by(AlertRow.id.desc()).limit(count))
    return [(alert, whole) for alert, whole in found if whole is not None]


async def kinds(session: Session, digests: Collection[str]) -> dict[str, dict[str, bytes]]:
    """Whole fingerprints by kind, by digest; a reference's for the same bytes where nothing else is known."""
    found: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for some in _chunks(digests):
        query = select(SeenPartRow.digest, SeenFingerprintRow.kind, SeenFingerprintRow.data).join(SeenPartRow)
        for digest, kind, data in await session.execute(query.where(SeenPartRow.digest.in_(some))):
            found[digest][kind] = data
    for some in _chunks([digest for digest in digests if digest not in found]):
        registered = select(ReferenceRow.digest, FingerprintRow.kind, FingerprintRow.data).join(ReferenceRow)
        for digest, kind, data in await session.execute(registered.where(ReferenceRow.digest.in_(some))):
            found[digest][kind] = data
    return dict(found)


async def fingerprinted(session: Session, digests: Collection[str]) -> dict[str, set[str]]:
    """The kinds of whole fingerprints that ``kinds`` would give, by digest."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for some in _chunks(digests):
        query = select(SeenPartRow.digest, SeenFingerprintRow.kind).join(SeenFingerprintRow)
        for digest, kind in await session.execute(query.where(SeenPartRow.digest.in_(some))):
            found[digest].add(kind)
    for some in _chunks([digest for digest in digests if digest not in found]):
        registered = select(ReferenceRow.digest, FingerprintRow.kind).join(FingerprintRow)
        for digest, kind in await session.execute(registered.where(ReferenceRow.digest.in_(some))):
            found[digest].add(kind)
    return dict(found)


async def count(session: Session) -> int:
    """How many parts there are to look back on."""
    return await session.scalar(select(func.count()).select_from(SeenSketchRow)) or 0


async def sketches(session: Session, after: int, count: int) -> list[Sketch]:
    """The next parts after a number. Those without a sketch are skipped."""
    query = select(SeenSketchRow.number, SeenSketchRow.perceptual, SeenSketchRow.details, SeenSketchRow.phrases)
    rows = await session.execute(query.where(SeenSketchRow.number > after).order_by(SeenSketchRow.number).limit(count))
    return [Sketch(*row) for row in rows]


async def with_reference(session: Session, asset_id: str) -> list[int]:
    """Parts that are some reference of an asset, byte for byte."""
    query = select(SeenPartRow.number).join(ReferenceRow, ReferenceRow.digest == SeenPartRow.digest)
    return list(await session.scalars(query.where(ReferenceRow.asset_id == asset_id).distinct().order_by(SeenPartRow.number)))


async def fingerprints(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, dict[str, bytes]]]:
    """Digest and whole fingerprints by kind, by number of the part; of a few at a time: they are large."""
    rows = await session.execute(select(SeenPartRow.number, SeenPartRow.digest).where(SeenPartRow.number.in_(numbers)))
    found: dict[int, tuple[str, dict[str, bytes]]] = {number: (digest, {}) for number, digest in rows}
    for row in await session.scalars(select(SeenFingerprintRow).where(SeenFingerprintRow.number.in_(numbers))):
        if row.number in found:
            found[row.number][1][row.kind] = row.data
    return found


async def old(session: Session, after: str, before: str, count: int) -> list[str]:
    """Sightings between two ids of messages that no alert is about, oldest first."""
    query = select(SightingRow.id).where(SightingRow.id > after, SightingRow.id < before, _nobody_s_business())
    return list(await session.scalars(query.order_by(SightingRow.id).limit(count)))


async def forget(session: Session, ids: Sequence[str]) -> int:
    """With the parts that nobody else saw; says how many sightings. Parts that somebody is just seeing again are left."""
    query = delete(SightingRow).where(SightingRow.id.in_(ids), _nobody_s_business()).returning(SightingRow.seen)
    gone = list(await session.scalars(query))
    unseen = SeenPartRow.number.in_(sorted(set(gone))), ~exists().where(SightingRow.seen == SeenPartRow.number)
    numbers = list(await session.scalars(select(SeenPartRow.number).where(*unseen).with_for_update(skip_locked=True)))
    await session.execute(delete(SeenPartRow).where(SeenPartRow.number.in_(numbers), *unseen[1:]))
    return len(gone)


async def add_deletion(session: Session, row: DeletionRow) -> DeletionRow:
    """That a message was deleted; the one told first, if it was told before."""
    known = await session.get(DeletionRow, (row.gateway, row.message_id))
    if known is not None:
        return known
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        return await session.get_one(DeletionRow, (row.gateway, row.message_id))
    return row


async def deletions(session: Session, messages: Iterable[tuple[str, str]]) -> Deletions:
    """Of messages, by gateway and the gateway's id of them."""
    by_gateway: defaultdict[str, list[str]] = defaultdict(list)
    for gateway, message_id in messages:
        by_gateway[gateway].append(message_id)
    found: Deletions = {}
    for gateway, ids in by_gateway.items():
        for some in _chunks(ids):
            query = select(DeletionRow).where(DeletionRow.gateway == gateway, DeletionRow.message_id.in_(some))
            found |= {(row.gateway, row.message_id): row for row in await session.scalars(query)}
    return found


async def forget_deletions(session: Session, before: datetime, count: int) -> int:
    """Of messages that nobody knows any more; says how many."""
    message = exists().where(MessageRow.gateway == DeletionRow.gateway, MessageRow.message_id == DeletionRow.message_id)
    seen = exists().where(SightingRow.gateway == DeletionRow.gateway, SightingRow.external_id == DeletionRow.message_id)
    query = select(DeletionRow.gateway, DeletionRow.message_id).where(DeletionRow.reported_at < before, ~message, ~seen)
    found = [(gateway, message_id) for gateway, message_id in await session.execute(query.limit(count))]
    for gateway, message_id in found:
        await session.execute(delete(DeletionRow).where(DeletionRow.gateway == gateway, DeletionRow.message_id == message_id))
    return len(found)


def _nobody_s_business() -> ColumnElement[bool]:
    """What an alert is about is evidence as long as the alert is kept."""
    return ~exists().where(AlertRow.message_id == SightingRow.message_id)


async def _told(session: Session, *which: ColumnElement[bool]) -> list[Told]:
    deleted = (DeletionRow.gateway == SightingRow.gateway) & (DeletionRow.message_id == SightingRow.external_id)
    columns = SightingRow, SeenPartRow.digest, SeenPartRow.perceptual, DeletionRow.deleted_at, DeletionRow.by
    query = select(*columns).join(SeenPartRow, SeenPartRow.number == SightingRow.seen).outerjoin(DeletionRow, deleted)
    return [Told(*row) for row in await session.execute(query.where(*which))]


def _chunks(values: Collection[Value]) -> Iterable[list[Value]]:
    listed = list(values)
    return (listed[start : start + _SOME] for start in range(0, len(listed), _SOME))
