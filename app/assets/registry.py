"""The registry as changes: what a live registry must apply to come from its checkpoint to the present.

Of an asset that changed five times only its present state is sent, once. No transaction is held while a change is being
applied, so a state may be newer than its checkpoint; then the same state comes again with the next, which changes nothing.
"""

from collections.abc import AsyncIterator

from app.assets import repository
from app.db import Database, Session
from app.db.ids import born
from app.ingest.jobs import StoredAsset, StoredMistake, StoredReference
from app.mistakes import repository as mistakes


async def changes(database: Database, checkpoint: int) -> AsyncIterator[StoredAsset]:
    """Changes after ``checkpoint``, in order, whichever process made them."""
    async with database.reading() as session:
        waiting = await repository.changed_since(session, checkpoint)
    for asset_id, seq in waiting:
        async with database.reading() as session:
            change = await _present(session, asset_id, seq)
        yield change


async def _present(session: Session, asset_id: str, seq: int) -> StoredAsset:
    row = await repository.get(session, asset_id)
    if row is None:
        return StoredAsset(seq, asset_id)
    prints = await repository.fingerprints(session, asset_id)
    references = tuple(
        StoredReference(one.id, one.label, one.digest, one.text, prints.get(one.id, {}), one.derived)
        for one in await repository.references(session, asset_id)
    )
    asset = {field: getattr(row, field) for field in ("title", "kind", "level", "terms", "tags")}
    found = await _mistakes(session, asset_id, {one.id: born(one.id) for one in references})
    return StoredAsset(seq, asset_id, asset, references, found)


async def _mistakes(session: Session, asset_id: str, references: dict[str, int]) -> tuple[StoredMistake, ...]:
    """A mistake is about the references that were there when it was found."""
    rows = await mistakes.of_asset(session, asset_id)
    ids = [row.id for row in rows]
    prints, said = await mistakes.fingerprints(session, ids), await mistakes.alerts(session, ids)
    return tuple(
        StoredMistake(
            row.id,
            said[row.id][0].alert_id,
            frozenset(key for key, at in references.items() if at <= born(row.id)),
            row.digest,
            prints.get(row.id, {}),
        )
        for row in rows
    )
