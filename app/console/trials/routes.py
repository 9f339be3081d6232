"""Trying what would be found: any file against the registry, and attacks on a registered picture. Nothing is recorded."""

import asyncio
import hashlib
import hmac
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from app.assets import gallery, repository, trial
from app.assets import service as assets
from app.assets.gallery import Subject
from app.assets.schemas import AssetOut
from app.console.assets.views import bounds_view
from app.console.routes import Registrar, Viewer, by_htmx, gone, look_of, page, picture, received, room, why
from app.console.signed_in import Visitor
from app.console.speech import Language
from app.console.trials.views import found_of, tile_view, tried_views
from app.console.wording import part
from app.errors import AppError, Forbidden, Invalid, NotFound, Unavailable
from app.house import House
from app.security import InHouse
from app.uploads import Bounds, Upload, spool

AT_ONCE = 6.0
"""Seconds in which a page without scripts tries attacks, before it shows how far it came."""
MOST = 8
"""Files tried at a time: each is inspected as a message would be."""
MOST_CHOICES = 100
"""References that may be chosen from a list; any other is chosen on the asset's page."""

router = room()


@router.get("/assets/test")
async def trial_page(request: Request, house: InHouse, who: Viewer) -> Response:
    return _trial(request, house, who)


@router.post("/assets/test")
async def try_files(request: Request, house: InHouse, who: Viewer) -> Response:
    """What these files would match. An owner is told which of their own assets, and that another owner's is meant."""
    language = look_of(request).language
    try:
        with spool(house.settings.data_dir / "tmp") as folder:
            uploads, own = await _files(request, who, folder, bounds(house)), await _own(house, who)
            with house.turns.one(who.principal.id):
                found = [(upload.name, await trial.tried(house.lanes, upload, own)) for upload in uploads]
    except Forbidden:
        raise
    except AppError as error:
        response = _trial(request, house, who, error.status, problem=why(request, error))
        response.headers.update(error.headers)
        return response
    return _trial(request, house, who, results=tried_views(language, found))


@router.get("/assets/{asset}/gallery")
async def attacks(
    request: Request, asset: str, house: InHouse, who: Registrar, reference: str = "", base: str = "", go: bool = False
) -> Response:
    """Attacks on one picture of an asset, kept, or lent (``base``). ``go``: try some now, for want of scripts."""
    found, subject = await _subject(house, who, asset, reference, base)
    if subject is not None and go:
        await _some(house, who, subject)
    known = house.gallery.known(subject) if subject else {}
    language, address = look_of(request).language, _address(reference, base)
    tiles = [tile_view(language, asset, attack, known.get(attack), address) for attack in gallery.ATTACKS]
    following = next((tile["name"] for tile in tiles if not tile["done"]), None)
    bounded = bounds_view(language, Bounds(house.bounds.body, house.bounds.file, 1))
    values: dict[str, Any] = {
        "asset": found,
        "attackable": subject is not None,
        "address": address,
        "lent": bool(base),
        "bounds": bounded,
    }
    values |= {"tiles": tiles, "following": following, "progress": found_of(known), "all": len(tiles)}
    values |= {"chosen": reference, **await _kept(house, look_of(request).language, found, reference)}
    return page(request, who, "trials/gallery.html", section="assets", **values)


@router.post("/assets/{asset}/gallery")
async def lend(request: Request, asset: str, house: InHouse, who: Registrar) -> Response:
    """A picture to attack in place of one that was not kept; it is forgotten within the hour."""
    found, _ = await _subject(house, who, asset, "", "")
    with spool(house.settings.data_dir / "tmp") as folder:
        uploads = await _files(request, who, folder, Bounds(house.bounds.body, house.bounds.file, 1))
        with house.turns.one(who.principal.id):
            blob = await house.gallery.lend(uploads[0])
    if blob is None:
        raise Invalid(f"There is no picture in “{uploads[0].name}”.", "no_picture", file=uploads[0].name)
    return gone(request, f"/assets/{found.id}/gallery?base={blob}.{_signed(who, blob)}")


