"""One change to thousands of alerts, and back, some at a time: whoever decides about one of them meanwhile waits for some only.

Each some is a transaction of its own. A server that dies between two leaves a change that can be taken back as far as it went,
and a taking back that is asked for again goes on where it stopped. The audit record's entry is written with the first of them,
so that nothing is ever done that it does not tell of; if there are more to come, it says for how many alerts they are meant.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.alerts import assigning, recorded, service
from app.alerts.history import repository as history
from app.alerts.repository import Seen
from app.alerts.schemas import AlertChange, AlertFilter, BulkOut
from app.alerts.service import Chosen
from app.db import Database
from app.db.ids import new_id
from app.errors import Conflict, NotFound
from app.notify.service import Notices
from app.people.service import Principal

SOME = 500
"""Alerts of one transaction; judged as mistakes they take a third of a second."""


async def bulk(
    database: Database,
    wanted: AlertFilter,
    changes: AlertChange,
    who: Principal,
    notices: Notices,
    seen: Seen | None = None,
) -> BulkOut:
    """The same change to every alert of a filter. What is not as it was ``seen``, or is changed while this lasts, is left alone.

    Raises Invalid, and then none was changed.
    """
    async with database.reading() as session:
        await assigning.check(session, changes)
        chosen = await service.choose(session, wanted, changes, who.name, seen)
    asked = wanted.model_dump(mode="json", include=set(AlertFilter.model_fields), exclude_none=True)
    if "q" in asked:
        asked["q"] = "…"  # people search for titles and names, which the record has no place for
    return await _change(database, chosen, changes, who, notices, filter=asked)


async def change_all(
    database: Database,
    ids: Sequence[str],
    versions: Mapping[str, int],
    changes: AlertChange,
    who: Principal,
    notices: Notices,
) -> BulkOut:
    """The same change to these alerts, but for those that are another version than was seen.

    Of more than fit into one transaction none is changed that changes while this lasts. Raises Invalid, and then none was.
    """
    ids = list(dict.fromkeys(ids))
    if len(ids) <= SOME:
        async with database.writing() as session:
            return await recorded.change_all(session, ids, versions, changes, who, notices)
    async with database.reading() as session:
        await assigning.check(session, changes)
        chosen = await service.choose_among(session, ids, versions, changes, who.name)
    return await _change(database, chosen, changes, who, notices, alerts=[*chosen.versions][: recorded.MOST])


async def undo(database: Database, bulk_id: str, who: Principal, notices: Notices) -> BulkOut:
    """Take a bulk change back, once, wherever nobody changed the same field since; notes always. Raises NotFound, Conflict."""
    async with database.reading() as session:
        ids = await history.bulk_alerts(session, bulk_id)
        if not ids:
            raise NotFound(f"There is no bulk change {bulk_id}.", "unknown_bulk")
        steps = await service.backwards(session, bulk_id, ids)
        back, others = ([one.before.id for one in steps if one.happens is so] for so in (True, False))
        if not back and not set(history.TAKEN_BACK).isdisjoint(await history.bulk_summary(session, bulk_id)):
            raise Conflict("This bulk change was undone already.", "already_undone")
    undone = await _undo(database, bulk_id, back, who, notices)
    return BulkOut(bulk_id=bulk_id, changed=undone, changed_meanwhile=others)


async def _change(
    database: Database, chosen: Chosen, changes: AlertChange, who: Principal, notices: Notices, **which: Any
) -> BulkOut:
    bulk_id, changed, left = new_id("blk"), 0, list(chosen.left)
    for ids in _some(list(chosen.versions)):
        async with database.writing() as session:
            told = await service.change_some(session, bulk_id, ids, chosen.versions, changes, who.name, notices)
            if ids[0] == next(iter(chosen.versions)):
                number = told.changed if len(chosen.versions) <= SOME else chosen.number
                await recorded.several(session, bulk_id, number, changes, who, **which)
        changed += told.changed
        left += told.changed_meanwhile
    return BulkOut(bulk_id=bulk_id, changed=changed, changed_meanwhile=left)


async def _undo(database: Database, bulk_id: str, alerts: Sequence[str], who: Principal, notices: Notices) -> int:
    """Says how many were taken back."""
    undone, first = 0, True
    for ids in _some(alerts) if alerts else [alerts]:
        async with database.writing() as session:
            some = await service.undo_some(session, bulk_id, ids, who.name, notices)
            if first:
                await recorded.undone(session, bulk_id, some if len(alerts) <= SOME else len(alerts), who)
        undone, first = undone + some, False
    return undone


def _some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + SOME] for start in range(0, len(ids), SOME))
