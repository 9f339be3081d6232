"""A receiver of webhooks on the loopback that checks signatures by itself and answers as it is told to."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_signed(self, secret: str = SECRET, within: float = 300) -> bool:
        """As a receiver would find out, with nothing of ours. ``within``: seconds between the sender's clock and this one."""
        ident, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        key = base64.b64decode(secret[len("whsec_") :])
        mac = hmac.new(key, ident.encode() + b"." + at.encode() + b"." + self.body, hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(mac).decode()
        return abs(time.time() - int(at)) < within and wanted in self.headers["webhook-signature"].split(" ")


Answer = Callable[[BaseHTTPRequestHandler, Received], None]


def status(code: int, **headers: str) -> Answer:
    """An answer without a body."""

    def answer(handler: BaseHTTPRequestHandler, _: Received) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def huge(handler: BaseHTTPRequestHandler, _: Received) -> None:
    """200, and a body that does not end before the other side goes."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 40))
    handler.end_headers()
    for _i in range(4096):
        handler.wfile.write(bytes(1 << 16))


def hangs(seconds: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, received: Received) -> None:
        time.sleep(seconds)
        status(200)(handler, received)

    return answer


def hangs_up(handler: BaseHTTPRequestHandler, _: Received) -> None:
    handler.connection.close()


@dataclass
class Receiver:
    """``answers``: the next ones, in order; after them ``otherwise``."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    otherwise: Answer = field(default_factory=lambda: status(204))
    got: list[Received] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.got]


class _Server(ThreadingHTTPServer):
    """Without the tracebacks that are printed when the other side goes."""

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, headers, self.rfile.read(int(headers["content-length"])))
            receiver.got.append(received)
            self.close_connection = True
            (receiver.answers.pop(0) if receiver.answers else receiver.otherwise)(self, received)

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/hook?key=hush"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
