"""Making tokens, recognising who holds one, and the sessions of people at the console. Secrets are shown once and kept only as
SHA-256.

A random secret of 256 bits needs no slow hash: there is nothing to guess (unlike a password, OWASP ASVS 2.4).
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.db import Session
from app.db.ids import new_id
from app.db.models import AccountRow, SessionRow, TokenRow, now
from app.people import repository

SESSION = timedelta(hours=12)
IDLE = timedelta(hours=2)
"""A session ends after so long in which nothing was asked for; and after ``SESSION`` whatever is done."""
NOTICED = timedelta(minutes=1)
"""Use is noticed so often: a page costs no write."""
MOST_SESSIONS = 100
"""Of one token or account are told."""
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Role(StrEnum):
    """What a token or an account is for."""

    GATEWAY = "gateway"
    ANALYST = "analyst"
    OWNER = "owner"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. ``name`` is the token's or the account's: a gateway's own, an owner's identity, an actor in a history.

    ``id``: the token's or the account's; ``address``: where this request of theirs comes from, as far as is known.
    """

    id: str
    name: str
    role: Role
    address: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose a cookie is. ``is_rested``: its use is to be noticed."""

    principal: Principal
    is_rested: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser in which somebody is signed in. ``is_this``: the one that asks."""

    created_at: datetime
    used_at: datetime
    is_this: bool


def parse_age(age: str) -> timedelta:
    """``90d``, ``12h``, ``30m``, ``2w``. Raises ValueError."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", age.strip())
    if not found:
        raise ValueError(f"“{age}” is no age: write 90d, 12h, 30m or 2w")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


async def create_token(session: Session, name: str, role: Role, lives: timedelta | None = None) -> str:
    """The new token, to be shown once."""
    return (await new_token(session, name, role, lives))[0]


async def new_token(session: Session, name: str, role: Role, lives: timedelta | None = None) -> tuple[str, Principal]:
    """The same, and who holds it."""
    secret = f"lw_{secrets.token_urlsafe(32)}"
    expires: datetime | None = now() + lives if lives else None
    row = TokenRow(id=new_id("tok"), name=name, role=role, hash=digest(secret), expires_at=expires)
    await repository.add_token(session, row)
    return secret, principal_of(row)


async def who_holds(session: Session, token: str) -> Principal | None:
    """``None``: nobody, or no longer."""
    row = await repository.token_by_hash(session, digest(token))
    return principal_of(row) if row else None


async def open_session(session: Session, whose: TokenRow | AccountRow) -> str:
    """A secret for a cookie that nobody had before, good for ``SESSION``."""
    cookie, at = secrets.token_urlsafe(32), now()
    of = {"token_id": whose.id} if isinstance(whose, TokenRow) else {"account_id": whose.id}
    row = SessionRow(hash=digest(cookie), created_at=at, used_at=at, expires_at=at + SESSION, **of)
    await repository.add_session(session, row, IDLE)
    return cookie


async def who_signed_in(session: Session, cookie: str) -> SignedIn | None:
    """Who a cookie stands for; ``None``: nobody, or no longer."""
    found = await repository.by_session(session, digest(cookie))
    if found is None:
        return None
    rested = now() - found[0].used_at
    return SignedIn(principal_of(found[1]), rested > NOTICED) if rested < IDLE else None


async def notice(session: Session, cookie: str) -> None:
    """That the session is used."""
    await repository.use_session(session, digest(cookie), now())


async def sessions(session: Session, principal: Principal, cookie: str) -> list[OpenSession]:
    """The newest ``MOST_SESSIONS``, newest first; ``cookie``: of the one from which it is asked."""
    rows = await repository.sessions(session, principal.id, IDLE, MOST_SESSIONS)
    return [OpenSession(row.created_at, row.used_at, row.hash == digest(cookie)) for row in rows]


async def count_sessions(session: Session, principal: Principal) -> int:
    """In how many browsers somebody is signed in."""
    return await repository.count_sessions(session, principal.id, IDLE)


async def sign_out(session: Session, cookie: str) -> None:
    await repository.remove_session(session, digest(cookie))


async def sign_out_everywhere(session: Session, principal: Principal) -> int:
    """End every session opened with the same token or account; says how many."""
    return await repository.remove_sessions(session, principal.id)


def principal_of(row: TokenRow | AccountRow) -> Principal:
    return Principal(row.id, row.name, Role(row.role))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
