"""How much of what people gave is told at once, so that a page stays light whatever was registered or posted."""

import html
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


def brief(text: str, most: int) -> str:
    """Its first ``most`` characters; that there are more is seen."""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def narrow(text: str, most: int) -> str:
    """Its first ``most`` columns, of which a Chinese character takes two; that there are more is seen."""
    widths = accumulate(1 + (unicodedata.east_asian_width(one) in "WF") for one in text[: most + 1])
    return brief(text, sum(width <= most for width in widths))


def longer(text: str, most: int) -> int:
    """How many characters it has, if these are more than ``most``; else 0."""
    return len(text) if len(text) > most else 0


def weight(text: str) -> int:
    """Bytes that it takes in a page, at most."""
    return len(html.escape(text).encode())


def fitting(some: Sequence[T], room: int, said: Callable[[T], str] = str) -> list[T]:
    """The first of them, as many as there is room for in bytes; one at least. ``said``: what is told of one."""
    left = room
    for number, one in enumerate(some):
        left -= weight(said(one))
        if left < 0:
            return list(some[: max(1, number)])
    return list(some)


def last(some: Sequence[T], room: int, said: Callable[[T], str] = str) -> list[T]:
    """The same of the last ones, in their order."""
    return fitting(some[::-1], room, said)[::-1]


def pages(some: Iterable[T], most: int, room: int, said: Callable[[T], str] = str) -> list[list[T]]:
    """All of them in their order, ``most`` and as many as there is room for at a time; one page at least."""
    rest, found = list(some), list[list[T]]()
    while rest or not found:
        found.append(fitting(rest[:most], room, said))
        rest = rest[len(found[-1]) :]
    return found
