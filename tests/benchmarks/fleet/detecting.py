"""What the way from a queue to a recorded verdict adds to detection, and how much more several processes do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.db import Database
from app.settings import Settings
from tests.benchmarks.fleet.bare import Bare, Spent
from tests.benchmarks.fleet.processes import Busy, cpu
from tests.benchmarks.fleet.queued import Laid, ended, lay


@dataclass(frozen=True, slots=True)
class Beside:
    """The same messages bare and through a queue, round by round. ``others``: cores at work beside the processes measured."""

    bare: tuple[Spent, ...]
    queued: tuple[Spent, ...]

    @property
    def overhead(self) -> float:
        """The median round's, as a share of bare detection's wall time."""
        return float(np.median([ours.wall / alone.wall - 1 for ours, alone in zip(self.queued, self.bare, strict=True)]))

    @property
    def overhead_cpu(self) -> float:
        """The same of CPU: all processes that take, detect and record, against bare detection's."""
        return float(np.median([ours.cpu / alone.cpu - 1 for ours, alone in zip(self.queued, self.bare, strict=True)]))


async def through(settings: Settings, laid: Laid, pids: Sequence[int]) -> Spent:
    """From the first verdict recorded to the last, with one process of detection."""
    before = cpu(pids)
    await lay(settings, laid)
    database = Database(settings.database)
    try:
        found = await ended(database, laid.names)
    finally:
        await database.close()
    wall = (found[-1].finished - found[0].finished).total_seconds()
    share = 1 - found[0].elapsed_ms / max(1e-9, sum(one.elapsed_ms for one in found))
    return Spent(wall, (cpu(pids) - before) * share, tuple(one.elapsed_ms / 1000 for one in found[1:]))


async def side_by_side(settings: Settings, bare: Bare, rounds: Sequence[Laid], pids: Callable[[], Sequence[int]]) -> Beside:
    """Each round bare and through the queue, in turns."""
    alone, ours = [], []
    for laid in rounds:
        messages = list(zip(laid.bodies, laid.paths, strict=True))
        alone.append(bare.inspect(messages))
        ours.append(await through(settings, laid, pids()))
    return Beside(tuple(alone), tuple(ours))


@dataclass(frozen=True, slots=True)
class Team:
    """So many workers with so many lanes each. ``cpu``: seconds of a message, of all of them; ``busy``: cores, whoever's."""

    workers: int
    lanes: int
    rate: float
    cpu: float
    busy: float


async def shared(settings: Settings, laid: Laid, pids: Sequence[int], workers: int, lanes: int) -> Team:
    """How many messages a second these processes finish."""
    busy = Busy()
    spent = await through(settings, laid, pids)
    done = len(laid.bodies) - 1
    return Team(workers, lanes, done / spent.wall, spent.cpu / done, busy.cores())
