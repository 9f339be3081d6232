"""A whole fleet under load: ``python -m tests.benchmarks.soak [--minutes 10]``; prints a Markdown page and writes it.

PostgreSQL, Kafka, a server, two workers and a notifier on the loopback, at 80 % of what they were measured to do. Does memory
grow, do latencies, is anything lost?
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.db import Database
from app.streams.types import ALERTS
from tests.benchmarks.fleet import floors
from tests.benchmarks.fleet.accepting import quantile
from tests.benchmarks.fleet.alerting import Chat
from tests.benchmarks.fleet.deployment import Deployment
from tests.benchmarks.fleet.measured import KAFKA, Services, deployment, say, services
from tests.benchmarks.fleet.memory import Samples, Watch, growth
from tests.benchmarks.fleet.pictures import Album, album
from tests.benchmarks.fleet.posts import Posted, flood, pace
from tests.benchmarks.fleet.processes import Busy, family, loads
from tests.benchmarks.fleet.queued import Ended, counted, drained, ended
from tests.benchmarks.markdown import table
from tests.benchmarks.run import RESULTS
from tests.benchmarks.tables import machine

SHARE = 0.8
SLICE = 120.0
LEAKS = 20
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """``seconds`` of load, of which ``warm`` are not counted for memory; ``first``: messages to measure the capacity with.

    What is counted is told in halves: what warms up slowly grows less in the second one, what leaks as much.
    """

    seconds: float
    warm: float
    first: int
    pictures: int
    registered: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """``capacity``: messages a second. ``told``: alerts in their topic. ``left``: messages without a verdict at the end."""

    capacity: float
    posted: Posted
    found: list[Ended]
    copies: int
    told: int
    left: int
    samples: Samples
    busy: float

    @property
    def lost(self) -> int:
        """Messages accepted that have no verdict, and alerts nobody was told of."""
        alerts = sum(one.alert is not None for one in self.found)
        return len(self.posted.ms) - len(self.found) + max(0, alerts - self.told)


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of load")
    parser.add_argument("--quick", action="store_true", help="a few seconds: that it works")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the table")
    options = parser.parse_args(words)
    seconds = options.minutes * 60
    plan = Plan(6.0, 1.0, 10, 3, 2) if options.quick else Plan(seconds, min(180.0, seconds / 3), 150, 24, 8)
    say("drawing")
    drawn = album(plan.pictures, plan.registered)
    with services() as on:
        told = page(soaked(on, drawn, plan), plan)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "soak.md").write_text(told, encoding="utf-8")
    sys.stdout.write(told)


def soaked(on: Services, drawn: Album, plan: Plan) -> Soaked:
    """The whole of it."""
    with deployment(on, KAFKA) as fleet:
        fleet.register(drawn.registered)
        server = fleet.serve()
        for _ in range(WORKERS):
            fleet.worker()
        fleet.notify()
        chat = Chat(fleet.token(), drawn, LEAKS)
        capacity = asyncio.run(_capacity(fleet, server.port, chat, plan.first))
        say(f"capacity: {capacity:.2f} messages/s")
        begun = len(chat.names), len(chat.copies)
        busy = Busy()
        with Watch(lambda: _who(on, fleet), min(5.0, plan.seconds / 12)) as watch:
            per_second = SHARE * capacity
            posted = asyncio.run(pace(server.port, iter(chat), per_second, max(1, int(plan.seconds * per_second))))
            cores = busy.cores()
        asyncio.run(drained(fleet.settings))
        names, copies = chat.names[begun[0] :], chat.copies[begun[1] :]
        found = asyncio.run(_found(fleet, names))
        alerts = asyncio.run(_told(on, fleet, sum(one.alert is not None for one in found), len(chat.copies) - len(copies)))
        left = asyncio.run(counted(fleet.settings, "queued", "failed"))
        return Soaked(capacity, posted, found, len(copies), alerts, left, watch.samples, cores)


async def _capacity(fleet: Deployment, port: int, chat: Chat, count: int) -> float:
    """Messages a second of this chat while one is always waiting: from when a tenth is finished to when nine tenths are."""
    wanted = iter(chat)
    await flood(port, [next(wanted) for _ in range(count)], 8, 120)
    found = await _found(fleet, chat.names)
    first, last = count // 10, count * 9 // 10
    return (last - first) / (found[last].finished - found[first].finished).total_seconds()


async def _found(fleet: Deployment, names: Sequence[str]) -> list[Ended]:
    database = Database(fleet.settings.database)
    try:
        return await ended(database, names)
    finally:
        await database.close()


async def _told(on: Services, fleet: Deployment, alerts: int, before: int) -> int:
    """How many of so many alerts are in their topic, once they are or half a minute is over. ``before``: the first messages'."""
    topic = f"{fleet.stream_url.rpartition('/')[2]}.{ALERTS}"
    there = 0
    for _ in range(60):
        there = await asyncio.to_thread(floors.in_topic, on.kafka, topic) - before
        if there >= alerts:
            break
        await asyncio.sleep(0.5)
    return there


