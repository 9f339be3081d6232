"""The directory's rows."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from sqlalchemy import delete, func, insert, or_, select

from app.db import Session
from app.db.models import DirectoryRow
from app.directory.types import Person

FIELDS = tuple(field.name for field in fields(Person))
_SOME = 500


async def replace(session: Session, people: Sequence[Person]) -> None:
    """Everybody by these."""
    await session.execute(delete(DirectoryRow))
    for start in range(0, len(people), _SOME):
        await session.execute(insert(DirectoryRow), [asdict(person) for person in people[start : start + _SOME]])


async def count(session: Session) -> int:
    return await session.scalar(select(func.count()).select_from(DirectoryRow)) or 0


async def everybody(session: Session) -> list[Person]:
    """In the order of their accounts."""
    rows = await session.scalars(select(DirectoryRow).order_by(DirectoryRow.gateway, DirectoryRow.sender))
    return [_person(row) for row in rows]


async def find(session: Session, gateway: str, sender: str) -> Person | None:
    """Whose account it is: what is said of this gateway goes before what is said of any."""
    theirs = DirectoryRow.sender == sender, or_(DirectoryRow.gateway == gateway, DirectoryRow.gateway == "")
    row = (await session.scalars(select(DirectoryRow).where(*theirs).order_by(DirectoryRow.gateway.desc()).limit(1))).first()
    return None if row is None else _person(row)


def _person(row: DirectoryRow) -> Person:
    return Person(**{name: getattr(row, name) for name in FIELDS})
