"""Which schedules are played, in whose lifetimes, and the table of what came of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.app.notify.receiver import receiving
from tests.faults.deployments import BROKERS, Deployment, Embedded, Fleet
from tests.faults.lifetimes import Lifetime, Outcome
from tests.faults.schedules import Schedule, Size, draw
from tests.faults.tables import write
from tests.services.children import Unavailable
from tests.services.fixtures import available, missing
from tests.services.kafka import Cluster
from tests.services.postgres import PostgreSQL

Planned = tuple[Schedule, ...]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Seeds of one deployment come together, so that they share its lifetime."""
    if {"lifetime", "schedule"} <= set(metafunc.fixturenames):
        pairs = [(planned, schedule) for planned in _planned(metafunc.config) for schedule in planned]
        ids = [f"{schedule.size}-seed-{schedule.seed}" for _, schedule in pairs]
        metafunc.parametrize(("lifetime", "schedule"), pairs, indirect=["lifetime"], ids=ids, scope="module")


def _planned(config: pytest.Config) -> list[Planned]:
    first, seconds, most = (config.getoption(name) for name in ("fault_seed", "fault_seconds", "fault_lifetime"))
    many = config.getoption("fault_schedules") or (20 if first is None else 1)
    drawn = [draw(seed, seconds) for seed in range(first or 0, (first or 0) + many)]
    of_sizes = [tuple(one for one in drawn if one.size == size) for size in Size]
    return [some[start : start + most] for some in of_sizes for start in range(0, len(some), most)]


@pytest.fixture(scope="module")
def services() -> Iterator["Services"]:
    """Nobody else's, so that they can be stopped."""
    with ExitStack() as stack:
        yield Services(stack)


class Services:
    """Started when a fleet asks for them."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._kafka: Cluster | None = None
        self._postgres: PostgreSQL | None = None

    @property
    def kafka(self) -> Cluster:
        self._kafka = self._kafka or self._stack.enter_context(available(partial(Cluster, BROKERS)))
        return self._kafka

    @property
    def postgres(self) -> PostgreSQL:
        self._postgres = self._postgres or self._stack.enter_context(available(PostgreSQL))
        return self._postgres


@pytest.fixture(scope="module")
def lifetime(request: pytest.FixtureRequest, services: Services, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Lived."""
    planned: Planned = request.param
    place = tmp_path_factory.mktemp(planned[0].size)
    with receiving() as receiver:
        deployed: Deployment
        try:
            if planned[0].size == Size.FLEET:
                deployed = Fleet(place, receiver, services.kafka, services.postgres)
            else:
                deployed = Embedded(place, receiver, {})
        except Unavailable as reason:
            missing(reason)
        with deployed.running():
            outcome = Lifetime(deployed, receiver).play(planned)
    table: Path | None = request.config.getoption("fault_table")
    if table is not None:
        write(table, outcome)
    return outcome
