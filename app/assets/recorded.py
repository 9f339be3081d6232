"""What people do to assets, done and written down in one transaction. Titles and code names stay out: the record is for ever."""

from app.assets import repository, service
from app.assets.schemas import AssetOut, AssetPatch
from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session
from app.errors import Conflict

TOLD = ("level", "owner")
"""Fields whose values are decisions; of others it is told that they changed."""


async def registered(session: Session, who: Somebody, asset: AssetOut, action: str = "asset.registered") -> AssetOut:
    """The same asset."""
    about = {"kind": asset.kind, "level": asset.level, "owner": asset.owner, "references": asset.reference_count}
    await audit.record(session, who, action, "asset", asset.id, **about, status=asset.status)
    return asset


async def replaced(session: Session, who: Somebody, asset: AssetOut) -> AssetOut:
    """The same asset, of which a new edition came."""
    return await registered(session, who, asset, "asset.replaced")


async def change(
    session: Session, asset_id: str, patch: AssetPatch, who: Somebody, owner: str | None = None, seen: int | None = None
) -> AssetOut:
    """See ``service.change``. ``seen``: the last entry of its history that whoever changes it knew of.

    Raises Conflict if one of these fields was changed after that.
    """
    await repository.alone(session)
    if seen is not None and (others := await service.meanwhile(session, asset_id, owner, seen, patch.model_fields_set)):
        raise Conflict(f"{others[0].actor} changed this asset meanwhile; nothing was overwritten.", "changed_meanwhile")
    row = await service.owned(session, asset_id, owner)
    before = {field: getattr(row, field) for field in TOLD}
    told = await service.change(session, asset_id, patch, owner, actor=who.name)
    change = {field: [value, getattr(told, field)] for field, value in before.items() if value != getattr(told, field)}
    fields = sorted(patch.model_dump(exclude_none=True))
    await audit.record(session, who, "asset.changed", "asset", asset_id, fields=fields, change=change)
    return told


async def retire(session: Session, asset_id: str, who: Somebody, owner: str | None = None) -> None:
    """See ``service.forget``."""
    await service.forget(session, asset_id, owner)
    await audit.record(session, who, "asset.retired", "asset", asset_id)
