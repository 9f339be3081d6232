"""Run the benchmark: ``python -m tests.benchmarks.run [--corpus DIR] …``; prints a Markdown page and writes it."""

import argparse
import json
import sys
from pathlib import Path

import cv2

from fingerprints.ocr import open_reader
from tests.benchmarks import corpus as corpora
from tests.benchmarks.attacks import FAMILIES, chosen
from tests.benchmarks.inprocess import Pipeline
from tests.benchmarks.measure import FRESH, Results, measure, to_first_match
from tests.benchmarks.served import served
from tests.benchmarks.tables import report

RESULTS = Path(__file__).parent / "results"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.run", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.csv; without it, pictures are drawn")
    parser.add_argument("--references", type=int, default=300, help="how many pictures to register")
    parser.add_argument("--queries", type=int, default=60, help="registered pictures to attack, and queries to take as they are")
    parser.add_argument("--attacks", choices=("few", "all", *FAMILIES), default="few", help="one of each kind, all, or a family")
    parser.add_argument("--benign", type=int, default=300, help="pictures that must match nothing")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", default="rapidocr", choices=("rapidocr", "tesseract"))
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the tables")
    parser.add_argument(
        "--details", type=Path, help="also write one JSON line a message here, naming what was missed and accused"
    )
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    options = arguments(words)
    cv2.setNumThreads(1)
    corpus = (
        corpora.read(options.corpus, options.references, options.seed)
        if options.corpus
        else corpora.drawn(options.references, options.benign + FRESH, options.seed)
    )
    system = Pipeline(open_reader(options.engine, 1), open_reader(options.engine, 1))
    results = measure(system, corpus, chosen(options.attacks), options.queries, options.benign, options.seed, _progress)
    with served(system.registered) as server:
        results.to_first_match_ms = to_first_match(server, corpus, options.benign)
    page = report(corpus, results, options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / f"{corpus.name}.md").write_text(page, encoding="utf-8")
    if options.details:
        options.details.write_text("".join(_lines(results)), encoding="utf-8")
    sys.stdout.write(page)


def _progress(stage: str, done: int, total: int) -> None:
    if done % 20 == 0:
        sys.stderr.write(f"{stage} {done}/{total}\n")


def _lines(results: Results) -> list[str]:
    return [
        json.dumps(
            {
                "row": look.row,
                "picture": look.sample.name,
                "verdict": look.outcome.verdict,
                "right": look.right,
                "wrong": look.wrong,
                "detectors": look.outcome.detectors,
                "first_ms": round(look.first_ms, 1),
                "repeated_ms": round(look.repeated_ms, 1),
            }
        )
        + "\n"
        for look in results.looks
    ]


if __name__ == "__main__":
    main()
