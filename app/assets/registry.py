"""The registry as changes: what a live registry must apply to come from its checkpoint to the present.

Of an asset that changed five times only its present state is sent, once. No transaction is held while a change is being
applied, so a state may be newer than its checkpoint; then the same state comes again with the next, which changes nothing.
"""

from collections.abc import AsyncIterator

from app.assets import repository
from app.db import Database, Session
from app.ingest.jobs import StoredAsset, StoredReference


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
        StoredReference(one.id, one.label, one.digest, one.text, prints.get(one.id, {}))
        for one in await repository.references(session, asset_id)
    )
    asset = {field: getattr(row, field) for field in ("title", "kind", "level", "terms", "tags")}
    return StoredAsset(seq, asset_id, asset, references)
