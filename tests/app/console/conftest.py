"""People who are signed in at the console, in a session of this file's own."""

from collections.abc import Iterator

import httpx
import pytest

from tests.app.conftest import Server
from tests.app.console.test_console import signed_in


@pytest.fixture(scope="module")
def analyst(server: Server) -> Iterator[httpx.Client]:
    with signed_in(server, "analyst") as client:
        yield client


@pytest.fixture(scope="module")
def owner(server: Server) -> Iterator[httpx.Client]:
    with signed_in(server, "owner") as client:
        yield client


@pytest.fixture(scope="module")
def auditor(server: Server) -> Iterator[httpx.Client]:
    with signed_in(server, "auditor") as client:
        yield client


@pytest.fixture(scope="module")
def admin(server: Server) -> Iterator[httpx.Client]:
    with signed_in(server, "admin") as client:
        yield client
