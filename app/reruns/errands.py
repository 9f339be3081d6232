"""What a detection process is asked while the detectors are run again. Plain values, as in ``ingest.jobs``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ingest.bench import Bench


@dataclass(frozen=True, slots=True)
class Points:
    """Which operating points ``less`` evidence means: by name today's, and the other. Only those that differ."""

    less: float

    def run(self, bench: "Bench") -> dict[str, tuple[float, float]]:
        from app.reruns.judging import points  # noqa: PLC0415 (loads the detection libraries)

        return points(bench, self.less)


@dataclass(frozen=True, slots=True)
class Kept:
    """A part that was seen, by its number, as it is kept."""

    number: int
    digest: str
    kinds: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """An asset that a part shows, as which detector says, 0..1 sure."""

    asset_id: str
    detector: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What a part shows at today's operating points (``now``), and at the others; the surest first."""

    number: int
    now: tuple[Finding, ...]
    then: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Try:
    """What these parts show, today and with ``less`` evidence. Those whose fingerprints are damaged are left out."""

    less: float
    parts: tuple[Kept, ...]

    def run(self, bench: "Bench") -> tuple[Tried, ...]:
        from app.reruns.judging import tried  # noqa: PLC0415

        return tried(bench, self)
