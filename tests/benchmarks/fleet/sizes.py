"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """``seconds``: of a flood; ``idle``, ``busy``: messages posted at ``per_second``; ``backlog``: pictures waiting meanwhile.

    ``rounds`` of ``batch`` pictures and ``words`` texts are inspected bare and through the queue; ``scaled``:
    photographs shared by several processes, each of which has ``share`` of a core a lane (0: whatever is free); ``alerts``:
    messages of which every other is a leak. ``turns``: of one worker and of two; ``warming``: pictures that a new process
    inspects before it is measured, two at least.
    """

    seconds: float = 5.0
    per_second: float = 20.0
    idle: int = 120
    busy: int = 240
    backlog: int = 50
    pictures: int = 24
    registered: int = 8
    rounds: int = 3
    batch: int = 8
    words: int = 60
    scaled: int = 60
    alerts: int = 30
    floor: int = 1000
    records: int = 20_000
    share: float = 0.75
    turns: int = 2
    warming: int = 8


FULL = Sizes()
QUICK = Sizes(0.5, 20.0, 10, 10, 4, 3, 2, 1, 3, 5, 4, 4, 32, 200, 0.0, 1, 2)
