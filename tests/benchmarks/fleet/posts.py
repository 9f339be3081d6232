"""Messages as a gateway posts them, each a request ready to be sent, and how they are sent: over connections kept open."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.fleet.deployment import GATEWAY
from tests.detectors.scenes import sentences

CHANNELS = 240
"""Enough for every consumer of a topic to have about as many of them as another."""
BOUNDARY = "leakwatch-benchmark"
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_SAID = [" ".join(sentences(seed, 3)) for seed in range(64)]
_numbers = itertools.count()


def spoken(number: int) -> str:
    """What people write: some 150 characters, never twice the same."""
    return f"{_SAID[number % len(_SAID)]} {number}"


def body(text: str, files: Sequence[bytes] = ()) -> dict[str, Any]:
    """A message nobody posted before."""
    number = next(_numbers)
    return {
        "gateway": GATEWAY,
        "message_id": f"m-{number}",
        "sent_at": "2026-03-02T09:31:00Z",
        "channel": {"id": f"c-{number % CHANNELS}", "name": "Family", "kind": "group", "members": 17},
        "sender": {"id": f"u-{number % 40}", "name": "Zhang"},
        "text": text,
        "attachments": [{"name": f"IMG_{number}.jpg", "content_type": "image/jpeg"} for _ in files],
    }


def request(token: str, told: dict[str, Any], files: Sequence[bytes] = ()) -> bytes:
    """``POST /messages``: JSON, or multipart where there are files."""
    document = json.dumps(told).encode()
    kind, content = (
        ("multipart/form-data; boundary=" + BOUNDARY, _parts(document, files)) if files else ("application/json", document)
    )
    head = (
        f"POST /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _parts(document: bytes, files: Sequence[bytes]) -> bytes:
    parts = [b'name="message"\r\n\r\n' + document]
    parts += [b'name="files"; filename="IMG.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + data for data in files]
    mark = f"--{BOUNDARY}".encode()
    return b"".join(mark + b"\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + mark + b"--\r\n"


@dataclass(frozen=True, slots=True)
class Posted:
    """How long each accepted message took, in milliseconds; ``seconds`` in all; ``refused``: how many were not accepted."""

    ms: list[float]
    seconds: float
    refused: int = 0
    ids: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.ms) / self.seconds


class Door:
    """Some connections to one server, those used last first; one that the server closed meanwhile is opened again."""

    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._free: asyncio.LifoQueue[Line | None] = asyncio.LifoQueue()
        for _ in range(connections):
            self._free.put_nowait(None)

    async def post(self, wanted: bytes) -> tuple[int, dict[str, Any]]:
        """Status and answer. Sent twice where the server hung up at that moment: a message is accepted only once."""
        line = await self._free.get()
        try:
            if line is not None and not line[0].at_eof():
                with suppress(asyncio.IncompleteReadError, ConnectionError):
                    return await _exchange(*line, wanted)
            await _closed(line)
            line = await asyncio.open_connection("127.0.0.1", self._port)
            return await _exchange(*line, wanted)
        finally:
            self._free.put_nowait(line)

    async def aclose(self) -> None:
        """Hang up."""
        while not self._free.empty():
            await _closed(self._free.get_nowait())


async def _closed(line: Line | None) -> None:
    if line is not None:
        line[1].close()
        with suppress(ConnectionError):
            await line[1].wait_closed()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wanted: bytes) -> tuple[int, dict[str, Any]]:
    writer.write(wanted)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    size = int(head.split("content-length:")[1].split("\r\n")[0])
    return int(head.split(" ", 2)[1]), json.loads(await reader.readexactly(size))


async def flood(port: int, requests: Iterable[bytes], connections: int, seconds: float) -> Posted:
    """As many as go in, each connection one after the other, until ``seconds`` are over or there are no more."""
    left, ms, ids, refused = iter(requests), [], [], 0
    async with aclosing(Door(port, connections)) as opened:
        began = time.perf_counter()

        async def work() -> None:
            nonlocal refused
            for wanted in left:
                sent = time.perf_counter()
                status, answer = await opened.post(wanted)
                if status in (200, 202):
                    ms.append((time.perf_counter() - sent) * 1000)
                    ids.append(answer["id"])
                else:
                    refused += 1
                if time.perf_counter() - began > seconds:
                    return

        await asyncio.gather(*(work() for _ in range(connections)))
        return Posted(ms, time.perf_counter() - began, refused, ids)


async def pace(port: int, requests: Iterator[bytes], per_second: float, count: int, connections: int = 16) -> Posted:
    """One every so often, whether or not the last was answered: waiting for a connection counts."""
    ms: list[float] = []
    ids: list[str] = []
    refused = 0
    async with aclosing(Door(port, connections)) as opened:
        began = time.perf_counter()

        async def one(wanted: bytes, due: float) -> None:
            nonlocal refused
            status, answer = await opened.post(wanted)
            if status in (200, 202):
                ms.append((time.perf_counter() - due) * 1000)
                ids.append(answer["id"])
            else:
                refused += 1

        async with asyncio.TaskGroup() as group:
            for number in range(count):
                due = began + number / per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(one(next(requests), due))
        return Posted(ms, time.perf_counter() - began, refused, ids)


def texts(token: str) -> Iterator[bytes]:
    """Messages of words alone, without end."""
    for number in itertools.count():
        yield request(token, body(spoken(number)))


def pictured(token: str, pictures: Sequence[bytes], fresh: Callable[[bytes, int], bytes]) -> Iterator[bytes]:
    """Messages with one picture each, without end."""
    for number in itertools.count():
        files = [fresh(pictures[number % len(pictures)], number)]
        yield request(token, body("", files), files)
