"""Passwords as they are kept: Argon2id (RFC 9106, its second recommended choice: 64 MiB, three passes), nothing else of them.

Hashing is meant to be dear, so it is done off the event loop, and by so many at once only as memory is meant for. Whoever names
somebody unknown waits as long as one who errs: a hash that nobody's password has is compared instead.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import TooMany
from app.people.strength import MOST

AT_ONCE = 2
QUEUE = 50
"""So many may wait for their turn; whoever comes then is asked to come again."""


class Passwords:
    """Hashes and compares."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """What ``compare`` is called in. Raises TooMany."""
        if self._waiting >= QUEUE:
            raise TooMany("Too many people are signing in at this moment. Try again in a few seconds.", "busy", 5)
        self._waiting += 1
        try:
            async with self._room:
                yield
        finally:
            self._waiting -= 1

    async def kept(self, password: str) -> str:
        """What is kept of a password: parameters, salt and hash."""
        return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def compare(self, kept: str | None, password: str) -> bool:
        """Whether it is the one; ``None``: nobody's, which takes as long to tell."""
        return await asyncio.to_thread(self._compare, kept, password)

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed with less effort than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _compare(self, kept: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_bytes(32))
        try:
            return (
                self._hasher.verify(kept or self._nobodys, _bytes(password[:MOST])) and kept is not None and len(password) <= MOST
            )
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    """The same on whatever keyboard it was typed (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
