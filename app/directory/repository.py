"""The directory's rows."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields

from sqlalchemy import delete, func, insert, select

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
    return (await find_all(session, [(gateway, sender)])).get((gateway, sender))


async def find_all(session: Session, accounts: Collection[tuple[str, str]]) -> dict[tuple[str, str], Person]:
    """The same of several, by gateway and sender; those that nobody knows are left out."""
    listed, said = list(accounts), dict[tuple[str, str], Person]()
    for start in range(0, len(listed), _SOME):
        some = listed[start : start + _SOME]
        named = DirectoryRow.sender.in_({sender for _, sender in some}), DirectoryRow.gateway.in_({"", *(one for one, _ in some)})
        said |= {(row.gateway, row.sender): _person(row) for row in await session.scalars(select(DirectoryRow).where(*named))}
    found = {one: said.get(one) or said.get(("", one[1])) for one in listed}
    return {one: person for one, person in found.items() if person is not None}


def _person(row: DirectoryRow) -> Person:
    return Person(**{name: getattr(row, name) for name in FIELDS})
