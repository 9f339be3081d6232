"""The labelled history at another operating point: what would have been missed, what spared.

Only what raised an alert is labelled, so bars can be raised here, and the bar of a leak moved either way. What a more lenient
recognition would bring besides is not among the labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.numbers.figures import RIGHT

STEPS = 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """An alert that a person resolved. ``matches``: detector and confidence of each."""

    id: str
    resolution: str
    matches: tuple[tuple[str, float], ...]

    @property
    def right(self) -> bool:
        """What was recognised was there."""
        return self.resolution in RIGHT


@dataclass(frozen=True, slots=True)
class Point:
    """``least``: how sure a match must be, of ``detector`` (``None``: of any), to be shown; ``sure``: to be called a leak."""

    least: float
    sure: float
    detector: str | None = None

    def shown(self, alert: Labelled) -> list[float]:
        """Confidences of matches that would be shown."""
        return [sure for name, sure in alert.matches if sure >= self.least or self.detector not in (None, name)]

    def conclusion(self, alert: Labelled) -> str:
        """``leak``, ``review``, ``clear``; what had no match at all was put before a person for another reason, and would be."""
        if not alert.matches:
            return "review"
        shown = self.shown(alert)
        return "clear" if not shown else "leak" if max(shown) >= self.sure else "review"


@dataclass(frozen=True, slots=True)
class Replay:
    """Ids of alerts; what the names say is told in ``app.numbers.schemas.SimulationOut``."""

    alerts: int
    missed: tuple[str, ...]
    spared: tuple[str, ...]
    doubted: tuple[str, ...]
    accused: tuple[str, ...]
    believed: tuple[str, ...]
    eased: tuple[str, ...]


def replay(history: Sequence[Labelled], now: Point, other: Point) -> Replay:
    """What ``other`` would have made of it that ``now`` does not. The order of the history is kept."""
    turned = [(one, now.conclusion(one), other.conclusion(one)) for one in history]

    def which(right: bool, before: tuple[str, ...], after: str) -> tuple[str, ...]:
        return tuple(one.id for one, was, would in turned if one.right is right and was in before and would == after)

    any_alert = ("review", "leak")
    return Replay(
        alerts=sum(would != "clear" for _, _, would in turned),
        missed=which(True, any_alert, "clear"),
        spared=which(False, any_alert, "clear"),
        doubted=which(True, ("leak",), "review"),
        accused=which(False, ("review",), "leak"),
        believed=which(True, ("review",), "leak"),
        eased=which(False, ("leak",), "review"),
    )


def curve(history: Sequence[Labelled], other: Point) -> list[tuple[float, int, int, int]]:
    """For bars from 0 to 1: the bar, alerts, how many of them were right, and how many true ones would be missed."""
    points = []
    true = sum(one.right for one in history)
    for step in range(STEPS + 1):
        bar = step / STEPS
        shown = [one for one in history if Point(bar, other.sure, other.detector).conclusion(one) != "clear"]
        right = sum(one.right for one in shown)
        points.append((bar, len(shown), right, true - right))
    return points
