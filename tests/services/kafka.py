"""A real Kafka: one node or three, each broker and controller in one, to be stopped, killed and started again.

``python -m tests.services.kafka 3`` runs three until it is told to end, for whoever wants to try something by hand.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.services.children import Broken, Child, Unavailable, answers, free_port, program, until

FETCH = Path(__file__).parents[2] / "deploy" / "test-kafka"
JVM = ("-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Dlog4j2.level=INFO")
HEAP = {1: "-Xmx384m", 3: "-Xmx192m"}
# A node that ends in order first hands over what it leads; with the others gone it would wait for minutes.
PATIENCE = 20.0
SECONDS_TO_START = 90.0

SETTINGS = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=BROKER://127.0.0.1:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={folder}/data
auto.create.topics.enable=false
log.retention.ms=-1
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
default.replication.factor={nodes}
min.insync.replicas={majority}
offsets.topic.num.partitions=1
offsets.topic.replication.factor={nodes}
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor={nodes}
transaction.state.log.min.isr={majority}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""


@dataclass
class Node:
    """One broker's place: ports and folder outlive its processes."""

    number: int
    port: int
    controller: int
    folder: Path
    child: Child | None = None

    @property
    def settings(self) -> Path:
        return self.folder / "settings"

    @property
    def running(self) -> bool:
        return self.child is not None and self.child.running


class Cluster:
    """Kafka on the loopback. Every call blocks until it is so: from a coroutine, `await asyncio.to_thread(kafka.stop)`.

    Records stay for ever, and across any `stop` or `kill`; topics are made by `topic` alone.
    """

    def __init__(self, nodes: int = 1) -> None:
        """Formats the storage; starts nothing. Raises Unavailable."""
        self._jars = installed()
        self.folder = Path(tempfile.mkdtemp(prefix="leakwatch-kafka-"))
        self.nodes = tuple(
            Node(number, free_port(), free_port(), self.folder / f"node-{number}") for number in range(1, nodes + 1)
        )
        try:
            self._format()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def bootstrap(self) -> str:
        """What clients are given: `127.0.0.1:port`, with commas between nodes."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @property
    def url(self) -> str:
        """The same, as a stream URL."""
        return f"kafka://{self.bootstrap}"

    def pid(self, number: int = 1) -> int:
        """Of that node, which runs."""
        child = self.nodes[number - 1].child
        assert child is not None
        return child.process.pid

    def log(self, number: int = 1) -> Path:
        """Where that node writes its log."""
        return self.nodes[number - 1].folder / "log"

    def start(self, number: int | None = None) -> None:
        """Starts that node, or all that do not run, with their data and ports of before; ready when it returns.

        Three nodes answer once two run. Raises Broken.
        """
        for node in self._chosen(number):
            if not node.running:
                node.child = Child(self._java("kafka.Kafka", node.settings), node.folder / "log", last=signal.SIGKILL)
        running = [node for node in self.nodes if node.running]
        if len(running) * 2 > len(self.nodes):
            self._until_ready(running)

    def stop(self, number: int | None = None) -> None:
        """Ends that node, or all that run, in order. Idempotent."""
        self._end(number, signal.SIGTERM)

    def kill(self, number: int | None = None) -> None:
        """Ends that node, or all that run, as a power cut would. Idempotent."""
        self._end(number, signal.SIGKILL)

    def leader(self, name: str, partition: int = 0) -> int | None:
        """Which node leads a topic's partition; `None`: none, or nobody says."""
        try:
            found = self._admin().list_topics(name, timeout=30).topics[name].partitions.get(partition)
        except KafkaException:
            return None
        return found.leader if found is not None and found.leader > 0 else None

    def topic(self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> None:
        """A new topic, replicated to every node, led when it returns. Raises KafkaException when there is one already."""
        wanted = NewTopic(name, num_partitions=partitions, replication_factor=len(self.nodes), config=dict(config or {}))
        admin = self._admin()
        admin.create_topics([wanted])[name].result(30)
        if not until(lambda: self._leaders(admin, name) == partitions, 30):
            raise Broken(f"nobody leads {name}")

    def close(self) -> None:
        """Ends all and removes every trace. Idempotent."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _chosen(self, number: int | None) -> tuple[Node, ...]:
        return self.nodes if number is None else (self.nodes[number - 1],)

    def _end(self, number: int | None, how: signal.Signals) -> None:
        children = [node.child for node in self._chosen(number) if node.child is not None]
        for child in children:
            child.tell(how)
        for child in children:
            child.wait(PATIENCE)

    def _java(self, what: str, *arguments: str | Path) -> list[str]:
        java = program("java", "`make test`, or deploy/test-packages, installs it")
        return [java, HEAP[len(self.nodes)], *JVM, "-cp", f"{self._jars}/*", what, *map(str, arguments)]

    def _format(self) -> None:
        cluster = uuid.uuid4().hex[:22]
        voters = ",".join(f"{node.number}@127.0.0.1:{node.controller}" for node in self.nodes)
        count = len(self.nodes)
        for node in self.nodes:
            node.folder.mkdir()
            settings = SETTINGS.format(**vars(node), voters=voters, nodes=count, majority=count // 2 + 1)
            node.settings.write_text(settings)
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(partial(self._formatted, cluster), self.nodes))

    def _formatted(self, cluster: str, node: Node) -> None:
        command = self._java("kafka.tools.StorageTool", "format", "--cluster-id", cluster, "--config", node.settings)
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_START, check=False)
        if done.returncode:
            raise Broken(f"Kafka's storage cannot be formatted:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")

    def _until_ready(self, running: list[Node]) -> None:
        admin = self._admin()
        ports = {node.port for node in running}

        def ready() -> bool:
            for node in running:
                if node.child is None or not node.child.running:
                    raise self._broken(node, "ended")
            return all(answers(node.port) for node in running) and self._ready(admin, ports)

        if not until(ready, SECONDS_TO_START):
            raise self._broken(running[0], f"is not ready after {SECONDS_TO_START:.0f} s")

    def _ready(self, admin: AdminClient, ports: set[int]) -> bool:
        """Whether these brokers are known as alive and, when they are all there are, every partition is led."""
        try:
            told = admin.list_topics(timeout=5)
        except KafkaException:
            return False
        led = all(part.leader >= 0 for topic in told.topics.values() for part in topic.partitions.values())
        return {broker.port for broker in told.brokers.values()} >= ports and (led or len(ports) < len(self.nodes))

    def _leaders(self, admin: AdminClient, topic: str) -> int:
        return sum(part.leader >= 0 for part in admin.list_topics(topic, timeout=30).topics[topic].partitions.values())

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.bootstrap, "reconnect.backoff.max.ms": 100, "log_level": 0})

    @staticmethod
    def _broken(node: Node, what: str) -> Broken:
        told = f"Kafka's node {node.number} {what}"
        return Broken(told) if node.child is None else node.child.broken(told)


def installed() -> Path:
    """The folder of Kafka's jars. Raises Unavailable; fetches nothing."""
    asked = subprocess.run([FETCH, "--installed"], capture_output=True, text=True, check=False)
    if asked.returncode:
        raise Unavailable(f"{asked.stderr.strip()}, as `make test` does")
    return Path(asked.stdout.strip())


def main(nodes: int) -> None:
    """Runs so many until SIGINT or SIGTERM; prints their URL when they are ready."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Cluster(nodes) as running:
        print(running.url, flush=True)
        signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))
