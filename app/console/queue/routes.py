"""The queue's page, what happens in it live, and what analysts do there to one alert, to some, or to all of a filter."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.alerts import assigning, bulk, queueing, repository
from app.alerts.arriving import arrived
from app.alerts.history import repository as history
from app.alerts.repository import Seen
from app.alerts.schemas import AlertFilter, BulkOut
from app.console.queue.acting import Act, act, asked_before, seen, take_back
from app.console.queue.asking import Asked
from app.console.queue.views import EMPTY, chips, choices, collision, done_view, line_view, severity_views, tab_views
from app.console.routes import PAGE, Analyst, Form, Posted, by_htmx, look_of, page, room, visitor, why
from app.console.signed_in import Visitor
from app.console.streaming import listening
from app.db import Session
from app.db.models import now
from app.errors import AppError, Conflict, Invalid
from app.people.service import Principal, Role
from app.security import InHouse

CHANGES = 5000
"""So many of the changes since a page was drawn are looked at: whoever looks away for longer loads it anew."""
router = room()
Shown = Annotated[str, Query(max_length=3000, description="ids of alerts on the page")]
Newest = Annotated[str, Query(max_length=40, description="the youngest alert there was")]
Happened = Annotated[int | None, Query(ge=0, lt=10**18, description="the last thing that had happened to any")]


@router.get("/alerts")
async def queue(request: Request, house: InHouse, who: Analyst, asked: Annotated[Asked, Query()]) -> Response:
    """Alerts of one standing, most urgent first, or as the address says."""
    return await _queue(request, house, who, asked)


@router.get("/alerts/rows")
async def rows(
    request: Request,
    house: InHouse,
    who: Analyst,
    shown: Shown = "",
    newest: Newest = "",
    happened: Happened = None,
    look: str = "",
) -> Response:
    """What is on the page (``look``: its address), as it is now; how many alerts there are, and how many of them are new."""
    asked, ids = asked_before({"filter": look}), [one for one in shown.split(",") if one]
    known = None if happened is None else Seen(newest or "alr_", happened, who.principal.name)
    async with house.database.reading() as session:
        values = await _fresh(session, request, who, asked, ids, known)
    return page(request, who, "queue/fresh.html", section="alerts", **values)


@router.get("/alerts/events", dependencies=[Depends(visitor(Role.ANALYST))])
async def events(request: Request, house: InHouse, after: Annotated[int | None, Query(ge=0)] = None) -> Response:
    """Server-sent events: which alerts changed. Raises TooMany."""
    return listening(request, house, house.live, after, "alerts")


@router.post("/alerts/act")
async def decide(request: Request, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Acknowledge, snooze, resolve, assign or note; what was changed meanwhile stays as it is, and that is told."""
    ticked = [str(one) for one in (await request.form(max_files=0)).getlist("one")]
    asked = asked_before(form)
    try:
        wanted = act(form, ticked, who.principal.name)
        done = await _do(house, wanted, who.principal)
        if wanted.versions and not done.changed and done.changed_meanwhile:
            raise Conflict(await _who_was_first(house, request, done.changed_meanwhile), "changed_meanwhile")
    except (Invalid, Conflict) as error:
        return await _refused(request, house, who, asked, form, ticked, error)
    known = seen(form, who.principal.name)
    return await _done(request, house, who, asked, done.bulk_id, [*wanted.versions], len(done.changed_meanwhile), known)


