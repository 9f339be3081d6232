"""Making tokens, recognising who holds one, signing in and out. Secrets are shown once and kept only as SHA-256.

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
from app.db.models import SessionRow, TokenRow, now
from app.people import repository

SESSION = timedelta(hours=12)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Role(StrEnum):
    """What a token is for."""

    GATEWAY = "gateway"
    ANALYST = "analyst"
    OWNER = "owner"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. ``name`` is the token's: a gateway's own, an owner's identity, an actor in a history.

    ``id``: the token's; ``address``: where this request of theirs comes from, as far as is known.
    """

    id: str
    name: str
    role: Role
    address: str = ""


def parse_age(age: str) -> timedelta:
    """``90d``, ``12h``, ``30m``, ``2w``. Raises ValueError."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", age.strip())
    if not found:
        raise ValueError(f"“{age}” is no age: write 90d, 12h, 30m or 2w")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


async def create_token(session: Session, name: str, role: Role, lives: timedelta | None = None) -> str:
    """The new token, to be shown once."""
    secret = f"lw_{secrets.token_urlsafe(32)}"
    expires: datetime | None = now() + lives if lives else None
    await repository.add_token(session, TokenRow(id=new_id("tok"), name=name, role=role, hash=_hash(secret), expires_at=expires))
    return secret


async def who_holds(session: Session, token: str) -> Principal | None:
    """``None``: nobody, or no longer."""
    return _principal(await repository.token_by_hash(session, _hash(token)))


async def sign_in(session: Session, token: str) -> str | None:
    """A secret for a cookie, good for ``SESSION``; ``None`` for a token that is not valid."""
    principal = await who_holds(session, token)
    if principal is None:
        return None
    cookie = secrets.token_urlsafe(32)
    await repository.add_session(session, SessionRow(hash=_hash(cookie), token_id=principal.id, expires_at=now() + SESSION))
    return cookie


async def who_signed_in(session: Session, cookie: str) -> Principal | None:
    """Who a cookie stands for; ``None``: nobody, or no longer."""
    return _principal(await repository.token_by_session(session, _hash(cookie)))


async def sign_out(session: Session, cookie: str) -> None:
    await repository.remove_session(session, _hash(cookie))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _principal(row: TokenRow | None) -> Principal | None:
    return Principal(row.id, row.name, Role(row.role)) if row else None
