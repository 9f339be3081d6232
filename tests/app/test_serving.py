"""How the server is run."""

import time
from contextlib import closing
from http.client import HTTPConnection

from app.serving import KEPT_OPEN
from tests.app.conftest import Server


def test_a_connection_rests_longer_than_clients_keep_one(server: Server) -> None:
    with closing(HTTPConnection(server.url.removeprefix("http://"), timeout=60)) as connection:
        for rest in (0.0, 5.5):  # httpx lets go of it after five seconds
            time.sleep(rest)
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b'{"status":"ok"}'
    assert KEPT_OPEN > 15, "as aiohttp does"
