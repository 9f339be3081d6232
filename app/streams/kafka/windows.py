"""What a consumer of Kafka's has fetched of a partition and not yet done."""

from collections import Counter
from dataclasses import dataclass, field

from app.streams.fairness import fits
from app.streams.types import split_key

REMEMBERED = 100
"""So many times a window is remembered of what lies beyond it."""


@dataclass(slots=True)
class Beyond:
    """What lies behind a full window, looked at once: some is taken early, the rest stays where it is until its turn comes.

    ``looked``: the next to look at. ``taken``: key and bytes, by offset, of those not done; ``done``: offsets. ``left``: keys of
    which a record was left, so that those after it must wait too.
    """

    looked: int = -1
    taken: dict[int, tuple[str, int]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def has_room(self, most: int) -> bool:
        remembered = len(self.taken) + len(self.done) + len(self.left)
        return len(self.taken) < most and remembered < REMEMBERED * most

    def take(self, offset: int, key: str, size: int, most: int) -> bool:
        """Whether this record, the next, is taken early: if ``most`` such leave room to others (see ``fits``)."""
        self.looked = offset + 1
        places = _places(key)
        if key in self.left or not fits(most - len(self.taken), [self.counts[place] for place in places]):
            self.left.add(key)
            return False
        self.taken[offset] = key, size
        self.counts.update(places)
        return True

    def give(self, offset: int) -> int:
        """Bytes of a record that is none of these any more."""
        key, size = self.taken.pop(offset)
        self.counts -= Counter(_places(key))
        return size


def _places(key: str) -> tuple[tuple[str, ...], ...]:
    gateway, channel = split_key(key)
    return (gateway,), (gateway, channel)


@dataclass(slots=True, eq=False)
class Window:
    """Records of a partition from the first that is not done; ``ahead``: the next to fetch; ``pending``: bytes, by offset."""

    ahead: int = 0
    pending: dict[int, int] = field(default_factory=dict)
    bytes: int = 0
    committed: int | None = None
    paused: bool = False
    beyond: Beyond = field(default_factory=Beyond)

    @property
    def position(self) -> int:
        """Everything before it is done."""
        return next(iter(self.pending), self.ahead)

    def holds(self, offset: int) -> bool:
        """Whether that record is here and not done."""
        return offset in self.pending or offset in self.beyond.taken

    def reach(self, offset: int, size: int) -> bool:
        """Go on to the next record; whether it is new, and was not taken early."""
        fresh = offset not in self.beyond.taken and offset not in self.beyond.done
        if fresh or offset in self.beyond.taken:
            self.pending[offset] = size
            self.bytes += size if fresh else 0
        if offset in self.beyond.taken:
            self.beyond.give(offset)
        self.beyond.done.discard(offset)
        self._move(offset + 1)
        return fresh

    def early(self, offset: int, key: str, size: int, most: int) -> bool:
        """See ``Beyond.take``."""
        taken = self.beyond.take(offset, key, size, most)
        self.bytes += size if taken else 0
        return taken

    def finish(self, offset: int) -> None:
        """That record is done. Idempotent."""
        if offset in self.beyond.taken:
            self.bytes -= self.beyond.give(offset)
            self.beyond.done.add(offset)
        else:
            self.bytes -= self.pending.pop(offset, 0)

    def pass_over(self, committed: int) -> None:
        """Everything before it is done, by whomever."""
        for offset in [one for one in (*self.pending, *self.beyond.taken) if one < committed]:
            self.finish(offset)
        self._move(max(self.ahead, committed))
        self.committed = committed

    def _move(self, ahead: int) -> None:
        self.ahead = ahead
        if 0 <= self.beyond.looked <= ahead:
            self.beyond = Beyond()
