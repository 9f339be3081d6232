"""In which order what the sieve let through is judged, and how much of it.

A page of a common form lets every page of that form through, and to tell them apart costs more than to find them. So those are
judged first that share more than what those had that were refused, and of every stretch only until so many were refused, or left
to a person as a doubt: what is surely found costs nothing, however many there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fingerprints.forms import I64, Forms

ROUND = 32
"""Judged before it is asked again which are the likeliest."""
DOUBT = 5
"""What a doubt takes of the room, a refusal being one: a person has to look at it."""


@dataclass(frozen=True, slots=True, eq=False)
class Suspected:
    """A part by its number. ``view``: of what is sought the one whose details it has. ``shared``: which of them, or, without a
    view, which phrases; ``None``: it is a registered file, byte for byte.
    """

    number: int
    view: int | None = None
    shared: I64 | None = None

    @property
    def picture(self) -> int:
        """Whose form it may merely have; -1: of the texts."""
        return -1 if self.view is None else self.view


class Room:
    """``most`` may be refused, or a ``DOUBT``-th of them doubted, in proportion to how many of ``total`` parts were looked at;
    ``done``: before.
    """

    def __init__(self, most: int, total: int, done: int) -> None:
        self._most, self._total = most, max(1, total)
        self._forms, self._spent = Forms(), most * done / self._total

    def next(self, waiting: Sequence[Suspected], done: int) -> tuple[list[Suspected], list[Suspected]]:
        """Who is judged next, when so many parts were looked at, and who waits; nobody is, if there is no more room."""
        ranked = self._ranked(waiting)
        is_room = self._most * min(1.0, done / self._total) > self._spent
        count = ROUND if is_room else min(ROUND, sum(one.shared is None for one in waiting))
        return ranked[:count], ranked[count:]

    def spend(self, judged: Sequence[Suspected], verdicts: Mapping[int, str]) -> None:
        """``verdicts``: of those that are it, or may be; the others are something else."""
        for one in judged:
            if one.shared is None or verdicts.get(one.number) == "leak":
                continue
            if one.number in verdicts:
                self._spent += DOUBT
            else:
                self._spent += 1
                self._forms.refused(one.picture, one.shared)

    def _ranked(self, waiting: Sequence[Suspected]) -> list[Suspected]:
        """First whom something else than details and phrases speaks for, then the likeliest; equals in their order."""
        weights = dict[int, float]()
        for picture in {one.picture for one in waiting}:
            some = [(one.number, one.shared) for one in waiting if one.picture == picture and one.shared is not None]
            weighed = self._forms.weigh(picture, [shared for _, shared in some])
            weights |= dict(zip((number for number, _ in some), weighed, strict=True))
        return sorted(waiting, key=lambda one: (*_plain(one), -weights.get(one.number, 0.0), one.number))


def _plain(one: Suspected) -> tuple[bool, bool]:
    return one.shared is not None, bool(one.shared is not None and len(one.shared))
