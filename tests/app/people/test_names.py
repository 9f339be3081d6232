"""An owner's name is one person's: by it they see their assets. And what operators see and end of what lets people in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.audit import service as audit
from app.audit.schemas import AuditFilter
from app.audit.service import Actor
from app.db import Database
from app.db.models import TokenRow, now
from app.errors import Conflict, Invalid, NotFound
from app.people import accounts, repository, service, tokens
from app.people.passwords import Passwords
from app.people.service import Role
from tests.app.db.test_database import opened

PASSWORD = "violin river mint seven"
ROOT = Actor("cli:root", "operator")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await opened(tmp_path)
    yield database
    await database.close()


async def token(database: Database, name: str, role: str = "owner", *, same: bool = False) -> str:
    async with database.writing() as session:
        return (await tokens.create(session, name, role, None, ROOT, same_person=same)).token


async def account(database: Database, name: str, role: Role = Role.OWNER, *, same: bool = False) -> str:
    kept = await accounts.hashed(Passwords(), PASSWORD, name)
    async with database.writing() as session:
        return (await accounts.create(session, accounts.checked_name(name), role, kept, ROOT, same_person=same)).id


async def held(database: Database) -> dict[str, bool]:
    async with database.reading() as session:
        return {one.id: one.is_good for one in await tokens.every(session)}


async def test_nobody_else_becomes_an_owner_of_the_same_name(database: Database) -> None:
    await token(database, "otto")
    await account(database, "berta")
    for name in ("berta", " berta "):
        with pytest.raises(Conflict, match="--same-person"):
            await token(database, name)
    with pytest.raises(Conflict, match="--same-person"):
        await account(database, "otto")
    assert len(await held(database)) == 1, "nothing was made"


async def test_however_it_is_typed(database: Database) -> None:
    await account(database, "Zoe\u0308")
    with pytest.raises(Conflict):
        await token(database, "Zo\u00eb")


async def test_a_further_token_of_an_owner_is_made_and_told(database: Database) -> None:
    """So are tokens renewed."""
    await token(database, "otto")
    [first] = await held(database)
    async with database.writing() as session:
        made = await tokens.create(session, "otto", "owner", "90d", ROOT)
        another = await tokens.create(session, "otto", "owner", None, ROOT, same_person=True)
        other = await tokens.create(session, "olga", "owner", None, ROOT)
    assert first in made.told
    assert "sees the same assets" in made.told
    assert (another.told, other.told) == ("", "")
    async with database.reading() as session:
        entries = (await audit.page(session, AuditFilter(action="token.created"), None, 9)).items
    assert [len(entry.details.get("beside", [])) for entry in entries] == [0, 2, 1, 0], "and written down"


async def test_the_same_person_may_have_several(database: Database) -> None:
    await token(database, "otto")
    await token(database, "otto")
    await account(database, "otto", same=True)
    with pytest.raises(Conflict, match="already"):
        await account(database, "otto", same=True)
    assert len(await held(database)) == 2


async def test_a_disabled_account_keeps_its_name_and_a_token_that_ended_does_not(database: Database) -> None:
    await account(database, "berta")
    await token(database, "otto")
    async with database.writing() as session:
        await accounts.disable(session, "berta", ROOT)
        await session.execute(update(TokenRow).values(expires_at=now() - timedelta(seconds=1)))
    await token(database, "otto")
    with pytest.raises(Conflict):
        await token(database, "berta")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
async def test_of_other_roles_who_see_the_same_names_may_be_alike(database: Database, role: Role) -> None:
    await token(database, "otto")
    await token(database, "otto", role)
    await token(database, "otto", role)
    assert len(await held(database)) == 3


@pytest.mark.parametrize(("name", "role"), [("x", "king"), ("  ", "owner")])
async def test_what_makes_no_token(database: Database, name: str, role: str) -> None:
    with pytest.raises(Invalid):
        await token(database, name, role)
    assert await held(database) == {}


async def test_a_revoked_token_lets_nobody_in_and_ends_its_sessions(database: Database) -> None:
    secret = await token(database, "ana", "analyst")
    async with database.writing() as session:
        row = await repository.token_by_hash(session, service.digest(secret))
        assert row is not None
        cookie = await service.open_session(session, row)
    async with database.writing() as session:
        gone = await tokens.revoke(session, f" {row.id} ", ROOT)
    async with database.reading() as session:
        assert await service.who_holds(session, secret) is None
        assert await service.who_signed_in(session, cookie) is None
        found = (await audit.page(session, AuditFilter(action="token.revoked"), None, 5)).items
    assert [(one.object_id, one.details) for one in found] == [(gone.id, {"name": "ana", "sessions_ended": 1})]
    assert await held(database) == {gone.id: False}, "its row stays: the record names it"
    with pytest.raises(NotFound, match="token list"):
        async with database.writing() as session:
            await tokens.revoke(session, "tok_nothing", ROOT)


async def test_an_account_is_used_again_with_the_password_it_had(database: Database) -> None:
    made = await account(database, "li", Role.ANALYST)
    async with database.writing() as session:
        await accounts.disable(session, "li", ROOT)
    async with database.writing() as session:
        await accounts.enable(session, "li", ROOT)
    async with database.reading() as session:
        [one] = await tokens.accounts(session)
        [entry] = (await audit.page(session, AuditFilter(action="account.enabled"), None, 5)).items
    assert (one.id, one.is_good, entry.details) == (made, True, {"name": "li", "was_disabled": True})
