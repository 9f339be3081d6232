"""Whether the promises were kept: everything accepted was judged once, every leak told of once, and nobody told wrongly.

Pure: ledger, books and what the receiver got go in, what is wrong comes out, in words.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.books import Books
from tests.faults.messages import Message

Place = tuple[str, str]
CREATED = "alert.created"
KILLED = "the detection process ended unexpectedly"
"""Why a message may be given up: it was under way twice when its process was killed."""


@dataclass(frozen=True, slots=True)
class Account:
    """Everything there is to compare. ``ids``: what the API called a message. ``told``: (webhook-id, alert, type) of every
    delivery with a right signature; ``published``: alerts of the topic, ``None`` without one. ``buried``: places of dead letters.
    """

    accepted: Mapping[Place, Message]
    ids: Mapping[Place, Collection[str]]
    books: Books
    told: Sequence[tuple[str, str, str]]
    published: Collection[str] | None
    buried: Collection[Place]


def wrong(account: Account) -> Iterator[tuple[int | None, str]]:
    """What is not as it should be, with the seed of the schedule it belongs to, if it belongs to one."""
    seeds = {place: message.seed for place, message in account.accepted.items()}
    of_row = {row["id"]: seeds.get(_place(row)) for row in account.books.messages}
    of_alert = {row["id"]: of_row.get(row["message_id"]) for row in account.books.alerts}
    yield from ((seeds[place], what) for place, what in _verdicts(account))
    yield from ((of_row.get(ident), what) for ident, what in _alerts(account))
    yield from ((of_alert.get(ident), what) for ident, what in _histories(account))
    yield from ((of_alert.get(ident), what) for ident, what in _notices(account))
    if account.books.waiting:
        yield None, f"{len(account.books.waiting)} records wait although everything is done"


def _place(row: Mapping[str, Any]) -> Place:
    return row["gateway"], row["message_id"]


def _verdicts(account: Account) -> Iterator[tuple[Place, str]]:
    """One row and one verdict a message, the right one; given up openly only what is among the dead letters."""
    rows: defaultdict[Place, list[dict[str, Any]]] = defaultdict(list)
    for row in account.books.messages:
        rows[_place(row)].append(row)
    for place, message in account.accepted.items():
        if len(rows[place]) != 1:
            yield place, f"{place} was accepted and is there {len(rows[place])} times"
            continue
        (row,) = rows[place]
        if account.ids.get(place, {row["id"]}) != {row["id"]}:
            yield place, f"{place} was called {account.ids[place]} and is {row['id']}"
        yield from ((place, f"{place} {what}") for what in _judged(row, message, place in account.buried))


def _judged(row: Mapping[str, Any], message: Message, is_buried: bool) -> Iterator[str]:
    if row["status"] == "failed" and is_buried and row["reason"] == KILLED:
        return
    if row["status"] != "done":
        yield f"is {row['status']} ({row['reason']}){'' if is_buried else ' and no dead letter'}"
    elif (row["verdict"]["verdict"] != "clear") != message.leaks:
        yield f"is judged {row['verdict']['verdict']}, and leaks: {message.leaks}"


def _alerts(account: Account) -> Iterator[tuple[str, str]]:
    """One for each leak, none for anything else."""
    counted = Counter(row["message_id"] for row in account.books.alerts)
    for row in account.books.messages:
        wanted = int(row["status"] == "done" and row["verdict"]["verdict"] != "clear")
        if counted[row["id"]] != wanted:
            yield row["id"], f"{_place(row)} has {counted[row['id']]} alerts, not {wanted}"


def _histories(account: Account) -> Iterator[tuple[str, str]]:
    """They begin with the creation, and there is only one."""
    steps: defaultdict[str, list[str]] = defaultdict(list)
    for row in account.books.history:
        steps[row["alert_id"]].append(row["action"])
    for alert in account.books.alerts:
        found = steps[alert["id"]]
        if found[:1] != ["created"] or found.count("created") != 1:
            yield alert["id"], f"the history of {alert['id']} is {found}"


def _notices(account: Account) -> Iterator[tuple[str, str]]:
    """Each row of the outbox was delivered at least once; by their ids, one creation an alert."""
    came = {ident for ident, _, _ in account.told}
    senders: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in account.books.outbox:
        senders[row["alert_id"]][row["sender"]] += row["event"] == CREATED
        if row["status"] != "delivered":
            yield row["alert_id"], f"notification {row['id']} by {row['sender']} is {row['status']}"
        if row["sender"] == "webhook" and row["id"] not in came:
            yield row["alert_id"], f"notification {row['id']} is delivered, and never came"
    wanted = {"webhook": 1} if account.published is None else {"webhook": 1, "stream": 1}
    of_alert = Counter(alert for alert, kind in _distinct(account.told) if kind == CREATED)
    for alert in (row["id"] for row in account.books.alerts):
        if senders[alert] != wanted:
            yield alert, f"alert {alert} has notifications {dict(senders[alert])}"
        if of_alert[alert] != 1:
            yield alert, f"the receiver was told {of_alert[alert]} times that {alert} is new"
        if account.published is not None and alert not in account.published:
            yield alert, f"alert {alert} is not in the topic"


def _distinct(told: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Without what a receiver knows by its id."""
    yield from ((alert, kind) for _, alert, kind in set(told))
