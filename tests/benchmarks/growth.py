"""How the indexes grow: time of a query, of adding, bytes in memory, at ever more references; and a snapshot saved and loaded."""

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints import codec
from fingerprints.snapshot import Snapshot
from fingerprints.types import Change, Fingerprints
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.markdown import table


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


def grown(kind: Kind, sizes: Sequence[int], queries: int, progress: Callable[[str], None]) -> list[Point]:
    """One index, filled to each size in turn, and asked for so many strangers and so many copies."""
    index = getattr(Snapshot(), kind.name)
    points: list[Point] = []
    last: list[tuple[str, Any]] = []
    gc.collect()
    before = resident()
    for size in sizes:
        progress(f"{kind.name}: {size:,}")
        while len(index) < size:
            one = kind.make()
            last = [*last[1 - queries :], (f"k{len(index)}", one)]
            index.add(last[-1][0], one)
        index.search(kind.make())
        gc.collect()
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
        "bytes each",
    )
    return table(head, rows)


def snapshot_table(crowd: Crowd, size: int, progress: Callable[[str], None]) -> str:
    """A whole snapshot: a registration matched while it stands there, saved, and loaded. Wall seconds: what one waits for."""
    snapshot, stored = Snapshot(), 0
    progress(f"snapshot: {size:,}")
    for change in registrations(crowd, size):
        stored += sum(len(data) for full in change.put.values() for data in codec.dump(full).values())
        snapshot.apply(change)
    rows: list[tuple[str, str]] = [("stored fingerprints, bytes a reference", f"{stored / size:,.0f}")]
    rows.append(("from registering to matched, s", _matched(snapshot, crowd)))
    if hasattr(snapshot, "save"):
        rows += _saved(snapshot)
    return table((f"a snapshot of {size:,} references, half of them with text", "measured"), rows)


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
        ("loaded, s", f"{loaded - saved:.2f}"),
    ]


def cpu(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and milliseconds of CPU."""
    began = time.process_time()
    result = work()
    return result, (time.process_time() - began) * 1000


def resident() -> int:
    """Bytes of memory this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))
