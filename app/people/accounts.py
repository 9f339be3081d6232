"""Accounts: people who sign in with a name and a password. Made, changed and ended by operators, each time written down."""

from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session
from app.db.ids import new_id
from app.db.models import AccountRow, now
from app.errors import Conflict, Invalid, NotFound
from app.people import names, repository
from app.people.passwords import Passwords
from app.people.service import Principal, Role, principal_of
from app.people.strength import check

ROLES = tuple(role for role in Role if role != Role.GATEWAY)
"""Gateways are programs: they hold tokens."""
LONGEST = 100


def checked_name(name: str) -> str:
    """As it is kept. Raises Invalid."""
    kept = names.normal(name)
    if not kept or len(kept) > LONGEST or not kept.isprintable():
        raise Invalid(f"An account needs a name of at most {LONGEST} characters that can be printed.", "bad_name")
    return kept


def checked_role(role: str) -> Role:
    """Raises Invalid."""
    if role not in ROLES:
        raise Invalid(f"There is no role {role} for people: take one of {', '.join(ROLES)}.", "bad_role")
    return Role(role)


async def hashed(passwords: Passwords, password: str, name: str) -> str:
    """What is kept of a password that ``name`` may have. Raises Invalid."""
    check(password, name)
    return await passwords.kept(password)


async def create(session: Session, name: str, role: Role, kept: str, who: Somebody, *, same_person: bool = False) -> Principal:
    """``kept``: of its password; ``same_person``: as who holds a token of that name. Raises Conflict."""
    await names.claim(session, name, role, account=True, same_person=same_person)
    row = AccountRow(id=new_id("acc"), name=name, role=role, hash=kept, created_at=now(), disabled_at=None)
    if not await repository.add_account(session, row):
        raise Conflict(f"There is an account “{name}” already.", "name_taken")
    await audit.record(session, who, "account.created", "account", row.id, name=name, role=role)
    return principal_of(row)


async def disable(session: Session, name: str, who: Somebody) -> Principal:
    """Nobody signs in with it any more, and whoever is signed in no longer is. Its name stays taken. Raises NotFound."""
    row = await _named(session, name)
    ended = await repository.remove_sessions(session, row.id)
    row.disabled_at = row.disabled_at or now()
    await audit.record(session, who, "account.disabled", "account", row.id, name=row.name, sessions_ended=ended)
    return principal_of(row)


async def enable(session: Session, name: str, who: Somebody) -> Principal:
    """A disabled account can be used again, with the password it had. Raises NotFound."""
    row = await _named(session, name)
    was_disabled, row.disabled_at = row.disabled_at is not None, None
    await audit.record(session, who, "account.enabled", "account", row.id, name=row.name, was_disabled=was_disabled)
    return principal_of(row)


async def change_password(session: Session, name: str, kept: str, who: Somebody) -> Principal:
    """Whoever is signed in with the old one no longer is. A disabled account can be used again. Raises NotFound."""
    row = await _named(session, name)
    was_disabled, row.disabled_at = row.disabled_at is not None, None
    ended = await set_password(session, row, kept)
    about = {"name": row.name, "sessions_ended": ended, "was_disabled": was_disabled}
    await audit.record(session, who, "account.password_changed", "account", row.id, **about)
    return principal_of(row)


async def set_password(session: Session, row: AccountRow, kept: str) -> int:
    """How many sessions that ended."""
    row.hash = kept
    return await repository.remove_sessions(session, row.id)


async def _named(session: Session, name: str) -> AccountRow:
    row = await repository.account_by_name(session, checked_name(name), held=True)
    if row is None:
        raise NotFound(f"There is no account “{name}”.", "unknown_account")
    return row
