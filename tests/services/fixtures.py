"""`kafka`, `postgres` and `s3` for every test: one of each for the whole run, started when the first test asks for it."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NoReturn, TypeVar

import pytest

from tests.services.children import Unavailable
from tests.services.kafka import Cluster
from tests.services.postgres import PostgreSQL
from tests.services.s3 import S3

T = TypeVar("T")


@pytest.fixture(scope="session")
def kafka() -> Iterator[Cluster]:
    """A running node. Topics are shared: take names of your own, and leave it running."""
    with available(Cluster) as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A running server. Take databases of your own from it, and leave it running."""
    with available(PostgreSQL) as running:
        yield running


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A running server. Take buckets of your own, and leave it running."""
    with available(S3) as running:
        yield running


@contextmanager
def available(service: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
    """A service of one's own. The test is skipped where it is not installed, and fails in the gate."""
    try:
        made = service()
    except Unavailable as reason:
        missing(reason)
    with made as running:
        yield running


def missing(reason: Unavailable) -> NoReturn:
    """Ends a test. The gate installs everything: there, what is missing is a mistake and not a circumstance."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(reason))
    pytest.skip(str(reason))
