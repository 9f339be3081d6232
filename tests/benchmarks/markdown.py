"""Numbers as Markdown tables."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tests.benchmarks.looks import Look

NOTHING = "–"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; columns after the first are right-aligned."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (head, rule, *rows))


def share(right: int, of: int) -> str:
    """The part that is right, and the counts."""
    return f"{right / max(of, 1):.3f} ({right}/{of})"


def by_seed(looks: Iterable[Look], which: Callable[[Look], bool] = lambda look: look.right) -> list[float]:
    """The share of looks of which ``which`` holds, one a seed."""
    seeds: dict[int, list[bool]] = {}
    for look in looks:
        seeds.setdefault(look.seed, []).append(which(look))
    return [sum(held) / len(held) for held in seeds.values()]


def over_seeds(looks: Sequence[Look], which: Callable[[Look], bool] = lambda look: look.right) -> str:
    """Median of the seeds, with the least and the most if there are several, and the counts."""
    if not looks:
        return NOTHING
    shares = by_seed(looks, which)
    between = f" [{min(shares):.3f}–{max(shares):.3f}]" if len(shares) > 1 else ""
    return f"{np.median(shares):.3f}{between} ({sum(map(which, looks))}/{len(looks)})"


def spread(values: Sequence[float]) -> tuple[str, str]:
    """Median and 95th percentile."""
    if not values:
        return NOTHING, NOTHING
    return f"{np.median(values):.1f}", f"{np.quantile(values, 0.95, method='higher'):.1f}"
