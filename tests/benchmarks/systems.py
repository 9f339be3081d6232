"""What is measured: anything that registers files and judges files."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outcome:
    """``verdict``: clear, review or leak. ``assets``: ids of the matched ones, best first. ``detectors``: what matched."""

    verdict: str
    assets: tuple[str, ...]
    detectors: tuple[str, ...] = ()


class System(Protocol):
    """The system under test."""

    def register(self, title: str, kind: str, data: bytes) -> str:
        """Make one file an asset; returns the asset's id once it can be matched."""

    def inspect(self, data: bytes) -> Outcome:
        """Judge one file posted without text; opening and decoding it included."""
