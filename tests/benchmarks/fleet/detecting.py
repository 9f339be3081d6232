"""What the way from a queue to a recorded verdict adds to detection, and how much more several processes do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.db import Database
from app.settings import Settings
from tests.benchmarks.fleet.bare import Bare, Spent
from tests.benchmarks.fleet.processes import Busy, cpu
from tests.benchmarks.fleet.queued import Laid, ended, lay


@dataclass(frozen=True, slots=True)
class Beside:
    """The same messages bare and through a queue, round by round."""

    bare: tuple[Spent, ...]
    queued: tuple[Spent, ...]

    @property
    def overhead(self) -> float:
        """Of all rounds together, as a share of bare detection's wall time."""
        return sum(ours.wall for ours in self.queued) / sum(alone.wall for alone in self.bare) - 1

    @property
    def waited(self) -> float:
        """How long no message was being inspected, as a share of how long one was: of the same moments, whoever else is busy."""
        return sum(ours.wall for ours in self.queued) / sum(sum(ours.each) for ours in self.queued) - 1

    @property
    def overhead_cpu(self) -> float:
        """The same of CPU: all processes that take, detect and record, against bare detection's."""
        return sum(ours.cpu for ours in self.queued) / sum(alone.cpu for alone in self.bare) - 1


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
    """Each round bare and through the queue, in turns, and every other one the other way round."""
    alone, ours = [], []
    for number, laid in enumerate(rounds):
        messages = list(zip(laid.bodies, laid.paths, strict=True))
        if number % 2:
            ours.append(await through(settings, laid, pids()))
        alone.append(bare.inspect(messages))
        if not number % 2:
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
    """How many messages a second these processes finish while there are enough for all: from a tenth of them to six tenths.

    After that one of two may have none left, since a channel's messages wait for one of them: that is the end of every backlog,
    not what they can do.
    """
    busy, before = Busy(), cpu(pids)
    await lay(settings, laid)
    database = Database(settings.database)
    try:
        found = await ended(database, laid.names)
    finally:
        await database.close()
    first, last = len(found) // 10, len(found) * 6 // 10
    wall = (found[last].finished - found[first].finished).total_seconds()
    return Team(workers, lanes, (last - first) / wall, (cpu(pids) - before) / len(found), busy.cores())
