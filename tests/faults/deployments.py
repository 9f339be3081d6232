"""What is deployed: a server with everything in it, or a fleet with a database and three brokers of its own."""

import asyncio
import secrets
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from confluent_kafka import KafkaException

from app import offline
from app.settings import Settings
from app.streams.types import TOPICS
from tests.app.notify.receiver import SECRET, Receiver
from tests.faults.disks import Disk, small_disk
from tests.faults.gateways import Gateway, Poster, Publisher
from tests.faults.messages import SECRET as PHOTOGRAPH
from tests.faults.messages import WORD, Ledger, picture
from tests.faults.programs import Program, Supervisor
from tests.faults.topics import copies, lag
from tests.services.children import Broken, until
from tests.services.clocks import Clock
from tests.services.kafka import Cluster
from tests.services.postgres import PostgreSQL

PATIENCE = 120.0
BROKERS, IN_SYNC = 3, 2
"""Each keeps everything; two of them have a record before it is taken, so one may be away."""
POSTERS = ("g1", "g2", "g3")
PUBLISHER = "g4"
COMMON = {
    "LEAKWATCH_MIN_FREE": "0",  # so that the disk is full before anybody notices
    "LEAKWATCH_WORKERS": "1",
    "LEAKWATCH_SENDER_WINDOW": "0",
    "LEAKWATCH_WEBHOOK_SECRET": SECRET,
    "OMP_NUM_THREADS": "1",
}


class Deployment:
    """Programs that share a clock and a disk. ``server``: the API's; ``workers``: those that inspect, itself perhaps.

    ``programs`` are always there, ``guests`` now and then.
    """

    def __init__(self, place: Path, receiver: Receiver, more: Mapping[str, str]) -> None:
        """Raises Unavailable."""
        self.clock = Clock(place)
        self.disk: Disk = small_disk(place, self._writers)
        self._place, self._tokens = place, dict[str, str]()
        shared = {"LEAKWATCH_WEBHOOK_URL": receiver.url, **COMMON, **self.clock.environment, **more}
        self.environment = {**shared, "LEAKWATCH_BLOB_URL": str(self.disk.folder / "blobs")}
        self.server = self._program("server", "serve", self.disk.folder / "server")
        self.programs: list[Program] = [self.server]
        self.guests: list[Program] = []

    @property
    def workers(self) -> list[Program]:
        return [self.server]

    @property
    def database(self) -> str:
        """Its URL."""
        return Settings(data_dir=self.disk.folder / "server").database

    def gateways(self, ledger: Ledger, seed: Callable[[], int]) -> list[Gateway]:
        return [self.poster(name, ledger, seed) for name in POSTERS]

    def poster(self, name: str, ledger: Ledger, seed: Callable[[], int]) -> Poster:
        """One of those that post to the API."""
        return Poster(name, ledger, seed, self.server.url, self._tokens[name])

    def reader(self, name: str) -> httpx.Client:
        """Somebody who asks the API."""
        return httpx.Client(base_url=self.server.url, headers={"Authorization": f"Bearer {self._tokens[name]}"}, timeout=60)

    def lag(self) -> int:
        """Records of the stream that are not done."""
        return 0

    def amiss(self) -> Iterable[str]:
        """What is not laid out as it should be."""
        return ()

    def ready(self) -> bool:
        return all(program.ready() for program in self.programs)

    @contextmanager
    def running(self) -> Iterator[None]:
        """From when all are ready and the asset is registered."""
        supervisor = Supervisor(self.programs)
        with ExitStack() as stack:
            stack.callback(self.disk.close)
            self._make_tokens()
            for program in (*self.programs, *self.guests):
                stack.callback(program.end, signal.SIGKILL)
            for program in self.programs:
                program.start()
            if not until(self.ready, PATIENCE):
                raise Broken("not ready: " + ", ".join(one.name for one in self.programs if not one.ready()))
            self._register()
            supervisor.start()
            stack.callback(supervisor.stop)
            yield

    def _program(self, name: str, command: str, folder: Path, *, serves: bool = True) -> Program:
        environment = {**self.environment, "LEAKWATCH_DATA_DIR": str(folder)}
        return Program(name, (command,), environment, self._place, serves=serves)

    def _writers(self) -> Iterable[int]:
        return [pid for program in (*self.programs, *self.guests) for pid in program.pids()]

    def _make_tokens(self) -> None:
        settings = Settings(data_dir=self.disk.folder / "server", database_url=self.database)

        async def make() -> None:
            for name in (*POSTERS, PUBLISHER, "otto"):
                role = "owner" if name == "otto" else "gateway"
                self._tokens[name] = await offline.create_token(settings, name, role, None)

        asyncio.run(make())

    def _register(self) -> None:
        spec = f'{{"title": "Quartz", "kind": "equipment", "terms": ["{WORD}"]}}'
        files = [("asset", (None, spec.encode())), ("files", ("photo.png", picture(PHOTOGRAPH)))]
        with self.reader("otto") as owner:
            owner.post("/api/v1/assets", files=files).raise_for_status()


class Embedded(Deployment):
    """``leakwatch serve`` on SQLite, alone."""


class Fleet(Deployment):
    """A server, two workers, a notifier, and a guest: a worker that comes and goes."""

    def __init__(self, place: Path, receiver: Receiver, kafka: Cluster, postgres: PostgreSQL) -> None:
        """Raises Unavailable."""
        self.kafka, self.postgres = kafka, postgres
        self.broker_turn, self.database_turn = threading.Lock(), threading.Lock()
        self.prefix, self._url = f"faults-{secrets.token_hex(4)}", postgres.database()
        stream = {"STREAM_URL": f"{kafka.url}/{self.prefix}", "PARTITIONS": "6", "REPLICAS": str(BROKERS)}
        more = {f"LEAKWATCH_{name}": value for name, value in {"DATABASE_URL": self._url, **stream}.items()}
        super().__init__(place, receiver, more)
        folder = self.disk.folder
        self._workers = [self._program(name, "worker", folder / name) for name in ("worker-1", "worker-2")]
        self.guests = [self._program("worker-3", "worker", folder / "worker-3")]
        self.notifier = self._program("notifier", "notify", folder / "notifier", serves=False)
        self.programs += [*self._workers, self.notifier]

    @property
    def workers(self) -> list[Program]:
        return self._workers

    @property
    def database(self) -> str:
        return self._url

    def gateways(self, ledger: Ledger, seed: Callable[[], int]) -> list[Gateway]:
        """One of them publishes by itself."""
        publisher = Publisher(PUBLISHER, ledger, seed, self.kafka.bootstrap, f"{self.prefix}.messages")
        return [*super().gateways(ledger, seed), publisher]

    def amiss(self) -> Iterable[str]:
        """See ``Deployment``."""
        for topic in (f"{self.prefix}.{name}" for name in TOPICS):
            try:
                kept = copies(self.kafka.bootstrap, topic)
            except KafkaException as error:
                yield f"nobody says who keeps {topic}: {error}"
                continue
            if kept != (BROKERS, IN_SYNC):
                yield f"{topic} is kept by {kept[0]} brokers, {kept[1]} of them at once"

    def lag(self) -> int:
        """See ``Deployment``."""
        return lag(self.kafka.bootstrap, f"{self.prefix}.messages", f"{self.prefix}.leakwatch")
