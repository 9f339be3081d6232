"""Remembering mistakes and taking them back. Every step is a row of the alerts' histories, and one the live registries follow.

A mistake is a picture (or text) and an asset; it lasts while an alert resolved as false positive says so. Two alerts about one
file say it together: if one is reopened the other still does, and its history says that; if one is resolved as the registered
thing, the other is contradicted, and the picture alarms again.

Ten thousand alerts may be judged at once: whatever is asked of the database is asked for all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from app.alerts.repository import add_histories
from app.assets import repository as assets
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertRow, MistakeAlertRow, MistakeRow, now
from app.ingest import repository as ingest
from app.ingest.jobs import Place
from app.mistakes import repository
from app.mistakes.accusations import Pair, Pairs, accusations

Judgement = Literal["mistake", "right", "none"]
Change = tuple[list[str], list[str], str | None]
"""Mistakes that went and came, as an alert's history tells it, and a note."""


def judgement(status: str, resolution: str | None) -> Judgement:
    """What an alert's resolution says of its matches."""
    if status != "resolved":
        return "none"
    return "mistake" if resolution == "false_positive" else "right"


async def follow(session: Session, changed: Iterable[tuple[AlertRow, Judgement]], actor: str) -> None:
    """Do what changed judgements of alerts (told: as they were before) ask for; one that did not change asks for nothing."""
    moved = [(row, before, judgement(row.status, row.resolution)) for row, before in changed]
    moved = [(row, before, after) for row, before, after in moved if before != after]
    await _withdraw(session, [row for row, before, _ in moved if before == "mistake"], actor)
    await _remember(session, [row for row, _, after in moved if after == "mistake"], actor)
    await _contradict(session, [row for row, _, after in moved if after == "right"], actor)


async def end(session: Session, gone: Mapping[str, tuple[MistakeRow, str | None]], actor: str) -> None:
    """Take mistakes back, told with a note each, whichever alerts say so."""
    said = await repository.alerts(session, gone)
    await repository.remove(session, gone)
    for ident, (row, note) in gone.items():
        changes: dict[str, Change] = {one.alert_id: ([ident], [], note) for one in said.get(ident, [])}
        await _changed(session, {row.asset_id}, changes, actor)


async def _remember(session: Session, alerts: Sequence[AlertRow], actor: str) -> None:
    pairs = await accusations(session, alerts)
    there = await assets.there(session, {reference for some in pairs.values() for reference, _ in some.values()})
    pairs = {alert: {pair: at for pair, at in some.items() if at[0] in there} for alert, some in pairs.items()}
    known = await repository.find(session, {pair for some in pairs.values() for pair in some})
    await _make(session, alerts, pairs, known)
    said: list[MistakeAlertRow] = []
    changes: dict[str, Change] = {}
    for alert, some in pairs.items():
        for pair, (_, (position, part)) in some.items():
            said.append(MistakeAlertRow(mistake_id=known[pair].id, alert_id=alert, position=position, part=part, actor=actor))
        changes[alert] = ([], list(dict.fromkeys(known[pair].id for pair in some)), None)
    await repository.back(session, said)
    await _changed(session, {asset for some in pairs.values() for asset, _ in some}, changes, actor)


async def _make(session: Session, alerts: Sequence[AlertRow], pairs: Mapping[str, Pairs], known: dict[Pair, MistakeRow]) -> None:
    """Mistakes nobody knew, with the fingerprints of the first alert that shows them."""
    messages, shown = {row.id: row.message_id for row in alerts}, dict[str, tuple[str, Place]]()
    for alert, some in pairs.items():
        for (asset_id, digest), (reference_id, place) in some.items():
            if (asset_id, digest) not in known:
                row = MistakeRow(id=new_id("mis"), asset_id=asset_id, reference_id=reference_id, digest=digest)
                known[asset_id, digest], shown[row.id] = row, (messages[alert], place)
    kinds = await ingest.accused_fingerprints(session, {message for message, _ in shown.values()})
    made = [(row, kinds.get(shown[row.id], {})) for row in known.values() if row.id in shown]
    await repository.add(session, made)


async def _withdraw(session: Session, alerts: Sequence[AlertRow], actor: str) -> None:
    rows = await repository.of_alerts(session, [row.id for row in alerts])
    mistakes = {row.id: row for some in rows.values() for row in some}
    await repository.withdraw(session, [row.id for row in alerts])
    left = await repository.alerts(session, mistakes)
    await repository.remove(session, [ident for ident in mistakes if not left.get(ident)])
    changes: dict[str, Change] = {}
    for alert, some in rows.items():
        others = sorted({one.alert_id for row in some for one in left.get(row.id, [])})
        still = f"Still remembered because of {', '.join(others[:5])}{' and others' * (len(others) > 5)}." if others else None
        changes[alert] = ([row.id for row in some], [], still)
    await _changed(session, {row.asset_id for row in mistakes.values()}, changes, actor)


async def _contradict(session: Session, alerts: Sequence[AlertRow], actor: str) -> None:
    """The very file cannot be a mistake in one alert and the registered thing in another: in doubt it alarms."""
    pairs = await accusations(session, alerts)
    known = await repository.find(session, {pair for some in pairs.values() for pair in some})
    gone: dict[str, tuple[MistakeRow, str | None]] = {}
    for alert, some in pairs.items():
        for row in (known[pair] for pair in some if pair in known):
            gone.setdefault(row.id, (row, f"The same file was found to be the registered thing in {alert}."))
    await end(session, gone, actor)


async def _changed(session: Session, touched: Iterable[str], changes: Mapping[str, Change], actor: str) -> None:
    """Tell the live registries of these assets, and the alerts' histories; nothing, if nothing came or went."""
    changes = {alert: change for alert, change in changes.items() if change[0] or change[1]}
    for asset_id in sorted(touched) if changes else ():
        await assets.touch(session, asset_id)
    said = {"at": now(), "actor": actor, "bulk_id": None}
    rows = [
        {"alert_id": alert, "action": "remembered" if come else "forgotten", "change": {"mistakes": [gone, come]}, "note": note}
        for alert, (gone, come, note) in changes.items()
    ]
    await add_histories(session, [{**row, **said} for row in rows])
