"""``Bench.inspect`` alone, in a process like a detection process: asked by lines of JSON on stdin, answering on stdout."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import IO, Any, Self

from app.assets.registry import changes
from app.db import Database
from app.ingest.jobs import File, Inspect, equipment
from app.settings import Settings
from tests.benchmarks.fleet.deployment import ROOT


@dataclass(frozen=True, slots=True)
class Spent:
    """From when the first of some messages was finished to when the last was: wall seconds, and those of CPU; each one's own."""

    wall: float
    cpu: float
    each: tuple[float, ...] = ()


class Bare:
    """Such a process, with what that database has registered. Use as a context."""

    def __init__(self, settings: Settings) -> None:
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.fleet.bare",
            settings.model_dump_json(include={"data_dir", "database_url"}),
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate(timeout=30)

    def inspect(self, messages: Sequence[tuple[dict[str, Any], Sequence[str]]]) -> Spent:
        """Bodies with the paths of their files, one after the other."""
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        asked.write(json.dumps(messages) + "\n")
        asked.flush()
        return Spent(**json.loads(answered.readline()))


def main(settings: Settings, asked: IO[str], answers: IO[str]) -> None:
    """Until there is nothing more to read."""
    from app.ingest.bench import Bench  # noqa: PLC0415 (it loads every detection library, and only this process needs them)

    told = equipment(settings)
    os.nice(told.niceness)
    bench = Bench(told)
    bench.warm()
    asyncio.run(_learn(bench, settings))
    for line in asked:
        jobs = [Inspect(body, tuple(File(path, "IMG.jpg", "image/jpeg") for path in paths)) for body, paths in json.loads(line)]
        ends = []
        for job in jobs:
            bench.inspect(job)
            ends.append((time.perf_counter(), time.process_time()))
        each = [later[0] - before[0] for before, later in pairwise(ends)]
        spent = {"wall": ends[-1][0] - ends[0][0], "cpu": ends[-1][1] - ends[0][1], "each": each}
        answers.write(json.dumps(spent) + "\n")
        answers.flush()


async def _learn(bench: Any, settings: Settings) -> None:
    database = Database(settings.database)
    async for change in changes(database, 0):
        bench.apply(change)
    await database.close()


if __name__ == "__main__":
    main(Settings.model_validate_json(sys.argv[1]), sys.stdin, sys.stdout)
