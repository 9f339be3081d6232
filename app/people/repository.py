"""Tokens and console sessions in the database, by hash."""

from datetime import datetime

from sqlalchemy import delete, select

from app.db import Session
from app.db.models import SessionRow, TokenRow, now


async def add_token(session: Session, row: TokenRow) -> None:
    session.add(row)
    await session.flush()


async def token_by_hash(session: Session, digest: str) -> TokenRow | None:
    """``None`` for unknown and for expired ones."""
    row = await session.scalar(select(TokenRow).where(TokenRow.hash == digest))
    return row if row and _lives(row.expires_at) else None


async def add_session(session: Session, row: SessionRow) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.expires_at < now()))
    session.add(row)
    await session.flush()


async def token_by_session(session: Session, digest: str) -> TokenRow | None:
    """The token a living session was opened with, if that lives too."""
    query = select(TokenRow, SessionRow.expires_at).join(SessionRow, SessionRow.token_id == TokenRow.id)
    found = (await session.execute(query.where(SessionRow.hash == digest))).first()
    return found[0] if found and _lives(found[1]) and _lives(found[0].expires_at) else None


async def remove_session(session: Session, digest: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.hash == digest))


def _lives(expires_at: datetime | None) -> bool:
    return expires_at is None or expires_at > now()
