"""Who is known by a token, remembered for a moment: a gateway shows the same one with every message, and asking the database
each time cost more than storing what it posted.
"""

import time
from hashlib import sha256

from app.db import Database
from app.people.service import Principal, who_holds

LASTS = 1.0
"""Seconds after which a token that has ended is no longer taken. One that is not known is asked for every time."""
MOST = 10_000


class Recognition:
    """One server's memory of faces; it holds no token, only digests."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[float, Principal]] = {}

    async def who_holds(self, token: str) -> Principal | None:
        """``None``: nobody, or no longer."""
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        at, principal = self._known.get(digest, (0.0, None))
        if principal is not None and time.monotonic() - at < LASTS:
            return principal
        self._known.pop(digest, None)
        asked = time.monotonic()
        async with self._database.reading() as session:
            principal = await who_holds(session, token)
        if principal is not None:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[digest] = asked, principal
        return principal
