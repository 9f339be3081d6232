"""Whose a name is. What an owner sees is found by their name, so no second owner gets one that is held already.

Operators alone give names. One of an owner's is given again only when they say that it is the same person: a token beside an
account, or in place of one that runs out. Other roles see the same whatever they are called; histories show the name, and the
audit record the id of the very token or account.
"""

import unicodedata

from app.db import Session, turn
from app.errors import Conflict
from app.people import repository
from app.people.repository import Holder
from app.people.service import Role


def normal(name: str) -> str:
    """As it is kept: the same however it was typed."""
    return unicodedata.normalize("NFC", name.strip())


async def claim(session: Session, name: str, role: Role, *, same_person: bool = False) -> None:
    """Nobody else gets a name until the transaction ends. Raises Conflict when it is another owner's."""
    await turn(session, "names")
    if role != Role.OWNER or same_person:
        return
    held = next((one for one in await repository.holders(session, name) if one.role == Role.OWNER), None)
    if held is not None:
        raise Conflict(_taken(name, held), "name_taken")


def _taken(name: str, held: Holder) -> str:
    return (
        f"“{name}” is an owner already ({held.id}), and whoever is called so sees their assets. "
        "Take another name, or say --same-person if it is them."
    )
