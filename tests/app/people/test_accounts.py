"""Accounts: who may sign in with a password, for how long, and what is written down about it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.audit import service as audit
from app.audit.schemas import AuditFilter, EntryOut
from app.audit.service import Actor
from app.db import Database
from app.db.models import AccountRow, SessionRow, now
from app.errors import AppError, Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from app.people import accounts, service
from app.people.entrance import Entrance
from app.people.guessing import SOMEBODY_THERE
from app.people.passwords import QUEUE, Passwords
from app.people.service import IDLE, NOTICED, SESSION, Principal, Role, SignedIn
from tests.app.db.test_database import opened

PASSWORD, NEW = "violin river mint seven", "nine trout climb a ladder"
HERE = "192.0.2.1"
ROOT = Actor("cli:root", "operator")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await opened(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def entrance(database: Database) -> Entrance:
    return Entrance(database)


async def account(database: Database, name: str = "zhang", role: Role = Role.ANALYST) -> Principal:
    kept = await accounts.hashed(Passwords(), PASSWORD, name)
    async with database.writing() as session:
        return await accounts.create(session, name, role, kept, ROOT)


async def recorded(database: Database) -> list[EntryOut]:
    """Oldest first."""
    async with database.reading() as session:
        return (await audit.page(session, AuditFilter(), None, 200)).items[::-1]


async def behind(database: Database, cookie: str) -> SignedIn | None:
    async with database.reading() as session:
        return await service.who_signed_in(session, cookie)


async def later(database: Database, **by: timedelta) -> None:
    """Every session is so much older."""
    async with database.writing() as session:
        for field, age in by.items():
            await session.execute(update(SessionRow).values({field: now() + age}))


@pytest.mark.usefixtures("dear_hashes")
async def test_whoever_has_an_account_signs_in(database: Database, entrance: Entrance) -> None:
    zhang = await account(database)
    entered = await entrance.by_password(" zhang ", PASSWORD, HERE)
    assert (entered.principal.id, entered.principal.role, entered.principal.address) == (zhang.id, Role.ANALYST, HERE)
    found = await behind(database, entered.cookie)
    assert found == SignedIn(zhang, is_rested=False)
    async with database.reading() as session:
        kept = str(
            [vars(row) for row in [*await session.scalars(select(AccountRow)), *await session.scalars(select(SessionRow))]]
        )
    assert entered.cookie not in kept
    assert PASSWORD not in kept
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in kept, "RFC 9106's second recommended choice"
    created, signed_in = await recorded(database)
    assert (created.actor, created.action, created.object_id) == ("cli:root", "account.created", zhang.id)
    assert (signed_in.actor, signed_in.identity, signed_in.address) == ("zhang", zhang.id, HERE)
    assert (signed_in.action, signed_in.details) == ("signed_in", {"by": "password"})


async def refused(attempt: Any, kind: type[AppError]) -> AppError:
    with pytest.raises(kind) as caught:
        await attempt
    return caught.value


async def test_nobody_is_told_what_was_wrong_and_the_record_is(database: Database, entrance: Entrance) -> None:
    zhang = await account(database)
    typed = "my other pass phrase"
    wrong = await refused(entrance.by_password("zhang", typed, HERE), Unauthenticated)
    unknown = await refused(entrance.by_password(typed, PASSWORD, HERE), Unauthenticated)
    long = await refused(entrance.by_password("zhang", PASSWORD * 1000, HERE), Unauthenticated)
    async with database.writing() as session:
        await accounts.disable(session, "zhang", ROOT)
    disabled = await refused(entrance.by_password("zhang", PASSWORD, HERE), Unauthenticated)
    assert len({(one.detail, one.code) for one in (wrong, unknown, long, disabled)}) == 1
    entries = [one for one in await recorded(database) if one.action == "sign_in_refused"]
    assert [one.details["why"] for one in entries] == ["wrong", "unknown", "wrong", "disabled"]
    assert [one.object_id for one in entries] == [zhang.id, "", zhang.id, zhang.id]
    assert [(one.actor, one.address) for one in entries] == [("", HERE)] * 4
    assert typed not in str(entries), "people type passwords into the wrong field"


async def test_tokens_sign_in_too(database: Database, entrance: Entrance) -> None:
    async with database.writing() as session:
        ana, holder = await service.new_token(session, "ana", Role.ANALYST)
        gate, _ = await service.new_token(session, "wecom", Role.GATEWAY)
    entered = await entrance.by_token(f" {ana} ", HERE)
    assert entered.principal.id == holder.id
    assert (await refused(entrance.by_token(gate, HERE), Forbidden)).code == "no_pages"
    assert (await refused(entrance.by_token(ana + "x", HERE), Unauthenticated)).code == "invalid_token"
    told = [(one.action, one.object_kind, one.details.get("why")) for one in await recorded(database)]
    assert told == [("signed_in", "token", None), ("sign_in_refused", "token", "no_pages"), ("sign_in_refused", "", "unknown")]


async def test_guessing_is_slowed_and_not_written_down_each_time(database: Database, entrance: Entrance) -> None:
    await account(database)
    for _ in range(SOMEBODY_THERE.free + 1):
        await refused(entrance.by_password("zhang", "wrong", HERE), Unauthenticated)
    for password in ("wrong", PASSWORD):
        slow = await refused(entrance.by_password("zhang", password, HERE), TooMany)
        assert slow.headers["Retry-After"] == "1"
    assert len(await recorded(database)) == 1 + SOMEBODY_THERE.free + 1
    assert (await entrance.by_password("zhang", PASSWORD, "192.0.2.2")).cookie


async def test_only_so_many_wait_for_their_password_to_be_compared(entrance: Entrance) -> None:
    passwords = Passwords()
    passwords._waiting = QUEUE
    with pytest.raises(TooMany):
        async with passwords.turn():
            pass


async def test_a_sign_in_is_a_new_session_and_ends_the_one_before(database: Database, entrance: Entrance) -> None:
    await account(database)
    first = await entrance.by_password("zhang", PASSWORD, HERE)
    second = await entrance.by_password("zhang", PASSWORD, HERE, first.cookie)
    assert second.cookie != first.cookie
    assert await behind(database, first.cookie) is None
    assert await behind(database, second.cookie)


async def test_sessions_end_when_nobody_uses_them_and_in_the_end_anyway(database: Database, entrance: Entrance) -> None:
    await account(database)
    cookie = (await entrance.by_password("zhang", PASSWORD, HERE)).cookie
    await later(database, used_at=-NOTICED * 2)
    found = await behind(database, cookie)
    assert found is not None
    assert found.is_rested
    async with database.writing() as session:
        await service.notice(session, cookie)
    assert await behind(database, cookie) == replaced(found)
    await later(database, used_at=-IDLE)
    assert await behind(database, cookie) is None
    await later(database, used_at=timedelta(0), expires_at=SESSION)
    assert await behind(database, cookie)
    await later(database, expires_at=timedelta(0))
    assert await behind(database, cookie) is None
    await entrance.by_password("zhang", PASSWORD, HERE)
    async with database.reading() as session:
        assert len(list(await session.scalars(select(SessionRow)))) == 1, "what is over is removed"


def replaced(found: SignedIn) -> SignedIn:
    return SignedIn(found.principal, is_rested=False)


async def test_signing_out_here_and_everywhere(database: Database, entrance: Entrance) -> None:
    zhang, li = await account(database), await account(database, "li")
    cookies = [(await entrance.by_password("zhang", PASSWORD, HERE)).cookie for _ in range(3)]
    other = (await entrance.by_password("li", PASSWORD, HERE)).cookie
    await entrance.leave(zhang, cookies[0])
    assert [bool(await behind(database, one)) for one in cookies] == [False, True, True]
    await entrance.leave(zhang, cookies[1], everywhere=True)
    assert [bool(await behind(database, one)) for one in (*cookies, other)] == [False, False, False, True]
    told = [(one.action, one.actor, one.details) for one in (await recorded(database))[-2:]]
    assert told == [("signed_out", "zhang", {}), ("signed_out", "zhang", {"everywhere": True, "others_ended": 1})]
    assert li.id != zhang.id


async def test_disabling_ends_sessions_and_a_new_password_lets_in_again(database: Database, entrance: Entrance) -> None:
    await account(database)
    cookie = (await entrance.by_password("zhang", PASSWORD, HERE)).cookie
    async with database.writing() as session:
        await accounts.disable(session, "zhang", ROOT)
    assert await behind(database, cookie) is None
    kept = await accounts.hashed(Passwords(), NEW, "zhang")
    async with database.writing() as session:
        await accounts.change_password(session, "zhang", kept, ROOT)
    await refused(entrance.by_password("zhang", PASSWORD, HERE), Unauthenticated)
    cookie = (await entrance.by_password("zhang", NEW, HERE)).cookie
    async with database.writing() as session:
        await accounts.change_password(session, "zhang", kept, ROOT)
    assert await behind(database, cookie) is None
    told = {one.action: one.details for one in await recorded(database)}
    assert told["account.disabled"] == {"name": "zhang", "sessions_ended": 1}
    assert told["account.password_changed"] == {"name": "zhang", "sessions_ended": 1, "was_disabled": False}


async def test_people_change_their_own_password(database: Database, entrance: Entrance) -> None:
    await account(database)
    entered = await entrance.by_password("zhang", PASSWORD, HERE)
    await refused(entrance.change_password(entered.principal, "wrong", NEW), Unauthenticated)
    await refused(entrance.change_password(entered.principal, PASSWORD, "password1234"), Invalid)
    assert await behind(database, entered.cookie)
    again = await entrance.change_password(entered.principal, PASSWORD, NEW)
    assert await behind(database, entered.cookie) is None
    assert await behind(database, again.cookie)
    await refused(entrance.by_password("zhang", PASSWORD, HERE), Unauthenticated)
    assert await entrance.by_password("zhang", NEW, HERE)
    told = [(one.action, one.actor, one.details.get("by")) for one in await recorded(database)][2:5]
    assert told == [
        ("sign_in_refused", "", "change"),
        ("account.password_changed", "zhang", None),
        ("sign_in_refused", "", "password"),
    ]


async def test_a_row_that_says_disabled_is_enough(database: Database, entrance: Entrance) -> None:
    """Whatever became of its sessions."""
    await account(database)
    cookie = (await entrance.by_password("zhang", PASSWORD, HERE)).cookie
    async with database.writing() as session:
        await session.execute(update(AccountRow).values(disabled_at=now()))
    assert await behind(database, cookie) is None


async def test_what_is_refused(database: Database) -> None:
    await account(database)
    with pytest.raises(Conflict):
        await account(database)
    with pytest.raises(Invalid, match="at least 12"):
        await accounts.hashed(Passwords(), "short", "zhang")
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await accounts.disable(session, "nobody", ROOT)
    for name in ("", "  ", "x" * 101, "a\0b", "a\nb"):
        with pytest.raises(Invalid):
            accounts.checked_name(name)
    for role in ("gateway", "king", ""):
        with pytest.raises(Invalid):
            accounts.checked_role(role)


async def test_the_same_password_typed_on_another_keyboard(database: Database, entrance: Entrance) -> None:
    kept = await accounts.hashed(Passwords(), "Ünder the brïdge", "zhang")
    async with database.writing() as session:
        await accounts.create(session, "zhang", Role.ANALYST, kept, ROOT)
    assert await entrance.by_password("zhang", "U\u0308nder the bri\u0308dge", HERE)


@pytest.mark.usefixtures("dear_hashes")
async def test_a_password_kept_with_less_effort_is_kept_anew(database: Database, entrance: Entrance) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with database.writing() as session:
        await accounts.create(session, "zhang", Role.ANALYST, weak, ROOT)
    await entrance.by_password("zhang", PASSWORD, HERE)
    async with database.reading() as session:
        kept = await session.scalar(select(AccountRow.hash))
    assert str(kept).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await entrance.by_password("zhang", PASSWORD, HERE)
