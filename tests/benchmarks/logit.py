"""The weights of ``detectors/spread/likely.py``, by maximum likelihood over choices whose outcome is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.spread.cascade import Seen
from detectors.spread.copies import Copies, order
from detectors.spread.likely import FEATURES, NONE, Known
from detectors.spread.tracing import together

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """``values``: (possible parents and none, features). ``right``: which of them."""

    values: F64
    right: int


def choices(seen: Sequence[Seen], known: Known, parents: Mapping[str, str | None]) -> list[Choice]:
    """Of every sighting with a possible parent. A true parent that is not among them counts as none."""
    ordered = sorted(seen, key=order)
    copies = Copies(ordered, together(ordered, known))
    found = []
    for one in ordered:
        candidates = copies.possible(one)
        if candidates:
            ids = [candidate.parent.id for candidate in candidates]
            true = parents[one.id]
            right = ids.index(true) if true in ids else len(ids)
            found.append(Choice(np.array([*(candidate.values for candidate in candidates), NONE]), right))
    return found


def fitted(made: Sequence[Choice], penalty: float = 1e-3, steps: int = 60) -> dict[str, float]:
    """By Newton's method; the penalty on squares keeps what is never seen at zero."""
    scale = np.maximum(np.concatenate([one.values for one in made]).std(axis=0), 1e-3)
    scaled = [Choice(one.values / scale, one.right) for one in made]
    weights = np.zeros(len(FEATURES))
    loss, slope, bend = _loss(scaled, weights, penalty)
    for _ in range(steps):
        step, size = np.linalg.solve(bend, slope), 1.0
        while size > 1e-6:
            tried = _loss(scaled, weights - size * step, penalty)
            if tried[0] < loss:
                break
            size /= 2
        if size <= 1e-6 or loss - tried[0] < 1e-9:
            break
        weights, (loss, slope, bend) = weights - size * step, tried
    return dict(zip(FEATURES, (weights / scale).tolist(), strict=True))


def _loss(made: Sequence[Choice], weights: F64, penalty: float) -> tuple[float, F64, F64]:
    """Mean negative logarithm of the likelihood with its first and second derivatives."""
    loss, slope, bend = 0.0, np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    for one in made:
        sums = one.values @ weights
        parts = np.exp(sums - sums.max())
        parts /= parts.sum()
        loss -= float(np.log(max(parts[one.right], 1e-300)))
        mean = parts @ one.values
        slope += mean - one.values[one.right]
        bend += (one.values.T * parts) @ one.values - np.outer(mean, mean)
    count = len(made)
    loss = loss / count + penalty / 2 * float(weights @ weights)
    return loss, slope / count + penalty * weights, bend / count + penalty * np.eye(len(weights))
