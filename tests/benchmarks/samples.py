"""A picture to measure on, and a corpus of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture. ``collection``: the manifest's set, and how hard it is. ``kind``: what it would be registered as.

    ``group``: what an asset is. ``form``: the kind of picture, or the template it shares with others.
    """

    name: str
    group: str
    collection: str
    kind: str
    load: Callable[[], bytes] = field(compare=False, repr=False)
    form: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """``references`` are registered; ``sources`` are those of them to attack; ``queries`` are to be found as they are.

    ``benign`` must match nothing. ``siblings``: unregistered pages of templates of which others are registered.
    """

    name: str
    references: tuple[Sample, ...]
    sources: tuple[Sample, ...]
    queries: tuple[Sample, ...]
    benign: tuple[Sample, ...]
    siblings: tuple[Sample, ...] = ()


def chosen(among: Sequence[_T], count: int, rng: np.random.Generator) -> tuple[_T, ...]:
    """``count`` of them in random order."""
    return tuple(among[index] for index in rng.permutation(len(among))[:count])