@router.get("/assets/{asset}/gallery/{attack}")
async def attack(
    request: Request, asset: str, attack: str, house: InHouse, who: Registrar, reference: str = "", base: str = ""
) -> Response:
    """One attack tried, and for htmx the place of the next, which tries itself."""
    _, subject = await _subject(house, who, asset, reference, base)
    if subject is None:
        raise NotFound("There is no picture to show.")
    language, address = look_of(request).language, _address(reference, base)
    try:
        found = await house.gallery.attacked(subject, attack, who.principal.id)
    except Unavailable as error:
        tile = tile_view(language, asset, attack, None, address) | {"problem": why(request, error)}
        return page(request, who, "trials/tile.html", section="assets", tile=tile)
    if not by_htmx(request):
        return RedirectResponse(f"/assets/{asset}/gallery{address}", 303)
    known = house.gallery.known(subject)
    following = next((one for one in gallery.ATTACKS if one not in known), None)
    values: dict[str, Any] = {
        "tile": tile_view(language, asset, attack, found, address),
        "coming": tile_view(language, asset, following, None, address) if following else None,
        "progress": found_of(known),
        "all": len(gallery.ATTACKS),
    }
    return page(request, who, "trials/tile.html", section="assets", **values)


@router.get("/pictures/attacks/{asset}/{attack}")
async def attacked_picture(
    asset: str, attack: str, house: InHouse, who: Registrar, reference: str = "", base: str = ""
) -> Response:
    """What an attack made of a picture; whoever may see the picture may."""
    _, subject = await _subject(house, who, asset, reference, base)
    return picture(await house.gallery.picture(subject, attack, who.principal.id) if subject else None)


def bounds(house: House) -> Bounds:
    """Of what is tried."""
    return Bounds(house.bounds.body, house.bounds.file, min(MOST, house.bounds.files))


def _trial(request: Request, house: House, who: Visitor, code: int = 200, **values: Any) -> Response:
    bounded = bounds_view(look_of(request).language, bounds(house))
    return page(request, who, "trials/trial.html", code, section="assets", bounds=bounded, **values)


async def _own(house: House, who: Visitor) -> frozenset[str] | None:
    if who.owner is None:
        return None
    async with house.database.reading() as session:
        return await repository.owned(session, who.owner)


async def _files(request: Request, who: Visitor, folder: Path, within: Bounds) -> list[Upload]:
    """At least one. Raises AppError."""
    uploads = await received(request, who, folder, within, {})
    if not uploads:
        raise Invalid("Choose at least one file.", "missing_part")
    return uploads


async def _subject(house: House, who: Visitor, asset: str, reference: str, base: str) -> tuple[AssetOut, Subject | None]:
    """Raises NotFound for an asset or a picture that is somebody else's."""
    async with house.database.reading() as session:
        found = await assets.one(session, asset, who.owner)
        if reference not in {one.id for one in found.references} | {""}:
            raise NotFound("There is no picture to show.")
        blob = await assets.kept_picture(session, reference, who.owner) if reference else None
    if base:
        key, _, sign = base.partition(".")
        if not hmac.compare_digest(_signed(who, key).encode(), sign.encode()):
            raise NotFound("There is no picture to show.")
        blob = key
    return found, Subject(blob, asset) if blob else None


async def _kept(house: House, language: Language, asset: AssetOut, chosen: str) -> dict[str, Any]:
    """Id and name of those of its references that can be attacked, some of very many, and how many there are."""
    async with house.database.reading() as session:
        kept = await assets.pictured(session, (one.id for one in asset.references))
    there = [one for one in asset.references if one.id in kept]
    listed = there[:MOST_CHOICES] + [one for one in there[MOST_CHOICES:] if one.id == chosen]
    return {"references": [(one.id, part(language, one.label) or one.file) for one in listed], "choices": len(there)}


async def _some(house: House, who: Visitor, subject: Subject) -> None:
    """Attacks that nobody tried yet, for some seconds. Raises AppError."""
    end = asyncio.get_running_loop().time() + AT_ONCE
    for attack in gallery.ATTACKS:
        if attack in house.gallery.known(subject):
            continue
        await house.gallery.attacked(subject, attack, who.principal.id)
        if asyncio.get_running_loop().time() > end:
            return


def _signed(who: Visitor, key: str) -> str:
    """So that a picture that was lent is shown to this session alone, and no other blob by its name."""
    return hmac.new(who.csrf.encode(), f"lent {key}".encode(), hashlib.sha256).hexdigest()


def _address(reference: str, base: str) -> str:
    return f"?base={base}" if base else f"?reference={reference}"
