"""What a fleet needs for so many messages a day, reckoned from what was measured: the assumptions stand in the table it makes."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fleet.written import Written
from tests.benchmarks.markdown import table

DAYS = (10_000_000, 1_000_000_000)
STAGE = re.compile(r"^\| `\w+` \| ([\d.]+) \|$", re.MULTILINE)
PAGES = re.compile(r"^\| documents and screens \| \d+ \| ([\d.]+) \|", re.MULTILINE)
KEYPOINTS = re.compile(r"^\| 100,000 \|.*?\| ([\d,]+) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What traffic is like, and what one server may be asked for.

    ``pictures``: a message has so many; ``repeats``: of them are known by their bytes; ``pages``: of the others are pages or
    screens; ``peak``: the busiest moment in averages of the day; ``used``: of a core's time that is planned with; ``cores``: of
    a database server; ``lanes``: of a worker; ``days``: clear messages are kept; ``references``: registered.
    """

    pictures: float = 0.3
    repeats: float = 0.5
    pages: float = 0.2
    peak: float = 3.0
    used: float = 0.7
    cores: int = 16
    lanes: int = 8
    days: int = 30
    references: int = 100_000


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a first-seen photograph and page; ``reference``: bytes of memory; ``message``: see ``Written``."""

    photograph: float
    page: float
    reference: float
    message: Written


@dataclass(frozen=True, slots=True)
class Needs:
    """At the busiest moment. ``stored``: bytes kept; ``registry``: bytes of memory on every machine that detects."""

    rate: float
    detection: int
    api: int
    taking: int
    database: float
    servers: int
    commits: float
    logged: float
    workers: int
    partitions: int
    stored: float
    registry: float


def cost(results: Path, message: Written) -> Cost:
    """From the tables of the other benchmarks: a photograph's mean over all modules, a page's median on real ones."""
    speed, dev = ((results / name).read_text(encoding="utf-8") for name in ("speed.md", "dev.md"))
    first, pages, reference = speed.split("3024 × 4032")[0], PAGES.search(dev), KEYPOINTS.search(speed)
    assert pages is not None
    assert reference is not None
    photograph = sum(float(ms) for ms in STAGE.findall(first)) / 1000
    return Cost(photograph, float(pages[1]) / 1000, float(reference[1].replace(",", "")), message)


def needs(a_day: int, spent: Cost, assumed: Assumed) -> Needs:
    """For so many messages a day."""
    rate = a_day / 86_400 * assumed.peak
    picture = assumed.pages * spent.page + (1 - assumed.pages) * spent.photograph
    detection = _cores(rate * assumed.pictures * (1 - assumed.repeats) * picture, assumed)
    database = rate * spent.message.database / assumed.used
    workers = math.ceil(detection / assumed.lanes)
    return Needs(
        rate=rate,
        detection=detection,
        api=_cores(rate * spent.message.api, assumed),
        taking=_cores(rate * spent.message.worker, assumed),
        database=database,
        servers=math.ceil(database / assumed.cores),
        commits=rate * spent.message.commits,
        logged=rate * spent.message.wal,
        workers=workers,
        partitions=_even(max(24, 3 * workers)),
        stored=a_day * assumed.days * spent.message.size,
        registry=assumed.references * spent.reference,
    )


def _cores(seconds: float, assumed: Assumed) -> int:
    return math.ceil(seconds / assumed.used)


def _even(partitions: int) -> int:
    """The next power of two times three: it divides evenly among many numbers of workers."""
    return 3 << math.ceil(math.log2(partitions / 3))


def capacity(spent: Cost, assumed: Assumed | None = None) -> str:
    """The assumptions and both fleets, as a page."""
    told = assumed or Assumed()
    return f"{_assumptions(spent, told)}\n\n{_fleets([needs(a_day, spent, told) for a_day in DAYS], told)}"


def _assumptions(spent: Cost, told: Assumed) -> str:
    one = spent.message
    return "\n".join(
        (
            f"- assumed: {told.pictures:.0%} of the messages have a picture, {told.repeats:.0%} of these are the same bytes as "
            f"an earlier one, {told.pages:.0%} of the others are pages or screens; the busiest moment is {told.peak:g} times the "
            f"day's average; cores are planned at {told.used:.0%}; {told.references:,} references; clear messages stay "
            f"{told.days} days",
            f"- measured: a first-seen photograph {spent.photograph * 1000:.0f} ms of CPU (`speed.md`, mean), a page "
            f"{spent.page * 1000:.0f} ms (`dev.md`, median), a reference {spent.reference / 1000:.0f} KB of memory",
            f"- measured, of a message of words from accepted to recorded: {one.api * 1000:.1f} ms of CPU in the API and its "
            f"relay, {one.worker * 1000:.1f} ms in the worker, {one.database * 1000:.1f} ms in PostgreSQL; "
            f"{one.commits:.1f} transactions, "
            f"{one.inserted:.1f} rows inserted, {one.updated:.1f} updated, {one.deleted:.1f} deleted; "
            f"{one.wal / 1000:.1f} KB of log, {one.size / 1000:.1f} KB kept",
        )
    )


def _fleets(fleets: Sequence[Needs], told: Assumed) -> str:
    rows = [
        ("messages/s at the busiest moment", *(f"{one.rate:,.0f}" for one in fleets)),
        ("cores for detection", *(f"{one.detection:,}" for one in fleets)),
        (f"workers of {told.lanes} lanes", *(f"{one.workers:,}" for one in fleets)),
        ("cores for taking and recording", *(f"{one.taking:,}" for one in fleets)),
        ("cores for the API, one process each", *(f"{one.api:,}" for one in fleets)),
        ("cores for PostgreSQL", *(f"{one.database:,.0f}" for one in fleets)),
        (f"PostgreSQL servers of {told.cores} cores", *(f"{one.servers:,}" for one in fleets)),
        ("transactions/s", *(f"{one.commits:,.0f}" for one in fleets)),
        ("log written, MB/s", *(f"{one.logged / 1e6:,.1f}" for one in fleets)),
        (f"kept of {told.days} days, TB", *(f"{one.stored / 1e12:,.1f}" for one in fleets)),
        ("partitions of the messages' topic", *(f"{one.partitions:,}" for one in fleets)),
        ("registry on each detecting machine, GB", *(f"{one.registry / 1e9:.1f}" for one in fleets)),
    ]
    return table(("messages a day", *(f"{a_day:,}" for a_day in DAYS)), rows)
