"""Assets, their references and fingerprints, and the log of changes that live registries follow."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, String, and_, cast, delete, func, or_, select, update

from app.db import Session, turn
from app.db.models import (
    AlertAssetRow,
    AlertRow,
    AssetHistoryRow,
    AssetRow,
    FingerprintRow,
    ReferenceRow,
    RegistrationFileRow,
    RegistrationRow,
    RegistryChangeRow,
)

_SOME = 500  # values in one statement
_REGISTRY = "registry"
Sort = Literal["weak", "newest", "title", "fewest"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assets a list holds, and in which order. ``words``: what stands in a title, a code name or an asset number."""

    owner: str | None = None
    kind: str | None = None
    level: str | None = None
    weak: bool = False
    words: str = ""
    sort: Sort = "weak"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many assets a list holds, with how many references, and how many of either are weak."""

    assets: int
    references: int
    weak_assets: int
    weak_references: int


async def add(session: Session, asset: AssetRow, references: list[ReferenceRow], prints: list[FingerprintRow]) -> None:
    """Store a new asset and tell the registries."""
    session.add(asset)
    await session.flush()
    await append(session, asset.id, references, prints)


async def append(session: Session, asset_id: str, references: list[ReferenceRow], prints: list[FingerprintRow]) -> None:
    """More references of an asset; the registries are told."""
    session.add_all(references)
    await session.flush()
    session.add_all(prints)
    await touch(session, asset_id)
    await _counted(session, asset_id, [one.distinctiveness for one in references], 1)


async def drop(session: Session, asset_id: str, references: Iterable[str]) -> None:
    """References of an asset, with their fingerprints; the registries are told."""
    ids = list(references)
    for start in range(0, len(ids), _SOME):
        gone = delete(ReferenceRow).where(ReferenceRow.id.in_(ids[start : start + _SOME]))
        found = await session.scalars(gone.returning(ReferenceRow.distinctiveness))
        await _counted(session, asset_id, list(found), -1)
    await touch(session, asset_id)


def is_weak(distinctiveness: dict[str, Any]) -> bool:
    """Whether a reference is hard to recognise, or may be taken for another asset's."""
    return distinctiveness.get("verdict", "good") != "good" or bool(distinctiveness.get("resembles"))


async def _counted(session: Session, asset_id: str, found: list[dict[str, Any]], sign: int) -> None:
    """That references came (1) or went (-1)."""
    row = await session.get(AssetRow, asset_id)
    if row is not None:
        row.reference_count += sign * len(found)
        row.weak_count += sign * sum(map(is_weak, found))
        await session.flush()


async def remember(session: Session, asset_id: str, actor: str, action: str, change: dict[str, Any], files: list[str]) -> None:
    """One more entry of an asset's history."""
    session.add(AssetHistoryRow(asset_id=asset_id, actor=actor, action=action, change=change, files=files))
    await session.flush()


async def event(session: Session, asset_id: str, number: int) -> AssetHistoryRow | None:
    """One entry of an asset's history."""
    row = await session.get(AssetHistoryRow, number)
    return row if row is not None and row.asset_id == asset_id else None


async def history(session: Session, asset_id: str, most: int, before: int | None = None) -> list[AssetHistoryRow]:
    """The last entries, newest first; ``before``: that one."""
    query = select(AssetHistoryRow).where(AssetHistoryRow.asset_id == asset_id)
    query = query if before is None else query.where(AssetHistoryRow.id < before)
    return list(await session.scalars(query.order_by(AssetHistoryRow.id.desc()).limit(most)))


async def since(session: Session, asset_id: str, entry: int) -> list[AssetHistoryRow]:
    """The entries after that one, newest first."""
    query = select(AssetHistoryRow).where(AssetHistoryRow.asset_id == asset_id, AssetHistoryRow.id > entry)
    return list(await session.scalars(query.order_by(AssetHistoryRow.id.desc())))


async def next_position(session: Session, asset_id: str) -> int:
    """Where the next reference of an asset stands among them."""
    last = await session.scalar(select(func.max(ReferenceRow.position)).where(ReferenceRow.asset_id == asset_id))
    return 0 if last is None else int(last) + 1


async def registration(session: Session, asset_id: str) -> RegistrationRow | None:
    return await session.get(RegistrationRow, asset_id)


async def registration_files(session: Session, asset_id: str) -> list[RegistrationFileRow]:
    """In their order."""
    query = select(RegistrationFileRow).where(RegistrationFileRow.asset_id == asset_id)
    return list(await session.scalars(query.order_by(RegistrationFileRow.position)))


