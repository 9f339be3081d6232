"""Who had it from whom: ``python -m tests.benchmarks.spread [--corpus DIR]``; prints a Markdown page and writes it.

Cascades are played with known truth (``app/demo/cascades.py``): pictures are passed on, compressed again, cut, captioned,
shown in screenshots and photographed by people in several channels, and fingerprinted as the service does. What is traced is
held against the truth, beside simple peers that are given the same stated forwards. ``--fit`` plays other cascades, and prints
the weights that they teach (``detectors/spread/likely.py``).
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from app.demo import blueprints, pages
from app.demo.camera import jpeg, print_photo, screen_photo
from app.demo.cascades import Habits, Post, play
from app.demo.equipment import photograph
from detectors.spread.cascade import Cascade, Seen
from detectors.spread.likely import Known
from detectors.spread.tracing import trace
from fingerprints.types import U8
from tests.benchmarks import corpus as corpora
from tests.benchmarks.logit import Choice, choices, fitted
from tests.benchmarks.markdown import share, table
from tests.benchmarks.measure import pixels
from tests.benchmarks.run import RESULTS
from tests.benchmarks.samples import chosen
from tests.benchmarks.tables import machine
from tests.cascades import chatter, sightings, truth, watched

Parents = Mapping[str, str | None]
Peer = Callable[[Sequence[Seen]], Parents]
TWO = 0.25
"""Share of cascades that begin with two photos of the same thing, each posted by somebody."""
_BINS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001)
_FIT_FROM, _FIT_SIZES = 5000, (10, 40, 120, 300)


@dataclass(frozen=True, slots=True)
class Setting:
    """``stated``: share of what is passed on inside an application whose origin is stated. ``known``: share of the people in a
    channel who are known to be there. ``watched``: share of the channels that are.
    """

    stated: float
    known: float = 0.5
    watched: float = 1.0


SETTINGS = (Setting(0.0), Setting(0.5), Setting(0.0, known=0.0), Setting(0.5, watched=0.7))
SIZES, QUICK = {10: 24, 100: 6, 500: 2}, {10: 2}


@dataclass(frozen=True, slots=True)
class Played:
    """A cascade with all its origins stated, and its sightings."""

    size: int
    seed: int
    posts: Sequence[Post]
    seen: Sequence[Seen]

    def under(self, setting: Setting) -> "Case":
        """As it would be seen so."""
        posts = watched(self.posts, setting.watched, self.seed)
        ids = {post.id for post in posts}
        rng = np.random.default_rng([self.seed, 65])
        told = {post.id for post in self.posts if rng.random() < setting.stated}
        seen = [one if one.id in told else replace(one, forwarded_from=None) for one in self.seen if one.id in ids]
        known = chatter(posts, setting.known, self.seed)
        return Case(self.size, setting, seen, known, truth(self.posts, ids), {post.id: post.way for post in posts})


@dataclass(frozen=True, slots=True)
class Case:
    """What the tracer is given, and the truth. ``ways``: what was done to each."""

    size: int
    setting: Setting
    seen: Sequence[Seen]
    known: Known
    parents: Parents
    ways: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """One case, traced. ``seconds``: of CPU."""

    case: Case
    cascade: Cascade
    seconds: float

    def parents(self) -> Parents:
        """With an origin that was not seen counting as none."""
        found = {one.id: self.cascade.parent_of(one.id) for one in self.case.seen}
        return {id: edge.parent if edge and edge.parent in found else None for id, edge in found.items()}


def originals(folder: Path | None, seed: int) -> list[bytes]:
    """One photo, or two of the same thing."""
    rng = np.random.default_rng([seed, 66])
    count = 1 + int(rng.random() < TWO)
    if folder is not None:
        sample = chosen(corpora.read(folder, 10**6, 0).references, 1, rng)[0]
        photo = pixels(sample.load())
        return [sample.load()] + [jpeg(print_photo(photo, seed), 88)] * (count - 1)
    number = int(rng.integers(10_000))
    taken: Callable[[int], U8] = (
        lambda turn: print_photo(pages.official(number).pixels, number + turn),
        lambda turn: photograph(number % 40, -14.0 + 9 * turn, 15, 5.0, background_seed=number % 5),
        lambda turn: screen_photo(pages.memo(number).pixels, number + turn),
        lambda turn: print_photo(blueprints.drawing(number).pixels, number + turn),
    )[seed % 4]
    return [jpeg(taken(turn), 88) for turn in range(count)]


def played(size: int, seed: int, folder: Path | None) -> Played:
    """The same for the same size and seed."""
    posts = play(originals(folder, seed), size, seed, Habits(stated=1.0))
    return Played(size, seed, posts, sightings(posts))


def judged(case: Case) -> Judged:
    """Traced, and timed."""
    began = time.process_time()
    cascade = trace(case.seen, case.known)
    return Judged(case, cascade, time.process_time() - began)


# --- peers


def star(seen: Sequence[Seen]) -> Parents:
    """All came from the earliest."""
    first = min(seen, key=lambda one: (one.at, one.id))
    return {one.id: None if one is first else first.id for one in seen}


def chain(seen: Sequence[Seen]) -> Parents:
    """Each came from the one before it."""
    ordered = sorted(seen, key=lambda one: (one.at, one.id))
    return {one.id: before.id if before else None for one, before in zip(ordered, [None, *ordered], strict=False)}


def same_file(seen: Sequence[Seen]) -> Parents:
    """Each came from the last of the same bytes before it; if there is none, from the earliest of all."""
    last: dict[str, str] = {}
    found: dict[str, str | None] = {}
    ordered = sorted(seen, key=lambda one: (one.at, one.id))
    for one in ordered:
        found[one.id] = last.get(one.digest, ordered[0].id if one is not ordered[0] else None)
        last[one.digest] = one.id
    return found


PEERS: Mapping[str, Peer] = {"earliest": star, "previous": chain, "previous of the same file": same_file}


def with_stated(peer: Peer, seen: Sequence[Seen]) -> Parents:
    """A peer that is told the same."""
    ids = {(one.gateway, one.channel_id, one.message_id): one.id for one in seen}
    stated = {one.id: ids.get((one.gateway, *one.forwarded_from)) for one in seen if one.forwarded_from is not None}
    return {**peer(seen), **stated}


# --- tables


def report(results: Sequence[Judged]) -> str:
    """The page."""
    head = "Right: the parent found, or none, is the true one. Its parent's file: it has the true one's bytes."
    parts = ["# Who had it from whom", machine(), head, _edges(results), _ways(results), _calibration(results), _firsts(results)]
    return "\n\n".join(parts) + "\n"


def _groups(results: Sequence[Judged]) -> Iterator[tuple[int, Setting, list[Judged]]]:
    for size in dict.fromkeys(one.case.size for one in results):
        for setting in dict.fromkeys(one.case.setting for one in results):
            if some := [one for one in results if (one.case.size, one.case.setting) == (size, setting)]:
                yield size, setting, some


def _edges(results: Sequence[Judged]) -> str:
    names = ("right", "its parent's file", "of inferred", *(f"peer: {name}" for name in PEERS), "seconds")
    rows = [(*_named(size, setting), *_right(some)) for size, setting, some in _groups(results)]
    return table(("posts", "stated", "known", "watched", "cascades", *names), rows)


def _named(size: int, setting: Setting) -> tuple[object, ...]:
    return size, f"{setting.stated:.0%}", f"{setting.known:.0%}", f"{setting.watched:.0%}"


def _right(some: Sequence[Judged]) -> tuple[object, ...]:
    pairs = [(one.case, one.parents()) for one in some]
    peers = [[(case, with_stated(peer, case.seen)) for case, _ in pairs] for peer in PEERS.values()]
    inferred = partial(_share, which=_is_inferred)
    seconds = max(one.seconds for one in some)
    return len(some), _share(pairs), _share(pairs, files=True), inferred(pairs), *map(_share, peers), f"{seconds:.2f}"


def _is_inferred(case: Case, id: str) -> bool:
    return next(one for one in case.seen if one.id == id).forwarded_from is None and case.parents[id] is not None


def _share(
    pairs: Sequence[tuple[Case, Parents]], files: bool = False, which: Callable[[Case, str], bool] = lambda case, id: True
) -> str:
    held = [
        _same(case, parents[id], true, files) for case, parents in pairs for id, true in case.parents.items() if which(case, id)
    ]
    return f"{np.mean(held):.3f}" if held else "–"


def _same(case: Case, parent: str | None, true: str | None, files: bool) -> bool:
    digests = {one.id: one.digest for one in case.seen} if files else {}
    return parent == true or (files and None not in (parent, true) and digests[str(parent)] == digests[str(true)])


def _ways(results: Sequence[Judged]) -> str:
    """Of inferred edges, by what was done to the picture."""
    rows = []
    for way in dict.fromkeys(way for one in results for way in one.case.ways.values()):
        held = [(_same(one.case, p, t, False), _same(one.case, p, t, True)) for one in results for p, t in _of_way(one, way)]
        if held:
            right, files = np.sum(held, axis=0).tolist()
            rows.append((way, share(right, len(held)), share(files, len(held))))
    return "## By what was done\n\n" + table(("way", "right", "its parent's file"), rows)


def _of_way(one: Judged, way: str) -> Iterator[tuple[str | None, str | None]]:
    parents = one.parents()
    for seen in one.case.seen:
        if one.case.ways[seen.id] == way and seen.forwarded_from is None:
            yield parents[seen.id], one.case.parents[seen.id]


def _calibration(results: Sequence[Judged]) -> str:
    edges = [
        (edge.confidence, edge.parent == one.case.parents[edge.child])
        for one in results
        for edge in one.cascade.edges
        if edge.how == "inferred"
    ]
    rows = []
    for low, high in pairwise(_BINS):
        inside = [(told, right) for told, right in edges if low <= told < high]
        if inside:
            told, right = np.mean(inside, axis=0)
            rows.append((f"{low:g} to {min(high, 1):g}", len(inside), f"{told:.3f}", f"{right:.3f}"))
    return "## Confidence of inferred edges\n\n" + table(("confidence", "edges", "stated, mean", "right"), rows)


def _firsts(results: Sequence[Judged]) -> str:
    rows = []
    for size, setting, some in _groups(results):
        first = [one.cascade.firsts[0].seen == min(one.case.seen, key=lambda s: (s.at, s.id)).id for one in some]
        true = [{id for id, parent in one.case.parents.items() if parent is None} for one in some]
        found = [set(one.cascade.roots) for one in some]
        hits = sum(len(a & b) for a, b in zip(true, found, strict=True))
        rows.append(
            (*_named(size, setting), share(sum(first), len(first)), share(hits, sum(map(len, true))), sum(map(len, found)) - hits)
        )
    return "## Beginnings\n\n" + table(
        ("posts", "stated", "known", "watched", "first poster right", "beginnings found", "others taken for one"), rows
    )


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.spread", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.csv to take pictures from; without it, drawn ones")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="two small cascades: that it works, not how well")
    parser.add_argument("--fit", type=int, metavar="CASCADES", help="print the weights that so many other cascades teach")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the table")
    options = parser.parse_args(words)
    cv2.setNumThreads(1)
    if options.fit:
        sys.stdout.write(_taught(options.fit, options.corpus))
        return
    results = []
    for size, count in (QUICK if options.quick else SIZES).items():
        for number in range(count):
            one = played(size, options.seed + number, options.corpus)
            results += [judged(one.under(setting)) for setting in SETTINGS]
            sys.stderr.write(f"{size} posts: {number + 1} of {count}\n")
    page = report(results)
    name = f"spread_{options.corpus.name}.md" if options.corpus else "spread.md"
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / name).write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def _taught(count: int, folder: Path | None) -> str:
    made: list[Choice] = []
    for number in range(count):
        one = played(_FIT_SIZES[number % len(_FIT_SIZES)], _FIT_FROM + number, folder)
        for setting in SETTINGS:
            case = one.under(setting)
            made += choices(case.seen, case.known, case.parents)
        sys.stderr.write(f"{number + 1} of {count}: {len(made)} choices\n")
    return "".join(f'    "{name}": {value:.3f},\n' for name, value in fitted(made).items())


if __name__ == "__main__":
    main()
