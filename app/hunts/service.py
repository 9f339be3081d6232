"""Hunts begun, shown, and what they find put before analysts: once, however often the same thing is sought."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.alerts import service as alerts
from app.alerts import widening
from app.alerts.widening import Late
from app.assets import service as assets
from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session, turn
from app.db.models import AssetRow, HuntRow, now
from app.errors import NotFound
from app.hunts import repository, standing
from app.hunts.errands import Judged
from app.hunts.schemas import HuntOut
from app.ingest import repository as posted
from app.ingest import service as ingest
from app.ingest.jobs import Accused
from app.notify.service import Notices
from app.sightings import service as sightings
from app.sightings.service import Sighting

SHOWN = 5
CLEAR: Mapping[str, Any] = {
    "verdict": "clear",
    "severity": "none",
    "matches": [],
    "unread": [],
    "alert_id": None,
    "elapsed_ms": 0.0,
}
"""What is told of a message that is not kept any more: it was so when it came, else it would have had an alert."""
SEVERITIES = ("none", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class _Found:
    """A part of a message that shows what is sought."""

    sighting: Sighting
    judged: Judged


async def ask(session: Session, asset_id: str, who: Somebody, owner: str | None, days: int | None) -> HuntOut:
    """Begin one. Raises NotFound."""
    asset = await assets.owned(session, asset_id, owner)
    since = now() - timedelta(days=days) if days else None
    row = await repository.begin(session, asset_id, who.name, since)
    await audit.record(session, who, "hunt.begun", "asset", asset_id, hunt=row.id, days=days)
    return shown(row, asset)


async def one(session: Session, hunt_id: str, owner: str | None) -> HuntOut:
    """Raises NotFound; with ``owner`` also for what is about somebody else's asset."""
    row = await repository.get(session, hunt_id)
    if row is None:
        raise NotFound(f"There is no hunt {hunt_id}.", "unknown_hunt")
    return shown(row, await assets.owned(session, row.asset_id, owner))


async def last(session: Session, asset_id: str) -> list[HuntOut]:
    """An asset's, newest first. Raises NotFound."""
    asset = await assets.owned(session, asset_id, None)
    return [shown(row, asset) for row in await repository.of_asset(session, asset_id, SHOWN)]


async def found(session: Session, asset_id: str, judged: Iterable[Judged], since: datetime | None, notices: Notices) -> int:
    """Put before analysts whatever messages showed it; says how many alerts that raised, or brought before them anew.

    What is known already stays as it is. Whoever calls has asked to be ``alone``.
    """
    told = await _told(session, judged, since)
    return sum([await _raise(session, asset_id, some, notices) for some in told.values()])


async def alone(session: Session, judged: Iterable[Judged], since: datetime | None) -> None:
    """Be the only one who finds, and, as far as that concerns alerts there are, decides: before any row is touched."""
    judged = list(judged)
    if judged:
        await turn(session, "hunting")
        await widening.alone(session, await _told(session, judged, since))


async def _told(session: Session, judged: Iterable[Judged], since: datetime | None) -> Mapping[str, list[_Found]]:
    """By message."""
    by_number = {one.number: one for one in judged}
    told: defaultdict[str, list[_Found]] = defaultdict(list)
    for number, sighting in await sightings.of_parts(session, by_number, since) if by_number else ():
        told[sighting.message_id].append(_Found(sighting, by_number[number]))
    return told


async def _raise(session: Session, asset_id: str, parts: list[_Found], notices: Notices) -> bool:
    sighting = parts[0].sighting
    message = await ingest.remembered(session, sighting.message_id, _body(sighting), sighting.received_at)
    matches = [match for one in parts for match in _placed(one)]
    matches.sort(key=lambda match: -match["confidence"])
    severity, raised = await standing.weighed(session, asset_id, sighting, _severity(parts), _severity(parts, graver=True))
    worst = _worst(one.judged.verdict for one in parts)
    told = {**(message.verdict or CLEAR), "raised": raised} if raised is not None else None
    known = await alerts.of_message(session, message.id)
    if known is not None:
        late = Late(asset_id, worst, severity, matches, sighting.at, told)
        return await widening.widen(session, known, message, late, notices) and await _accused(session, message.id, parts)
    message.verdict = told or message.verdict
    verdict = {"verdict": worst, "severity": severity, "matches": matches}
    await alerts.raise_alert(session, message, verdict, notices, leaked_at=sighting.at)
    return await _accused(session, message.id, parts)


async def _accused(session: Session, message_id: str, parts: list[_Found]) -> bool:
    """Keep which parts it was, so that it can turn out to be a mistake; ``True``."""
    accused = {(one.sighting.position, one.sighting.part): one.sighting.digest for one in parts if not _exact(one)}
    known = (await posted.accused(session, [message_id])).get(message_id, {})
    fresh = (Accused(*place, digest, {}) for place, digest in accused.items() if place not in known)
    await posted.add_accused(session, message_id, fresh)
    return True


def _placed(one: _Found) -> Iterable[dict[str, Any]]:
    place = {"attachment": one.sighting.position, "part": one.sighting.part}
    return ({**match, **place} for match in one.judged.matches)


def _exact(one: _Found) -> bool:
    return any("sha256" in match["evidence"] for match in one.judged.matches)


def _worst(verdicts: Iterable[str]) -> str:
    return "leak" if "leak" in set(verdicts) else "review"


def _severity(parts: Iterable[_Found], *, graver: bool = False) -> str:
    told = ((one.judged.graver if graver else one.judged.severity, one.sighting.head["channel"]) for one in parts)
    return max((severity[bool(channel.get("external"))] for severity, channel in told), key=SEVERITIES.index)


def _body(sighting: Sighting) -> Mapping[str, Any]:
    """The message as posted, but for its text, which is not kept."""
    sent = sighting.sent_at.isoformat() if sighting.sent_at else None
    return {"gateway": sighting.gateway, "message_id": sighting.external_id, "sent_at": sent, **sighting.head, "text": ""}


def unsought(asset: AssetRow) -> list[str]:
    """What of it only reading could find again."""
    return [name for name, some in (("words", asset.terms), ("numbers", asset.tags)) if some]


def shown(row: HuntRow, asset: AssetRow) -> HuntOut:
    """``asset``: the one it is about."""
    values = {name: getattr(row, name) for name in HuntOut.model_fields if name != "unsought"}
    return HuntOut.model_validate({**values, "unsought": unsought(asset)})
