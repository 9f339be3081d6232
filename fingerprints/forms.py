"""What many pictures share with one is its form: letterhead, rules, a frame. Learnt from those that turned out to be others.

Pages of one form resemble each other by the dozen of details, and telling them apart costs more than finding them. Whatever was
refused says which of these details are the form's; what shares others besides is to be looked at first. Each detail counts as the
logarithm of how much likelier it is in a copy than in what was refused (a naive Bayes classifier's evidence, Maron, JACM 1961).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
IN_A_COPY = 0.2
"""Of a picture's details so many agree in a copy that was cropped, photographed or shown small."""
LEAST = -0.3
"""A form's details say little against a copy, which has them as well."""
_UNKNOWN, _BEFORE = 0.5, 10.0  # as if of so many refused so many had any detail


class Forms:
    """Of pictures by their numbers. Before anything was refused every detail counts the same."""

    def __init__(self) -> None:
        self._had: dict[int, I64] = {}
        self._refused: dict[int, int] = {}

    def refused(self, picture: int, shared: I64) -> None:
        """Something that shares these details with a picture is not that picture."""
        had = self._had.get(picture, np.zeros(0, np.int64))
        more = np.bincount(shared, minlength=len(had))
        more[: len(had)] += had
        self._had[picture], self._refused[picture] = more, self._refused.get(picture, 0) + 1

    def weigh(self, picture: int, shared: Sequence[I64]) -> list[float]:
        """How much likelier than a mere form each is that shares these details."""
        if not shared:
            return []
        every = np.concatenate([np.empty(0, np.int64), *shared])
        had = self._had.get(picture, np.zeros(0, np.int64))
        known = np.zeros(max(len(had), int(every.max(initial=-1)) + 1))
        known[: len(had)] = had
        often = (known[every] + _UNKNOWN) / (self._refused.get(picture, 0) + _BEFORE)
        says = np.maximum(np.log(IN_A_COPY / often), LEAST)
        owner = np.repeat(np.arange(len(shared)), [len(one) for one in shared])
        weights: list[float] = np.bincount(owner, says, len(shared)).tolist()
        return weights