@router.post("/alerts/undo")
async def undo(request: Request, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Take a change back."""
    asked, bulk_id = asked_before(form), form.get("bulk", "")
    left = await take_back(house, bulk_id, who)
    return await _done(request, house, who, asked, bulk_id, [], left)


async def _do(house: InHouse, wanted: Act, who: Principal) -> BulkOut:
    if wanted.everything:
        asked = wanted.asked.filter(who.name)
        return await bulk.bulk(house.database, asked, wanted.change, who, house.notices, wanted.everything)
    return await bulk.change_all(house.database, [*wanted.versions], wanted.versions, wanted.change, who, house.notices)


async def _queue(request: Request, house: InHouse, who: Visitor, asked: Asked, code: int = 200, **more: Any) -> Response:
    async with house.database.reading() as session:
        values = await shown(session, request, who, asked)
    return page(request, who, "queue/queue.html", code, section="alerts", **(values | more))


async def shown(session: Session, request: Request, who: Visitor, asked: Asked) -> dict[str, Any]:
    """All that the queue's page says."""
    language, me, at = look_of(request).language, who.principal.name, now()
    found = await queueing.page(session, asked.filter(me), asked.order, asked.cursor, PAGE)
    counts, named = await repository.counts(session), await repository.named(session)
    return {
        "lines": [line_view(line, language, at) for line in found.lines],
        "next_cursor": found.after,
        "previous_cursor": await _previous(session, asked, me, found.lines),
        "people": await assigning.offered(session),
        "menus": choices(asked, *named, language),
        "chips": chips(asked, _names(found.lines), language),
        "empty": language.say(EMPTY[asked.status]),
        "happened": await history.last_happening(session),
        "done": await _told(session, request, asked.done) if asked.done else None,
        "left": asked.left,
        **await _around(session, request, me, asked, counts, found.all),
    }


async def _previous(session: Session, asked: Asked, me: str, lines: Sequence[queueing.Line]) -> str | None:
    """Where the page before begins; ``None``: it is the first, or this is."""
    if not asked.cursor or not lines:
        return None
    found = await repository.before(session, asked.filter(me), asked.order, lines[0].state.id, PAGE + 1)
    return found[PAGE] if len(found) > PAGE else None


async def _around(
    session: Session, request: Request, me: str, asked: Asked, counts: Mapping[tuple[str, str], int], matching: int | None = None
) -> dict[str, Any]:
    """What stands around the lines, and may change with them. ``matching``: how many alerts match, where that is known."""
    language = look_of(request).language
    if matching is None and asked.narrow:
        matching = await repository.count(session, asked.filter(me))
    elif matching is None:
        matching = sum(
            number
            for (standing, severity), number in counts.items()
            if asked.status in (standing, "all") and asked.severity in (severity, None)
        )
    return {
        "asked": asked,
        "tabs": tab_views(asked, counts, language),
        "severities": severity_views(asked, counts, language),
        "matching": matching,
        "newest": await repository.newest(session),
        "news": 0,
    }


async def _fresh(
    session: Session, request: Request, who: Visitor, asked: Asked, ids: Sequence[str], known: Seen | None
) -> dict[str, Any]:
    """``known``: what the page knows; alerts that came into the look since are news, and all that match are those it knows."""
    language, me, at = look_of(request).language, who.principal.name, now()
    wanted = asked.filter(me)
    here = set(await repository.find(session, wanted, among=ids)) if ids else set()
    lines = await queueing.lines(session, ids)
    around = await _around(session, request, me, asked, await repository.counts(session))
    if known is not None:
        around["matching"] = await repository.count(session, wanted, seen=known)
        around["news"] = await _news(session, wanted, known, ids)
    return {"lines": [line_view(line, language, at, line.state.id not in here) for line in lines], **around}


async def _news(session: Session, wanted: AlertFilter, known: Seen, shown: Sequence[str]) -> int:
    """How many alerts are to be seen that were not when the page was drawn: new ones, and those that came back."""
    back = arrived(await repository.changes_since(session, wanted, known.happened, CHANGES), wanted)
    new = await repository.count(session, wanted, known.newest)
    return new + sum(1 for one in back if one <= known.newest and one not in shown)


async def _done(
    request: Request,
    house: InHouse,
    who: Visitor,
    asked: Asked,
    bulk_id: str,
    ids: Sequence[str],
    left: int,
    known: Seen | None = None,
) -> Response:
    """What was done, and how to take it back: on the page, or in its places."""
    if not by_htmx(request):
        more = f"done={bulk_id}" + (f"&left={left}" if left else "")
        address = asked.address()
        return RedirectResponse(f"{address}{'&' if '?' in address else '?'}{more}", 303)
    async with house.database.reading() as session:
        values = await _fresh(session, request, who, asked, ids, known)
        done = await _told(session, request, bulk_id)
    return page(request, who, "queue/fresh.html", section="alerts", **values, done=done, left=left)


async def _refused(
    request: Request, house: InHouse, who: Visitor, asked: Asked, form: Form, ticked: Sequence[str], error: AppError
) -> Response:
    """With the words still in the form, and the alerts as they are now."""
    ids = [one.partition(".")[0] for one in ticked]
    says = error.detail if error.code == "changed_meanwhile" else why(request, error)
    if not by_htmx(request):
        return await _queue(request, house, who, asked, error.status, form=form, ticked=ids, problem=says)
    async with house.database.reading() as session:
        values = await _fresh(session, request, who, asked, ids, _known(form, who))
    return page(request, who, "queue/fresh.html", error.status, section="alerts", **values, problem=says)


def _known(form: Form, who: Visitor) -> Seen | None:
    try:
        return seen(form, who.principal.name)
    except Invalid:
        return None


async def _who_was_first(house: InHouse, request: Request, ids: Sequence[str]) -> str:
    language = look_of(request).language
    async with house.database.reading() as session:
        entry = await history.last_change(session, ids[0])
    who = collision(entry.actor, entry.action, entry.note, language) if entry else ""
    return language.together(who, language.say("Nothing was overwritten: look again."))


async def _told(session: Session, request: Request, bulk_id: str) -> dict[str, Any]:
    return done_view(await history.bulk_summary(session, bulk_id), bulk_id, look_of(request).language)


def _names(lines: Sequence[queueing.Line]) -> dict[str, str]:
    """What ids of channels, senders and assets are called, as far as the lines tell."""
    names: dict[str, str] = {}
    for line in lines:
        told = line.row.shown
        for ident, name in ((line.row.channel_id, "channel"), (line.row.sender_id, "sender"), (line.row.subject, "title")):
            if ident and told.get(name):
                names.setdefault(ident, told[name])
    return names
