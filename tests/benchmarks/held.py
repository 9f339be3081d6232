"""What one process holds that has loaded a snapshot. It imports nothing but what loading and answering take: all else would be
imported by every process of a measurement.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import cv2
import faiss

from fingerprints.saved import reading
from fingerprints.snapshot import Snapshot, made
from fingerprints.types import Keypoints


@dataclass(frozen=True, slots=True)
class Held:
    """Of one process: seconds to load, and bytes of memory as /proc/self/smaps_rollup tells them (Linux)."""

    seconds: float
    rss: int
    pss: int
    uss: int


def loaded(folder: Path, mapped: bool) -> Snapshot:
    with reading(folder, made(), mapped) as source:
        return Snapshot.read(source)


def work(folder: Path | None, mapped: bool, queries: Sequence[Keypoints], barrier: Barrier, answers: "SimpleQueue[Held]") -> None:
    """Loads, answers, and counts its memory while all others hold theirs."""
    one_thread()
    began = time.perf_counter()
    snapshot = Snapshot() if folder is None else loaded(folder, mapped)
    seconds = time.perf_counter() - began
    for query in queries:
        snapshot.keypoints.search(query)
    barrier.wait()
    held = _held(seconds)
    barrier.wait()
    answers.put(held)


def one_thread() -> None:
    cv2.setNumThreads(1)
    faiss.omp_set_num_threads(1)


def _held(seconds: float) -> Held:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    told = {name: int(value.split()[0]) * 1024 for name, value in (line.split(":") for line in lines)}
    return Held(seconds, told["Rss"], told["Pss"], told["Private_Clean"] + told["Private_Dirty"])
