"""One alert: what was posted, what is registered, why they are held to be the same, and the decision."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.alerts import assigning, reading, recorded, repository, reveals, similar
from app.alerts import service as alerts
from app.alerts.history import repository as history
from app.alerts.schemas import AlertOut, BulkOut
from app.assets import service as assets
from app.blobs.reading import fetched
from app.console.alerts.calling import calling_page_view
from app.console.alerts.deciding import MOVES_ON, seen, tomorrow, wanted
from app.console.alerts.history import PURPOSES, entries_of, happened, meanwhile
from app.console.alerts.learning import unlearnt
from app.console.alerts.views import alert_view, alike_view
from app.console.queue.acting import asked_before, take_back
from app.console.queue.asking import Asked
from app.console.queue.views import collision, done_view
from app.console.routes import Analyst, Form, Posted, by_htmx, look_of, page, picture, room, why
from app.console.signed_in import Visitor
from app.console.speech import Language
from app.console.veiling import aligned, aspect, veil
from app.db import Session
from app.db.models import AlertHistoryRow, now
from app.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from app.mistakes import service as mistakes
from app.security import InHouse

router = room()
LAST = 20
"""So much of a history is shown at once."""
Queue = Annotated[str | None, Query(description="the look at the queue that it was opened from")]
Since = Annotated[int | None, Query(ge=0, lt=10**18, description="the last of its history that was known")]


@router.get("/alerts/{alert}")
async def alert_page(
    request: Request,
    alert: str,
    house: InHouse,
    who: Analyst,
    queue: str | None = None,
    done: str = "",
    since: Since = None,
) -> Response:
    """One alert. ``queue``: the look at the queue that it was opened from; ``done``: a change to tell of.

    ``since``: what others did after that is told.
    """
    return await _alert(request, alert, house, who, queue, done, since=since)


@router.get("/alerts/{alert}/matches/{number}")
async def match_page(
    request: Request,
    alert: str,
    number: Annotated[int, Path(ge=1, le=100_000)],
    house: InHouse,
    who: Analyst,
    queue: Queue = None,
) -> Response:
    """One match with all that speaks for it: in its place by htmx, else on a page of its own."""
    async with house.database.reading() as session:
        view = await _view(session, look_of(request).language, await alerts.one(session, alert, LAST), who, number - 1)
    if number > len(view["matches"]):
        raise NotFound("There is no such match.", "unknown_match")
    values = {"alert": view, "match": view["matches"][number - 1], "keep": _keep(queue)}
    return page(request, who, "alerts/match.html", section="alerts", **values)


@router.get("/alerts/{alert}/calling")
async def calling_page(
    request: Request,
    alert: str,
    house: InHouse,
    who: Analyst,
    queue: Queue = None,
    number: Annotated[int, Query(ge=1, le=100_000, alias="page")] = 1,
) -> Response:
    """Whom to call about it, some at a time."""
    async with house.database.reading() as session:
        found = await alerts.one(session, alert, 1)
    told, here = calling_page_view(found.answerable, number), f"/alerts/{alert}/calling"
    ways = {way: here + _keep(queue, page=str(told[at])) for way, at in (("earlier", "before"), ("later", "after")) if told[at]}
    values: dict[str, Any] = _about(look_of(request).language, found, queue) | told | ways
    return page(request, who, "alerts/calling.html", section="alerts", **values)


@router.get("/alerts/{alert}/history")
async def history_page(
    request: Request, alert: str, house: InHouse, who: Analyst, queue: Queue = None, before: Since = None
) -> Response:
    """What happened to it, some entries at a time; ``before``: those before that one."""
    language = look_of(request).language
    async with house.database.reading() as session:
        found, rows = await alerts.one(session, alert, 1), await history.histories(session, [alert], LAST + 1, before)
        lived, entries = await history.lived(session, alert), await entries_of(session, rows[-LAST:])
        sizes = await history.bulk_sizes(session, {entry["bulk_id"] for entry in entries} - {None})
    shown = [
        happened(language, entry) | {"others": sizes.get(entry["bulk_id"], 1) - 1, "bulk": entry["bulk_id"]} for entry in entries
    ]
    here = f"/alerts/{alert}/history"
    earlier = here + _keep(queue, before=str(rows[-LAST].id)) if len(rows) > LAST else None
    values: dict[str, Any] = {"entries": shown, "earlier": earlier, "latest": here + _keep(queue) if before else None}
    return page(request, who, "alerts/history.html", section="alerts", **_about(language, found, queue), **values, lived=lived)


@router.get("/alerts/{alert}/history/{entry}")
async def entry_page(
    request: Request, alert: str, entry: Annotated[int, Path(ge=0, lt=10**18)], house: InHouse, who: Analyst, queue: Queue = None
) -> Response:
    """One entry with all of its note."""
    language = look_of(request).language
    async with house.database.reading() as session:
        found, row = await alerts.one(session, alert, 1), await history.entry(session, alert, entry)
        if row is None:
            raise NotFound("There is no such entry.", "unknown_entry")
        [told] = await entries_of(session, [row])
    shown = happened(language, told, None)
    return page(
        request, who, "alerts/history.html", section="alerts", **_about(language, found, queue), entry=shown, entries=[shown]
    )


@router.post("/alerts/{alert}/reveal")
async def reveal(request: Request, alert: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Let whoever asks see the pictures, for a purpose and for some time."""
    try:
        async with house.database.writing() as session:
            await reveals.reveal(session, alert, who.principal, form.get("purpose", ""), form.get("words", ""))
    except Invalid as error:
        return await _refused(request, alert, house, who, "reveal", form, error)
    return await _shown(request, alert, house, who, form.get("queue"), step="reveal")


