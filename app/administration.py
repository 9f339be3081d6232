"""What operators do on the command line about people: their accounts, and whether the record of what was done holds."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from app.audit import service as audit
from app.audit.chain import Place
from app.audit.service import Check
from app.db import Database
from app.db.models import HEAD
from app.errors import Unavailable
from app.offline import opened
from app.people import accounts, tokens
from app.people.passwords import Passwords
from app.people.service import Principal
from app.people.tokens import Held
from app.settings import Settings

Progress = Callable[[int], AbstractContextManager[Callable[[int], Any]]]
"""Is told of how many, then how many more are done."""


async def create_account(settings: Settings, name: str, role: str, password: str, *, same_person: bool = False) -> Principal:
    """Raises Invalid, Conflict."""
    name, wanted = accounts.checked_name(name), accounts.checked_role(role)
    kept = await accounts.hashed(Passwords(), password, name)
    async with opened(settings) as database, database.writing() as session:
        return await accounts.create(session, name, wanted, kept, audit.operator(), same_person=same_person)


async def disable_account(settings: Settings, name: str) -> Principal:
    """Raises NotFound."""
    async with opened(settings) as database, database.writing() as session:
        return await accounts.disable(session, name, audit.operator())


async def enable_account(settings: Settings, name: str) -> Principal:
    """Raises NotFound."""
    async with opened(settings) as database, database.writing() as session:
        return await accounts.enable(session, name, audit.operator())


async def list_accounts(settings: Settings) -> list[Held]:
    """By name."""
    async with opened(settings) as database, database.reading() as session:
        return await tokens.accounts(session)


async def list_tokens(settings: Settings) -> list[Held]:
    """Oldest first."""
    async with opened(settings) as database, database.reading() as session:
        return await tokens.every(session)


async def revoke_token(settings: Settings, ident: str) -> Principal:
    """Raises NotFound."""
    async with opened(settings) as database, database.writing() as session:
        return await tokens.revoke(session, ident, audit.operator())


async def change_password(settings: Settings, name: str, password: str) -> Principal:
    """Raises Invalid, NotFound."""
    kept = await accounts.hashed(Passwords(), password, accounts.checked_name(name))
    async with opened(settings) as database, database.writing() as session:
        return await accounts.change_password(session, name, kept, audit.operator())


async def verify(settings: Settings, expected: str | None, progress: Progress) -> Check:
    """Walk along the audit record, changing nothing. Raises ValueError, Unavailable."""
    place = Place.parse(expected) if expected else None
    database = Database(settings.database)
    try:
        if await database.revision() != HEAD:
            raise Unavailable("There is no up-to-date database: run leakwatch migrate.")
        async with database.reading() as session:
            end = await audit.head(session)
        with progress(end.seq) as walked:
            return await audit.verify(database, place, walked)
    finally:
        await database.close()
