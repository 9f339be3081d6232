"""``POST/GET /assets``, ``GET/PATCH/DELETE /assets/{id}``, ``POST /assets/test``."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError

from app.assets import recorded, repository, service, trial
from app.assets.schemas import AssetOut, AssetPatch, AssetSpec, AssetSummary, Tested
from app.errors import Forbidden, Invalid, invalid
from app.ingest.schemas import inlined
from app.paging import Cursor, Page, Size
from app.people.service import Principal, Role
from app.security import InHouse, require
from app.uploads import Form, read_form, spool

router = APIRouter(prefix="/api/v1/assets", tags=["assets"])
Registrar = Annotated[Principal, Depends(require(Role.OWNER, Role.ADMIN))]
Viewer = Annotated[Principal, Depends(require(Role.OWNER, Role.ANALYST, Role.ADMIN))]
Tester = Annotated[Principal, Depends(require(Role.OWNER, Role.ANALYST))]
LATER: dict[int | str, dict[str, Any]] = {202: {"model": AssetOut, "description": "More references are to come"}}
FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}


def _form(**properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {**properties, "files": FILES}, "required": [*properties, "files"]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@router.post("", status_code=201, openapi_extra=_form(asset=inlined(AssetSpec)), responses=LATER)
async def register(request: Request, response: Response, house: InHouse, who: Registrar) -> AssetOut:
    """Register files as one asset: recognised in every message inspected after the answer.

    More than 20 pages are answered with 202 and ``fingerprinting``; ``GET /assets/{id}`` tells how far it is.
    """
    with spool(house.settings.data_dir / "tmp") as folder:
        kind = request.headers.get("content-type", "")
        form = await read_form(request.stream(), kind, folder, house.registration_bounds, "asset")
        spec = _spec(form)
        owner = _owner(who, spec)
        return _answered(await house.registrar.register(spec, owner, form.uploads, _only(who), by=who), response)


@router.post("/{asset}/edition", openapi_extra=_form(), responses=LATER)
async def replace(request: Request, response: Response, asset: str, house: InHouse, who: Registrar) -> AssetOut:
    """A new edition of an asset: these files take the place of its present ones, which are recognised until then."""
    with spool(house.settings.data_dir / "tmp") as folder:
        kind = request.headers.get("content-type", "")
        form = await read_form(request.stream(), kind, folder, house.registration_bounds)
        return _answered(await house.registrar.replace(asset, form.uploads, _only(who), by=who), response)


@router.post("/test", openapi_extra=_form())
async def test(request: Request, house: InHouse, who: Tester) -> Tested:
    """What these files would match; nothing is recorded. An owner is told of their own assets only. Two at once a person."""
    with spool(house.settings.data_dir / "tmp") as folder:
        form = await read_form(request.stream(), request.headers.get("content-type", ""), folder, house.bounds)
        if not form.uploads:
            raise Invalid("Send at least one file.", "missing_part")
        own = None
        if (mine := _only(who)) is not None:
            async with house.database.reading() as session:
                own = await repository.owned(session, mine)
        with house.turns.one(who.id):
            return Tested(results=[await trial.inspect(house.lanes, upload, own) for upload in form.uploads])


@router.get("")
async def list_assets(
    house: InHouse, who: Viewer, cursor: Annotated[Cursor, Query()] = None, limit: Annotated[Size, Query()] = 50
) -> Page[AssetSummary]:
    """Assets, newest first; an owner sees their own."""
    async with house.database.reading() as session:
        return await service.page(session, _only(who), cursor, limit)


@router.get("/{asset}")
async def get_asset(asset: str, house: InHouse, who: Viewer) -> AssetOut:
    """One asset with its references."""
    async with house.database.reading() as session:
        return await service.one(session, asset, _only(who))


@router.patch("/{asset}")
async def change_asset(asset: str, patch: AssetPatch, house: InHouse, who: Viewer) -> AssetOut:
    """Change what is said about an asset."""
    if who.role == Role.OWNER and patch.owner not in (None, who.name):
        raise Forbidden("Only an admin gives an asset to another owner.", "other_owner")
    async with house.database.writing() as session:
        return await recorded.change(session, asset, patch, who, _only(who))


@router.delete("/{asset}", status_code=204)
async def forget_asset(asset: str, house: InHouse, who: Viewer) -> None:
    """Forget an asset, its references and fingerprints; alerts keep what they said."""
    async with house.database.writing() as session:
        await recorded.retire(session, asset, who, _only(who))


def _answered(asset: AssetOut, response: Response) -> AssetOut:
    response.status_code = 202 if asset.status == "fingerprinting" else response.status_code
    return asset


def _only(who: Principal) -> str | None:
    return who.name if who.role == Role.OWNER else None


def _owner(who: Principal, spec: AssetSpec) -> str:
    if who.role == Role.OWNER and spec.owner not in ("", who.name):
        raise Forbidden("Only an admin registers for another owner.", "other_owner")
    return spec.owner or who.name


def _spec(form: Form) -> AssetSpec:
    if "asset" not in form.fields:
        raise Invalid("The part “asset” is missing.", "missing_part")
    try:
        return AssetSpec.model_validate_json(form.fields["asset"])
    except ValidationError as error:
        raise invalid(error) from None
