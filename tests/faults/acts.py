"""Faults done: each kind is one function on what is deployed."""

import asyncio
import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable

import httpx

from tests.faults import books
from tests.faults.deployments import POSTERS, Deployment, Fleet
from tests.faults.messages import Ledger, drawn
from tests.faults.programs import Program, kill
from tests.faults.schedules import Fault, Kind

STEPS = (-7200, -45, -10, 10, 45, 900, 7200)
"""Seconds by which a clock is set. A notification that is to be tried again within the hour waits as much longer as a clock is
set back by, so it goes back a little, or so far that nobody believes the time that was noted.
"""
PATIENCE = 3.0
OFFSETS = "__consumer_offsets"


class Acts:
    """What can be done to a deployment. ``seed``: of the schedule that is being played."""

    def __init__(self, deployed: Deployment, ledger: Ledger, seed: Callable[[], int]) -> None:
        self._deployed, self._ledger, self._seed = deployed, ledger, seed
        self._kinds: dict[Kind, Callable[[Fault], None]] = {
            Kind.SERVER_KILLED: self._server_killed,
            Kind.SERVER_ENDED: lambda _: deployed.server.again(signal.SIGTERM),
            Kind.LANE_KILLED: self._lane_killed,
            Kind.DISK_FULL: lambda fault: deployed.disk.fill(fault.lasts),
            Kind.CLOCK_STEPPED: lambda fault: deployed.clock.step(STEPS[int(fault.chance * len(STEPS))]),
        }
        if isinstance(deployed, Fleet):
            self._kinds |= _of_fleets(deployed, ledger)

    def do(self, fault: Fault) -> None:
        """Blocks until it is over, or mended."""
        self._kinds[fault.kind](fault)
        self._ledger.tell(str(fault.kind))

    def _lane_killed(self, fault: Fault) -> None:
        lanes = [pid for worker in self._deployed.workers for pid in worker.lanes()]
        if not lanes or not kill(lanes[int(fault.chance * len(lanes))]):
            self._ledger.tell("no detection process to kill")

    def _server_killed(self, fault: Fault) -> None:
        """As soon as a message is stored; whoever sent it may never hear of it, and sends it again."""
        name = POSTERS[0]
        message, answers = drawn(self._seed(), name, random.Random(fault.chance)), list[int]()

        def post() -> None:
            with self._deployed.reader(name) as client, contextlib.suppress(httpx.TransportError):
                answers.append(client.post("/api/v1/messages", json=message.body()).status_code)

        posting = threading.Thread(target=post)
        posting.start()
        asyncio.run(_stored(self._deployed.database, message.gateway, message.message_id))
        self._deployed.server.again(signal.SIGKILL)
        posting.join()
        self._ledger.tell("killed after the answer" if answers else "killed before the answer")
        gateway = self._deployed.poster(name, self._ledger, self._seed)
        gateway.send(message)
        gateway.finish()


async def _stored(url: str, gateway: str, message_id: str) -> None:
    """Until the message is there, or for ``PATIENCE``."""
    end = time.monotonic() + PATIENCE
    with contextlib.suppress(*books.UNANSWERED):
        async with books.watching(url, gateway, message_id) as is_stored:
            while not await is_stored() and time.monotonic() < end:
                pass


def _of_fleets(fleet: Fleet, ledger: Ledger) -> dict[Kind, Callable[[Fault], None]]:
    def chosen(fault: Fault) -> Program:
        return fleet.workers[int(fault.chance * len(fleet.workers))]

    def broker(end: Callable[[int], None]) -> Callable[[Fault], None]:
        """One of three; every other time the one that keeps the groups' offsets."""

        def act(fault: Fault) -> None:
            with fleet.broker_turn:
                leader = fleet.kafka.leader(OFFSETS) if fault.chance < 1 / 2 else None
                if leader is not None:
                    ledger.tell("it was the groups' coordinator")
                number = leader or 1 + int(fault.chance * 2 % 1 * len(fleet.kafka.nodes))
                end(number)
                time.sleep(fault.lasts)
                fleet.kafka.start(number)

        return act

    def brokers_killed(fault: Fault) -> None:
        with fleet.broker_turn:
            fleet.kafka.kill()
            time.sleep(fault.lasts)
            fleet.kafka.start()

    def database_crashed(_: Fault) -> None:
        with fleet.database_turn:
            fleet.postgres.restart("immediate")

    def worker_joins(fault: Fault) -> None:
        (guest,) = fleet.guests
        guest.start()
        time.sleep(fault.lasts + PATIENCE)
        guest.end(signal.SIGTERM)

    return {
        Kind.WORKER_KILLED: lambda fault: chosen(fault).again(signal.SIGKILL),
        Kind.WORKER_JOINS: worker_joins,
        Kind.NOTIFIER_KILLED: lambda _: fleet.notifier.again(signal.SIGKILL),
        Kind.BROKER_STOPPED: broker(fleet.kafka.stop),
        Kind.BROKER_KILLED: broker(fleet.kafka.kill),
        Kind.BROKERS_KILLED: brokers_killed,
        Kind.DATABASE_CRASHED: database_crashed,
    }