async def add_registration(session: Session, row: RegistrationRow, files: list[RegistrationFileRow]) -> None:
    """In place of the asset's last one."""
    await session.execute(delete(RegistrationRow).where(RegistrationRow.asset_id == row.asset_id))
    session.add(row)
    await session.flush()
    session.add_all(files)
    await session.flush()


async def next_registration(session: Session) -> str | None:
    """The asset of whose registration least is done: a photo need not wait for a book. Of several the one that waited longest."""
    row, done, parts = RegistrationRow, func.sum(RegistrationFileRow.done), func.sum(RegistrationFileRow.parts)
    query = select(row.asset_id).join(RegistrationFileRow).where(row.status == "fingerprinting")
    found: str | None = await session.scalar(
        query.group_by(row.asset_id, row.started_at).order_by(done < parts, done, row.started_at).limit(1)
    )
    return found


async def registrations(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Their status, by asset."""
    query = select(RegistrationRow.asset_id, RegistrationRow.status).where(RegistrationRow.asset_id.in_(list(ids)))
    return {row[0]: row[1] for row in await session.execute(query)}


async def alone(session: Session) -> None:
    """Be the only one who changes assets, or what is remembered of them, until the transaction ends; see ``app.db.turn``.

    Numbers of changes are drawn before they can be seen. A live registry that has seen one asks for none before it again, so
    they must be seen in their order.
    """
    await turn(session, _REGISTRY)


async def touch(session: Session, asset_id: str) -> None:
    """Tell the registries that this asset is not what it was. Nobody else does until the transaction has ended."""
    await alone(session)
    session.add(RegistryChangeRow(asset_id=asset_id))
    await session.flush()


async def remove(session: Session, asset_id: str) -> None:
    """With its references and fingerprints. What resembled it alone is weak no longer."""
    await session.execute(delete(AssetRow).where(AssetRow.id == asset_id))
    await touch(session, asset_id)
    resembling = cast(ReferenceRow.distinctiveness, String).contains(asset_id)
    for row in await session.scalars(select(ReferenceRow).where(resembling)):
        before = row.distinctiveness
        others = [one for one in before["resembles"]["others"] if one["asset_id"] != asset_id]
        row.distinctiveness = {**before, "resembles": {**before["resembles"], "others": others} if others else None}
        if not is_weak(row.distinctiveness):
            await session.execute(update(AssetRow).where(AssetRow.id == row.asset_id).values(weak_count=AssetRow.weak_count - 1))
    await session.flush()


async def waiting_alerts(session: Session, asset_id: str) -> int:
    """How many alerts about an asset nobody has resolved."""
    query = select(func.count()).select_from(AlertAssetRow).join(AlertRow, AlertRow.id == AlertAssetRow.alert_id)
    return int(await session.scalar(query.where(AlertAssetRow.asset_id == asset_id, AlertRow.status != "resolved")) or 0)


async def get(session: Session, asset_id: str) -> AssetRow | None:
    return await session.get(AssetRow, asset_id)


async def page(session: Session, owner: str | None, before: str | None, limit: int) -> list[AssetRow]:
    """Newest first, older than the id ``before``; of one owner, or of all."""
    query = select(AssetRow).order_by(AssetRow.id.desc()).limit(limit)
    query = query.where(AssetRow.owner == owner) if owner is not None else query
    return list(await session.scalars(query.where(AssetRow.id < before) if before else query))


async def listed(session: Session, wanted: Wanted, after: AssetRow | None, limit: int) -> list[AssetRow]:
    """Those that are wanted, in their order, behind ``after``."""
    query = select(AssetRow).where(*_wanted(wanted)).order_by(*_order(wanted.sort)).limit(limit)
    return list(await session.scalars(query.where(_behind(wanted.sort, after)) if after is not None else query))


async def coverage(session: Session, wanted: Wanted) -> Coverage:
    """Of all that are wanted."""
    weak = AssetRow.weak_count
    sums = (func.sum(AssetRow.reference_count), func.count().filter(weak > 0), func.sum(weak))
    row = (await session.execute(select(func.count(), *sums).select_from(AssetRow).where(*_wanted(wanted)))).one()
    return Coverage(*(int(one or 0) for one in row))


async def owners(session: Session, most: int) -> list[str]:
    """Whose assets there are."""
    return list(await session.scalars(select(AssetRow.owner).distinct().order_by(AssetRow.owner).limit(most)))


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    same = (("owner", wanted.owner), ("kind", wanted.kind), ("level", wanted.level))
    found: list[ColumnElement[bool]] = [getattr(AssetRow, name) == value for name, value in same if value is not None]
    found += [AssetRow.weak_count > 0] if wanted.weak else []
    return [*found, _holding(wanted.words)] if wanted.words else found


def _holding(words: str) -> ColumnElement[bool]:
    """In a title, or in what is watched for, which is kept as JSON."""
    listed = json.dumps(words)[1:-1]
    watched = (
        func.lower(cast(column, String)).contains(listed.lower(), autoescape=True) for column in (AssetRow.terms, AssetRow.tags)
    )
    return or_(func.lower(AssetRow.title).contains(words.lower(), autoescape=True), *watched)


def _order(sort: Sort) -> list[Any]:
    newest = AssetRow.id.desc()
    first = {"weak": AssetRow.weak_count.desc(), "title": func.lower(AssetRow.title), "fewest": AssetRow.reference_count}
    return [first[sort], newest] if sort in first else [newest]


def _behind(sort: Sort, row: AssetRow) -> ColumnElement[bool]:
    older = AssetRow.id < row.id
    if sort == "weak":
        return or_(AssetRow.weak_count < row.weak_count, and_(AssetRow.weak_count == row.weak_count, older))
    if sort == "fewest":
        count = AssetRow.reference_count
        return or_(count > row.reference_count, and_(count == row.reference_count, older))
    if sort == "title":
        title, last = func.lower(AssetRow.title), func.lower(row.title)
        return or_(title > last, and_(title == last, older))
    return older


async def owned(session: Session, owner: str) -> frozenset[str]:
    """The ids of this owner's assets."""
    return frozenset(await session.scalars(select(AssetRow.id).where(AssetRow.owner == owner)))


async def named(session: Session, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Title and owner of those of the assets that exist."""
    rows = await session.execute(select(AssetRow.id, AssetRow.title, AssetRow.owner).where(AssetRow.id.in_(list(ids))))
    return {row[0]: (row[1], row[2]) for row in rows}


async def reference(session: Session, reference_id: str) -> ReferenceRow | None:
    return await session.get(ReferenceRow, reference_id)


async def there(session: Session, references: Iterable[str]) -> set[str]:
    """Those of these references that are registered."""
    ids, found = list(references), set[str]()
    for start in range(0, len(ids), _SOME):
        found.update(await session.scalars(select(ReferenceRow.id).where(ReferenceRow.id.in_(ids[start : start + _SOME]))))
    return found


async def references(session: Session, asset_id: str) -> list[ReferenceRow]:
    """In the order they were registered."""
    query = select(ReferenceRow).where(ReferenceRow.asset_id == asset_id).order_by(ReferenceRow.position)
    return list(await session.scalars(query))


async def kinds(session: Session, asset_id: str) -> dict[str, list[str]]:
    """Kinds of fingerprints, by reference."""
    query = select(FingerprintRow.reference_id, FingerprintRow.kind).join(ReferenceRow).where(ReferenceRow.asset_id == asset_id)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for reference_id, kind in await session.execute(query.order_by(FingerprintRow.kind)):
        found[reference_id].append(kind)
    return found


async def fingerprints(session: Session, asset_id: str) -> dict[str, dict[str, bytes]]:
    """Bytes by kind, by reference."""
    query = select(FingerprintRow).join(ReferenceRow).where(ReferenceRow.asset_id == asset_id)
    found: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for row in await session.scalars(query):
        found[row.reference_id][row.kind] = row.data
    return found


async def changed_since(session: Session, checkpoint: int) -> list[tuple[str, int]]:
    """Assets that changed after a checkpoint, each with its last change, in order of it."""
    last = func.max(RegistryChangeRow.seq)
    query = select(RegistryChangeRow.asset_id, last).where(RegistryChangeRow.seq > checkpoint)
    rows = await session.execute(query.group_by(RegistryChangeRow.asset_id).order_by(last))
    return [(asset_id, seq) for asset_id, seq in rows]


async def changed_at(session: Session, checkpoint: int) -> str | None:
    """The asset that this change was about."""
    row = await session.get(RegistryChangeRow, checkpoint)
    return row.asset_id if row else None


async def unannounced(session: Session, most: int) -> list[tuple[int, str]]:
    """Changes that no stream was told of, in order: number and asset."""
    query = select(RegistryChangeRow.seq, RegistryChangeRow.asset_id).where(RegistryChangeRow.announced.is_(False))
    return [(seq, asset_id) for seq, asset_id in await session.execute(query.order_by(RegistryChangeRow.seq).limit(most))]


async def announced(session: Session, seqs: Iterable[int]) -> None:
    """A stream was told of these changes."""
    await session.execute(update(RegistryChangeRow).where(RegistryChangeRow.seq.in_(list(seqs))).values(announced=True))


async def pictured(session: Session, reference_ids: Iterable[str]) -> set[str]:
    """Those of the references whose picture was kept."""
    rows = select(ReferenceRow.id).where(ReferenceRow.id.in_(list(reference_ids)), ReferenceRow.picture.is_not(None))
    return set((await session.scalars(rows)).all())
