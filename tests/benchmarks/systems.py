"""What is measured: anything that registers files and judges files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Named:
    """One match: the asset's id (``None``: it is about none), what matched, and how sure it says it is."""

    asset: str | None
    detector: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """``verdict``: clear, review or leak. ``matches``: surest first."""

    verdict: str
    matches: tuple[Named, ...] = ()

    @property
    def assets(self) -> tuple[str, ...]:
        """Ids of the matched assets, surest first."""
        return tuple(dict.fromkeys(one.asset for one in self.matches if one.asset is not None))


@dataclass(frozen=True, slots=True)
class Considered:
    """A registered picture that was weighed, whether or not it became a match. ``values``: what was measured of it, by name."""

    asset: str
    values: Mapping[str, float]


class System(Protocol):
    """The system under test."""

    def register(self, title: str, kind: str, data: bytes) -> str:
        """Make one file an asset; returns the asset's id once it can be matched."""

    def inspect(self, data: bytes) -> Outcome:
        """Judge one file posted without text; opening and decoding it included."""

    def considered(self) -> Sequence[Considered]:
        """What the last ``inspect`` weighed; empty where that cannot be known."""
