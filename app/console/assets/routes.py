"""What is registered, and registering it."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from app.assets import recorded
from app.assets import service as assets
from app.assets.schemas import AssetSpec
from app.blobs.reading import fetched
from app.console.assets.views import asset_view, field_problem
from app.console.routes import PAGE, Form, Registrar, Viewer, look_of, ours, page, picture, posted, room
from app.console.signed_in import Visitor
from app.console.veiling import veil
from app.errors import AppError, Forbidden
from app.paging import Cursor
from app.people.service import Role
from app.security import InHouse
from app.uploads import read_form, spool

router = room()


@router.get("/assets")
async def asset_list(request: Request, house: InHouse, who: Viewer, cursor: Annotated[Cursor, Query()] = None) -> Response:
    """What is registered; an owner sees their own."""
    async with house.database.reading() as session:
        found = await assets.page(session, who.owner, cursor, PAGE)
    return page(request, who, "assets/assets.html", section="assets", assets=found.items, next_cursor=found.next_cursor)


@router.get("/assets/new")
async def asset_form(request: Request, who: Registrar) -> Response:
    return page(request, who, "assets/new.html", section="assets", form={})


@router.post("/assets")
async def register(request: Request, house: InHouse, who: Registrar) -> Response:
    """Register what the form brought; what is wrong is said above the form, with the words still in it."""
    fields: Form = {}
    try:
        with spool(house.settings.data_dir / "tmp") as folder:
            form = await read_form(request.stream(), request.headers.get("content-type", ""), folder, house.registration_bounds)
            fields = {name: value.decode(errors="replace") for name, value in form.fields.items()}
            ours(who, fields.get("csrf", ""))
            spec, uploads = _spec(fields), [upload for upload in form.uploads if upload.name or upload.size]
            asset = await house.registrar.register(spec, who.principal.name, uploads, by=who.principal)
    except ValidationError as error:
        return _again(request, who, fields, field_problem(look_of(request).language, error))
    except Forbidden:
        raise
    except AppError as error:
        return _again(request, who, fields, error.detail, error.status)
    return RedirectResponse(f"/assets/{asset.id}", 303)


@router.get("/assets/{asset}")
async def asset_page(request: Request, asset: str, house: InHouse, who: Viewer) -> Response:
    async with house.database.reading() as session:
        found = await assets.one(session, asset, who.owner)
        kept = await assets.pictured(session, (reference.id for reference in found.references))
    return page(request, who, "assets/asset.html", section="assets", asset=asset_view(look_of(request).language, found, kept))


@router.post("/assets/{asset}/retire", dependencies=[Depends(posted)])
async def retire(asset: str, house: InHouse, who: Registrar) -> Response:
    async with house.database.writing() as session:
        await recorded.retire(session, asset, who.principal, who.owner)
    return RedirectResponse("/assets", 303)


@router.get("/pictures/references/{reference}")
async def reference_picture(reference: str, house: InHouse, who: Viewer) -> Response:
    """A registered picture, if it was kept; an owner sees their own. Analysts see it where an alert about it is revealed."""
    async with house.database.reading() as session:
        key = await assets.kept_picture(session, reference, who.owner)
    data = await fetched(house.blobs, key)
    return picture(await veil(data) if who.principal.role == Role.ANALYST else data)


def _again(request: Request, who: Visitor, fields: Form, problem: str, status: int = 422) -> Response:
    return page(request, who, "assets/new.html", status, section="assets", form=fields, problem=problem)


def _spec(fields: Form) -> AssetSpec:
    """Raises ValidationError."""
    words = {name: [word.strip() for word in fields.get(name, "").split(",") if word.strip()] for name in ("terms", "tags")}
    plain = {name: fields.get(name, "") for name in ("title", "kind", "level", "unit", "note")}
    return AssetSpec.model_validate({**plain, **words, "keep_originals": "keep_originals" in fields})
