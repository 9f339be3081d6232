"""What must be reached, beside what was measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.attacks import FAMILIES
from tests.benchmarks.looks import BENIGN, SIBLING, Look
from tests.benchmarks.markdown import by_seed, over_seeds, table


@dataclass(frozen=True, slots=True)
class Target:
    """At least ``least`` of the looks at these rows are found; at most ``most`` of them name what is not shown.

    ``pages``: counted are documents only, and only what `page_copy` found. Neither bound: reported without one.
    """

    name: str
    rows: tuple[str, ...]
    least: float | None = None
    most: float | None = None
    pages: bool = False


_CAMERA = tuple(attack.__name__ for attack in FAMILIES["camera"])
_EMBED = tuple(attack.__name__ for attack in FAMILIES["embed"])
_RECALL: tuple[tuple[str, tuple[str, ...], float, float], ...] = (
    *(
        (family, tuple(attack.__name__ for attack in FAMILIES[family]), 0.99, 0.99)
        for family in ("recompress", "colour", "rotate and mirror", "overlay")
    ),
    ("crop to 70 %", ("crop70",), 0.98, 0.98),
    ("crop to 40 %", ("crop40",), 0.98, 0.98),
    ("crop to 20 %", ("crop20",), 0.93, 0.80),
    ("embed", _EMBED, 0.98, 0.98),
    ("camera", _CAMERA, 0.97, 0.97),
    ("worst chain", ("worst",), 0.85, 0.80),
)
"""Name, attacks, least share found, least share of pages found by `page_copy` alone."""
TARGETS: tuple[Target, ...] = (
    *(Target(name, rows, least) for name, rows, least, _ in _RECALL),
    *(Target(f"pages by `page_copy` alone: {name}", rows, least, pages=True) for name, rows, _, least in _RECALL),
    Target("edited copies (B_neardup)", ("as it is: B_neardup",), 0.97),
    Target("new views, easy", ("as it is: A_multiview, easy",), 0.98),
    Target("new views, medium", ("as it is: A_multiview, medium",), 0.75),
    Target("new views, hard", ("as it is: A_multiview, hard",)),
    Target("benign pictures accused", (BENIGN,), most=0.0),
    Target("unregistered pages of a registered template taken for a registered page", (SIBLING,), most=0.01),
)


def targets(looks: Sequence[Look]) -> str:
    """The table; targets of which nothing was measured are left out."""
    rows = []
    for target in TARGETS:
        counted = [look for look in looks if _counts(target, look)]
        if counted:
            rows.append(_row(target, counted))
    return table(("target", "messages", "must", "measured", "reached"), rows)


def _counts(target: Target, look: Look) -> bool:
    of_these = look.row in target.rows or (SIBLING in target.rows and look.row.startswith(SIBLING))
    return of_these and (not target.pages or look.kind == "document")


def _which(target: Target) -> Callable[[Look], bool]:
    if target.rows == (BENIGN,):
        return lambda look: look.accused
    if target.most is not None:
        return lambda look: look.wrong
    return (lambda look: look.right_by("page_copy")) if target.pages else (lambda look: look.right)


def _row(target: Target, looks: Sequence[Look]) -> tuple[object, ...]:
    which = _which(target)
    median = float(np.median(by_seed(looks, which)))
    if target.least is not None:
        must, reached = f"≥ {target.least:.2f}", median >= target.least
    elif target.most is not None:
        must, reached = f"≤ {target.most:.2f}", median <= target.most
    else:
        return target.name, len(looks), "as high as possible", over_seeds(looks, which), ""
    return target.name, len(looks), must, over_seeds(looks, which), "yes" if reached else "**no**"
