"""The record's page: filters that live in the URL, newest first, and whether all of it is as it was written."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request, Response
from pydantic import ValidationError

from app.alerts.history import repository as history
from app.audit import service
from app.audit.checking import Checked, Checking
from app.audit.routes import expected_place
from app.audit.schemas import AuditCursor, AuditFilter, EntryOut
from app.console.auditing.views import UNDONE, actions, alert_view, broken_words, entry_view, moment_of
from app.console.routes import PAGE, look_of, page, room, visitor, why
from app.console.signed_in import Visitor
from app.db import Session
from app.errors import Invalid, NotFound, invalid
from app.paging import Page
from app.people.service import Role
from app.security import InHouse

Auditor = Annotated[Visitor, Depends(visitor(Role.AUDITOR, Role.ADMIN))]
Asked = Annotated[str, Query(max_length=200)]
Seq = Annotated[int, Path(ge=1, lt=10**18)]
MOMENTS = ("since", "until")
WITH_EVIDENCE = {"alert": "alerts", "incident": "incidents"}
"""Kinds of things whose evidence can be taken out, and where."""
router = room()


@router.get("/audit")
async def audit_page(
    request: Request,
    house: InHouse,
    who: Auditor,
    actor: Asked = "",
    action: Asked = "",
    object: Asked = "",
    since: Asked = "",
    until: Asked = "",
    cursor: Annotated[AuditCursor, Query()] = None,
) -> Response:
    """Who did what."""
    asked = {"actor": actor, "action": action, "object": object, "since": since, "until": until}
    asked = {name: value.strip() for name, value in asked.items() if value.strip()}
    problem, found = None, Page[EntryOut](items=[], next_cursor=None)
    async with house.database.reading() as session:
        head = await service.head(session)
        try:
            found = await service.page(session, _filter(asked), cursor, PAGE)
        except Invalid as error:
            problem = why(request, error)
    language = look_of(request).language
    values: dict[str, Any] = {"entries": [entry_view(entry, language) for entry in found.items], "asked": asked, "head": head}
    values |= {"actions": actions(language), "older": _address(asked, found.next_cursor), **_earlier(request, house.checking)}
    return page(request, who, "auditing/audit.html", 422 if problem else 200, section="audit", problem=problem, **values)


@router.get("/audit/check")
async def check(request: Request, house: InHouse, who: Auditor, expect: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Walk along all of it: in its place by htmx, else on a page of its own."""
    found = await house.checking.check(expected_place(expect.strip()))
    return page(request, who, "auditing/check.html", section="audit", expect=expect, **_checked(request, found))


@router.get("/audit/{seq}")
async def entry_page(request: Request, seq: Seq, house: InHouse, who: Auditor) -> Response:
    """One entry, in full."""
    async with house.database.reading() as session:
        found = await service.one(session, seq)
        alerts = sum((await _did(session, found)).values())
    entry = entry_view(found, look_of(request).language, whole=True)
    evidence = f"/{WITH_EVIDENCE[found.object_kind]}/{found.object_id}/evidence" if _may_take(who, found) else None
    return page(request, who, "auditing/entry.html", section="audit", entry=entry, evidence=evidence, alerts=alerts)


@router.get("/audit/{seq}/alerts")
async def alerts_page(
    request: Request, seq: Seq, house: InHouse, who: Auditor, after: Annotated[int, Query(ge=0, lt=10**18)] = 0
) -> Response:
    """Every alert that was changed at once, or taken back, as their histories tell it; ``after``: the last of the page before."""
    async with house.database.reading() as session:
        found = await service.one(session, seq)
        if found.object_kind != "bulk":
            raise NotFound("There is no such entry.", "unknown_entry")
        rows = await history.bulk_rows(session, found.object_id, found.action == UNDONE, after, PAGE + 1)
        alerts = sum((await _did(session, found)).values())
    language, more = look_of(request).language, rows[PAGE - 1].id if len(rows) > PAGE else None
    values: dict[str, Any] = {"entry": entry_view(found, language), "rows": [alert_view(row, language) for row in rows[:PAGE]]}
    return page(request, who, "auditing/alerts.html", section="audit", **values, alerts=alerts, more=more, after=after)


async def _did(session: Session, entry: EntryOut) -> dict[str, int]:
    """What an entry about several alerts did to how many of them, as far as they are kept."""
    if entry.object_kind != "bulk":
        return {}
    did = await history.bulk_summary(session, entry.object_id)
    return {action: number for action, number in did.items() if (action in history.TAKEN_BACK) == (entry.action == UNDONE)}


def _may_take(who: Visitor, entry: EntryOut) -> bool:
    """Whether they may take the evidence about what an entry is about."""
    return who.principal.role == Role.AUDITOR and entry.object_kind in WITH_EVIDENCE


def _earlier(request: Request, checking: Checking) -> dict[str, Any]:
    """The last walk, as the page of entries tells it: beside where the record ends now."""
    told = _checked(request, checking.last)
    return {"last": told} if told else {}


def _checked(request: Request, found: Checked | None) -> dict[str, Any]:
    """What a walk along the record found, and when."""
    if found is None:
        return {}
    broken = found.check.broken
    says = broken_words(broken, look_of(request).language) if broken else None
    return {"found": found.check, "why": says, "head": found.check.head, "at": found.at}


def _filter(asked: dict[str, str]) -> AuditFilter:
    """Raises Invalid."""
    values = {name: moment_of(value) if name in MOMENTS else value for name, value in asked.items()}
    try:
        return AuditFilter.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None


def _address(asked: dict[str, str], cursor: str | None) -> str | None:
    """Of the page of entries before these; ``None``: there are none."""
    return f"/audit?{urlencode(asked | {'cursor': cursor})}" if cursor else None
