"""Whom alerts may be given to: people who have a token or an account, and may decide."""

from app.alerts.schemas import AlertChange
from app.db import Session
from app.errors import Invalid
from app.people import repository as people
from app.people.service import Role

DECIDE = (Role.ANALYST, Role.ADMIN)
OFFERED = 100
UNKNOWN = "Nobody of that name may decide about alerts: choose somebody who has a token or an account."


async def offered(session: Session) -> list[str]:
    """The first of them, by name."""
    return await people.names(session, DECIDE, OFFERED)


async def check(session: Session, change: AlertChange) -> None:
    """Raises Invalid for an assignee nobody knows."""
    await known(session, change.assignee)


async def known(session: Session, name: str | None) -> None:
    """Raises Invalid for somebody nobody knows."""
    if name is not None and not await people.names(session, DECIDE, 1, name):
        raise Invalid(UNKNOWN, "unknown_assignee")
