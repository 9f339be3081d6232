"""From the details of a benchmark run to operating points: ``python -m tests.benchmarks.operating_points details.jsonl``.

Prints Markdown: for every value that was measured, what each threshold would find and whom it would accuse; the threshold a
stated rule chooses; and how sure one may be at which values (logistic regression, tried on pictures it was not fitted on).
"""

import argparse
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from tests.benchmarks import looks as written
from tests.benchmarks.looks import Look
from tests.benchmarks.markdown import table

F64 = npt.NDArray[np.float64]
MARGIN = 1.1
_SHOWN = 12
_FOLDS = 5
_RIDGE = 1e-2
_LOGARITHMIC = ("inliers", "text_units")
_LESS_IS_LIKER = ("perceptual",)
_NO_THRESHOLD = ("mirrored",)


@dataclass(frozen=True, slots=True)
class Sweep:
    """``own``: the best value of each registered thing that was shown (-inf: it was not even considered).

    ``strange``: the best value, in each message, of anything that was not shown (-inf: nothing of the kind was considered).
    """

    own: F64
    strange: F64

    def found(self, threshold: float) -> float:
        return float((self.own >= threshold).mean()) if len(self.own) else 0.0

    def accused(self, threshold: float) -> int:
        return int((self.strange >= threshold).sum())

    def chosen(self, margin: float = MARGIN) -> float:
        """The least threshold that accuses nobody, and as much again above the strangest as the margin says."""
        worst = float(self.strange.max(initial=-np.inf))
        if not np.isfinite(worst):
            return float(self.own[np.isfinite(self.own)].min(initial=np.inf))
        return worst * margin if worst > 0 else worst + abs(worst) * (margin - 1)


def sweep(looks: Iterable[Look], value: str) -> Sweep:
    """Of one measured value. Where less means more alike, it is counted negative."""
    sign = -1.0 if value in _LESS_IS_LIKER else 1.0
    own, strange = [], []
    for look in looks:
        valued = [(one.group, sign * one.values[value]) for one in look.weighed if value in one.values]
        own += [max((v for group, v in valued if group == shown), default=-np.inf) for shown in look.own]
        strange.append(max((v for group, v in valued if group not in look.own), default=-np.inf))
    return Sweep(np.array(own, np.float64), np.array(strange, np.float64))


def swept(looks: Sequence[Look], value: str) -> str:
    """The table of one value."""
    points = sweep(looks, value)
    seen = np.unique(np.concatenate([points.own, points.strange]))
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return ""
    steps = np.unique(np.quantile(seen, np.linspace(0, 1, _SHOWN), method="nearest"))
    chosen = points.chosen()
    rows = [(f"{step:.4g}", f"{points.found(step):.3f}", points.accused(step)) for step in steps]
    rows.append((f"**{chosen:.4g}**", f"**{points.found(chosen):.3f}**", points.accused(chosen)))
    return table((f"{value} at least", f"of {len(points.own)} shown", f"accused, of {len(points.strange)} messages"), rows)


@dataclass(frozen=True, slots=True)
class Logistic:
    """P(right) = 1 / (1 + exp(-(intercept + slopes · values))). ``names``: of the values, ``log`` where it is their logarithm."""

    names: tuple[str, ...]
    intercept: float
    slopes: tuple[float, ...]

    def sureness(self, values: F64) -> F64:
        """(n,) from (n, len(names))."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.intercept + values @ np.array(self.slopes), -40, 40))), np.float64)


def fitted(names: tuple[str, ...], values: F64, right: F64) -> Logistic:
    """Maximum likelihood with a little ridge, by Newton's method on standardised values."""
    middle, size = values.mean(axis=0), values.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(values)), (values - middle) / size])
    beta = np.zeros(design.shape[1])
    penalty = _RIDGE * len(values) * np.eye(len(beta)) / 100
    for _ in range(50):
        sure = 1 / (1 + np.exp(-np.clip(design @ beta, -40, 40)))
        slope = design.T @ (right - sure) - penalty @ beta
        beta = beta + np.linalg.solve((design * (sure * (1 - sure))[:, None]).T @ design + penalty, slope)
    slopes = beta[1:] / size
    return Logistic(names, float(beta[0] - slopes @ middle), tuple(slopes.tolist()))


