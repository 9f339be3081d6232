"""What was measured, as tables."""

import os
from collections.abc import Iterator, Sequence

from tests.benchmarks.fleet.accepting import CONNECTIONS, quantile
from tests.benchmarks.fleet.capacity import capacity, cost
from tests.benchmarks.fleet.detecting import Team
from tests.benchmarks.fleet.measured import KAFKA, RECORD, SQLITE, Floors, Found, Results
from tests.benchmarks.fleet.processes import loads
from tests.benchmarks.fleet.sizes import Sizes
from tests.benchmarks.markdown import table
from tests.benchmarks.run import RESULTS
from tests.benchmarks.tables import machine

NOTE = (
    "Bare and queued rounds take turns; where others use the machine, their wall times compare moments as well. CPU does not, "
    "nor does how long nothing was being inspected between the first verdict and the last, beside how long something was."
)
STRETCH, OVERHEAD, SCALED = 5.0, 0.10, 1.8


def page(results: Results, sizes: Sizes) -> str:
    """All of it."""
    load = ", ".join(
        f"{one.busy:.1f} of {os.cpu_count()} cores at work while {name} was measured" for name, one in results.found.items()
    )
    parts = [
        f"# The whole service\n\n{machine()}\n- {load}, this run's own included; load averages at its end {loads()}",
        "## Must reach\n\n" + _targets(results),
        "## Accepting\n\n" + _accepting(results) + "\n\n" + _floors(results.floors),
        "## Around detection\n\n" + NOTE + "\n\n" + _around(results, sizes),
        "## Several processes\n\n" + _shared(sizes) + _teams(results.teams, sizes),
        "## From accepted to alert\n\n" + _alerts(results),
    ]
    message = results.found[KAFKA].written
    if message is not None:
        parts.append(f"## Capacity\n\n{capacity(cost(RESULTS, message))}")
    return "\n\n".join(parts) + "\n"


def _targets(results: Results) -> str:
    rows: list[tuple[object, ...]] = []
    for name, one in results.found.items():
        told = one.accepted.stretched
        rows.append(
            (
                f"accepting while detection is saturated: p99 ÷ idle p50; {name}",
                f"≤ {STRETCH:.0f}",
                f"{told:.1f}",
                told <= STRETCH,
            )
        )
    for name, one in results.found.items():
        around = {"wall time": one.pictures.overhead, "CPU": one.pictures.overhead_cpu, "nothing inspected": one.pictures.waited}
        for what, told in around.items():
            label = f"pipeline around detection of pictures, {what}; {name}"
            rows.append((label, f"≤ {OVERHEAD:.0%}", f"{told:.1%}", told <= OVERHEAD))
    for name, teams in results.teams.items():
        told = _rate(teams, 2, 1) / _rate(teams, 1, 1)
        rows.append((f"two workers' throughput ÷ one's; {name}", f"≥ {SCALED}", f"{told:.2f}", told >= SCALED))
    return table(("target", "must", "measured", "reached"), [(*row[:3], "yes" if row[3] else "**no**") for row in rows])


def _accepting(results: Results) -> str:
    head = (
        "`POST /messages`, words alone",
        f"accepted/s, {CONNECTIONS} connections",
        "in their queue, /s",
        "accepted/s, one connection",
        "idle p50, ms",
        "p99",
        "detection saturated p50, ms",
        "p99",
        "p99 ÷ idle p50",
        f"accepted/s ÷ plain rows/s, {CONNECTIONS} writers",
    )
    return table(head, [_door(name, one, results.floors) for name, one in results.found.items()])


def _door(name: str, one: Found, floors: Floors) -> tuple[str, ...]:
    told = one.accepted
    plain = floors.rows["SQLite" if name == SQLITE else "PostgreSQL"][1]
    times = [f"{quantile(ms, share):.1f}" for ms in (told.idle.ms, told.busy.ms) for share in (0.5, 0.99)]
    return (
        name,
        f"{told.rate:.0f}",
        f"{told.through:.0f}",
        f"{told.alone:.0f}",
        *times,
        f"{told.stretched:.1f}",
        f"{told.rate / plain:.2f}",
    )


def _floors(floors: Floors) -> str:
    rows = [
        (f"{name}: rows of {RECORD} bytes, each committed", f"{one:.0f}", f"{many:.0f}")
        for name, (one, many) in floors.rows.items()
    ]
    rows.append((f"Kafka: records of {RECORD} bytes, consumed by aiokafka and forgotten", f"{floors.consumed:.0f}", ""))
    return table(("floor, in the same run", "/s", f"/s with {CONNECTIONS} writers"), rows)


def _around(results: Results, sizes: Sizes) -> str:
    head = (
        "the same messages through a queue and bare",
        "bare ms a message",
        "CPU ms",
        "through the queue ms",
        "CPU ms",
        "overhead",
        "of CPU",
        "nothing inspected meanwhile",
    )
    rows = []
    for name, one in results.found.items():
        for what, beside, count in (("pictures", one.pictures, sizes.batch), ("words", one.words, sizes.words)):
            times = [
                f"{1000 * sum(getattr(spent, kind) for spent in side) / len(side) / (count - 1):.1f}"
                for side in (beside.bare, beside.queued)
                for kind in ("wall", "cpu")
            ]
            label = f"{name}: {len(beside.bare)} × {count} messages of {what}"
            rows.append((label, *times, f"{beside.overhead:+.1%}", f"{beside.overhead_cpu:+.1%}", f"{beside.waited:+.1%}"))
    return table(head, rows)


def _shared(sizes: Sizes) -> str:
    return f"Each worker has {sizes.share:g} of a core for each lane.\n\n" if sizes.share else ""


def _teams(teams: dict[str, list[Team]], sizes: Sizes) -> str:
    head = (
        f"{sizes.scaled} photographs, while all have some",
        "messages/s",
        "÷ one worker's",
        "CPU ms a message",
        "cores at work, whoever's",
    )
    rows = []
    for name, found in teams.items():
        for workers, lanes in ((1, 1), (2, 1), (1, 2)):
            mine = [one for one in found if (one.workers, one.lanes) == (workers, lanes)]
            rate = _rate(found, workers, lanes)
            label = f"{name}: {workers} × {lanes} lane{'s' if lanes > 1 else ''}"
            spent, busy = (sum(getattr(one, kind) for one in mine) / len(mine) for kind in ("cpu", "busy"))
            rows.append((label, f"{rate:.2f}", f"{rate / _rate(found, 1, 1):.2f}", f"{1000 * spent:.0f}", f"{busy:.1f}"))
    return table(head, rows)


def _rate(teams: Sequence[Team], workers: int, lanes: int) -> float:
    """Harmonic mean: messages over time, all runs together."""
    rates = [one.rate for one in teams if (one.workers, one.lanes) == (workers, lanes)]
    return len(rates) / sum(1 / rate for rate in rates)


def _alerts(results: Results) -> str:
    head = (
        "at half of what detection can do",
        "messages",
        "alerts",
        "accepted to alert p50, s",
        "p99",
        "accepted to verdict p50, s",
        "p99",
    )
    return table(head, _seen(results))


def _seen(results: Results) -> Iterator[tuple[object, ...]]:
    for name, one in results.found.items():
        alerts = [(each.alert - each.received).total_seconds() for each in one.alerts if each.alert]
        verdicts = [each.seconds for each in one.alerts]
        times = [f"{quantile(values, share):.2f}" for values in (alerts, verdicts) for share in (0.5, 0.99)]
        yield name, len(verdicts), len(alerts), *times
