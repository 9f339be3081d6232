"""What is registered, registering it, and what its owner does with it."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from app.assets import recorded, repository, words
from app.assets import service as assets
from app.assets.schemas import AssetOut, AssetPatch
from app.blobs.reading import fetched
from app.console.alerts.deciding import seen
from app.console.assets.listing import Asked, choices
from app.console.assets.past import EVENTS, event_view, whole_view
from app.console.assets.views import (
    COMING,
    about_view,
    asset_view,
    bounds_view,
    coming_view,
    form_of,
    given_back,
    line_view,
    progress_view,
    retiring_view,
    shown_references,
    spec_of,
    words_of,
)
from app.console.brevity import fitting
from app.console.hunts.routes import card
from app.console.routes import (
    PAGE,
    Form,
    Posted,
    Registrar,
    Viewer,
    by_htmx,
    gone,
    look_of,
    page,
    picture,
    posted,
    received,
    room,
    why,
)
from app.console.signed_in import Visitor
from app.console.veiling import veil
from app.errors import AppError, Conflict, Forbidden, Invalid, invalid
from app.house import House
from app.paging import Cursor
from app.people.service import Role
from app.security import InHouse
from app.uploads import spool

PATIENCE = 20.0
"""Seconds that a browser without scripts waits for the end of a registration: its page would not tell when that comes."""
OWNERS, ROOM = 200, 12_000
"""So many owners can be chosen from, if their names are no longer than so many bytes together."""

router = room()
Number = Annotated[int, Query(alias="page", ge=1, le=10_000)]


@router.get("/assets")
async def asset_list(
    request: Request,
    house: InHouse,
    who: Viewer,
    cursor: Annotated[Cursor, Query()] = None,
    kind: str = "",
    level: str = "",
    owner: str = "",
    weak: str = "",
    q: str = "",
    sort: str = "",
) -> Response:
    """What is registered, weak ones first; an owner sees their own."""
    asked = Asked.of(kind, level, owner, weak, q, sort)
    wanted = asked.wanted(who.owner)
    async with house.database.reading() as session:
        found = await assets.listed(session, wanted, cursor, PAGE)
        coverage = await repository.coverage(session, wanted)
        owners = [] if who.owner is not None else await repository.owners(session, OWNERS)
    more = asked.address(cursor=found.next_cursor) if found.next_cursor else None
    values: dict[str, Any] = {
        "asked": asked,
        "coverage": coverage,
        "owners": fitting(owners, ROOM),
        "more": more,
        "continued": cursor is not None,
    }
    values |= choices(look_of(request).language)
    values["assets"] = [line_view(one) for one in found.items]
    response = page(request, who, "assets/assets.html", section="assets", **values)
    if by_htmx(request):
        response.headers["HX-Push-Url"] = asked.address()
    return response


@router.get("/assets/new")
async def asset_form(request: Request, house: InHouse, who: Registrar) -> Response:
    return _form(request, house, who, {})


@router.post("/assets")
async def register(request: Request, house: InHouse, who: Registrar) -> Response:
    """Register what the form brought; what is wrong is said above the form, with the words still in it."""
    fields: Form = {}
    try:
        with spool(house.settings.data_dir / "tmp") as folder:
            uploads = await received(request, who, folder, house.registration_bounds, fields)
            name = who.principal.name
            asset = await house.registrar.register(spec_of(fields), name, uploads, by=who.principal, watched=True)
    except ValidationError as error:
        return _form(request, house, who, fields, why(request, invalid(error)))
    except Forbidden:
        raise
    except AppError as error:
        return _form(request, house, who, fields, why(request, error), error.status)
    return await _to(request, house, asset.id)


@router.get("/assets/{asset}")
async def asset_page(
    request: Request, asset: str, house: InHouse, who: Viewer, start: Annotated[int, Query(ge=0, le=100_000)] = 0
) -> Response:
    async with house.database.reading() as session:
        found = await assets.one(session, asset, who.owner)
        kept = await assets.pictured(session, (one.id for one in shown_references(found, start)))
        events = await assets.history(session, asset, who.owner, EVENTS + 1)
        hunt = await card(session, request, who, asset)
    language = look_of(request).language
    values: dict[str, Any] = {"asset": asset_view(language, found, kept, events, start), "hunt": hunt}
    if found.status == "fingerprinting":
        values["coming"] = coming_view(language, found, kept, 0)
    return page(request, who, "assets/asset.html", section="assets", **values)


@router.get("/assets/{asset}/about")
async def about_page(
    request: Request,
    asset: str,
    house: InHouse,
    who: Viewer,
    number: Number = 1,
    q: Annotated[str, Query(max_length=200)] = "",
    added: int = 0,
    taken: int = 0,
) -> Response:
    """All of its code names and numbers, many at a time, and all of its note. ``added``, ``taken``: words just now."""
    return await _about(request, house, who, asset, number, q.strip(), added=added, taken=taken)


@router.post("/assets/{asset}/words")
async def change_words(request: Request, asset: str, house: InHouse, who: Registrar, form: Posted) -> Response:
    """Watch for more words, or for some no longer; what was not on the page stays as it is."""
    add = [words.Word(kind, one) for kind, some in words_of(form).items() for one in some]
    take = {name.removeprefix("take.") for name in form if name.startswith("take.")}
    try:
        async with house.database.writing() as session:
            moved = await words.change(session, asset, add, take, who.principal, who.owner)
    except (ValidationError, Invalid) as error:
        said = why(request, error if isinstance(error, Invalid) else invalid(error))
        return await _about(request, house, who, asset, 1, "", 422, form=given_back(form), problem=said)
    done = urlencode({name: count for name, count in (("added", moved.added), ("taken", moved.taken)) if count})
    return gone(request, f"/assets/{asset}/about" + (f"?{done}" if done else ""))


@router.get("/assets/{asset}/history")
async def history_page(
    request: Request,
    asset: str,
    house: InHouse,
    who: Viewer,
    before: Annotated[int | None, Query(ge=0, lt=10**18, description="entries before that one")] = None,
) -> Response:
    """What happened to it, some entries at a time."""
    async with house.database.reading() as session:
        found = await assets.one(session, asset, who.owner)
        events = await assets.history(session, asset, who.owner, EVENTS + 1, before)
    language, here = look_of(request).language, f"/assets/{asset}/history"
    values: dict[str, Any] = {"asset": found, "events": [event_view(language, one) for one in events[:EVENTS]]}
    values["earlier"] = f"{here}?before={events[EVENTS - 1].id}" if len(events) > EVENTS else None
    return page(request, who, "assets/history.html", section="assets", **values, latest=here if before else None)


@router.get("/assets/{asset}/history/{event}")
async def event_page(
    request: Request,
    asset: str,
    event: Annotated[int, Path(ge=0, lt=10**18)],
    house: InHouse,
    who: Viewer,
    number: Number = 1,
) -> Response:
    """One entry of its history, in full; of very much a part."""
    async with house.database.reading() as session:
        found, one = await assets.one(session, asset, who.owner), await assets.event(session, asset, who.owner, event)
    told, here = whole_view(look_of(request).language, one, number), f"/assets/{asset}/history/{event}?page="
    values: dict[str, Any] = {
        side: f"{here}{told[at]}" if told[at] else None for side, at in (("before", "earlier"), ("after", "later"))
    }
    return page(request, who, "assets/history.html", section="assets", asset=found, events=[told], single=True, **values)


@router.get("/assets/{asset}/coming")
async def coming(
    request: Request, asset: str, house: InHouse, who: Viewer, after: Annotated[int, Query(ge=0, le=100_000)] = 0
) -> Response:
    """How far its registration is, and the references that came since; at its end the page is to be loaded again."""
    async with house.database.reading() as session:
        found = await assets.one(session, asset, who.owner)
        kept = await assets.pictured(session, (reference.id for reference in found.references[after:][-COMING:]))
    if found.status != "fingerprinting" or not by_htmx(request):
        return Response(headers={"HX-Refresh": "true"}) if by_htmx(request) else RedirectResponse(f"/assets/{found.id}", 303)
    language = look_of(request).language
    values: dict[str, Any] = {"asset": progress_view(language, found), "count": len(found.references)}
    return page(request, who, "assets/coming.html", section="assets", coming=coming_view(language, found, kept, after), **values)


@router.get("/assets/{asset}/edit")
async def edit_form(request: Request, asset: str, house: InHouse, who: Registrar) -> Response:
    async with house.database.reading() as session:
        last = await assets.history(session, asset, who.owner, 1)  # first: what comes in between is then refused, not overwritten
        found = await assets.one(session, asset, who.owner)
    form = form_of(found) | {"version": str(last[0].id if last else 0)}
    return page(request, who, "assets/edit.html", section="assets", asset=found, form=form)


@router.post("/assets/{asset}/edit")
async def edit(request: Request, asset: str, house: InHouse, who: Registrar, form: Posted) -> Response:
    """Change what is said about it; its owner only for an administrator."""
    try:
        async with house.database.writing() as session:
            await recorded.change(session, asset, _patch(form, who), who.principal, who.owner, seen(form))
    except Conflict:
        return await _collided(request, house, who, asset, form)
    except (ValidationError, Invalid) as error:
        found = await _one(house, asset, who)
        said = why(request, error if isinstance(error, Invalid) else invalid(error))
        typed = given_back(form) | {"version": form.get("version", "")[:9]}
        return page(request, who, "assets/edit.html", 422, section="assets", asset=found, form=typed, problem=said)
    return gone(request, f"/assets/{asset}")


@router.get("/assets/{asset}/edition")
async def edition_form(request: Request, asset: str, house: InHouse, who: Registrar) -> Response:
    return await _edition(request, house, who, asset)


@router.post("/assets/{asset}/edition")
async def replace(request: Request, asset: str, house: InHouse, who: Registrar) -> Response:
    """A new edition of it: these files take the place of its present ones."""
    try:
        with spool(house.settings.data_dir / "tmp") as folder:
            uploads = await received(request, who, folder, house.registration_bounds, {})
            await house.registrar.replace(asset, uploads, who.owner, by=who.principal, watched=True)
    except Forbidden:
        raise
    except AppError as error:
        return await _edition(request, house, who, asset, why(request, error), error.status)
    return await _to(request, house, asset)


@router.get("/assets/{asset}/retire")
async def retire_form(request: Request, asset: str, house: InHouse, who: Registrar) -> Response:
    """What comes of it, before it is done."""
    found = retiring_view(await _one(house, asset, who))
    async with house.database.reading() as session:
        waiting = await repository.waiting_alerts(session, asset)
    return page(request, who, "assets/retire.html", section="assets", asset=found, waiting=waiting)


@router.post("/assets/{asset}/retire", dependencies=[Depends(posted)])
async def retire(request: Request, asset: str, house: InHouse, who: Registrar) -> Response:
    async with house.database.writing() as session:
        await recorded.retire(session, asset, who.principal, who.owner)
    return gone(request, "/assets")


@router.get("/pictures/references/{reference}")
async def reference_picture(reference: str, house: InHouse, who: Viewer) -> Response:
    """A registered picture, if it was kept; an owner sees their own. Analysts see it where an alert about it is revealed."""
    async with house.database.reading() as session:
        key = await assets.kept_picture(session, reference, who.owner)
    data = await fetched(house.blobs, key)
    return picture(await veil(data) if who.principal.role == Role.ANALYST else data)


async def _one(house: House, asset: str, who: Visitor) -> AssetOut:
    async with house.database.reading() as session:
        return await assets.one(session, asset, who.owner)


async def _to(request: Request, house: House, asset: str) -> Response:
    """To the asset's page, which scripts keep up to date."""
    if not by_htmx(request):
        await house.registrar.settled(asset, PATIENCE)
    return gone(request, f"/assets/{asset}")


