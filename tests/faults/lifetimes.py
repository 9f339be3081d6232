"""One deployment from its start to its end, several schedules long: they are played one after the other while gateways go on
sending, then everything is given time to come to its end, and then it is accounted for.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaException

from app.db import DatabaseFailure
from tests.app.notify.receiver import Received, Receiver
from tests.faults import books
from tests.faults.acts import Acts
from tests.faults.deployments import Deployment, Fleet
from tests.faults.messages import Ledger
from tests.faults.reckoning import Account, wrong
from tests.faults.schedules import Schedule
from tests.faults.topics import values
from tests.services.children import until

PATIENCE = 150.0
"""Seconds for everything to come to its end: the longest lease is a minute."""

SOON = 20.0
"""Seconds for what broke before to be back when a schedule begins."""
LEAST = 5
"""Messages of a schedule are accepted before it is over, if that is soon."""


@dataclass
class Outcome:
    """What came of a lifetime. ``wrong``: (seed or None, what); ``settled``: seconds it took to come to its end."""

    schedules: Sequence[Schedule]
    wrong: list[tuple[int | None, str]]
    settled: float
    account: Account
    ledger: Ledger
    deliveries: int

    @property
    def failed(self) -> int:
        """Messages given up."""
        return sum(row["status"] == "failed" for row in self.account.books.messages)

    def of(self, seed: int) -> list[str]:
        """What is wrong about a schedule, or about all of them."""
        return [what for whose, what in self.wrong if whose in (seed, None)]


class Lifetime:
    """Of a deployment that runs."""

    def __init__(self, deployed: Deployment, receiver: Receiver) -> None:
        self._deployed, self._receiver = deployed, receiver
        self._ledger, self._seed = Ledger(), 0
        self._faulty: list[threading.Thread] = []
        self._failures: list[str] = []

    def play(self, schedules: Sequence[Schedule]) -> Outcome:
        """Blocks until it is over."""
        gateways = self._deployed.gateways(self._ledger, lambda: self._seed)
        self._seed = schedules[0].seed
        for gateway in gateways:
            gateway.start()
        for schedule in schedules:
            self._play(schedule)
        for gateway in gateways:
            gateway.stop()
        for thread in (*self._faulty, *gateways):
            thread.join(PATIENCE)
        stuck = [f"{thread.name} does not come to its end" for thread in (*self._faulty, *gateways) if thread.is_alive()]
        return self._reckoned(schedules, stuck)

    def _play(self, schedule: Schedule) -> None:
        self._seed = schedule.seed
        until(self._deployed.ready, SOON)
        began = time.monotonic()
        acts = Acts(self._deployed, self._ledger, lambda: self._seed)
        for fault in schedule.faults:
            time.sleep(max(0.0, began + fault.at - time.monotonic()))
            thread = threading.Thread(target=self._act, args=(acts.do, fault), name=f"seed {schedule.seed}: {fault}", daemon=True)
            self._faulty.append(thread)
            thread.start()
        time.sleep(max(0.0, began + schedule.seconds - time.monotonic()))
        until(lambda: self._ledger.count(schedule.seed) >= LEAST, SOON)

    def _act(self, do: Callable[[Any], None], fault: Any) -> None:
        try:
            do(fault)
        except Exception as error:
            self._failures.append(f"{fault} could not be done: {error!r}")

    def _reckoned(self, schedules: Sequence[Schedule], stuck: list[str]) -> Outcome:
        began = time.monotonic()
        is_over = until(self._is_over, PATIENCE)
        settled = time.monotonic() - began
        account = self._account()
        found = list(wrong(account)) + [(None, what) for what in (*stuck, *self._ledger.wrong, *self._fell(), *self._failures)]
        if not is_over:
            found.append((None, f"not over after {PATIENCE:g} seconds: {self._state()}"))
        found += [(None, what) for what in (*self._unsigned(), *self._deployed.amiss())]
        return Outcome(schedules, found, settled, account, self._ledger, len(self._whole()))

    def _is_over(self) -> bool:
        try:
            return not asyncio.run(books.left(self._deployed.database)) and self._deployed.ready() and not self._deployed.lag()
        except (DatabaseFailure, KafkaException, TimeoutError):
            return False

    def _state(self) -> str:
        unready = [program.name for program in self._deployed.programs if not program.ready()]
        left = asyncio.run(books.left(self._deployed.database))
        return f"{left} rows left, not ready: {unready}, and records are not done"

    def _fell(self) -> Iterator[str]:
        for program in (*self._deployed.programs, *self._deployed.guests):
            yield from program.fell

    def _account(self) -> Account:
        deployed, published, buried = self._deployed, None, []
        found = asyncio.run(books.read(deployed.database))
        if isinstance(deployed, Fleet):
            alerts = (json.loads(value) for value in values(deployed.kafka.bootstrap, f"{deployed.prefix}.alerts"))
            published = {alert["data"]["id"] for alert in alerts}
            buried = values(deployed.kafka.bootstrap, f"{deployed.prefix}.dead-letters")
        else:
            buried = [row["value"] for row in found.buried]
        dead = [json.loads(value) for value in buried]
        places = [(one["gateway"], one["message_id"]) for one in dead]
        return Account(self._ledger.accepted, self._ledger.ids, found, list(self._told()), published, places)

    def _told(self) -> Iterator[tuple[str, str, str]]:
        for one in self._whole():
            if _is_signed(one):
                yield one.headers["webhook-id"], one.json["data"]["id"], one.json["type"]

    def _unsigned(self) -> Iterator[str]:
        unsigned = [one.headers for one in self._whole() if not _is_signed(one)]
        if unsigned:
            yield f"{len(unsigned)} deliveries are not signed as they should be, such as {unsigned[0]}"

    def _whole(self) -> list[Received]:
        """Requests that came to their end: whoever is killed in the middle of one has sent nothing."""
        return [one for one in self._receiver.got if len(one.body) == int(one.headers["content-length"])]


def _is_signed(received: Received) -> bool:
    """Whatever the time: the sender's clock may be wrong."""
    return received.is_signed(within=float("inf"))
