"""What a verdict on a picture of a page costs, beside reading it: a pure function of what was measured."""

from collections.abc import Mapping, Sequence

import numpy as np

from tests.benchmarks.markdown import NOTHING, table

PEER, WHOLE, ADAPTIVE = "RapidOCR as it comes", "our reading in full", "adaptive"
MUST: Mapping[str, float] = {"registered pages": 0.25, "unregistered pages": 0.5}
"""Of the peer's CPU time, at most: issue 4."""
_ENGINES = (PEER, WHOLE, ADAPTIVE, "Tesseract", "winnowing", "TLSH", "rapidfuzz")
_WORDS = (
    f"“{PEER}”: its package's own engine with its own defaults, on one thread as all here, over the very pixels that our reader "
    f"gets. “{WHOLE}”: the same models, with all that makes them cheaper here: numbers too small to matter flushed to zero, "
    "lines looked for at 1,280 pixels and read one by one, no classifier of directions. Adaptive counts everything from the "
    "file's bytes to the verdict, decoding, geometry and codes included; the other two count reading alone."
)

Costs = Sequence[Mapping[str, float]]
"""Milliseconds of CPU by what was done, of each picture."""


def costs(groups: Mapping[str, Costs]) -> str:
    """A table of pictures by group, and what its rows mean. Every picture has been read by the peer and by us."""
    rows = [row for group, some in groups.items() if some for row in _rows(group, some)]
    head = ("CPU of a picture", "ms, median", "ms, mean", f"× {PEER}", "must", f"× {WHOLE}")
    return f"{table(head, rows)}\n\n{_WORDS}"


def _rows(group: str, some: Costs) -> list[tuple[object, ...]]:
    peer, whole = (float(np.mean([one[name] for one in some])) for name in (PEER, WHOLE))
    rows: list[tuple[object, ...]] = []
    for what in _ENGINES:
        spent = [one[what] for one in some if what in one]
        if spent:
            mean, must = float(np.mean(spent)), MUST.get(group, NOTHING) if what == ADAPTIVE else NOTHING
            shares = f"{mean / peer:.2f}", must, f"{mean / whole:.2f}"
            rows.append((f"{group}: {what}", f"{np.median(spent):.0f}", f"{mean:.0f}", *shares))
    return rows
