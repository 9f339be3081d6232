"""Speed and size: ``python -m tests.benchmarks.speed [--corpus DIR] [--quick]``; prints a Markdown page and writes it.

Everything stands side by side in one process on one thread, in turns, as CPU time: on a busy machine compare the ratios.
"""

import argparse
import cProfile
import pstats
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import faiss
import numpy as np

from app.demo.camera import expose, jpeg
from detectors.registry import AssetChange
from detectors.types import Asset, AssetKind, Level, Reference
from fingerprints.extraction import Extractor
from fingerprints.images import decode
from fingerprints.layout import Layout, outside
from fingerprints.ocr import open_reader
from fingerprints.snapshot import Snapshot
from fingerprints.types import U8, Keypoints, Limits, Line, Picture, Quad, Strip
from tests.benchmarks import corpus as corpora
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.growth import cpu, grown, growth_table, kinds, snapshot_table, together_table
from tests.benchmarks.inprocess import Pipeline
from tests.benchmarks.markdown import table
from tests.benchmarks.measure import pixels
from tests.benchmarks.opponents import pdq, phash
from tests.benchmarks.run import RESULTS
from tests.benchmarks.samples import Sample
from tests.benchmarks.tables import machine

PDQ, PHASH, FIRST, REPEATED = (
    "PDQ: hash and look-up",
    "imagehash and brute force",
    "full inspection, first seen",
    "the same, repeated",
)
_GROWTH = """A picture is asked of every index, one after the other: that query must take, among 100,000 references, at most 1.5
times as long as among 1,000. Alone, the perceptual index takes longer than that: a thousand hashes are next to nothing to look
through, and a million, which must take at most 5 ms, are not."""
STAGES = ("images", "perceptual", "codes", "keypoints", "keypoint_index", "geometry", "ocr", "text")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. ``photos``: their sizes in pixels, and how many of each."""

    references: int
    photos: tuple[tuple[int, int, int], ...]
    repeats: int
    queries: int
    pool: int
    keypoints: tuple[int, ...]
    perceptual: tuple[int, ...]
    text: tuple[int, ...]
    snapshot: int


_LARGE = (1_000, 10_000, 100_000)
FULL = Sizes(10_000, ((1200, 1600, 12), (3024, 4032, 12)), 3, 30, 40, _LARGE, (1_000, 100_000, 1_000_000), _LARGE, 100_000)
QUICK = Sizes(20, ((300, 400, 2),), 1, 2, 4, (10, 20), (20, 40), (20, 40), 20)


class _Mute:
    """An engine that reads nothing, for pictures of which only the look is wanted."""

    name = "mute"

    def read(self, picture: Picture) -> tuple[Line, ...]:
        return ()

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        return Layout.of(outside(self.read(picture), beside))

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        return tuple(Strip("", 0.0) for _ in quads)


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.speed", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.csv to take photographs from; without it, drawn ones")
    parser.add_argument("--quick", action="store_true", help="small sizes: that it works, not how fast")
    parser.add_argument("--largest", type=int, help="leave out sizes above, where memory is short")
    parser.add_argument("--only", choices=("inspection", "growth", "snapshot"), help="one part")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the tables")
    options = parser.parse_args(words)
    cv2.setNumThreads(1)
    faiss.omp_set_num_threads(1)
    page = "\n\n".join([f"# Speed and size\n\n{machine()}", *_parts(options, QUICK if options.quick else FULL)]) + "\n"
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "speed.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def _parts(options: argparse.Namespace, sizes: Sizes) -> list[str]:
    photos = photographs(options.corpus, sizes.pool + 3 * sum(count for *_, count in sizes.photos))
    crowd = Crowd(details([jpeg(pixels(sample.load()), 90) for sample in photos[: sizes.pool]]))
    largest = options.largest or max(*sizes.keypoints, *sizes.perceptual)
    parts, indexes = [], Snapshot()
    if options.only in (None, "inspection"):
        parts += inspection(sizes, (pixels(sample.load()) for sample in photos[sizes.pool :]), crowd)
    if options.only in (None, "growth"):
        parts += growth(sizes, crowd, largest, indexes)
    if options.only in (None, "snapshot"):
        parts += ["## Snapshot", snapshot_table(crowd, min(sizes.snapshot, largest), indexes.keypoints, _say)]
    return parts


def growth(sizes: Sizes, crowd: Crowd, largest: int, indexes: Snapshot) -> list[str]:
    """Every index alone, and all of them together: what a registry is asked about one picture. ``indexes``: filled here."""
    measured = {}
    for kind in kinds(crowd):
        some = [size for size in getattr(sizes, kind.name) if size <= largest]
        measured[kind.name] = grown(kind, getattr(indexes, kind.name), some, sizes.queries, _say)
    alone = [growth_table(name, points) for name, points in measured.items()]
    return ["## Index growth", _GROWTH, together_table(measured), *alone]


def photographs(folder: Path | None, count: int) -> list[Sample]:
    """Photographs that show no page or screen, in a mixed order."""
    corpus = corpora.drawn(0, 10 * count, 7) if folder is None else corpora.read(folder, 0, 0)
    everyday = [one for one in corpus.benign if one.kind == "equipment" and one.form not in ("meme", "notice", "machine")]
    return [everyday[index] for index in np.random.default_rng(0).permutation(len(everyday))[:count]]


def as_taken(picture: U8, width: int, height: int, seed: int) -> bytes:
    """As a phone's camera of that many pixels would have stored it: upright, as noisy as a sensor is, JPEG quality 90."""
    upright = picture if (picture.shape[0] > picture.shape[1]) == (height > width) else np.ascontiguousarray(np.rot90(picture))
    factor = max(width / upright.shape[1], height / upright.shape[0])
    across, down = max(width, round(upright.shape[1] * factor)), max(height, round(upright.shape[0] * factor))
    large = cv2.resize(upright, (across, down), interpolation=cv2.INTER_CUBIC)[:height, :width]
    return jpeg(expose(np.ascontiguousarray(large, np.uint8), np.random.default_rng(seed)), 90)


