"""What came of schedules, as a Markdown table that a run writes, and goes on writing while it runs."""

from collections import Counter
from pathlib import Path

from tests.benchmarks.markdown import table
from tests.faults.lifetimes import Outcome

HEAD = ("schedule", "faults", "accepted", "verdicts", "leaks", "alerts", "told", "wrong")
TITLE = """\
# Schedules of faults

Written by `pytest tests/faults --fault-schedules N --fault-seconds S --fault-table FILE`. *told*: alerts whose creation came to
the receiver, each counted once by its `webhook-id`; *wrong*: whatever `tests/faults/reckoning.py` finds.
"""


def write(path: Path, outcome: Outcome) -> None:
    """Add a lifetime to the table of a file, or begin one."""
    before = path.read_text() if path.exists() else TITLE
    path.write_text(f"{before}\n{_lifetime(outcome)}\n")


def _lifetime(outcome: Outcome) -> str:
    first = outcome.schedules[0]
    faults = Counter(str(fault.kind) for one in outcome.schedules for fault in one.faults)
    answers = Counter({what: number for what, number in outcome.ledger.told.items() if what not in faults})
    lines = [
        f"## {first.size}, seeds {', '.join(str(one.seed) for one in outcome.schedules)}, {first.seconds:g} s each\n",
        table(HEAD, [_row(outcome, place) for place in range(len(outcome.schedules))]),
        f"\n- faults: {_counted(faults)}",
        f"- on the way: {_counted(answers) or 'nothing else'}",
        f"- {outcome.deliveries} deliveries came for {len({ident for ident, _, _ in outcome.account.told})} notifications",
        f"- {outcome.failed} messages given up, {len(outcome.account.buried)} dead letters",
        f"- everything had come to its end {outcome.settled:.0f} s after the load",
        *(f"- **wrong**: {what}" for what in dict.fromkeys(what for _, what in outcome.wrong)),
    ]
    return "\n".join(lines)


def _row(outcome: Outcome, place: int) -> tuple[object, ...]:
    schedule = outcome.schedules[place]
    mine = {key: message for key, message in outcome.account.accepted.items() if message.seed == schedule.seed}
    rows = {row["id"]: row for row in outcome.account.books.messages if (row["gateway"], row["message_id"]) in mine}
    alerts = {row["id"] for row in outcome.account.books.alerts if row["message_id"] in rows}
    told = {(ident, alert) for ident, alert, kind in outcome.account.told if alert in alerts and kind == "alert.created"}
    verdicts = sum(row["status"] == "done" for row in rows.values())
    leaks = sum(message.leaks for message in mine.values())
    wrong = sum(seed == schedule.seed for seed, _ in outcome.wrong)
    faults = "; ".join(f"{fault.at:.1f} s {fault.kind}" for fault in schedule.faults)
    return f"seed {schedule.seed}", faults, len(mine), verdicts, leaks, len(alerts), len(told), wrong


def _counted(what: "Counter[str]") -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(what.items()))
