"""Whose a name is. What an owner sees is found by their name, so a second one is not called so by mistake.

Operators alone give names. An account and a token of one name are one person's only if the operator says so. A further token of
a name is how tokens are renewed, by people and by programs that make them: it is made, and whoever makes it is told who has that
name already. Other roles see the same whatever they are called; histories show the name, and the audit record the id of the very
token or account.
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


async def claim(session: Session, name: str, role: Role, *, account: bool, same_person: bool = False) -> list[str]:
    """Ids of what lets an owner of that name in already. Nobody else gets the name until the transaction ends.

    ``account``: whether it is for one. Raises Conflict where an account and a token would share it, unless for the same person.
    """
    await turn(session, "names")
    if role != Role.OWNER:
        return []
    held = [one for one in await repository.holders(session, name) if one.role == Role.OWNER]
    other = next((one for one in held if one.is_account is not account), None)
    if other is not None and not same_person:
        raise Conflict(_taken(name, other), "name_taken")
    return [one.id for one in held]


def beside(name: str, ids: list[str]) -> str:
    """What is told whoever makes a further token of an owner; empty if there is nothing to tell."""
    return f"“{name}” is an owner already ({', '.join(ids)}): whoever holds this token sees the same assets." if ids else ""


def _taken(name: str, held: Holder) -> str:
    return (
        f"“{name}” is an owner already ({held.id}), and whoever is called so sees their assets. "
        "Take another name, or say --same-person if it is them."
    )
