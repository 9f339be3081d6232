"""Registered texts that are read over the API: written down, as a reveal is at the console.

A program has no page on which it could say what for, and the contract gives an analyst's token the evidence. So it is given, and
whose token read it of which alerts stands in the record: once an hour each, as long as a reveal lasts, so that whoever asks
every second neither fills the record nor hides in it. What was written down is remembered in memory: a restart writes it again.
Likewise what somebody looked for among everything seen: most of it is nobody's alert.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

from app.alerts.reveals import LASTS
from app.audit import service as audit
from app.db import Database
from app.ingest.schemas import MatchOut
from app.people.service import Principal

MOST = 50_000
"""Pairs of a reader and what they read that are remembered; the oldest makes room."""


class Reads:
    """One server's memory. ``clock``: seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def wrote_down(self, who: Principal, alerts: Mapping[str, Iterable[MatchOut]]) -> None:
        """That ``who`` is about to be given the registered texts in the matches of these alerts, by id, if there are any."""
        new = [one for one, matches in alerts.items() if _has_text(matches) and not self._is_known(who, one)]
        if not new:
            return
        async with self._database.writing() as session:
            if len(new) == 1:
                await audit.record(session, who, "text.read", "alert", new[0])
            else:
                await audit.record(session, who, "text.read", "alerts", "", alerts=new)
        self._remember(who, new)

    async def sought(self, who: Principal, kind: str, what: str) -> None:
        """That ``who`` looked where a thing was seen: a ``message`` by its id, or a ``file`` by its digest."""
        if self._is_known(who, what):
            return
        async with self._database.writing() as session:
            await audit.record(session, who, "sightings.searched", kind, what)
        self._remember(who, [what])

    def _remember(self, who: Principal, new: Iterable[str]) -> None:
        for one in new:
            self._known.pop((who.id, one), None)
            self._known[who.id, one] = self._clock()
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def _is_known(self, who: Principal, alert: str) -> bool:
        at = self._known.get((who.id, alert))
        return at is not None and self._clock() - at < LASTS.total_seconds()


def _has_text(matches: Iterable[MatchOut]) -> bool:
    return any((match.evidence.get("text") or {}).get("passages") for match in matches)