def examples(looks: Iterable[Look], values: Sequence[str]) -> tuple[F64, F64, npt.NDArray[np.int64]]:
    """Measured values (n, len(values)), whether each was right, and which fold its picture belongs to."""
    found = [
        ([_scaled(name, one.values[name]) for name in values], one.group in look.own, zlib.crc32(look.name.encode()) % _FOLDS)
        for look in looks
        for one in look.weighed
        if all(name in one.values for name in values)
    ]
    rows = np.array([row for row, _, _ in found], np.float64).reshape(-1, len(values))
    return rows, np.array([right for _, right, _ in found], np.float64), np.array([fold for *_, fold in found], np.int64)


def _scaled(name: str, value: float) -> float:
    return float(np.log1p(value)) if name in _LOGARITHMIC else value


def calibrated(looks: Sequence[Look], values: tuple[str, ...]) -> str:
    """The regression's coefficients, and what its sureness was worth on pictures it had not seen."""
    rows, right, fold = examples(looks, values)
    if len(rows) < 10 * _FOLDS or not 0 < right.mean() < 1:
        return ""
    names = tuple(f"log(1 + {name})" if name in _LOGARITHMIC else name for name in values)
    held_out = np.zeros(len(rows))
    for one in range(_FOLDS):
        if (fold == one).any() and (fold != one).any():
            held_out[fold == one] = fitted(names, rows[fold != one], right[fold != one]).sureness(rows[fold == one])
    model = fitted(names, rows, right)
    terms = " ".join(f"{slope:+.3f} · {name}" for slope, name in zip(model.slopes, names, strict=True))
    bins = np.clip((held_out * 10).astype(int), 0, 9)
    shown = [
        (
            f"{one / 10:.1f} to {(one + 1) / 10:.1f}",
            int((bins == one).sum()),
            *(f"{share[bins == one].mean():.3f}" for share in (held_out, right)),
        )
        for one in np.unique(bins)
    ]
    head = ("sureness, held out", "likenesses", "stated, mean", "right")
    return f"logit = {model.intercept:+.3f} {terms} ({len(rows)} likenesses)\n\n{table(head, shown)}"


def isotonic(stated: F64, right: F64) -> list[tuple[float, float, int]]:
    """Confidence that never falls as the stated one rises (pool adjacent violators): from which stated value, share, count."""
    values, which, counts = np.unique(stated, return_inverse=True, return_counts=True)
    pooled = isotonic_regression(np.bincount(which, right) / counts, weights=counts)
    blocks = pairwise(pooled.blocks.tolist())
    return [(float(values[a]), float(pooled.x[a]), int(counts[a:b].sum())) for a, b in blocks]


def page(looks: Sequence[Look]) -> str:
    """Everything, for documents and for equipment, and for both stated confidences."""
    return "\n\n".join(part for part in _parts(looks) if part) + "\n"


def _parts(looks: Sequence[Look]) -> Iterator[str]:
    yield "# Operating points"
    yield (
        f"In bold what the rule chooses: {MARGIN} times the greatest value of anything that was not shown. "
        "Each value on its own; a detector that asks for several at once may ask for less of each."
    )
    for kind in ("document", "equipment"):
        of_kind = [look for look in looks if look.kind == kind]
        names = sorted({name for look in of_kind for one in look.weighed for name in one.values})
        yield f"## {kind}: {len(of_kind)} messages"
        yield from (swept(of_kind, name) for name in names if name not in _NO_THRESHOLD)
        for values in (("inliers", "coverage"), ("inliers", "coverage", "text_agreement")):
            if set(values) <= set(names):
                yield calibrated(of_kind, values)
    yield from _by_detector(looks)


def _by_detector(looks: Sequence[Look]) -> Iterator[str]:
    matches = [one for look in looks for one in look.matches if one.group]
    for detector in sorted({one.detector for one in matches}):
        mine = [one for one in matches if one.detector == detector]
        steps = isotonic(np.array([one.confidence for one in mine]), np.array([one.right for one in mine], np.float64))
        yield f"## Stated confidence of `{detector}`, made to mean what it says"
        yield table(("stated at least", "share right", "matches"), [(f"{a:.3f}", f"{b:.3f}", c) for a, b, c in steps])


def main(words: list[str] | None = None) -> None:
    """Read, compute, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.operating_points", description=__doc__)
    parser.add_argument("details", type=Path, nargs="+", help="what tests.benchmarks.run --details wrote")
    options = parser.parse_args(words)
    sys.stdout.write(page([look for path in options.details for look in written.load(path)]))


if __name__ == "__main__":
    main()
