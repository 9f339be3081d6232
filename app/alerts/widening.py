"""What is found in a message after its alert was raised joins that alert, and comes before somebody whatever was decided before.

A message has one alert. Whoever decided about it did not know of this: so a resolved alert is open again and a snoozed one back,
and the decision stays in its history; one that people look at becomes as grave as what it is about now, and another version than
they saw. What stands there already, found once more, changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts import queueing, repository, service
from app.alerts.deciding import brought_back
from app.alerts.history import repository as history
from app.alerts.repository import State
from app.alerts.urgency import GRAVITY
from app.assets import repository as assets
from app.db import Session
from app.db.ids import earliest
from app.db.models import AlertHistoryRow, AlertRow, MessageRow
from app.ingest import repository as ingest
from app.joining import service as joining
from app.notify import service as notify
from app.notify.service import Notices

Match = Mapping[str, Any]
FOUND = "Something that was registered later was found in it."
VERDICTS = ("clear", "review", "leak")


@dataclass(frozen=True, slots=True)
class Late:
    """What was found about an asset in a message that was sent at ``leaked_at``. ``severity``, ``verdict``: as if it came now.

    ``told``: the message's verdict, with the reason why that severity is higher than the asset's; ``None``: it is not.
    """

    asset_id: str
    verdict: str
    severity: str
    matches: Sequence[Match]
    leaked_at: datetime
    told: Mapping[str, Any] | None = None


async def alone(session: Session, message_ids: Iterable[str]) -> None:
    """If there are alerts of these messages, be the only one who decides about alerts, and about the registry.

    Asked for before any row is touched: see ``app.db.turn``.
    """
    if await repository.any_of_messages(session, list(message_ids)):
        await repository.alone(session)
        await assets.alone(session)


async def widen(session: Session, row: AlertRow, message: MessageRow, late: Late, notices: Notices) -> bool:
    """Let an alert be about that as well; whether there was anything to be told. Whoever calls has asked to be ``alone``."""
    known = late.asset_id in await repository.assets_of(session, row.id)
    fresh = _unknown(row, message, late) if known else late.matches
    if not fresh or (known and not _news(row, late, fresh)):
        return False
    [state] = await repository.states(session, [row.id])
    change = await _grown(session, row, message, late, fresh, known=known)
    await joining.widen(session, row, fresh)
    said = AlertHistoryRow(alert_id=row.id, actor=service.MACHINE, action="widened", change=change)
    await history.add_history(session, said)
    change = change | await _back(session, state, late.asset_id)
    [row] = await repository.by_ids(session, [row.id])
    told = {"actor": service.MACHINE, "change": change}
    await notify.enqueue(session, notices, "alert.changed", row, message, told)
    return True


def _unknown(row: AlertRow, message: MessageRow, late: Late) -> list[Match]:
    """What was registered since the message came and is not among the matches. All else was there to be found then."""
    since, known = earliest("ref", message.received_at), {(_place(match), match.get("reference_id")) for match in row.matches}
    fresh = (match for match in late.matches if (match.get("reference_id") or "") >= since)
    return [match for match in fresh if (_place(match), match.get("reference_id")) not in known]


def _news(row: AlertRow, late: Late, fresh: Iterable[Match]) -> bool:
    """Whether more of an asset that the alert is about already is worth somebody's time.

    Not where it was found to be there; nor in a part that was decided to be no more than like it.
    """
    places = {_place(match) for match in row.matches if match.get("asset_id") == late.asset_id}
    elsewhere = any(_place(match) not in places for match in fresh)
    if row.status == "resolved":
        return elsewhere and row.resolution == "false_positive"
    return elsewhere or _values(row, late) != {}


async def _grown(
    session: Session, row: AlertRow, message: MessageRow, late: Late, fresh: Sequence[Match], *, known: bool
) -> dict[str, list[Any]]:
    """Keep what was found; what that changed, field to before and after. What is graver, or decided by nobody, stands first."""
    values: dict[str, Any] = dict(_values(row, late))
    first = "severity" in values or row.status == "resolved"
    if late.told is not None and "severity" in values:
        message.verdict = dict(late.told)
    values |= {} if row.historic else {"historic": True}
    change = {} if known else {"assets": [None, late.asset_id]}
    change |= {name: [getattr(row, name), value] for name, value in values.items()}
    values["leaked_at"] = late.leaked_at
    await repository.widen(session, row, None if known else late.asset_id, fresh, values, first=first)
    files = [(file.name, file.sha256) for file in await ingest.attachments(session, [message.id])]
    await queueing.widened(session, row, message, files)
    return change


async def _back(session: Session, state: State, asset_id: str) -> dict[str, list[Any]]:
    """Put it before people again, if it is not; what that changed."""
    step = brought_back(state)
    await service.bring_back(session, step, FOUND, {"found": [None, [asset_id]]})
    return step.difference


def _values(row: AlertRow, late: Late) -> dict[str, str]:
    """What of verdict and severity becomes graver."""
    graver = {"verdict": late.verdict} if VERDICTS.index(late.verdict) > VERDICTS.index(row.verdict) else {}
    return graver | ({"severity": late.severity} if GRAVITY.get(late.severity, 0) > GRAVITY.get(row.severity, 0) else {})


def _place(match: Match) -> tuple[int | None, str]:
    return match.get("attachment"), match.get("part", "")
