"""Run the benchmark: ``python -m tests.benchmarks.run [--corpus DIR] …``; prints a Markdown page and writes it."""

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import cv2
import faiss

from fingerprints.ocr import open_reader
from tests.benchmarks import corpus as corpora
from tests.benchmarks import kept, looks, operating_points
from tests.benchmarks.attacks import FAMILIES, chosen
from tests.benchmarks.inprocess import Pipeline
from tests.benchmarks.kept import Kept, keeping
from tests.benchmarks.measure import FRESH, Plan, Results, inspect, register, to_first_match
from tests.benchmarks.samples import Corpus
from tests.benchmarks.served import served
from tests.benchmarks.tables import report

RESULTS = Path(__file__).parent / "results"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.run", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.csv; without it, pictures are drawn")
    parser.add_argument("--references", type=int, default=1000, help="how many pictures to register; drawn ones fill up")
    parser.add_argument("--queries", type=int, default=60, help="registered pictures to attack with each seed")
    parser.add_argument("--attacks", choices=("few", "all", *FAMILIES), default="all", help="one of each kind, all, or a family")
    parser.add_argument("--benign", type=int, help="pictures that must match nothing; all there are, or 300 drawn")
    parser.add_argument("--siblings", type=int, default=60, help="unregistered pages of registered templates, posted five ways")
    parser.add_argument("--pairs", type=int, default=30, help="pictures that show two assets, with each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="each attacks other pictures in other ways")
    parser.add_argument("--jobs", type=int, default=1, help="processes; each registers everything and takes some of the seeds")
    parser.add_argument("--engine", default="rapidocr", choices=("rapidocr", "tesseract"))
    parser.add_argument("--cache", type=Path, default=kept.FOLDER, help="keeps drawn pictures, and what owners' pictures say")
    parser.add_argument("--no-cache", action="store_true", help="keep nothing from one run to the next")
    parser.add_argument("--attacked-cache", type=Path, help="keeps attacked copies as well (about 0.3 MB each)")
    parser.add_argument("--no-server", action="store_true", help="leave out registering over HTTP")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the tables")
    parser.add_argument("--details", type=Path, help="also write one JSON line a message here: all that was matched and weighed")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    options = arguments(words)
    parts = _measured(options)
    results = Results([look for part in parts for look in part.looks])
    results.to_first_match_ms = [ms for part in parts for ms in part.to_first_match_ms]
    corpus = opened(options)
    page = report(corpus, results)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / f"{corpus.name}.md").write_text(page, encoding="utf-8")
    (options.output / f"{corpus.name}_operating_points.md").write_text(operating_points.page(results.looks), encoding="utf-8")
    if options.details:
        options.details.write_text(looks.dump(results.looks), encoding="utf-8")
    sys.stdout.write(page)


def opened(options: argparse.Namespace) -> Corpus:
    """The corpus asked for."""
    keep = Kept(None if options.no_cache else options.cache)
    if options.corpus:
        return corpora.read(options.corpus, options.references, options.seeds[0], options.siblings, keep)
    benign = 300 if options.benign is None else options.benign
    return corpora.drawn(options.references, benign + FRESH, options.seeds[0], keep)


def _measured(options: argparse.Namespace) -> list[Results]:
    """One result a process; the first seed's also inspects what no seed changes."""
    jobs = min(options.jobs, len(options.seeds))
    shares = [options.seeds[job::jobs] for job in range(jobs)]
    if jobs == 1:
        return [_seeds(options, options.seeds)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(_seeds, repeat(options), shares))


def _seeds(options: argparse.Namespace, seeds: list[int]) -> Results:
    _alone()
    corpus = opened(options)
    system = _system(options)
    owners = register(system, corpus, _Progress())
    copies = Kept(options.attacked_cache)
    plan = Plan(chosen(options.attacks), options.queries, options.benign, options.siblings, options.pairs, copies)
    results = Results()
    for seed in seeds:
        results.looks += inspect(system, owners, corpus, plan, seed, _Progress(), seed == options.seeds[0])
    if options.seeds[0] in seeds and not options.no_server:
        with served(system.registered) as server:
            results.to_first_match_ms = to_first_match(server, corpus)
    return results


def _system(options: argparse.Namespace) -> Pipeline:
    keep = Kept(None if options.no_cache else options.cache)
    return Pipeline(keeping(open_reader(options.engine, 1), keep), open_reader(options.engine, 1))


def _alone() -> None:
    """One thread, so that CPU time is what one picture costs."""
    cv2.setNumThreads(1)
    faiss.omp_set_num_threads(1)


class _Progress:
    """Says now and then how far it is, and how long it will take."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said < 10 or not done:
            return
        self._said = now
        left = (now - self._began) / done * (total - done)
        sys.stderr.write(f"{stage} {done}/{total}, about {left / 60:.0f} min left\n")


if __name__ == "__main__":
    main()
