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
from app.people import repository, service
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
        name = name.strip()
        async with self._passwords.turn():
            self._let_try(name, address)
            async with self._database.reading() as session:
                account = await repository.account_by_name(session, name)
            is_right = await self._passwords.compare(account.hash if account else None, password)
            if account is None or not is_right or account.disabled_at is not None:
                why = "unknown" if account is None else "wrong" if not is_right else "disabled"
                refused = Unauthenticated("Name or password is wrong.", "wrong_password")
                raise await self._refused(refused, name, address, account, by="password", why=why)
        self._guesses.right(name, address)
        newer = await self._passwords.kept(password) if self._passwords.is_outdated(account.hash) else None
        async with self._database.writing() as session:
            row = await repository.account_by_name(session, name)
            if row is None or row.disabled_at is not None or row.hash != account.hash:
                raise Unauthenticated("Name or password is wrong.", "wrong_password")  # changed in this very moment
            row.hash = newer or row.hash
            return await _entered(session, row, address, cookie, by="password")

    async def by_token(self, token: str, address: str, cookie: str = "") -> Entered:
        """The same with a token. Raises Unauthenticated, Forbidden for one that has no pages, TooMany."""
        self._let_try("", address)
        async with self._database.writing() as session:
            row = await repository.token_by_hash(session, service.digest(token.strip()))
            if row is not None and row.role != Role.GATEWAY:
                return await _entered(session, row, address, cookie, by="token")
        if row is None:
            refused: AppError = Unauthenticated("This token is not known, or has expired.", "invalid_token")
            raise await self._refused(refused, "", address, None, by="token", why="unknown")
        refused = Forbidden(f"A {row.role} token has no pages here.", "no_pages")
        raise await self._refused(refused, "", address, row, by="token", why="no_pages")

    async def leave(self, who: Principal, cookie: str, *, everywhere: bool = False) -> None:
        """End a session, or all of the same token or account."""
        async with self._database.writing() as session:
            await service.sign_out(session, cookie)
            ended = await service.sign_out_everywhere(session, who) if everywhere else 0
            more = {"everywhere": True, "others_ended": ended} if everywhere else {}
            await audit.record(session, who, "signed_out", *_object(who.id), **more)

    def _let_try(self, name: str, address: str) -> None:
        seconds = math.ceil(self._guesses.wait(name, address))
        if seconds:
            raise TooMany(f"Too many wrong attempts. Try again in {seconds} seconds.", "guessing", seconds)

    async def _refused(
        self, refused: AppError, name: str, address: str, row: TokenRow | AccountRow | None, **why: Any
    ) -> AppError:
        """The same, written down."""
        turned_away = self._guesses.wrong(name, address)
        more = why | ({"name": row.name} if row else {}) | ({"turned_away": turned_away} if turned_away else {})
        log.warning("sign-in refused", extra={"address": address, **why})
        async with self._database.writing() as session:
            nobody = Actor("", "", address=address)
            await audit.record(session, nobody, "sign_in_refused", *_object(row.id if row else ""), **more)
        return refused


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
