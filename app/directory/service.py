"""Keeping the directory, and what of it an inspection or an analyst may know: one person, of a message that is before them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session
from app.directory import repository, tables
from app.directory.types import Person, Unusable
from app.errors import Invalid

EMPTY = "there is nobody in this table: it would remove everybody"


async def replace(session: Session, people: Sequence[Person], who: Somebody) -> None:
    """Everybody by these."""
    before = await repository.count(session)
    await repository.replace(session, people)
    await audit.record(session, who, "directory.imported", "directory", "", people=len(people), before=before)


async def take(session: Session, who: Somebody) -> list[Person]:
    """Everybody. That they were taken out is written down."""
    people = await repository.everybody(session)
    await audit.record(session, who, "directory.exported", "directory", "", people=len(people))
    return people


def checked(data: bytes, *, nobody: bool = False) -> list[Person]:
    """Who is in a table; it takes a second for tens of thousands. Raises Invalid, with what is wrong line by line.

    ``nobody``: there may be nobody in it; else that is taken for a mistake, since it would remove everybody.
    """
    try:
        people = tables.read(data)
    except Unusable as error:
        wrong = [{"line": one.line, "column": one.column, "says": one.says} for one in error.wrong]
        raise Invalid(str(error), "directory_wrong", errors=wrong) from None
    if not people and not nobody:
        raise Invalid(EMPTY, "directory_empty", errors=[{"line": 1, "column": "", "says": EMPTY}])
    return people


async def standing(session: Session, gateway: str, sender: str, at: datetime) -> dict[str, Any] | None:
    """How somebody stood to the organisation when they posted, as ``detectors.types.Standing``; ``None``: nobody knows them."""
    person = await repository.find(session, gateway, sender)
    return None if person is None else standing_of(person, at.astimezone(UTC).date())


def standing_of(person: Person, day: date) -> dict[str, Any]:
    """On a day; what was no longer so then does not matter, nor what was not yet so."""
    ended = person.ends_on if person.ends_on is not None and person.ends_on < day else None
    unsigned = person.kind != "staff" and (person.signed_on is None or person.signed_on > day)
    return {"ended": ended, "clearance": person.clearance or None, "unsigned": unsigned}
