"""One kind of deployment after the other, all that is measured of it."""

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from app.streams.types import MESSAGES
from tests.benchmarks.fleet import accepting, floors
from tests.benchmarks.fleet.accepting import Accepted, Door, quantile
from tests.benchmarks.fleet.alerting import alerted
from tests.benchmarks.fleet.bare import Bare
from tests.benchmarks.fleet.deployment import Deployment, Running
from tests.benchmarks.fleet.detecting import Beside, Team, shared, side_by_side
from tests.benchmarks.fleet.pictures import Album, fresh, photographs, turned
from tests.benchmarks.fleet.posts import spoken
from tests.benchmarks.fleet.processes import Busy, family
from tests.benchmarks.fleet.queued import Ended, counted, drained, prepared
from tests.benchmarks.fleet.shares import share
from tests.benchmarks.fleet.sizes import Sizes
from tests.benchmarks.fleet.written import Written, written
from tests.services.kafka import Cluster
from tests.services.postgres import PostgreSQL

SQLITE, POSTGRES, KAFKA = "SQLite, table queue", "PostgreSQL, table queue", "PostgreSQL, Kafka"
ALL = SQLITE, POSTGRES, KAFKA
PREFIX = "bench"
RECORD = 600
"""Bytes of a record as messages of words have them, about."""
_files = itertools.count(1, 100_000)


@dataclass(frozen=True, slots=True)
class Services:
    """What the deployments stand on."""

    postgres: PostgreSQL
    kafka: Cluster
    folder: Path


@dataclass(frozen=True, slots=True)
class Floors:
    """A second: records consumed, rows stored by one writer and by as many as post."""

    consumed: float
    rows: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Found:
    """Of one kind of deployment. ``busy``: cores at work meanwhile, whoever's; ``written``: of a message of words."""

    accepted: Accepted
    pictures: Beside
    words: Beside
    alerts: list[Ended]
    busy: float
    written: Written | None


@dataclass
class Results:
    """Of a run."""

    floors: Floors
    found: dict[str, Found] = field(default_factory=dict)
    teams: dict[str, list[Team]] = field(default_factory=dict)


@contextmanager
def services() -> Iterator[Services]:
    """Both servers, on one disk."""
    place = Path("/var/tmp") if Path("/var/tmp").is_dir() else Path("/tmp")  # noqa: S108
    with PostgreSQL(place) as postgres, Cluster() as kafka, TemporaryDirectory(prefix="leakwatch-fleet-", dir=place) as folder:
        yield Services(postgres, kafka, Path(folder))


def measured(
    on: Services, album: Album, sizes: Sizes, ones: Sequence[str] = ALL, teams: Sequence[str] = (POSTGRES, KAFKA)
) -> Results:
    """Everything, or of some deployments alone."""
    results = Results(bottom(on, sizes))
    for name in ones:
        say(f"{name}: one of each")
        results.found[name] = one_of_each(on, name, album, sizes)
    for name in teams:
        say(f"{name}: several workers")
        results.teams[name] = several(on, name, album, sizes)
    return results


def bottom(on: Services, sizes: Sizes) -> Floors:
    """The floors."""
    say("floors")
    writers = (1, accepting.CONNECTIONS)
    url = on.postgres.database()
    rows = {"SQLite": tuple(floors.sqlite_rows(on.folder, RECORD, sizes.floor, count) for count in writers)}
    rows["PostgreSQL"] = tuple(asyncio.run(floors.postgres_rows(url, RECORD, sizes.floor, count)) for count in writers)
    consumed = asyncio.run(floors.consumed(on.kafka, RECORD, sizes.records))
    return Floors(consumed, {name: (one, many) for name, (one, many) in rows.items()})


def deployment(on: Services, name: str) -> Deployment:
    """A new one, with nothing in it."""
    number = next(_files)
    database = "" if name == SQLITE else on.postgres.database()
    stream = f"{on.kafka.url}/{PREFIX}{number}" if name == KAFKA else "table:"
    return Deployment(on.folder / str(number), database, stream)


