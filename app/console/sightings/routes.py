"""Where something was seen: a picture that somebody brings, or what a message held, among everything that was inspected."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.console.assets.views import bounds_view
from app.console.brevity import brief
from app.console.routes import PAGE, Analyst, Posted, gone, look_of, page, received, room, why
from app.console.sightings import views
from app.console.sightings.asking import DAYS, Asked, read, written
from app.console.signed_in import Visitor
from app.db import Session
from app.errors import AppError, Forbidden, Invalid
from app.house import House
from app.ingest.trials import Like
from app.security import InHouse
from app.sightings import seeking, service
from app.sightings.routes import since
from app.sightings.seeking import Found
from app.uploads import Bounds, spool

router = room()


@dataclass(frozen=True, slots=True)
class About:
    """The message whose pictures are sought."""

    at: datetime
    channel: str
    sender: str
    alert: str | None


@router.get("/sightings")
async def seen(request: Request, house: InHouse, who: Analyst, asked: Annotated[Asked, Query()]) -> Response:
    """Where what the address says was seen; without it, the form for a picture."""
    if not asked.message and not asked.like:
        return _page(request, house, who, asked)
    try:
        likes, about, found = await _sought(house, who, asked)
    except AppError as error:
        return _page(request, house, who, asked, error.status, problem=why(request, error))
    language, wanted = look_of(request).language, views.wanted(found.alike, asked)
    end = asked.start + PAGE
    values: dict[str, Any] = {
        "about": about,
        "parts": len(likes),
        "pictures": any(one.perceptual for one in likes),
        "texts": any(one.phrases for one in likes),
        "all": len(found.alike),
        "found": found,
        "summary": views.summary(wanted) if wanted else None,
        "rows": [views.row(language, one) for one in wanted[asked.start : end]],
        "end": min(end, len(wanted)),
        "later": asked.address(start=end) if end < len(wanted) else None,
        "earlier": asked.address(start=max(0, asked.start - PAGE)) if asked.start else None,
    }
    return _page(request, house, who, asked, **values)


@router.post("/sightings")
async def bring(request: Request, house: InHouse, who: Analyst) -> Response:
    """To where a file is sought: its hashes stand in the address, and nothing of it is kept."""
    try:
        with spool(house.settings.data_dir / "tmp") as folder:
            uploads = await received(request, who, folder, _bounds(house), {})
            if not uploads:
                raise Invalid("Choose a file.", "file_missing")
            with house.turns.one(who.principal.id):
                brought = await seeking.of_file(house.lanes, uploads[0])
    except Forbidden:
        raise
    except AppError as error:
        response = _page(request, house, who, Asked(), error.status, problem=why(request, error))
        response.headers.update(error.headers)
        return response
    return gone(request, Asked(like=written(brought.parts)).address())


@router.post("/sightings/text")
async def bring_text(request: Request, house: InHouse, who: Analyst, form: Posted) -> Response:
    """To where a pasted text is sought: likewise."""
    try:
        if not form.get("text", "").strip():
            raise Invalid("Paste a text.", "no_text")
        with spool(house.settings.data_dir / "tmp") as folder, house.turns.one(who.principal.id):
            brought = await seeking.of_text(house.lanes, form["text"], folder)
    except AppError as error:
        response = _page(request, house, who, Asked(), error.status, problem=why(request, error), text=form.get("text", ""))
        response.headers.update(error.headers)
        return response
    return gone(request, Asked(like=written(brought.parts)).address())


async def _sought(house: House, who: Visitor, asked: Asked) -> tuple[list[Like], About | None, Found]:
    """Raises Invalid, NotFound."""
    message = asked.message or ""
    async with house.database.reading() as session:
        likes = await seeking.of_message(session, message) if message else _likes(asked.like or "")
        found = await seeking.seek(session, likes, since(DAYS[asked.days]), message)
        about = await _about(session, message) if message else None
    await house.reads.sought(who.principal, "message" if message else "file", message or likes[0].digest)
    return likes, about, found


def _likes(like: str) -> list[Like]:
    """Raises Invalid."""
    try:
        return read(like)
    except ValueError:
        raise Invalid("This address is not complete: choose the picture again.", "bad_likeness") from None


async def _about(session: Session, message: str) -> About:
    own = (await service.of_messages(session, [message]))[0]
    raised = await seeking.alert_of(session, message)
    channel, sender = own.head["channel"], own.head["sender"]
    where = brief(channel.get("name") or own.channel_id, views.NAMED)
    return About(own.at, where, brief(sender.get("name") or own.sender_id, views.NAMED), raised)


def _bounds(house: House) -> Bounds:
    return Bounds(house.bounds.body, house.bounds.file, 1)


def _page(request: Request, house: House, who: Visitor, asked: Asked, code: int = 200, **values: Any) -> Response:
    language = look_of(request).language
    values |= {"asked": asked, "bounds": bounds_view(language, _bounds(house)), "kept": house.settings.keep_sightings}
    values |= {"only": views.choices(language, views.ONLY), "days": views.choices(language, views.DAYS)}
    return page(request, who, "sightings/sightings.html", code, section="sightings", **values)
