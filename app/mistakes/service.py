"""Remembering mistakes and taking them back. Every step is a row of the alerts' histories, and one the live registries follow.

A mistake is a picture (or text) and an asset; it lasts while an alert resolved as false positive says so. Two alerts about one
file say it together: if one is reopened the other still does, and its history says that; if one is resolved as the registered
thing, the other is contradicted, and the picture alarms again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

from app.alerts.repository import add_history
from app.assets import repository as assets
from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertHistoryRow, AlertRow, MistakeAlertRow, MistakeRow
from app.errors import NotFound
from app.ingest import repository as ingest
from app.mistakes import repository
from app.mistakes.schemas import MistakeOut, SaidBy
from app.paging import Page, cut

Judgement = Literal["mistake", "right", "none"]
Pair = tuple[str, str]
"""An asset's id and a part's digest."""


def judgement(row: AlertRow) -> Judgement:
    """What an alert's resolution says of its matches."""
    if row.status != "resolved":
        return "none"
    return "mistake" if row.resolution == "false_positive" else "right"


async def follow(session: Session, row: AlertRow, before: Judgement, actor: str) -> None:
    """Do what a changed judgement of an alert asks for; one that did not change asks for nothing."""
    after = judgement(row)
    if before == after:
        return
    if before == "mistake":
        await _withdraw(session, row, actor)
    if after == "mistake":
        await _remember(session, row, actor)
    if after == "right":
        await _contradict(session, row, actor)


async def forget(session: Session, mistake_id: str, who: Somebody) -> None:
    """Take a mistake back, whichever alerts say so, and write down who did. Raises NotFound."""
    await assets.alone(session)
    row = await repository.get(session, mistake_id)
    if row is None:
        raise NotFound(f"There is no mistake {mistake_id}.", "unknown_mistake")
    asset_id = row.asset_id
    await _end(session, row, who.name, None)
    await audit.record(session, who, "mistake.forgotten", "mistake", mistake_id, asset_id=asset_id)


async def page(session: Session, asset_id: str | None, cursor: str | None, size: int) -> Page[MistakeOut]:
    """Newest first; of one asset, or of all."""
    rows = await repository.page(session, asset_id, cursor, size + 1)
    _, after = cut([row.id for row, _, _ in rows], size)
    return Page(items=await _shown(session, rows[:size]), next_cursor=after)


async def said_by(session: Session, alert_ids: Iterable[str]) -> dict[str, list[MistakeOut]]:
    """What is remembered because of these alerts, by alert."""
    found: defaultdict[str, list[MistakeOut]] = defaultdict(list)
    for mistake in await _shown(session, await repository.said_by(session, alert_ids)):
        for one in mistake.alerts:
            found[one.alert_id].append(mistake)
    return found


async def pictures(session: Session, mistakes: Iterable[MistakeOut]) -> dict[str, SaidBy]:
    """Where the picture of each mistake can be seen, by mistake."""
    mistakes = list(mistakes)
    there = await repository.pictured(session, (one.alert_id for mistake in mistakes for one in mistake.alerts))
    seen = ((mistake.id, one) for mistake in mistakes for one in reversed(mistake.alerts))
    return {ident: one for ident, one in seen if (one.alert_id, one.attachment, one.part) in there}


async def _remember(session: Session, alert: AlertRow, actor: str) -> None:
    remembered: list[MistakeRow] = []
    for (asset_id, digest), (reference_id, place) in (await _pairs(session, alert)).items():
        if await assets.reference(session, reference_id) is None:
            continue
        row = await repository.find(session, asset_id, digest)
        if row is None:
            row = MistakeRow(id=new_id("mis"), asset_id=asset_id, reference_id=reference_id, digest=digest)
            await repository.add(session, row, await ingest.accused_fingerprints(session, alert.message_id, *place))
        said = MistakeAlertRow(mistake_id=row.id, alert_id=alert.id, position=place[0], part=place[1], actor=actor)
        await repository.back(session, said)
        remembered.append(row)
    await _changed(session, alert.id, actor, "remembered", [], remembered, None)


async def _withdraw(session: Session, alert: AlertRow, actor: str) -> None:
    rows = await repository.of_alert(session, alert.id)
    left: set[str] = set()
    for row in rows:
        await repository.withdraw(session, row.id, alert.id)
        others = (await repository.alerts(session, [row.id])).get(row.id, [])
        left.update(one.alert_id for one in others)
        if not others:
            await repository.remove(session, row.id)
    still = f"Still remembered because of {', '.join(sorted(left))}." if left else None
    await _changed(session, alert.id, actor, "forgotten", rows, [], still)


async def _contradict(session: Session, alert: AlertRow, actor: str) -> None:
    """The very file cannot be a mistake in one alert and the registered thing in another: in doubt it alarms."""
    for asset_id, digest in await _pairs(session, alert):
        row = await repository.find(session, asset_id, digest)
        if row is not None:
            await _end(session, row, actor, f"The same file was found to be the registered thing in {alert.id}.")


async def _end(session: Session, row: MistakeRow, actor: str, note: str | None) -> None:
    said = (await repository.alerts(session, [row.id])).get(row.id, [])
    await repository.remove(session, row.id)
    for one in said:
        await _changed(session, one.alert_id, actor, "forgotten", [row], [], note)


async def _pairs(session: Session, alert: AlertRow) -> dict[Pair, tuple[str, tuple[int, str]]]:
    """What an alert is about, surest first: the reference it was matched to, and the place (attachment or -1, part)."""
    digests = await ingest.accused(session, alert.message_id)
    pairs: dict[Pair, tuple[str, tuple[int, str]]] = {}
    for match in alert.matches:
        place = (-1 if match["attachment"] is None else match["attachment"], match.get("part", ""))
        if match.get("reference_id") and place in digests:
            pairs.setdefault((match["asset_id"], digests[place]), (match["reference_id"], place))
    return pairs


async def _changed(
    session: Session, alert_id: str, actor: str, action: str, gone: list[MistakeRow], come: list[MistakeRow], note: str | None
) -> None:
    """Tell the live registries and the alert's history; nothing, if nothing came or went."""
    for asset_id in sorted({row.asset_id for row in (*gone, *come)}):
        await assets.touch(session, asset_id)
    if gone or come:
        change = {"mistakes": [[row.id for row in gone], [row.id for row in come]]}
        row = AlertHistoryRow(alert_id=alert_id, actor=actor, action=action, change=change, note=note)
        await add_history(session, row)


async def _shown(session: Session, rows: list[repository.Named]) -> list[MistakeOut]:
    ids = [row.id for row, _, _ in rows]
    kinds, said = await repository.kinds(session, ids), await repository.alerts(session, ids)
    names = await repository.files(session, {one.alert_id for some in said.values() for one in some})
    return [
        MistakeOut(
            id=row.id,
            asset_id=row.asset_id,
            asset_title=title,
            reference=label,
            reference_id=row.reference_id,
            digest=row.digest,
            fingerprints=kinds.get(row.id, []),
            alerts=[_said(one, names) for one in said.get(row.id, [])],
            created_at=row.created_at,
        )
        for row, title, label in rows
    ]


def _said(row: MistakeAlertRow, names: Mapping[tuple[str, int], str]) -> SaidBy:
    attachment, name = (None if row.position < 0 else row.position), names.get((row.alert_id, row.position), "")
    return SaidBy(alert_id=row.alert_id, actor=row.actor, at=row.at, attachment=attachment, part=row.part, name=name)
