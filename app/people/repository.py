"""Tokens, accounts and console sessions in the database; secrets by their hashes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, union, update

from app.db import Session, turn
from app.db.models import AccountRow, SessionRow, TokenRow, now

_SESSIONS = "sessions"
"""Whoever removes several takes turns: two who remove the same in another order would wait for each other."""


@dataclass(frozen=True, slots=True)
class Holder:
    """What has a name: a token or an account, by its id."""

    id: str
    role: str
    is_account: bool


async def add_token(session: Session, row: TokenRow) -> None:
    session.add(row)
    await session.flush()


async def holders(session: Session, name: str) -> list[Holder]:
    """Tokens that are good, and the account, disabled or not, of that name."""
    rows = [*await session.scalars(select(TokenRow).where(TokenRow.name == name).order_by(TokenRow.id))]
    account = await account_by_name(session, name)
    found = [Holder(row.id, row.role, False) for row in rows if _lives(row.expires_at)]
    return [*found, Holder(account.id, account.role, True)] if account is not None else found


async def tokens(session: Session) -> list[TokenRow]:
    """All that were ever made, oldest first."""
    return list(await session.scalars(select(TokenRow).order_by(TokenRow.id)))


async def accounts(session: Session) -> list[AccountRow]:
    """All that were ever made, by name."""
    return list(await session.scalars(select(AccountRow).order_by(AccountRow.name)))


async def token_by_id(session: Session, ident: str) -> TokenRow | None:
    """Nobody else changes it until the transaction ends."""
    found: TokenRow | None = await session.scalar(select(TokenRow).where(TokenRow.id == ident).with_for_update())
    return found


async def token_by_hash(session: Session, digest: str) -> TokenRow | None:
    """``None`` for unknown and for expired ones."""
    row = await session.scalar(select(TokenRow).where(TokenRow.hash == digest))
    return row if row and _lives(row.expires_at) else None


async def account_by_name(session: Session, name: str, *, held: bool = False) -> AccountRow | None:
    """A disabled one too. ``held``: nobody else changes it, or signs in with it, until the transaction ends."""
    query = select(AccountRow).where(AccountRow.name == name)
    found: AccountRow | None = await session.scalar(query.with_for_update() if held else query)
    return found


async def add_account(session: Session, row: AccountRow) -> bool:
    """Whether there was none of that name."""
    await turn(session, "accounts")
    if await account_by_name(session, row.name) is not None:
        return False
    session.add(row)
    await session.flush()
    return True


async def names(session: Session, roles: Collection[str], limit: int, name: str | None = None) -> list[str]:
    """Of those who are let in with such a role, in their order; ``name``: of this one alone."""
    lives = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now())
    tokens = select(TokenRow.name.label("name")).where(TokenRow.role.in_(roles), lives)
    accounts = select(AccountRow.name.label("name")).where(AccountRow.role.in_(roles), AccountRow.disabled_at.is_(None))
    if name is not None:
        tokens, accounts = tokens.where(TokenRow.name == name), accounts.where(AccountRow.name == name)
    found = union(tokens, accounts).subquery()
    return list(await session.scalars(select(found.c.name).order_by(found.c.name).limit(limit)))


async def add_session(session: Session, row: SessionRow, idle: timedelta) -> None:
    """And remove those that are over. ``idle``: for so long one may rest."""
    await turn(session, _SESSIONS)
    over = or_(SessionRow.expires_at < now(), SessionRow.used_at < now() - idle)
    await session.execute(delete(SessionRow).where(over))
    session.add(row)
    await session.flush()


async def by_session(session: Session, digest: str) -> tuple[SessionRow, TokenRow | AccountRow] | None:
    """A session and whose it is, if the one is not over, and the other is still let in."""
    query = select(SessionRow, TokenRow, AccountRow)
    query = query.outerjoin(TokenRow, SessionRow.token_id == TokenRow.id)
    query = query.outerjoin(AccountRow, SessionRow.account_id == AccountRow.id)
    found = (await session.execute(query.where(SessionRow.hash == digest))).first()
    if found is None or not _lives(found[0].expires_at):
        return None
    if found[1] is not None:
        return (found[0], found[1]) if _lives(found[1].expires_at) else None
    return (found[0], found[2]) if found[2] is not None and found[2].disabled_at is None else None


async def use_session(session: Session, digest: str, at: datetime) -> None:
    """It was used."""
    await session.execute(update(SessionRow).where(SessionRow.hash == digest).values(used_at=at))


async def sessions(session: Session, whose: str, idle: timedelta, most: int) -> list[SessionRow]:
    """The newest of a token or an account, newest first; those that are over are left out."""
    of = or_(SessionRow.token_id == whose, SessionRow.account_id == whose)
    query = select(SessionRow).where(of, SessionRow.expires_at > now(), SessionRow.used_at > now() - idle)
    return list(await session.scalars(query.order_by(SessionRow.created_at.desc()).limit(most)))


async def count_sessions(session: Session, whose: str, idle: timedelta) -> int:
    """How many those are in all."""
    of = or_(SessionRow.token_id == whose, SessionRow.account_id == whose)
    query = select(func.count()).select_from(SessionRow)
    return int(await session.scalar(query.where(of, SessionRow.expires_at > now(), SessionRow.used_at > now() - idle)) or 0)


async def remove_session(session: Session, digest: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.hash == digest))


async def remove_sessions(session: Session, whose: str) -> int:
    """All of a token or an account; says how many."""
    await turn(session, _SESSIONS)
    return len(await _removed(session, or_(SessionRow.token_id == whose, SessionRow.account_id == whose)))


async def _removed(session: Session, which: ColumnElement[bool]) -> Sequence[Any]:
    return list(await session.scalars(delete(SessionRow).where(which).returning(SessionRow.hash)))


def _lives(expires_at: datetime | None) -> bool:
    return expires_at is None or expires_at > now()
