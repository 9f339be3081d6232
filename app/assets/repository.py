"""Assets, their references and fingerprints, and the log of changes that live registries follow."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import delete, func, select, update

from app.db import Session, turn
from app.db.models import (
    AssetRow,
    FingerprintRow,
    ReferenceRow,
    RegistrationFileRow,
    RegistrationRow,
    RegistryChangeRow,
)

_SOME = 500  # values in one statement
_REGISTRY = "registry"


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


async def drop(session: Session, asset_id: str, references: Iterable[str]) -> None:
    """References of an asset, with their fingerprints; the registries are told."""
    ids = list(references)
    for start in range(0, len(ids), _SOME):
        await session.execute(delete(ReferenceRow).where(ReferenceRow.id.in_(ids[start : start + _SOME])))
    await touch(session, asset_id)


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
    """The asset whose registration has waited longest."""
    query = select(RegistrationRow.asset_id).where(RegistrationRow.status == "fingerprinting")
    found: str | None = await session.scalar(query.order_by(RegistrationRow.started_at).limit(1))
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
    """With its references and fingerprints."""
    await session.execute(delete(AssetRow).where(AssetRow.id == asset_id))
    await touch(session, asset_id)


async def get(session: Session, asset_id: str) -> AssetRow | None:
    return await session.get(AssetRow, asset_id)


async def page(session: Session, owner: str | None, before: str | None, limit: int) -> list[AssetRow]:
    """Newest first, older than the id ``before``; of one owner, or of all."""
    query = select(AssetRow).order_by(AssetRow.id.desc()).limit(limit)
    query = query.where(AssetRow.owner == owner) if owner is not None else query
    return list(await session.scalars(query.where(AssetRow.id < before) if before else query))


async def owned(session: Session, owner: str) -> frozenset[str]:
    """The ids of this owner's assets."""
    return frozenset(await session.scalars(select(AssetRow.id).where(AssetRow.owner == owner)))


async def titles(session: Session, ids: Iterable[str], owner: str | None) -> dict[str, str | None]:
    """Of those of the assets that exist; ``None`` in place of the title of somebody else's than ``owner``'s, if there is one."""
    rows = await session.execute(select(AssetRow.id, AssetRow.title, AssetRow.owner).where(AssetRow.id.in_(list(ids))))
    return {row[0]: row[1] if owner in (None, row[2]) else None for row in rows}


async def reference_counts(session: Session, ids: Iterable[str]) -> dict[str, int]:
    query = select(ReferenceRow.asset_id, func.count()).where(ReferenceRow.asset_id.in_(list(ids)))
    rows = await session.execute(query.group_by(ReferenceRow.asset_id))
    return {row[0]: row[1] for row in rows}


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
