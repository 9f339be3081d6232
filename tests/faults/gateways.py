"""Gateways: they keep a message until somebody has promised to inspect it, and send it again, under the same id, until then."""

import contextlib
import json
import random
import threading
import time
from collections.abc import Callable

import httpx
from confluent_kafka import Message as Reported
from confluent_kafka import Producer

from tests.faults.messages import Ledger, Message, drawn

PAUSE = 0.25
"""Seconds between messages of one gateway, on average."""
LONGEST = 2.0
"""Seconds a gateway waits at most, whatever it is asked for: schedules are short."""
REPEATED = 0.05
"""Of the messages that were accepted are sent once more all the same."""


class Gateway(threading.Thread):
    """``seed``: of the schedule that is being played. Sends until it is stopped, and then what is left."""

    def __init__(self, name: str, ledger: Ledger, seed: Callable[[], int]) -> None:
        super().__init__(name=name, daemon=True)
        self._ledger, self._seed = ledger, seed
        self._over, self._chance = threading.Event(), random.Random(name)

    def run(self) -> None:
        while not self._over.wait(self._chance.uniform(0, 2 * PAUSE)):
            self.send(drawn(self._seed(), self.name, self._chance))
        self.finish()

    def stop(self) -> None:
        """Draw no more; ``join`` waits for what was drawn."""
        self._over.set()

    def send(self, message: Message) -> None:
        """Until it is accepted, or, if that takes a while, by ``finish``."""
        raise NotImplementedError

    def finish(self) -> None:
        """Nothing is left."""


class Poster(Gateway):
    """Posts to the API."""

    def __init__(self, name: str, ledger: Ledger, seed: Callable[[], int], url: str, token: str) -> None:
        super().__init__(name, ledger, seed)
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def send(self, message: Message) -> None:
        while not self.try_once(message):
            pass
        if self._chance.random() < REPEATED:
            self._ledger.tell("sent again")
            self.try_once(message)

    def try_once(self, message: Message) -> bool:
        """Whether it was accepted; if not, after the pause a gateway makes then."""
        try:
            answer = self._client.post("/api/v1/messages", json=message.body())
        except httpx.TransportError as error:
            self._ledger.tell(f"no answer: {type(error).__name__}")
            time.sleep(0.2)
            return False
        if answer.status_code in (200, 202):
            self._ledger.accept(message, answer.json()["id"])
            return True
        self._ledger.tell(f"answered {answer.status_code}")
        if answer.status_code not in (429, 503):
            self._ledger.complain(f"{message.message_id} was answered {answer.status_code}: {answer.text[:200]}")
        time.sleep(min(float(answer.headers.get("retry-after", "0.5")), LONGEST))
        return False

    def finish(self) -> None:
        self._client.close()


class Publisher(Gateway):
    """Publishes to the topic by itself, with another client than the program's own."""

    def __init__(self, name: str, ledger: Ledger, seed: Callable[[], int], servers: str, topic: str) -> None:
        super().__init__(name, ledger, seed)
        settings = {"bootstrap.servers": servers, "enable.idempotence": True, "message.timeout.ms": 4000, "log_level": 0}
        self._producer, self._topic = Producer(settings | {"reconnect.backoff.max.ms": 500}), topic
        self._waiting: list[Message] = []

    def send(self, message: Message) -> None:
        self._publish(message)
        self._producer.poll(0)
        self._again()

    def finish(self) -> None:
        while len(self._producer) or self._waiting:
            self._producer.flush(5)
            self._again()

    def _again(self) -> None:
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._publish(message)

    def _publish(self, message: Message) -> None:
        def reported(error: object, _: Reported) -> None:
            if error is None:
                self._ledger.accept(message, None)
            else:
                self._ledger.tell("not taken by the broker")
                self._waiting.append(message)

        key = f"{message.gateway}/{message.channel}"
        with contextlib.suppress(BufferError):
            self._producer.produce(self._topic, json.dumps(message.body()).encode(), key.encode(), on_delivery=reported)
            return
        self._waiting.append(message)
