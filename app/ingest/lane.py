"""A detection process, as it sees itself: frames of pickled jobs on stdin, frames of answers on stdout, one at a time.

Run as ``python -m app.ingest.lane``. When stdin ends its parent is gone, whatever the reason, and so is it, even in the
middle of a job. It does not heed SIGTERM or SIGINT, which a process group gets together: its parent ends it.
"""

import logging
import os
import pickle
import signal
import struct
import sys
import threading
from queue import SimpleQueue
from typing import Any, BinaryIO

HEADER = struct.Struct(">Q")
log = logging.getLogger(__name__)


def write_frame(stream: BinaryIO, value: Any) -> None:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(HEADER.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """Raises EOFError when the other side is gone."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    (size,) = HEADER.unpack(header)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 (the parent wrote it)


def _listen(stream: BinaryIO, jobs: "SimpleQueue[Any]") -> None:
    try:
        while True:
            jobs.put(read_frame(stream))
    except EOFError:
        os._exit(0)


def _answers() -> BinaryIO:
    """The real stdout for frames alone; whatever a library prints goes to stderr."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def answer(job: Any, bench: Any) -> tuple[str, Any]:
    """("ok", value), or ("error", (code, detail)). Never raises; details of our own faults go to the log, as a traceback."""
    from fingerprints.errors import FingerprintError, Unreadable  # noqa: PLC0415

    try:
        return "ok", job.run(bench)
    except Unreadable as error:
        return "error", (error.code, error.detail)
    except FingerprintError as error:
        return "error", ("unavailable", str(error))
    except Exception as error:
        log.exception("job failed")
        return "error", ("internal", type(error).__name__)


def main() -> None:
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, signal.SIG_IGN)
    out, jobs = _answers(), SimpleQueue[Any]()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, jobs), daemon=True).start()
    bench, first = None, jobs.get()
    os.nice(first.niceness)
    try:
        from app.ingest.bench import Bench  # noqa: PLC0415

        bench = Bench(first)
        if first.reads:
            bench.warm()
        bench.alive = lambda: write_frame(out, ("alive", None))
        write_frame(out, ("ok", None))
    except Exception as error:
        log.exception("cannot start")
        write_frame(out, ("error", ("unavailable", str(error))))
        return
    while True:
        write_frame(out, answer(jobs.get(), bench))


if __name__ == "__main__":
    main()