def one_of_each(on: Services, name: str, album: Album, sizes: Sizes) -> Found:
    """One server, and with Kafka one worker."""
    with deployment(on, name) as fleet:
        fleet.register(album.registered)
        server = fleet.serve()
        detecting = fleet.worker() if name == KAFKA else server
        door = Door(server.port, fleet.token(), _through(on, fleet))
        busy = Busy()
        idle = asyncio.run(accepting.idle(door, sizes))
        with Bare(fleet.settings) as bare:
            pictures = _beside(fleet, bare, detecting, sizes, sizes.batch, partial(_pictures, album))
            words = _beside(fleet, bare, detecting, sizes, sizes.words, _words)
        say(f"{name}: overhead {pictures.overhead:.3f}")
        seconds = sum(pictures.bare[-1].each) / len(pictures.bare[-1].each)
        alerts = asyncio.run(alerted(fleet.settings, door, album, 0.5 / (seconds * 0.4), sizes.alerts))
        before = None if name == SQLITE else asyncio.run(written(fleet, on.postgres))
        posted, through = asyncio.run(accepting.flooded(door, sizes))
        single = asyncio.run(accepting.alone(door, sizes))
        say(f"{name}: {posted.rate:.0f} messages/s, alone {single.rate:.0f}")
        asyncio.run(drained(fleet.settings))
        count = len(posted.ms) + len(single.ms)
        cost = None if before is None else asyncio.run(written(fleet, on.postgres)).since(before, count)
        full = asyncio.run(accepting.saturated(door, sizes, list(album.strange), fresh))
        say(f"{name}: idle {quantile(idle.ms, 0.5):.0f} ms, saturated p99 {quantile(full.ms, 0.99):.0f} ms")
        return Found(Accepted(posted.rate, single.rate, through, idle, full), pictures, words, alerts, busy.cores(), cost)


def _pictures(album: Album, number: int, count: int) -> tuple[list[str], list[bytes]]:
    return [""] * count, turned(album.strange, count, number)


def _words(number: int, count: int) -> tuple[list[str], list[bytes]]:
    return [spoken(number + at) for at in range(count)], []


Make = Callable[[int, int], tuple[list[str], list[bytes]]]


def _beside(fleet: Deployment, bare: Bare, detecting: Running, sizes: Sizes, full: int, make: Make) -> Beside:
    """Rounds of so many; a small one before them warms both sides, and is not counted."""
    rounds = [prepared(fleet.settings, *make(next(_files), count)) for count in (3, *[full] * sizes.rounds)]
    found = asyncio.run(side_by_side(fleet.settings, bare, rounds, lambda: family(detecting.pid)))
    return Beside(found.bare[1:], found.queued[1:])


def several(on: Services, name: str, album: Album, sizes: Sizes) -> list[Team]:
    """As many pictures for one worker and for two, by turns, so that moments count for both; and for one with two lanes.

    Each has a share of a core, as if it had a machine of its own: on one whose cores two of them fill, what the database and the
    broker take is missing where there are two, and not where there is one.
    """
    warming = replace(sizes, scaled=sizes.warming)
    with deployment(on, name) as fleet:
        fleet.register(album.registered)
        found = list[Team]()
        with _worker(fleet, sizes, "first") as first:
            _team(fleet, album, warming, 1, [first])
            for _ in range(sizes.turns):
                found.append(_team(fleet, album, sizes, 1, [first]))
                with _worker(fleet, sizes, "second") as second:
                    _team(fleet, album, warming, 1, [first, second])
                    found.append(_team(fleet, album, sizes, 1, [first, second]))
        with _worker(fleet, sizes, "both", 2) as both:
            _team(fleet, album, warming, 2, [both])
            found.append(_team(fleet, album, sizes, 2, [both]))
        return found


@contextmanager
def _worker(fleet: Deployment, sizes: Sizes, name: str, lanes: int = 1) -> Iterator[Running]:
    with share(name, sizes.share * lanes) as within:
        one = fleet.worker(lanes, within)
        try:
            yield one
        finally:
            fleet.stop(one)


def _team(fleet: Deployment, album: Album, sizes: Sizes, lanes: int, team: list[Running]) -> Team:
    """Of photographs, each of which costs about as much as another."""
    laid = prepared(fleet.settings, [""] * sizes.scaled, turned(photographs(album), sizes.scaled, next(_files)))
    pids = [pid for one in team for pid in family(one.pid)]
    return asyncio.run(shared(fleet.settings, laid, pids, len(team), lanes))


def _through(on: Services, fleet: Deployment) -> Callable[[], Awaitable[int]]:
    """What is stored stands in the table queue, too; what is in Kafka, Kafka says."""
    topic = f"{fleet.stream_url.rpartition('/')[2]}.{MESSAGES}"
    if fleet.settings.is_fleet:
        return partial(asyncio.to_thread, floors.in_topic, on.kafka, topic)
    return partial(counted, fleet.settings)


def say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
