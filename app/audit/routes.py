"""``GET /audit``, ``GET /audit/check``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.audit import service
from app.audit.chain import Place
from app.audit.schemas import AuditCursor, AuditFilter, CheckOut, EntryOut
from app.errors import Invalid
from app.paging import Page, Size
from app.people.service import Role
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], dependencies=[Depends(require(Role.AUDITOR, Role.ADMIN))])


class AuditQuery(AuditFilter):
    """A filter, and which page of it."""

    cursor: AuditCursor = None
    limit: Size = 50


@router.get("")
async def list_entries(query: Annotated[AuditQuery, Query()], house: InHouse) -> Page[EntryOut]:
    """Who did what, newest first."""
    async with house.database.reading() as session:
        return await service.page(session, query, query.cursor, query.limit)


@router.get("/check")
async def check_record(
    house: InHouse, expect: Annotated[str | None, Query(max_length=100, description="an earlier end, as SEQ:HASH")] = None
) -> CheckOut:
    """Walk along the whole record: whether it is as it was written, and its end, to be written down elsewhere."""
    found = await house.checking.check(expected_place(expect))
    return CheckOut(**CheckOut.model_validate(found.check).model_dump(exclude={"at"}), at=found.at)


def expected_place(text: str | None) -> Place | None:
    """Raises Invalid."""
    try:
        return Place.parse(text) if text else None
    except ValueError as error:
        raise Invalid(str(error), "bad_place") from None
