"""The numbers of the last days, put together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from app.db import Session
from app.db.models import now
from app.numbers import figures, repository
from app.numbers.figures import Precision, Timed
from app.numbers.replaying import Labelled, Point, curve, replay
from app.numbers.repository import LastMessage, Moment
from app.numbers.schemas import (
    DayOut,
    DeadOut,
    FailedReasonOut,
    NumbersOut,
    Operating,
    PointOut,
    PrecisionOut,
    SimulationOut,
    TimesOut,
    UninspectedOut,
    UnreadReasonOut,
)
from app.streams.types import DEAD_LETTERS, REPLAY, Stream, StreamDown

TIMED = 20_000
"""Alerts whose times are looked at, the newest."""
LOOKED_THROUGH = 20_000
"""Messages that are looked through for what was not inspected, the newest."""
REPLAYED = 5000
DEAD = 1000
"""Dead letters that are looked through, the newest."""
NOW = Point(0.0, 0.7)
"""Where we operate: every match is shown; see ``detectors.thresholds.Thresholds.leak_confidence``."""


async def numbers(session: Session, days: int, waiting: int, dead: DeadOut) -> NumbersOut:
    """``waiting``: messages not inspected yet. ``dead``: see ``died``."""
    since = _first(days)
    alerts, timed = await _timed(session, since)
    late = [(asset, resolution, -1) for _, asset, resolution in await repository.overtaken(session, since)]
    assets = _precisions([*await repository.asset_resolutions(session, since), *late])
    titles = await repository.titles(session, [name for name, _ in assets])
    return NumbersOut(
        days=days,
        times=TimesOut.model_validate(
            {
                "detect": asdict(figures.detecting(timed)),
                "acknowledge": asdict(figures.acknowledging(timed)),
                "resolve": asdict(figures.resolving(timed)),
                "disbelieved": sum(one.live and not figures.believable(one) for one in timed),
            }
        ),
        timed=alerts,
        detectors=[_told(name, found) for name, found in _precisions(await repository.resolutions(session, since))],
        assets=[_told(name, found, titles.get(name)) for name, found in assets[: repository.ASSETS]],
        daily=[await _day(session, since + timedelta(days=number)) for number in range(days)],
        waiting=waiting,
        uninspected=uninspected(await repository.last_messages(session, LOOKED_THROUGH), await repository.waits_longest(session)),
        dead=dead,
    )


async def died(stream: Stream, days: int, most: int = DEAD) -> DeadOut:
    """What lies among the dead letters, of these days."""
    try:
        found = await stream.lying(DEAD_LETTERS, REPLAY, _first(days), most + 1)
    except StreamDown:
        return DeadOut(messages=None)
    codes = Counter(_died_of(one) for one in found[-most:])
    reasons = [FailedReasonOut(code=code, messages=number) for code, number in _often(codes)]
    return DeadOut(messages=codes.total(), more=len(found) > most, reasons=reasons)


def _died_of(headers: Mapping[str, str]) -> str:
    """Of one whose inspection failed, why it did."""
    code, reason = headers.get("code", ""), headers.get("reason", "")
    return code_of(reason) if code == "inspection_failed" else code or "other"


async def simulate(session: Session, wanted: Operating) -> SimulationOut:
    """What the alerts that people resolved would have been at another operating point."""
    since = now() - timedelta(days=wanted.days)
    late = {(alert, asset) for alert, asset, _ in await repository.overtaken(session, since)}
    rows = await repository.labelled(session, since, REPLAYED, late)
    history = [Labelled(alert, resolution, tuple(matches)) for alert, resolution, matches in rows]
    other = Point(wanted.least, wanted.sure, wanted.detector)
    names = ("least", "alerts", "right", "missed")
    points = [PointOut.model_validate(dict(zip(names, point, strict=True))) for point in curve(history, other)]
    return SimulationOut.model_validate({"labelled": len(history), "curve": points, **asdict(replay(history, NOW, other))})


def uninspected(last: Sequence[LastMessage], oldest: datetime | None) -> UninspectedOut:
    """What of the last messages was not looked into, and why, the most frequent reason first. ``oldest``: of all that wait."""
    parts = Counter(code_of(part["reason"]) for one in last for part in one.unread or ())
    failed = Counter(code_of(one.reason or "") for one in last if one.status == "failed")
    return UninspectedOut(
        messages=len(last),
        waiting=sum(one.status == "queued" for one in last),
        failed=failed.total(),
        partly=sum(bool(one.unread) for one in last),
        oldest=oldest,
        failures=[FailedReasonOut(code=code, messages=number) for code, number in _often(failed)],
        reasons=[UnreadReasonOut(code=code, parts=number) for code, number in _often(parts)],
    )


def _often(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def code_of(reason: str) -> str:
    """The stable word in a reason, which is written ``[part: ]code: sentence``."""
    words = [word.strip() for word in reason.split(":")]
    return next((word for word in words[:2] if word.isidentifier() and word.islower()), "other")


async def _timed(session: Session, since: datetime) -> tuple[int, list[Timed]]:
    """Of how many alerts, and their times."""
    rows = await repository.moments(session, since, TIMED)
    if not rows:
        return 0, []
    stands = await repository.stands(session, rows[-1].alert)
    widened = await repository.widened(session, rows[-1].alert)
    born = {one.alert: _born(one, live=not one.historic or one.alert in widened) for one in rows}
    return len(rows), [time for alert, one in born.items() for time in figures.times(one, stands.get(alert, ()))]


def _born(one: Moment, *, live: bool) -> Timed:
    return Timed(_moment(one.sent), one.received, one.created, None, None, live)


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _precisions(counted: Iterable[tuple[str, str, int]]) -> list[tuple[str, Precision]]:
    found = {name: figures.precision(told) for name, told in figures.by_detector(counted).items()}
    return list(figures.worst_first({name: one for name, one in found.items() if one}))


def _told(name: str, found: Precision, title: str | None = None) -> PrecisionOut:
    return PrecisionOut(name=name, title=title, **asdict(found))


async def _day(session: Session, start: datetime) -> DayOut:
    end = start + timedelta(days=1)
    alerts: Mapping[str, int] = await repository.alerts_between(session, start, end)
    messages = await repository.messages_between(session, start, end)
    return DayOut(day=start.date().isoformat(), messages=messages, review=alerts.get("review", 0), leak=alerts.get("leak", 0))


def _first(days: int) -> datetime:
    """When the first of the last so many days began, UTC."""
    return now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
