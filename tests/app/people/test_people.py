"""Tokens and sessions: shown once, kept as hashes, good for as long as was said."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.db.models import SessionRow, TokenRow, now
from app.people import service
from app.people.service import Principal, Role
from tests.app.db.test_database import opened


async def test_tokens(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    async with database.writing() as session:
        token = await service.create_token(session, "wecom", Role.GATEWAY, timedelta(days=1))
        forever = await service.create_token(session, "ana", Role.ANALYST)
    async with database.reading() as session:
        row = (await session.scalars(select(TokenRow).where(TokenRow.name == "wecom"))).one()
        assert token not in str(vars(row))
        assert await service.who_holds(session, token) == Principal(row.id, "wecom", Role.GATEWAY)
        assert await service.who_holds(session, token + "x") is None
    await expire(database)
    async with database.reading() as session:
        assert await service.who_holds(session, token) is None
        assert await service.who_holds(session, forever) is not None
    await database.close()


async def expire(database: Database) -> None:
    async with database.writing() as session:
        past = now() - timedelta(seconds=1)
        await session.execute(update(TokenRow).where(TokenRow.expires_at.is_not(None)).values(expires_at=past))


async def test_sessions_end_with_their_token_and_with_signing_out(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    async with database.writing() as session:
        token = await service.create_token(session, "ana", Role.ANALYST, timedelta(days=1))
        row = (await session.scalars(select(TokenRow))).one()
        first, second = await service.open_session(session, row), await service.open_session(session, row)
        assert first != second
        assert first not in str([vars(row) for row in await session.scalars(select(SessionRow))])
        await service.sign_out(session, first)
        assert await service.who_signed_in(session, first) is None
        found = await service.who_signed_in(session, second)
        assert found is not None
        assert found.principal == await service.who_holds(session, token)
    await expire(database)
    async with database.reading() as session:
        assert await service.who_signed_in(session, second) is None
    await database.close()


@pytest.mark.parametrize(
    ("age", "means"), [("90d", timedelta(days=90)), ("12h", timedelta(hours=12)), (" 2w ", timedelta(weeks=2))]
)
def test_ages(age: str, means: timedelta) -> None:
    assert service.parse_age(age) == means


@pytest.mark.parametrize("age", ["", "90", "d", "-1d", "0d", "1y", "999999999d"])
def test_what_is_no_age(age: str) -> None:
    with pytest.raises(ValueError, match="no age"):
        service.parse_age(age)
