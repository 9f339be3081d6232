"""The README's blocks that come from somewhere else: settings, the benchmarks' tables, a leak's transcript.

``python -m tests.readme`` writes them anew; ``test_readme.py`` holds the README to them.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.settings import table

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
RESULTS = ROOT / "tests" / "benchmarks" / "results"
TOLD = "A contractor photographs a secret report page by page"
MEASURED = re.compile(r"\d+(\.\d+)?(?= s\b|%| of the picture's| characters)")
"""What a demo measures: it differs a little from one machine to another."""


def settings_block() -> str:
    """Every setting, as the README's table."""
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {description} |" for name, default, description in table()]
    return "\n".join(["| variable | default | what |", "|---|---|---|", *rows])


def bench_block() -> str:
    """The committed tables of the benchmark run on real pictures, below their heading."""
    return (RESULTS / "dev.md").read_text().partition("\n")[2].strip().replace("\n## ", "\n### ")


def capacity_block() -> str:
    """What a fleet needs, as the benchmark of the whole service reckoned it from what it measured."""
    return (RESULTS / "fleet.md").read_text().partition("\n## Capacity\n")[2].strip()


def transcript_block(told: str) -> str:
    """The one scene of a demo's output that the README shows."""
    scenes = re.split(r"\n\s*\n", told)
    scene = next(scene for scene in scenes if TOLD in scene)
    return "```\n" + "\n".join(line.rstrip() for line in scene.strip("\n").splitlines()) + "\n```"


def demo() -> subprocess.CompletedProcess[str]:
    """The whole demo, played once, without serving afterwards."""
    command = [str(Path(sys.executable).parent / "leakwatch"), "demo", "--once", "--port", "0"]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def block(text: str, name: str) -> str:
    """What stands between a block's marks. Raises AttributeError when there is no such block."""
    found = re.search(rf"<!-- {name}:begin -->\n(.*?)\n?<!-- {name}:end -->", text, re.DOTALL)
    assert found, f"README has no block {name}"
    return found[1]


def with_block(text: str, name: str, inside: str) -> str:
    marks = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
    return marks.sub(lambda m: f"{m[1]}{inside}\n{m[2]}", text)


def main() -> None:
    text = README.read_text()
    blocks: dict[str, Callable[[], str]] = {
        "settings": settings_block,
        "bench": bench_block,
        "capacity": capacity_block,
        "transcript": lambda: transcript_block(demo().stdout),
    }
    for name, make in blocks.items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            text = with_block(text, name, make())
    README.write_text(text)


if __name__ == "__main__":
    main()