def _form(
    request: Request, house: House, who: Visitor, fields: Form, problem: str | None = None, status: int | None = None
) -> Response:
    code = status or (422 if problem else 200)
    bounds = bounds_view(look_of(request).language, house.registration_bounds)
    return page(request, who, "assets/new.html", code, section="assets", form=given_back(fields), problem=problem, bounds=bounds)


async def _edition(
    request: Request, house: House, who: Visitor, asset: str, problem: str | None = None, status: int = 200
) -> Response:
    found, bounds = await _one(house, asset, who), bounds_view(look_of(request).language, house.registration_bounds)
    return page(request, who, "assets/edition.html", status, section="assets", asset=found, problem=problem, bounds=bounds)


async def _collided(request: Request, house: House, who: Visitor, asset: str, form: Form) -> Response:
    """The form as it was typed, with what others changed meanwhile; sent again, it takes the place of that."""
    async with house.database.reading() as session:
        fields, last = _patch(form, who).model_fields_set, seen(form) or 0
        others = await assets.meanwhile(session, asset, who.owner, last, fields)
        found = await assets.one(session, asset, who.owner)
    language, typed = look_of(request).language, given_back(form) | {"version": str(others[0].id if others else last)}
    first = language.say("%(actor)s changed this asset meanwhile.", actor=others[0].actor) if others else ""
    values: dict[str, Any] = {"problem": language.together(first, language.say("Nothing was overwritten: look again."))}
    values["others"] = [event_view(language, one) for one in others[:EVENTS]]
    return page(request, who, "assets/edit.html", 409, section="assets", asset=found, form=typed, **values)


async def _about(
    request: Request, house: House, who: Visitor, asset: str, number: int, q: str, code: int = 200, **more: Any
) -> Response:
    found = await _one(house, asset, who)
    values: dict[str, Any] = {"added": 0, "taken": 0, "here": f"/assets/{asset}/about", "q": q}
    values["about"] = about_view(found, number, q, noted=code == 200)
    return page(request, who, "assets/about.html", code, section="assets", asset=found, **(values | more))


def _patch(form: Form, who: Visitor) -> AssetPatch:
    """Of all but its words, which have a page of their own. Raises ValidationError."""
    plain = {name: form[name] for name in ("title", "level", "unit", "note") if name in form}
    owner = {"owner": form["owner"]} if who.principal.role == Role.ADMIN and "owner" in form else {}
    return AssetPatch.model_validate({**plain, **owner})
