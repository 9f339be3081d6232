"""People who are signed in at the console, in a session of this file's own."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.app.conftest import Server
from tests.app.console.test_console import signed_in


def somebody(role: str) -> Any:
    """A fixture of that name: a client of one who has that role."""

    @pytest.fixture(scope="module", name=role)
    def one(server: Server) -> Iterator[httpx.Client]:
        with signed_in(server, role) as client:
            yield client

    return one


analyst, owner, auditor, admin = (somebody(role) for role in ("analyst", "owner", "auditor", "admin"))
