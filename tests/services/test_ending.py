"""However the test run ends, its servers end too; in order it leaves nothing behind. Without the services it says so."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.services.children import Broken, Child, answers, free_port, until
from tests.services.kafka import FETCH, Cluster
from tests.services.postgres import PostgreSQL

ROOT = Path(__file__).parents[2]
STARTED = """
import time
from tests.services.{module} import {service} as Service
service = Service()
print(service.folder, flush=True)
service.start()
print({port}, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("module", "service", "port"), [("postgres", "PostgreSQL", "service.port"), ("kafka", "Cluster", "service.nodes[0].port")]
)
def test_a_killed_test_run_takes_its_servers_along(module: str, service: str, port: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(module)
    code = STARTED.format(module=module, service=service, port=port)
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        folder, number = Path(run.stdout.readline().strip()), int(run.stdout.readline())
        assert answers(number)
        run.kill()
    assert until(lambda: not answers(number), 60)
    shutil.rmtree(folder)


def test_a_child_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    children: list[Child] = []
    start = threading.Thread(target=lambda: children.append(Child(["sleep", "600"], tmp_path / "log", last=signal.SIGKILL)))
    start.start()
    start.join()
    (child,) = children
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            child.process.wait(0.5)
    finally:
        child.tell(signal.SIGKILL)
        child.wait(10)
    assert not child.running


def test_closing_leaves_nothing_behind(postgres: PostgreSQL) -> None:
    with PostgreSQL() as database:
        assert database.folder.is_dir()
        assert answers(database.port)
    assert not database.folder.exists()
    assert not answers(database.port)


def test_a_kafka_to_try_by_hand_says_where_it_is_and_ends_when_told(kafka: Cluster, tmp_path: Path) -> None:
    command, environment = [str(FETCH), "run", str(len(kafka.nodes))], {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        port = int(url.removeprefix("kafka://127.0.0.1:"))
        assert answers(port)
        assert list(tmp_path.iterdir())
        run.terminate()
        assert run.wait(60) == 0
    assert not answers(port)
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_start_says_why(postgres: PostgreSQL) -> None:
    broken = PostgreSQL()
    try:
        broken.port = postgres.port
        with pytest.raises(Broken, match="Address already in use"):
            broken.start()
    finally:
        broken.close()


def test_ports_differ() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert not any(answers(port) for port in ports)


@pytest.mark.parametrize(("environment", "outcome"), [({}, "1 skipped"), ({"CI": "true"}, "1 error")])
def test_a_missing_service_skips_its_tests_and_fails_the_gate(environment: dict[str, str], outcome: str, tmp_path: Path) -> None:
    rest = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST_")}
    wanted = f"{Path(__file__).parent / 'test_services.py'}::test_what_another_client_writes_ours_reads"
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-rsE", "-p", "no:cacheprovider", wanted],
        cwd=ROOT,
        env={**rest, **environment, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    ).stdout
    assert outcome in told
    assert "deploy/test-kafka fetches it" in told
