"""How the indexes grow: time of a query, of adding, bytes in memory, at ever more references; and a snapshot saved and loaded."""

import ctypes
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints import codec
from fingerprints.keypoint_index import KeypointIndex
from fingerprints.snapshot import Snapshot
from fingerprints.types import Change, Fingerprints
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.markdown import table

_DUMPED = 1_000  # so many are enough to tell how many bytes one takes


@dataclass(frozen=True, slots=True)
class Point:
    """One index at one size. Milliseconds of CPU, medians; ``resident``: bytes of this process a reference."""

    size: int
    stranger_ms: float
    copy_ms: float
    copies_found: str
    add_ms: float
    resident: float


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fingerprint: how one is made, and what a copy of it looks like."""

    name: str
    make: Callable[[], Any]
    copy: Callable[[Any], Any]


def kinds(crowd: Crowd) -> tuple[Kind, ...]:
    """What a snapshot indexes by likeness."""
    return (
        Kind("keypoints", crowd.keypoints, crowd.copy),
        Kind("perceptual", crowd.perceptual, lambda one: one),
        Kind("text", crowd.shingles, lambda one: one),
    )


def grown(kind: Kind, index: Any, sizes: Sequence[int], queries: int, progress: Callable[[str], None]) -> list[Point]:
    """An empty index, filled to each size in turn, and asked for so many strangers and so many copies.

    Its keys are there before: a registry holds them anyway, and all its indexes the same.
    """
    points: list[Point] = []
    last: list[tuple[str, Any]] = []
    keys = [f"k{number}" for number in range(max(sizes, default=0))]
    before = resident()
    for size in sizes:
        progress(f"{kind.name}: {size:,}")
        while len(index) < size:
            one = kind.make()
            last = [*last[1 - queries :], (keys[len(index)], one)]
            index.add(last[-1][0], one)
        index.search(kind.make())
        points.append(_point(kind, index, last, (resident() - before) / size))
    return points


def _point(kind: Kind, index: Any, last: Sequence[tuple[str, Any]], held: float) -> Point:
    size = len(index)
    strangers = [cpu(partial(index.search, kind.make()))[1] for _ in last]
    copies = [(key, *cpu(partial(index.search, kind.copy(one)))) for key, one in last]
    found = sum(bool(hits) and hits[0].key == key for key, hits, _ in copies)
    adding = [cpu(partial(index.add, f"extra {number}", kind.make()))[1] for number in range(len(last))]
    for number in range(len(last)):
        index.remove(f"extra {number}")
    spent = (_median(strangers), _median([ms for *_, ms in copies]), _median(adding))
    return Point(size, spent[0], spent[1], f"{found}/{len(last)}", spent[2], held)


def growth_table(kind: str, points: Sequence[Point]) -> str:
    """Times beside those of the smallest size."""
    rows = [
        (
            f"{one.size:,}",
            f"{one.stranger_ms:.2f}",
            f"{one.stranger_ms / points[0].stranger_ms:.2f}",
            f"{one.copy_ms:.2f}",
            one.copies_found,
            f"{one.add_ms:.3f}",
            f"{one.resident:,.0f}",
        )
        for one in points
    ]
    head = (
        f"{kind}: references",
        "query, ms",
        "× the smallest",
        "query that is a copy, ms",
        "copy first",
        "add, ms",
        "bytes each, keys apart",
    )
    return table(head, rows)


def together_table(measured: Mapping[str, Sequence[Point]]) -> str:
    """What a picture costs that is asked of every index, one after the other: at the sizes at which all were measured."""
    by_size = [{point.size: point for point in points} for points in measured.values()]
    sizes = sorted(set.intersection(*(set(points) for points in by_size)))
    spent = [[points[size].stranger_ms for points in by_size] for size in sizes]
    rows = [
        (f"{size:,}", *(f"{ms:.2f}" for ms in each), f"{sum(each):.2f}", f"{sum(each) / sum(spent[0]):.2f}")
        for size, each in zip(sizes, spent, strict=True)
    ]
    return table(("all indexes together: references", *(f"{kind}, ms" for kind in measured), "query, ms", "× the smallest"), rows)


def snapshot_table(crowd: Crowd, size: int, keypoints: KeypointIndex, progress: Callable[[str], None]) -> str:
    """A whole snapshot: a registration matched while it stands there, saved, and loaded. Wall seconds: what one waits for.

    ``keypoints``: details of ``size`` references or of fewer, from ``grown``; they take longer to make than all the rest.
    """
    progress(f"snapshot: {size:,}")
    some = min(size, _DUMPED)
    full = (prints for change in registrations(crowd, some) for prints in change.put.values())
    stored = sum(len(data) for prints in full for data in codec.dump(prints).values())
    snapshot = _filled(crowd, size, keypoints)
    rows = [
        ("stored fingerprints, bytes a reference", f"{stored / some:,.0f}"),
        ("from registering to matched, s (must: at most 2)", _matched(snapshot, crowd)),
        *_saved(snapshot),
    ]
    return table((f"a snapshot of {size:,} references, half of them with text", "measured"), rows)


def _filled(crowd: Crowd, size: int, keypoints: KeypointIndex) -> Snapshot:
    snapshot = Snapshot()
    for number in range(size):
        full = Fingerprints(f"{number:064x}", crowd.perceptual(), None, crowd.shingles() if number % 2 else None)
        snapshot.apply(Change(number + 1, put={f"k{number}": full}))
    while len(keypoints) < size:
        keypoints.add(f"k{len(keypoints)}", crowd.keypoints())
    snapshot.keypoints = keypoints
    return snapshot


def registrations(crowd: Crowd, count: int) -> Iterator[Change]:
    """``count`` references, half of them with text, one a change."""
    for number, prints in enumerate(crowd.fingerprints(count)):
        full = Fingerprints(prints.digest, prints.perceptual, prints.keypoints, crowd.shingles() if number % 2 else None)
        yield Change(number + 1, put={f"k{number}": full})


def _matched(snapshot: Snapshot, crowd: Crowd) -> str:
    fresh = next(crowd.fingerprints(1))
    assert fresh.keypoints is not None
    began = time.perf_counter()
    snapshot.apply(Change(snapshot.checkpoint + 1, put={"fresh": fresh}))
    hits = snapshot.keypoints.search(crowd.copy(fresh.keypoints))
    seconds = time.perf_counter() - began
    snapshot.apply(Change(snapshot.checkpoint + 1, remove=("fresh",)))
    return f"{seconds:.3f}" if hits and hits[0].key == "fresh" else "never"


def _saved(snapshot: Any) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="leakwatch-bench-") as folder:
        began = time.perf_counter()
        snapshot.save(Path(folder))
        saved = time.perf_counter()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        again: Any = type(snapshot).load(Path(folder))
        loaded = time.perf_counter()
    assert len(again.keypoints) == len(snapshot.keypoints)
    return [
        ("saved, s", f"{saved - began:.2f}"),
        ("saved, bytes a reference", f"{size / max(1, len(snapshot.exact)):,.0f}"),
        ("loaded, s (must: at most 30)", f"{loaded - saved:.2f}"),
    ]


def cpu(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and milliseconds of CPU."""
    began = time.process_time()
    result = work()
    return result, (time.process_time() - began) * 1000


def resident() -> int:
    """Bytes of memory this process holds now, of what was freed nothing (Linux, glibc)."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))
