"""What one message costs a database and the processes around it, from accepted to recorded."""

import asyncio
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Self

import asyncpg
from sqlalchemy import make_url

from tests.benchmarks.fleet.deployment import Deployment
from tests.benchmarks.fleet.processes import cpu, family
from tests.services.postgres import PostgreSQL

SETTLED = 3.0
"""Seconds after which PostgreSQL's own statistics are complete."""
ASKED = """SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, pg_database_size(current_database()),
    xact_commit, tup_inserted, tup_updated, tup_deleted FROM pg_stat_database WHERE datname = current_database()"""


@dataclass(frozen=True, slots=True)
class Written:
    """Counts, of all that was so far or of one message. ``wal``, ``size``: bytes logged, and kept; the others: CPU seconds."""

    wal: float
    size: float
    commits: float
    inserted: float
    updated: float
    deleted: float
    api: float
    worker: float
    database: float

    def since(self, before: Self, messages: int) -> "Written":
        """Of each of so many messages."""
        return Written(*((now - then) / messages for now, then in zip(astuple(self), astuple(before), strict=True)))


async def written(fleet: Deployment, postgres: PostgreSQL) -> Written:
    """All so far, once it is complete."""
    await asyncio.sleep(SETTLED)
    connection = await asyncpg.connect(make_url(fleet.database_url).set(drivername="postgresql").render_as_string())
    try:
        told = [float(value) for value in await connection.fetchrow(ASKED)]
    finally:
        await connection.close()
    wal, size, commits, inserted, updated, deleted = told
    spent = _cpu(fleet, "serve"), _cpu(fleet, "worker"), cpu(family(postgres.pid))
    return Written(wal, size, commits, inserted, updated, deleted, *spent)


def _cpu(fleet: Deployment, name: str) -> float:
    pids: Sequence[int] = [pid for one in fleet.running if one.name.startswith(name) for pid in family(one.pid)]
    return cpu(pids)
