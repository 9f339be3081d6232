"""Tokens as operators make, see and end them, each time written down."""

from dataclasses import dataclass
from datetime import datetime

from app.audit import service as audit
from app.audit.service import Somebody
from app.db import Session
from app.db.models import TokenRow, now
from app.errors import Invalid, NotFound
from app.people import names, repository
from app.people.service import Principal, Role, new_token, parse_age, principal_of


@dataclass(frozen=True, slots=True)
class Held:
    """A token or an account, without its secret. ``ended_at``: since when, or from when on, it lets nobody in."""

    id: str
    name: str
    role: str
    created_at: datetime
    ended_at: datetime | None

    @property
    def is_good(self) -> bool:
        """Whether it still lets somebody in."""
        return self.ended_at is None or self.ended_at > now()


@dataclass(frozen=True, slots=True)
class Made:
    """A new token, to be shown once, and what is to be told whoever made it; empty: nothing."""

    token: str
    told: str


async def create(
    session: Session, name: str, role: str, expires: str | None, who: Somebody, *, same_person: bool = False
) -> Made:
    """``expires``: an age. Raises Invalid, Conflict, ValueError."""
    if role not in list(Role):
        raise Invalid(f"There is no role {role}: take one of {', '.join(Role)}.")
    kept, lives = names.normal(name), parse_age(expires) if expires else None
    if not kept:
        raise Invalid("A token needs a name.")
    held = await names.claim(session, kept, Role(role), account=False, same_person=same_person)
    token, made = await new_token(session, kept, Role(role), lives)
    more = {"beside": held} if held else {}
    await audit.record(session, who, "token.created", "token", made.id, name=made.name, role=made.role, expires=expires, **more)
    return Made(token, "" if same_person else names.beside(kept, held))


async def revoke(session: Session, ident: str, who: Somebody) -> Principal:
    """It lets nobody in any more, and whoever is signed in with it no longer is; its row stays. Raises NotFound."""
    row = await repository.token_by_id(session, ident.strip())
    if row is None:
        raise NotFound(f"There is no token {ident}: “leakwatch token list” tells their ids.", "unknown_token")
    ended = await repository.remove_sessions(session, row.id)
    row.expires_at = min(row.expires_at or now(), now())
    await audit.record(session, who, "token.revoked", "token", row.id, name=row.name, sessions_ended=ended)
    return principal_of(row)


async def every(session: Session) -> list[Held]:
    """Good ones and others, oldest first."""
    return [_held(row) for row in await repository.tokens(session)]


async def accounts(session: Session) -> list[Held]:
    """Of people, by name."""
    rows = await repository.accounts(session)
    return [Held(row.id, row.name, row.role, row.created_at, row.disabled_at) for row in rows]


def _held(row: TokenRow) -> Held:
    return Held(row.id, row.name, row.role, row.created_at, row.expires_at)
