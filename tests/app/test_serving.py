"""How the server is run."""

import socket
import time

from app.serving import KEPT_OPEN
from tests.app.conftest import Server

ASKED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_connection_rests_longer_than_clients_keep_one(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for rest in (0.0, 5.5):  # httpx lets go of it after five seconds
            time.sleep(rest)
            connection.sendall(ASKED)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    assert KEPT_OPEN > 15, "as aiohttp does"