@router.post("/alerts/{alert}/undo")
async def undo(request: Request, alert: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Take back what was just decided about this alert."""
    try:
        await take_back(house, form.get("bulk", ""), who)
    except Conflict as error:
        return await _refused(request, alert, house, who, "undo", form, error)
    return await _shown(request, alert, house, who, form.get("queue"), form.get("bulk", ""))


@router.post("/alerts/{alert}/{step}")
async def decide(request: Request, alert: str, step: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Acknowledge, assign, snooze, resolve, note or reopen; what is done with leads on to the next alert of the queue."""
    try:
        async with house.database.writing() as session:
            done = await _decided(session, look_of(request).language, alert, step, form, who, house.notices)
    except (Invalid, Conflict) as error:
        return await _refused(request, alert, house, who, step, form, error)
    told, queue = done.bulk_id if done.changed else "", form.get("queue")
    if queue is None or step not in MOVES_ON:
        return await _shown(request, alert, house, who, queue, told)
    async with house.database.reading() as session:
        after = await _next(session, _asked(queue), who, alert)
    return _gone(request, _address(after, queue, told) if after else _left(queue, told))


@router.post("/alerts/{alert}/mistakes/{mistake}/forget")
async def forget_here(request: Request, alert: str, mistake: str, house: InHouse, who: Analyst, form: Posted) -> Response:
    """Take back what an alert let be remembered, on its own page."""
    async with house.database.writing() as session:
        await mistakes.forget(session, mistake, who.principal)
    return await _shown(request, alert, house, who, form.get("queue"))


@router.get("/alerts/{alert}/reading/{index}")
async def whole_reading(request: Request, alert: str, index: int, house: InHouse, who: Analyst, part: str = "") -> Response:
    """Everything the posted picture says: in its place by htmx, else on a page of its own."""
    async with house.database.reading() as session:
        if await reveals.until(session, alert, who.principal) is None:
            raise Forbidden("Reveal the pictures of this alert first.", "not_revealed")
    with house.turns.one(who.principal.id):
        found = await reading.read(house.database, house.blobs, house.lanes, alert, index, part)
    return page(request, who, "alerts/reading.html", section="alerts", alert=alert, lines=found.lines)


@router.get("/pictures/alerts/{alert}/{index}")
async def leaked_picture(alert: str, index: int, house: InHouse, who: Analyst, part: str = "") -> Response:
    """The posted picture or page, encoded anew; veiled for whom it was not revealed."""
    async with house.database.reading() as session:
        key = await alerts.kept_picture(session, alert, index, part)
        plain = await reveals.until(session, alert, who.principal)
    data = await fetched(house.blobs, key)
    return picture(data if plain else await veil(data))


@router.get("/pictures/alerts/{alert}/references/{reference}")
async def registered_picture(alert: str, reference: str, house: InHouse, who: Analyst) -> Response:
    """The picture of a reference that this alert is about; veiled for whom it was not revealed."""
    async with house.database.reading() as session:
        if reference not in {match["reference_id"] for match in await _matches(session, alert)}:
            raise NotFound("There is no picture to show.")
        key = await assets.kept_picture(session, reference, None)
        plain = await reveals.until(session, alert, who.principal)
    data = await fetched(house.blobs, key)
    return picture(data if plain else await veil(data))


@router.get("/pictures/alerts/{alert}/aligned/{number}")
async def aligned_picture(alert: str, number: int, house: InHouse, who: Analyst) -> Response:
    """The posted picture as it would lie if it were the reference of that match; veiled for whom it was not revealed."""
    async with house.database.reading() as session:
        geometry, match = _geometry(await _matches(session, alert), number)
        key = await alerts.kept_picture(session, alert, match["attachment"], match.get("part", ""))
        registered = await assets.pictured(session, [match["reference_id"]])
        plain = await reveals.until(session, alert, who.principal)
        kept = await assets.kept_picture(session, match["reference_id"], None) if registered else None
    width_by_height = await aspect(await fetched(house.blobs, kept)) or geometry.get("reference_aspect")
    if not width_by_height:
        raise NotFound("Nobody measured the reference.")
    data = await aligned(await fetched(house.blobs, key), geometry["homography"], width_by_height)
    return picture(data if plain else await veil(data))


async def _matches(session: Session, alert: str) -> list[dict[str, Any]]:
    """Raises NotFound."""
    row = await repository.get(session, alert)
    if row is None:
        raise NotFound(f"There is no alert {alert}.", "unknown_alert")
    return row.matches


def _geometry(matches: list[dict[str, Any]], number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of one match, and the match. Raises NotFound."""
    match: dict[str, Any] = matches[number] if 0 <= number < len(matches) else {}
    geometry: dict[str, Any] = (match.get("evidence") or {}).get("geometry") or {}
    if match.get("attachment") is None or len(geometry.get("homography", ())) != 9:
        raise NotFound("There is no picture to show.")
    return geometry, match


async def _decided(
    session: Session, language: Language, alert: str, step: str, form: Form, who: Visitor, notices: Any
) -> BulkOut:
    """Raises NotFound, Invalid, Conflict."""
    change, version = wanted(step, form, who.principal.name), seen(form)
    if not await repository.states(session, [alert]):
        raise NotFound(f"There is no alert {alert}.", "unknown_alert")
    versions = {} if version is None else {alert: version}
    done = await recorded.change_all(session, [alert], versions, change, who.principal, notices)
    if done.changed_meanwhile:
        last = await history.last_change(session, alert)
        first = collision(last.actor, last.action, last.note, language) if last else ""
        more = language.say("Nothing was overwritten: look again.")
        raise Conflict(language.together(first, more), "changed_meanwhile")
    return done


async def _refused(
    request: Request, alert: str, house: InHouse, who: Visitor, step: str, form: Form, error: AppError
) -> Response:
    """The page as it is now, with the words still in the form."""
    says = error.detail if error.code == "changed_meanwhile" else why(request, error)
    status = 200 if by_htmx(request) else error.status
    return await _alert(request, alert, house, who, form.get("queue"), code=status, form=form, step=step, problem=says)


async def _shown(
    request: Request, alert: str, house: InHouse, who: Visitor, queue: str | None, done: str = "", step: str = ""
) -> Response:
    """The same alert, as it is now."""
    if by_htmx(request):
        return await _alert(request, alert, house, who, queue, done, step=step)
    return RedirectResponse(_address(alert, queue, done), 303)


async def _alert(
    request: Request,
    alert: str,
    house: InHouse,
    who: Visitor,
    queue: str | None,
    done: str = "",
    code: int = 200,
    form: Form | None = None,
    step: str = "",
    problem: str | None = None,
    since: int | None = None,
) -> Response:
    """``problem``: why the ``form`` of a ``step`` was refused."""
    language, asked, at = look_of(request).language, _asked(queue), now()
    async with house.database.reading() as session:
        found = await alerts.one(session, alert, LAST)
        rows = await history.histories(session, [alert], LAST)
        values: dict[str, Any] = {
            "alert": await _view(session, language, found, who)
            | {"history": [happened(language, entry) for entry in await entries_of(session, rows)]},
            "unlearnt": await unlearnt(session, language, found),
            "alike": alike_view(language, await similar.alike(session, found), at),
            "after": await _next(session, asked, who, alert, around=False),
            "before": next(iter(await repository.before(session, asked.filter(who.principal.name), asked.order, alert)), None),
            "people": await assigning.offered(session),
            "done": await _done(session, language, done) if done else None,
            "lived": await history.lived(session, alert),
            **await _live(session, language, alert, rows, queue, who, since),
        }
    values |= {"queue": queue, "keep": _keep(queue), "back": asked.address(), "morning": tomorrow(at), "purposes": PURPOSES}
    return page(request, who, "alerts/alert.html", code, section="alerts", form=form or {}, step=step, problem=problem, **values)


async def _live(
    session: Session,
    language: Language,
    alert: str,
    rows: Sequence[AlertHistoryRow],
    queue: str | None,
    who: Visitor,
    since: int | None,
) -> dict[str, Any]:
    """From where on a page that lies open listens and asks again, and what others did since it was drawn."""
    last = rows[-1].id if rows else 0
    later = await entries_of(session, [row for row in rows if since is not None and row.id > since])
    return {
        "last": last,
        "again": _address(alert, queue, "", since=str(last if since is None else since)),
        "listens": await history.last_happening(session),
        "meanwhile": meanwhile(language, later, who.principal.name),
    }


async def _view(session: Session, language: Language, found: AlertOut, who: Visitor, whole: int | None = None) -> dict[str, Any]:
    """An alert as somebody may see it now."""
    kept = await assets.pictured(session, (match.reference_id for match in found.matches if match.reference_id))
    plain = await reveals.until(session, found.id, who.principal)
    return alert_view(language, found, kept, await alerts.pictured(session, found), plain, whole)


def _about(language: Language, found: AlertOut, queue: str | None) -> dict[str, Any]:
    """Which alert a page beside it is about."""
    return {"alert": alert_view(language, found), "keep": _keep(queue)}


async def _next(session: Session, asked: Asked, who: Visitor, alert: str, around: bool = True) -> str | None:
    """What comes after an alert in that look at the queue; at its end the first of it, if that is wanted."""
    chosen = asked.filter(who.principal.name)
    found = await repository.find(session, chosen, asked.order, alert, 1)
    if not found and around:
        found = [one for one in await repository.find(session, chosen, asked.order, None, 2) if one != alert]
    return found[0] if found else None


async def _done(session: Session, language: Language, bulk_id: str) -> dict[str, Any] | None:
    """What was just done to one alert; of many the queue tells."""
    summary = await history.bulk_summary(session, bulk_id)
    if max(summary.values(), default=0) != 1:
        return None
    return done_view(summary, bulk_id, language) | {"alert": (await history.bulk_alerts(session, bulk_id))[0]}


def _asked(queue: str | None) -> Asked:
    """The queue as it is at first, for what is no look at it."""
    try:
        return asked_before({"filter": queue or ""})
    except Invalid:
        return Asked()


def _keep(queue: str | None, **more: str) -> str:
    """What an alert's address ends with."""
    values = {**({} if queue is None else {"queue": queue}), **{name: value for name, value in more.items() if value}}
    return f"?{urlencode(values)}" if values else ""


def _address(alert: str, queue: str | None, done: str, **more: str) -> str:
    return f"/alerts/{alert}{_keep(queue, done=done, **more)}"


def _left(queue: str, done: str) -> str:
    """The queue, when nothing is left in it."""
    address = _asked(queue).address()
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'done': done})}" if done else address


def _gone(request: Request, address: str) -> Response:
    """To another page; htmx would put it inside this one."""
    return Response(status_code=204, headers={"HX-Redirect": address}) if by_htmx(request) else RedirectResponse(address, 303)
