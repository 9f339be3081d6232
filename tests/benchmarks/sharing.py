"""What the detection processes of a machine share: ``python -m tests.benchmarks.sharing``; prints a Markdown page and writes it.

A snapshot is saved; then one, two and four processes load it and answer, first each from a copy in its own memory, then all from
the files as they lie in the machine's. A query is timed in one process that has it both ways, in turns.
"""

import argparse
import multiprocessing
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from app.demo.camera import jpeg
from fingerprints.snapshot import Snapshot
from fingerprints.types import Change, Keypoints
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.growth import cpu, registrations
from tests.benchmarks.held import Held, loaded, one_thread, work
from tests.benchmarks.markdown import table
from tests.benchmarks.measure import pixels
from tests.benchmarks.run import RESULTS
from tests.benchmarks.speed import details, photographs
from tests.benchmarks.tables import machine

HOW = {False: "copied", True: "mapped"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """``later``: references registered after loading; as many of the saved ones are replaced."""

    references: int
    pool: int
    queries: int
    later: int
    repeats: int
    processes: tuple[int, ...]


FULL, QUICK = Sizes(20_000, 40, 20, 400, 5, (1, 2, 4)), Sizes(20, 4, 2, 2, 1, (2,))


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sharing", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.csv to take photographs from; without it, drawn ones")
    parser.add_argument("--quick", action="store_true", help="small sizes: that it works, not how much is shared")
    parser.add_argument("--references", type=int, help="another number of them")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the table")
    options = parser.parse_args(words)
    one_thread()
    sizes = QUICK if options.quick else FULL
    sizes = replace(sizes, references=options.references or sizes.references)
    photos = photographs(options.corpus, sizes.pool)
    crowd = Crowd(details([jpeg(pixels(photo.load()), 90) for photo in photos]))
    with tempfile.TemporaryDirectory(prefix="leakwatch-bench-") as folder:
        page = "\n\n".join([f"# Sharing\n\n{machine()}", *_parts(crowd, sizes, Path(folder) / "saved")]) + "\n"
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "sharing.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def _parts(crowd: Crowd, sizes: Sizes, folder: Path) -> list[str]:
    queries = _saved(crowd, sizes, folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    title = f"## {sizes.references:,} references, half of them with text: {_megabytes(size)} MB saved"
    return [title, _memory(folder, queries, sizes.processes), _times(crowd, sizes, folder, queries)]


def _saved(crowd: Crowd, sizes: Sizes, folder: Path) -> list[Keypoints]:
    """Copies of references that are in it, and as many strangers."""
    snapshot, queries = Snapshot(), list[Keypoints]()
    for change in registrations(crowd, sizes.references):
        snapshot.apply(change)
        seen = [one.keypoints for one in change.put.values() if one.keypoints is not None]
        if len(queries) < sizes.queries:
            queries += [asked for one in seen for asked in (crowd.copy(one), crowd.keypoints())]
    snapshot.save(folder)
    return queries


def _memory(folder: Path, queries: Sequence[Keypoints], processes: Sequence[int]) -> str:
    rows = [("nothing loaded", *_row([_together(1, None, False, queries)[0]]))]
    for mapped, how in HOW.items():
        rows += [(f"{how}, {count}", *_row(_together(count, folder, mapped, queries))) for count in processes]
    head = ("processes", "loaded, s", "RSS each, MB", "PSS each, MB", "USS each, MB", "PSS of all, MB")
    return table(head, rows)


def _row(held: Sequence[Held]) -> list[str]:
    medians = [float(np.median([getattr(one, name) for one in held])) for name in ("rss", "pss", "uss")]
    spent = f"{np.median([one.seconds for one in held]):.2f}"
    return [spent, *map(_megabytes, [*medians, sum(one.pss for one in held)])]


def _together(count: int, folder: Path | None, mapped: bool, queries: Sequence[Keypoints]) -> list[Held]:
    """So many processes at once."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(count), context.SimpleQueue()
    works = [context.Process(target=work, args=(folder, mapped, queries, barrier, answers)) for _ in range(count)]
    for one in works:
        one.start()
    held = [answers.get() for _ in works]
    for one in works:
        one.join()
    return held


def _times(crowd: Crowd, sizes: Sizes, folder: Path, queries: Sequence[Keypoints]) -> str:
    both = [loaded(folder, mapped) for mapped in HOW]
    rows = [("as saved", *_turns(both, queries, sizes.repeats))]
    for number, change in enumerate(registrations(crowd, 2 * sizes.later)):
        put = {f"later {key}" if number % 2 else key: one for key, one in change.put.items()}
        for snapshot in both:
            snapshot.apply(Change(sizes.references + number, put=put))
    rows.append((f"{sizes.later} more, {sizes.later} replaced", *_turns(both, queries, sizes.repeats)))
    return table(("a query", *(f"{how}, CPU ms" for how in HOW.values()), "mapped / copied"), rows)


def _turns(both: Sequence[Snapshot], queries: Sequence[Keypoints], repeats: int) -> list[str]:
    """Means over the queries of the least of some times. Raises AssertionError where the answers differ."""
    spent = np.full((len(queries), len(both)), np.inf)
    for number in [*range(len(queries))] * repeats:
        told = [cpu(partial(snapshot.keypoints.search, queries[number])) for snapshot in both]
        assert len({repr([(hit.key, hit.inliers, hit.homography.tolist()) for hit in hits]) for hits, _ in told}) == 1
        spent[number] = np.minimum(spent[number], [milliseconds for _, milliseconds in told])
    copied, mapped = spent.mean(axis=0).tolist()
    return [f"{copied:.1f}", f"{mapped:.1f}", f"{mapped / copied:.2f}"]


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f}"


if __name__ == "__main__":
    main()
