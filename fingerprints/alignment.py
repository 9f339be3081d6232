"""From shared shingles to shared passages: runs that stand in the same order, and near each other, in both texts."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fingerprints.types import Passage, Shingles

MAX_GAP = 80
"""Characters of the original, in either text, over which a passage may be interrupted (misread words, a line added)."""
MAX_DRIFT = 32
"""How many characters longer an interruption may be in one text than in the other."""
MIN_SHINGLES = 2
MIN_UNITS = 8.0
"""Shorter passages, and single shingles, are everyday phrases: 400 pages of other English against 300 references share 23 units
at the 99th percentile, 30 with the short ones, while a copied quotation loses nothing."""

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Chain:
    """Runs of shared shingles in order, as indices into the pairs; ``query``/``reference``: where the last shingle starts."""

    query: int
    reference: int
    runs: list[slice] = field(default_factory=list)
    size: int = 0

    def drift(self, query: int, reference: int) -> int | None:
        """How unevenly the two texts go on from here to there; ``None`` if this passage cannot go on there."""
        ahead, behind = query - self.query, reference - self.reference
        if 0 < ahead <= MAX_GAP and 0 < behind <= MAX_GAP and abs(ahead - behind) <= MAX_DRIFT:
            return abs(ahead - behind)
        return None

    def extend(self, run: slice, query: int, reference: int) -> None:
        self.runs.append(run)
        self.size += run.stop - run.start
        self.query, self.reference = query, reference


def passages(query: Shingles, reference: Shingles, query_at: I64, reference_at: I64, weights: F64) -> tuple[Passage, ...]:
    """The passages two texts share, in order of the query.

    ``query_at``/``reference_at``: int64, (n,), index pairs of equal shingles, in any order. ``weights``: float64, units of
    each query shingle. Each shingle of either text counts in one passage at most, the longest that wants it, so what stands
    once in one text and ten times in the other weighs once.
    """
    order = np.lexsort((query_at, reference_at - query_at))
    query_at, reference_at = query_at[order], reference_at[order]
    free_query, free_reference = np.ones(len(query), np.bool_), np.ones(len(reference), np.bool_)
    found = []
    for chain in sorted(_chains(query, reference, query_at, reference_at), key=lambda c: -c.size):
        at = np.concatenate([np.arange(run.start, run.stop) for run in chain.runs])
        at = at[free_query[query_at[at]] & free_reference[reference_at[at]]]
        if len(at) >= MIN_SHINGLES and weights[query_at[at]].sum() >= MIN_UNITS:
            free_query[query_at[at]] = free_reference[reference_at[at]] = False
            found.append(_passage(query, reference, query_at[at], reference_at[at], weights))
    return tuple(sorted(found, key=lambda p: (p.query_start, p.reference_start)))


def _passage(query: Shingles, reference: Shingles, query_at: I64, reference_at: I64, weights: F64) -> Passage:
    (q, q_last), (r, r_last) = query_at[[0, -1]], reference_at[[0, -1]]
    in_query = int(query.starts[q]), int(query.ends[q_last])
    in_reference = int(reference.starts[r]), int(reference.ends[r_last])
    return Passage(*in_query, *in_reference, float(weights[query_at].sum()))


def _runs(query: Shingles, query_at: I64, reference_at: I64) -> list[slice]:
    """Pairs that follow one another shingle by shingle in both texts, as slices, in order of the query."""
    cuts = np.flatnonzero((np.diff(query_at) != 1) | (np.diff(reference_at) != 1)) + 1
    begins, ends = np.append(0, cuts), np.append(cuts, len(query_at))
    order = np.lexsort((reference_at[begins], query.starts[query_at[begins]]))
    return [slice(a, b) for a, b in zip(begins[order].tolist(), ends[order].tolist(), strict=True)]


def _chains(query: Shingles, reference: Shingles, query_at: I64, reference_at: I64) -> list[_Chain]:
    """Join each run to the passage it continues most evenly, else begin one.

    Passages that can still go on are kept by diagonal (reference offset less query offset) in steps of MAX_DRIFT, the latest
    of each step, so the work is linear in the runs.
    """
    chains: list[_Chain] = []
    latest: dict[int, _Chain] = {}
    q_starts, r_starts = query.starts[query_at].tolist(), reference.starts[reference_at].tolist()
    for run in _runs(query, query_at, reference_at) if len(query_at) else []:
        q, r = q_starts[run.start], r_starts[run.start]
        step = (r - q) // MAX_DRIFT
        near = [(latest[s].drift(q, r), s) for s in (step - 1, step, step + 1) if s in latest]
        possible = [(drift, s) for drift, s in near if drift is not None]
        if possible:
            chain = latest.pop(min(possible)[1])
        else:
            chains.append(chain := _Chain(q, r))
        chain.extend(run, q_starts[run.stop - 1], r_starts[run.stop - 1])
        latest[(chain.reference - chain.query) // MAX_DRIFT] = chain
    return chains
