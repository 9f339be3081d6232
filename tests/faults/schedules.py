"""What goes wrong when: a schedule is drawn from its seed alone, so the seed is all that is needed to see it again.

Even seeds are for a server with everything in it, odd ones for a fleet. A seed's first kind of fault, or two, is given by its
number, so that no run of twenty leaves one out; everything else is chance, but that all brokers are killed is so by number alone:
it takes long to mend.
"""

import random
from dataclasses import dataclass
from enum import StrEnum

CALM = 0.8
"""Seconds at either end of a schedule in which nothing breaks."""
PACE = 5.0
"""Seconds of load for one more fault, about."""


TURNS = 10
"""Schedules of one size in a run of twenty."""


class Kind(StrEnum):
    """What goes wrong."""

    SERVER_KILLED = "server killed between accepting and answering"
    SERVER_ENDED = "server ended in order"
    LANE_KILLED = "detection process killed"
    DISK_FULL = "disk full"
    CLOCK_STEPPED = "clock stepped"
    WORKER_KILLED = "worker killed"
    WORKER_JOINS = "worker joins and leaves"
    BROKER_STOPPED = "broker stopped"
    BROKER_KILLED = "broker killed"
    BROKERS_KILLED = "all brokers killed"
    DATABASE_CRASHED = "database crashed"
    NOTIFIER_KILLED = "notifier killed"


class Size(StrEnum):
    """What is deployed."""

    EMBEDDED = "embedded"
    FLEET = "fleet"


K = Kind
KINDS = {
    Size.EMBEDDED: (K.SERVER_KILLED, K.LANE_KILLED, K.DISK_FULL, K.CLOCK_STEPPED, K.SERVER_ENDED),
    Size.FLEET: (
        K.WORKER_KILLED,
        K.BROKER_KILLED,
        K.LANE_KILLED,
        K.DATABASE_CRASHED,
        K.SERVER_KILLED,
        K.WORKER_JOINS,
        K.NOTIFIER_KILLED,
        K.DISK_FULL,
        K.BROKER_STOPPED,
        K.CLOCK_STEPPED,
        K.BROKERS_KILLED,
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """``at``: seconds from the schedule's start. ``lasts``: seconds, until it is mended. ``chance``: whom it hits, 0 to 1."""

    at: float
    kind: Kind
    lasts: float
    chance: float

    def __str__(self) -> str:
        return f"{self.at:.1f} s: {self.kind}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Faults in the order of their times, within so many seconds of load."""

    seed: int
    size: Size
    seconds: float
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return f"seed {self.seed} ({self.size}): {'; '.join(map(str, self.faults))}"


def draw(seed: int, seconds: float) -> Schedule:
    """The schedule of a seed. ``seconds``: at least 2."""
    size = Size.FLEET if seed % 2 else Size.EMBEDDED
    chance, kinds = random.Random(f"{seed}/{seconds:g}"), KINDS[size]
    many = max(1, round(seconds / PACE) + chance.choice((0, 1)))
    given = kinds[seed // 2 % min(TURNS, len(kinds)) :: TURNS]
    wanted = [*given, *(chance.choice(kinds[:TURNS]) for _ in range(many - len(given)))]
    faults = (_fault(kind, seconds, chance) for kind in wanted)
    return Schedule(seed, size, seconds, tuple(sorted(faults, key=lambda fault: fault.at)))


def _fault(kind: Kind, seconds: float, chance: random.Random) -> Fault:
    at = chance.uniform(CALM, seconds - CALM)
    return Fault(at, kind, chance.uniform(0.5, min(8.0, seconds / 2)), chance.random())
