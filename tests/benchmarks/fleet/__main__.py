"""Run it: prints a Markdown page and writes it."""

import argparse
import sys
from pathlib import Path

from tests.benchmarks.fleet.measured import measured, say, services
from tests.benchmarks.fleet.page import page
from tests.benchmarks.fleet.pictures import album
from tests.benchmarks.fleet.sizes import FULL, QUICK
from tests.benchmarks.run import RESULTS


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fleet", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: that it works, not how fast")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the tables")
    options = parser.parse_args(words)
    sizes = QUICK if options.quick else FULL
    say("drawing")
    drawn = album(sizes.pictures, sizes.registered)
    with services() as on:
        told = page(measured(on, drawn, sizes), sizes)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "fleet.md").write_text(told, encoding="utf-8")
    sys.stdout.write(told)


if __name__ == "__main__":
    main()
