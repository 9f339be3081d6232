"""A rerun asked for, one at a time, and what came of it told."""

from datetime import datetime, timedelta
from typing import Any

from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session, turn
from app.db.models import RerunRow, now
from app.errors import Conflict, NotFound
from app.numbers.figures import extrapolated
from app.numbers.repository import titles
from app.reruns import repository
from app.reruns.schemas import EstimateOut, ExampleOut, PointMovedOut, RerunIn, RerunOut, ShareOut


async def ask(session: Session, wanted: RerunIn, who: Somebody) -> RerunOut:
    """Begin one, in the place of the last. Raises Conflict while one runs."""
    await turn(session, "rerun")
    before = await repository.last(session)
    if before is not None and (await told(session, before)).running:
        raise Conflict("The detectors are being run again already; wait until that is done.", "rerun_running")
    row = await repository.begin(session, who.name, wanted.days, wanted.less)
    await audit.record(session, who, "rerun.begun", "numbers", row.id, days=wanted.days, percent=round(100 * wanted.less))
    return await told(session, row)


async def one(session: Session, rerun_id: str) -> RerunOut:
    """Raises NotFound, also for what another took the place of."""
    row = await repository.get(session, rerun_id)
    if row is None:
        raise NotFound(f"There is no rerun {rerun_id}.", "unknown_rerun")
    return await told(session, row)


async def last(session: Session) -> RerunOut | None:
    row = await repository.last(session)
    return None if row is None else await told(session, row)


async def told(session: Session, row: RerunRow) -> RerunOut:
    found, over = row.found, row.status in ("queued", "running") and await repository.is_gone(session, row)
    names = await titles(session, list({one["name"] for one in found.get("assets", [])} | _assets(found)))
    values = {name: getattr(row, name) for name in ("id", "by", "days", "less", "total", "wanted", "looked")}
    return RerunOut(
        **values,
        status="failed" if over else row.status,
        reason=repository.GONE if over else row.reason,
        started_at=row.started_at,
        finished_at=row.finished_at,
        **{name: found.get(name, 0) for name in ("parts", "unknown", "alerted")},
        now=_estimate(row, "now"),
        more=_estimate(row, "more"),
        detectors=[ShareOut(**one) for one in found.get("detectors", [])],
        assets=[ShareOut(**one, title=names.get(one["name"])) for one in found.get("assets", [])],
        examples=await _examples(session, found, names),
        points=[PointMovedOut(name=name, today=a, tried=b) for name, (a, b) in sorted(found.get("points", {}).items())],
    )


def since(days: int) -> datetime:
    """From when on messages are looked at."""
    return now() - timedelta(days=days)


def _assets(found: dict[str, Any]) -> set[str]:
    return {one["asset_id"] for one in found.get("examples", [])}


def _estimate(row: RerunRow, name: str) -> EstimateOut | None:
    """``None``: nothing was looked at yet."""
    if not row.looked or row.total is None:
        return None
    counted = row.found[name]
    about, low, high = extrapolated(counted, row.looked, row.total)
    return EstimateOut(counted=counted, about=round(about, 1), low=round(low, 1), high=round(high, 1))


async def _examples(session: Session, found: dict[str, Any], names: dict[str, str]) -> list[ExampleOut]:
    some = found.get("examples", [])
    where = await repository.posted(session, [one["message_id"] for one in some]) if some else {}
    return [ExampleOut(**one, asset_title=names.get(one["asset_id"]), **_where(where.get(one["message_id"]))) for one in some]


def _where(posted: repository.Posted | None) -> dict[str, Any]:
    if posted is None:
        return {"gateway": None, "external_id": None, "channel": None, "at": None}
    channel = posted.head["channel"]
    about = {"gateway": posted.gateway, "external_id": posted.external_id, "at": posted.at}
    return {**about, "channel": channel.get("name") or channel["id"]}