def _who(on: Services, fleet: Deployment) -> dict[str, list[int]]:
    """By name; what a process started stands for itself, PostgreSQL's for all of it."""
    found = {"PostgreSQL, all its processes": family(on.postgres.pid), "Kafka": [on.kafka.pid()]}
    for one in fleet.running:
        first, *others = family(one.pid)
        found[one.name] = [first]
        found |= {f"{one.name}: its process {number}": [pid] for number, pid in enumerate(others, 1)}
    return found


def page(told: Soaked, plan: Plan) -> str:
    """All of it."""
    alerts = sum(one.alert is not None for one in told.found)
    facts = (
        f"- {plan.seconds / 60:.1f} minutes at {SHARE:.0%} of the {told.capacity:.2f} messages/s measured before; "
        f"{told.busy:.1f} cores at work meanwhile, whoever's; load averages at its end {loads()}",
        f"- {len(told.posted.ms)} accepted, {told.posted.refused} refused, {len(told.found)} with a verdict, {told.left} left or "
        f"failed; {told.copies} copies of registered pages posted, {alerts} alerts, {told.told} told; **{told.lost} lost**",
    )
    parts = [f"# A fleet under load\n\n{machine()}", "\n".join(facts), _latencies(told), _memory(told.samples, plan.warm)]
    return "\n\n".join(parts) + "\n"


def _latencies(told: Soaked) -> str:
    head = (
        "minutes",
        "messages",
        *(f"{what} {mark}" for what in ("accept, ms", "to verdict, s") for mark in ("p50", "p90", "p99", "max")),
    )
    begun = min(one.received for one in told.found)
    accepted = dict(zip(told.posted.ids, told.posted.ms, strict=True))
    slices: dict[int, list[Ended]] = {}
    for one in sorted(told.found, key=lambda each: each.received):
        slices.setdefault(int((one.received - begun).total_seconds() // SLICE), []).append(one)
    rows = []
    for number, some in slices.items():
        times = _marks([accepted[one.id] for one in some if one.id in accepted], 0), _marks([one.seconds for one in some], 2)
        rows.append((f"{number * SLICE / 60:.0f} to {(number + 1) * SLICE / 60:.0f}", len(some), *times[0], *times[1]))
    return table(head, rows)


def _marks(values: list[float], digits: int) -> list[str]:
    return [f"{quantile(values, share):.{digits}f}" for share in (0.5, 0.9, 0.99, 1.0)]


def _memory(samples: Samples, warm: float) -> str:
    end = max(taken[-1][0] for taken in samples.values())
    middle = (warm + end) / 2
    titles = "MB then", "MB/h, first half", "±", "MB in the middle", "MB at the end", "MB/h, second half", "±", "flat in it"
    head = (f"private memory after {warm / 60:.0f} minutes", *titles)
    rows = []
    for name, taken in samples.items():
        before, after = growth(taken, warm, middle), growth(taken, middle)
        values = before.first, before.slope, before.error, after.first, after.last, after.slope, after.error
        rows.append((name, *(f"{value / 1e6:.1f}" for value in values), "yes" if after.is_flat else "**no**"))
    return table(head, rows)


if __name__ == "__main__":
    main()
