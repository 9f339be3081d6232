"""What is remembered as a mistake, shown and taken back; how it follows from what alerts say: ``app.mistakes.following``."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from typing import Literal

from app.assets import repository as assets
from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session
from app.db.models import MistakeAlertRow
from app.errors import NotFound
from app.ingest.jobs import UNREAD
from app.mistakes import repository
from app.mistakes.following import Judgement, concerned, end, follow, judgement
from app.mistakes.repository import UNREADABLE
from app.mistakes.schemas import MistakeOut, SaidBy
from app.paging import Page, cut

__all__ = ["Judgement", "concerned", "follow", "forget", "judgement", "page", "pictures", "said_by"]


async def forget(session: Session, mistake_id: str, who: Somebody) -> None:
    """Take a mistake back, whichever alerts say so, and write down who did. Raises NotFound."""
    await assets.alone(session)
    row = await repository.get(session, mistake_id)
    if row is None:
        raise NotFound(f"There is no mistake {mistake_id}.", "unknown_mistake")
    asset_id = row.asset_id
    await end(session, {row.id: (row, None)}, who.name)
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
            fingerprints=[kind for kind in kinds.get(row.id, []) if kind not in (UNREAD, UNREADABLE)],
            text=_text(kinds.get(row.id, [])),
            alerts=[_said(one, names) for one in said.get(row.id, [])],
            created_at=row.created_at,
        )
        for row, title, label in rows
    ]


def _text(kinds: Container[str]) -> Literal["known", "waiting", "missing"]:
    if UNREAD in kinds:
        return "waiting"
    return "missing" if UNREADABLE in kinds else "known"


def _said(row: MistakeAlertRow, names: Mapping[tuple[str, int], str]) -> SaidBy:
    attachment, name = (None if row.position < 0 else row.position), names.get((row.alert_id, row.position), "")
    return SaidBy(alert_id=row.alert_id, actor=row.actor, at=row.at, attachment=attachment, part=row.part, name=name)
