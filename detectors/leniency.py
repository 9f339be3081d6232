"""Operating points that ask for less evidence than today's: what that would show, and at what cost, is to be found out first.

One share for all of them, so that a person has one thing to choose. What reading decides by stays as it is, and so does what
only nominates.
"""

from dataclasses import asdict, replace

from detectors.thresholds import Thresholds

COUNTS = ("inliers", "inliers_solid", "inliers_view", "inliers_together", "inliers_unread", "mutual", "mutual_closer")
SHARES = ("coverage", "coverage_solid", "coverage_textless", "coverage_unread", "text_share")
TEXTS = ("passage_units", "text_units", "text_units_read", "text_units_alone")


def lenient(points: Thresholds, less: float) -> Thresholds:
    """``less``: the share of the evidence that is not asked for, 0..1; at 0 the points themselves. Raises ValueError beyond."""
    if not 0 <= less < 1:
        raise ValueError("a share of the evidence, from 0 to less than 1")
    now, left = asdict(points), 1 - less
    values = {name: max(1, round(now[name] * left)) for name in COUNTS}
    values |= {name: round(now[name] * left, 3) for name in (*SHARES, *TEXTS)}
    lead = 1 + (points.inliers_lead - 1) * left
    same = min(points.perceptual_near, round(points.perceptual_same / left))
    return replace(points, **values, inliers_lead=lead, perceptual_same=same)


def moved(today: Thresholds, other: Thresholds) -> dict[str, tuple[float, float]]:
    """The points that differ, by name: the one, and the other."""
    before, after = asdict(today), asdict(other)
    return {name: (value, after[name]) for name, value in before.items() if value != after[name]}
