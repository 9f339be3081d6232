"""Measures of a drawing: where lanes lie, how high they are, and where time runs."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.incidents.lanes import Lane, lanes
from app.incidents.marks import CELL, Mark, marks
from app.incidents.timeline import Timeline
from detectors.spread.cascade import Cascade

_RIGHT, _TOP = 36.0, 64.0
_PAD = 6.0  # above and below the places of a shared lane
_SHARED = 58.0  # what a shared lane's words take


class Sheet:
    """``left``: from where on time runs; before it stand the names. ``step``: height of a lane. ``every``: each channel has one.

    ``tops``, ``heights``: of lanes, by number. Everything is in pixels of the drawing.
    """

    def __init__(self, cascade: Cascade, every: bool) -> None:
        self.lanes: Sequence[Lane] = lanes(cascade, every)
        self.every = every
        self.width, self.left, self.top = (1240, 272.0, _TOP) if every else (1080, 216.0, _TOP)
        self.step = 22.0 if every else 34.0 if len(self.lanes) <= 14 else 25.0
        moments = [one.at for one in cascade.seen] or [datetime(1970, 1, 1, tzinfo=UTC)]
        begin = self.left + (30 if cascade.unseen else 14)
        self.line = Timeline.of(moments, begin, self.width - _RIGHT - begin)
        self.marks = marks(cascade, self.lanes, self.line)
        rows: dict[int, int] = {}
        for mark in self.marks.values():
            rows[mark.lane.number] = max(rows.get(mark.lane.number, 0), mark.row + 1)
        self.heights = [max(_SHARED, 2 * _PAD + CELL * rows[one.number]) if one.shared else self.step for one in self.lanes]
        self.tops = [self.top + sum(self.heights[:number]) for number in range(len(self.lanes))]
        self.bottom = self.top + sum(self.heights)
        self.height = self.bottom + 44

    def middle(self, mark: Mark) -> tuple[float, float]:
        """Of a mark."""
        below = _PAD + (mark.row + 0.5) * CELL if mark.lane.shared else self.step / 2
        return mark.middle, self.tops[mark.lane.number] + below
