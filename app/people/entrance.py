"""Signing in and out at the console: every attempt that is looked at is written down, whether it succeeds or not.

What was typed as a name is written down only if an account has it: people type passwords into the wrong field.
"""

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

from app.audit import service as audit
from app.audit.service import Actor
from app.db import Database, Session
from app.db.models import AccountRow, TokenRow
from app.errors import AppError, Forbidden, TooMany, Unauthenticated
from app.people import accounts, repository, service
from app.people.guessing import Guesses
from app.people.passwords import Passwords
from app.people.service import Principal, Role, principal_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entered:
    """Who, and the secret for their cookie."""

    principal: Principal
    cookie: str


class Entrance:
    """One server's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._passwords, self._guesses = Passwords(), Guesses()

    async def by_password(self, name: str, password: str, address: str, cookie: str = "") -> Entered:
        """``cookie``: of a session that ends with this sign-in. Raises Unauthenticated, TooMany."""
        account = await self._proved(name.strip(), password, address, "password")
        newer = await self._passwords.kept(password) if self._passwords.is_outdated(account.hash) else None
        async with self._database.writing() as session:
            row = await _still(session, account)
            row.hash = newer or row.hash
            return await _entered(session, row, address, cookie, by="password")

    async def change_password(self, who: Principal, old: str, new: str) -> Entered:
        """By themselves; all their sessions end, and one begins. Raises Unauthenticated, TooMany, Invalid for a weak one."""
        account = await self._proved(who.name, old, who.address, "change")
        if account.id != who.id:
            raise _wrong()
        kept = await accounts.hashed(self._passwords, new, account.name)
        async with self._database.writing() as session:
            row = await _still(session, account)
            ended = await accounts.set_password(session, row, kept)
            cookie = await service.open_session(session, row)
            about = {"name": row.name, "sessions_ended": ended}
            await audit.record(session, who, "account.password_changed", "account", row.id, **about)
        return Entered(who, cookie)

    async def by_token(self, token: str, address: str, cookie: str = "") -> Entered:
        """The same with a token. Raises Unauthenticated, Forbidden for one that has no pages, TooMany."""
        self._let_try("", address)
        async with self._database.reading() as session:
            row = await repository.token_by_hash(session, service.digest(token.strip()))
        if row is None:
            unknown = Unauthenticated("This token is not known, or has expired.", "invalid_token")
            raise await self._refused(unknown, "", address, None, by="token", why="unknown")
        if row.role == Role.GATEWAY:
            outside = Forbidden(f"A {row.role} token has no pages here.", "no_pages")
            raise await self._refused(outside, "", address, row, by="token", why="no_pages")
        async with self._database.writing() as session:
            return await _entered(session, row, address, cookie, by="token")

    async def leave(self, who: Principal, cookie: str, *, everywhere: bool = False) -> None:
        """End a session, or all of the same token or account."""
        async with self._database.writing() as session:
            await service.sign_out(session, cookie)
            ended = await service.sign_out_everywhere(session, who) if everywhere else 0
            more = {"everywhere": True, "others_ended": ended} if everywhere else {}
            await audit.record(session, who, "signed_out", *_object(who.id), **more)

    async def _proved(self, name: str, password: str, address: str, by: str) -> AccountRow:
        """Whose password it is. Raises Unauthenticated, TooMany."""
        async with self._passwords.turn():
            self._let_try(name, address)
            async with self._database.reading() as session:
                account = await repository.account_by_name(session, name)
            is_right = await self._passwords.compare(account.hash if account else None, password)
            if account is None or not is_right or account.disabled_at is not None:
                why = "unknown" if account is None else "wrong" if not is_right else "disabled"
                raise await self._refused(_wrong(), name, address, account, by=by, why=why)
        self._guesses.right(name, address)
        return account

    def _let_try(self, name: str, address: str) -> None:
        seconds = math.ceil(self._guesses.wait(name, address))
        if seconds:
            raise TooMany(f"Too many wrong attempts. Try again in {seconds} seconds.", "guessing", seconds)

    async def _refused(
        self, refused: AppError, name: str, address: str, row: TokenRow | AccountRow | None, **why: Any
    ) -> AppError:
        """The same, written down."""
        turned_away = 0 if why["why"] == "no_pages" else self._guesses.wrong(name, address)
        more = why | ({"name": row.name} if row else {}) | ({"turned_away": turned_away} if turned_away else {})
        log.warning("sign-in refused", extra={"address": address, **why})
        async with self._database.writing() as session:
            nobody = Actor("", "", address=address)
            await audit.record(session, nobody, "sign_in_refused", *_object(row.id if row else ""), **more)
        return refused


async def _still(session: Session, account: AccountRow) -> AccountRow:
    """The account, if it is in this very moment what it was. Raises Unauthenticated."""
    row = await repository.account_by_name(session, account.name, held=True)
    if row is None or row.id != account.id or row.disabled_at is not None or row.hash != account.hash:
        raise _wrong()
    return row


def _wrong() -> Unauthenticated:
    """Whatever was wrong."""
    return Unauthenticated("Name or password is wrong.", "wrong_password")


async def _entered(session: Session, row: TokenRow | AccountRow, address: str, cookie: str, by: str) -> Entered:
    if cookie:
        await service.sign_out(session, cookie)
    fresh = await service.open_session(session, row)
    principal = replace(principal_of(row), address=address)
    await audit.record(session, principal, "signed_in", *_object(row.id), by=by)
    return Entered(principal, fresh)


def _object(ident: str) -> tuple[str, str]:
    """Kind and id of what somebody signed in with."""
    return {"tok": "token", "acc": "account"}.get(ident.partition("_")[0], ""), ident
