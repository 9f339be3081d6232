"""Libraries that would take every core get one thread, as in a detection process: on a busy machine they wait for each other.
HTTP clients load no authority's certificate, which takes longer than most requests: nothing here speaks TLS to the world.

And the option that says on which database the program is tested.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.services.postgres import roomy

if TYPE_CHECKING:
    from tests.databases import Databases

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)  # where there are none

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")  # other work on the machine fails no test
pytest_plugins = ["tests.services.fixtures"]
KEPT = {"server", "tmp_path", "postgres"}
"""Without one of these fixtures a test has nowhere to keep a database."""


def pytest_addoption(parser: pytest.Parser) -> None:
    says = "what the program's tests run on; with postgresql those that have no database are left out"
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help=says)
    faults = parser.getgroup("faults", "schedules of faults (tests/faults)")
    faults.addoption("--fault-seed", type=int, help="play this seed's schedule, and as many more as asked for")
    faults.addoption("--fault-schedules", type=int, help="so many (default: 20; with a seed 1)")
    faults.addoption("--fault-seconds", type=float, default=2.0, help="of load each")
    faults.addoption("--fault-lifetime", type=int, default=10, help="most schedules in the life of one deployment")
    faults.addoption("--fault-table", type=Path, help="write what came of them there, as a table")


def pytest_configure(config: pytest.Config) -> None:
    if (memory := roomy()) is not None and not os.statvfs(memory).f_flag & os.ST_NOEXEC:  # what a test compiles it loads
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # thousands of small databases are synced again and again
    config.addinivalue_line("markers", "only(database): what is tested is this database's own, and runs on it alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("--database")
    kept = [item for item in items if _runs(item, chosen)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_collection_finish() -> None:
    """What was loaded stays: it need not be searched for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    gc.unfreeze()


def _runs(item: pytest.Item, chosen: str) -> bool:
    mark = item.get_closest_marker("only")
    if mark is not None:
        return bool(mark.args[0] == chosen)
    return chosen == "sqlite" or bool(KEPT & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Databases]":
    from app.db import migrations  # noqa: PLC0415 (the tests of fingerprints do without the program)
    from tests.databases import Copies, Files  # noqa: PLC0415

    if request.config.getoption("--database") == "sqlite":
        files = Files(tmp_path_factory.mktemp("databases"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrations, "migrate", files.migrate)
            yield files
    else:
        yield Copies(request.getfixturevalue("postgres"))
