"""Whose turn it is: a flood from one gateway, or in one channel, makes only itself wait."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from app.streams.types import split_key

T = TypeVar("T")


def fits(free: int, waiting: Iterable[int]) -> bool:
    """Whether one more has a place where ``free`` could wait. ``waiting``: how many do of its gateway, and then of its channel.

    Nobody takes more than they leave free (dynamic thresholds, Choudhury and Hahne 1998): of however many flood, whoever has
    nothing waiting finds room.
    """
    for count in waiting:
        if count >= free:
            return False
        free -= count
    return free > 0


class Turns(Generic[T]):
    """A queue in which gateways take turns, and so do the channels of each; a channel's own order is kept."""

    def __init__(self) -> None:
        self._gateways: OrderedDict[str, OrderedDict[str, deque[T]]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, key: str, value: T) -> None:
        self._line(key).append(value)
        self._size += 1

    def put_first(self, key: str, value: T) -> None:
        """Before all others of its channel."""
        self._line(key).appendleft(value)
        self._size += 1

    def take(self) -> T:
        """Raises IndexError when empty."""
        if not self._size:
            raise IndexError("nothing waits")
        gateway, channels = next(iter(self._gateways.items()))
        channel, line = next(iter(channels.items()))
        value = line.popleft()
        self._size -= 1
        _turn(channels, channel, over=not line)
        _turn(self._gateways, gateway, over=not channels)
        return value

    def keep(self, wanted: Callable[[T], bool]) -> None:
        """Forget all others."""
        old, self._gateways, self._size = self._gateways, OrderedDict(), 0
        for gateway, channels in old.items():
            for channel, line in channels.items():
                for value in filter(wanted, line):
                    self.put(f"{gateway}/{channel}", value)

    def _line(self, key: str) -> deque[T]:
        gateway, channel = split_key(key)
        return self._gateways.setdefault(gateway, OrderedDict()).setdefault(channel, deque())


def _turn(lines: OrderedDict[str, Any], name: str, over: bool) -> None:
    """To the end, or out."""
    if over:
        del lines[name]
    else:
        lines.move_to_end(name)