def details(files: Sequence[bytes]) -> list[Keypoints]:
    """Keypoints as an owner's registration makes them."""
    extractor = Extractor(_Mute())
    prints = [part.fingerprints for data in files for part in extractor.fingerprint(data, "picture").parts]
    return [one.keypoints for one in prints if one.keypoints is not None]


def inspection(sizes: Sizes, pictures: Iterable[U8], crowd: Crowd) -> list[str]:
    """Ours beside theirs, and where our time goes. Pictures in which something can be read are passed over."""
    _say(f"inspection: {sizes.references:,} references")
    reader = open_reader("rapidocr", 1)
    system = filled(Pipeline(_Mute(), reader), crowd, sizes.references)
    left = iter(pictures)
    cases: dict[str, Callable[[bytes], object]] = {
        PDQ: pdq(sizes.references),
        PHASH: phash(sizes.references),
        FIRST: system.inspect,
    }
    parts = [f"## Full inspection, {sizes.references:,} references registered"]
    for width, height, count in sizes.photos:
        taken = (as_taken(picture, width, height, number) for number, picture in enumerate(left))
        files = list(islice((data for data in taken if not reader.read(decode(data, Limits()))), count))
        _say(f"inspection: {width} × {height}")
        times = turns(cases, files, sizes.repeats)
        parts.append(side_by_side(times, f"{width} × {height} pixels, {count} photographs, {sizes.repeats} times"))
        parts.append(profiled(system, [data + b"\0" * 9 for data in files]))
    return parts


def filled(system: Pipeline, crowd: Crowd, count: int) -> Pipeline:
    """With ``count`` synthetic assets of one picture and one asset tag each, so that codes are looked for."""
    for number, prints in enumerate(crowd.fingerprints(count)):
        asset = Asset(f"c{number}", "", AssetKind.EQUIPMENT, Level.SECRET, tags=(f"INV-{number:07}",))
        reference = Reference(f"c{number}/0", asset.id, "")
        system.registry.apply(AssetChange(system.registry.checkpoint + 1, asset.id, asset, ((reference, prints),)))
    return system


def turns(cases: dict[str, Callable[[bytes], object]], files: Sequence[bytes], repeats: int) -> dict[str, list[float]]:
    """CPU milliseconds of every case on every file, one after the other; a zero byte at the end makes a file a new one.

    Right after its first inspection each file is inspected again.
    """
    times: dict[str, list[float]] = {name: [] for name in (*cases, REPEATED)}
    for work in cases.values():
        work(files[0] + b"\0" * 99)
    for repeat in range(repeats):
        for data in files:
            fresh = data + b"\0" * repeat
            for name, work in cases.items():
                times[name].append(cpu(partial(work, fresh))[1])
            times[REPEATED].append(cpu(partial(cases[FIRST], fresh))[1])
    return times


def side_by_side(times: dict[str, list[float]], title: str) -> str:
    """Medians, and what they are of PDQ's."""
    whole = float(np.median(times[PDQ]))
    rows = [
        (name, f"{np.median(spent):.1f}", f"{np.quantile(spent, 0.95):.1f}", f"{np.median(spent) / whole:.2f}")
        for name, spent in times.items()
    ]
    return table((title, "CPU ms, median", "p95", "× PDQ"), rows)


def profiled(system: Pipeline, files: Sequence[bytes]) -> str:
    """CPU inside each module of `fingerprints`, whatever it calls included; measured apart, for the profiler itself costs."""
    profile = cProfile.Profile()
    for data in files:
        profile.runcall(system.inspect, data)
    spent = dict.fromkeys(STAGES, 0.0)
    for (file, _, _), (*_, callers) in vars(pstats.Stats(profile))["stats"].items():
        if Path(file).stem in spent and Path(file).parent.name == "fingerprints":
            spent[Path(file).stem] += sum(called[3] for (caller, _, _), called in callers.items() if caller != file)
    rows = [(f"`{stage}`", f"{seconds * 1000 / len(files):.1f}") for stage, seconds in spent.items() if seconds > 0]
    return table(("where it goes, first seen: module with all it calls", "ms, mean"), rows)


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    main()
