"""Results as Markdown."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from tests.benchmarks.attacks import ATTACKS, FAMILIES
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.measure import Look, Results

_LIBRARIES = ("numpy", "opencv-python-headless", "faiss-cpu", "rapidocr", "onnxruntime", "imagehash", "pillow")


def report(corpus: Corpus, results: Results, seed: int) -> str:
    """The whole page. It names the machine and the counts, and no date: the commit has one."""
    return (
        "\n\n".join(
            [
                f"# Benchmark on the corpus `{corpus.name}`",
                _header(corpus, results, seed),
                "## Found and accused",
                _recall(results),
                _accused(results),
                "## Milliseconds",
                _costs(results),
                _freshness(results),
            ]
        )
        + "\n"
    )


def _header(corpus: Corpus, results: Results, seed: int) -> str:
    counts = f"{len(corpus.references)} references registered, {len(results.looks)} messages, seed {seed}"
    machine = f"{os.cpu_count()} × {_processor()}, {platform.system()}, Python {platform.python_version()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"- {counts}\n- {machine}\n- {libraries}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; columns after the first are right-aligned."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (head, rule, *rows))


def _recall(results: Results) -> str:
    names = [*ATTACKS, *sorted({look.row for look in results.looks} - {*ATTACKS, "benign"})]
    head = ("attack", "messages", "found", "found: documents", "found: photographs", "also or only another asset")
    rows = [_recall_row(name, looks) for name in names if (looks := results.of(name))]
    return table(head, [*rows, *_families(results)])


def _families(results: Results) -> list[tuple[object, ...]]:
    """The families of which more than one attack was measured."""
    rows = []
    for family, attacks in FAMILIES.items():
        measured = [looks for attack in attacks if (looks := results.of(attack.__name__))]
        if len(measured) > 1:
            rows.append(_recall_row(f"all of: {family}", [look for looks in measured for look in looks]))
    return rows


def _recall_row(name: str, looks: Sequence[Look]) -> tuple[object, ...]:
    kinds = [[look for look in looks if look.sample.kind == kind] for kind in ("document", "equipment")]
    return (name, len(looks), share(looks), *(share(of_kind) for of_kind in kinds), sum(look.wrong for look in looks))


def share(looks: Sequence[Look]) -> str:
    """Found of looked at."""
    return (
        f"{sum(look.right for look in looks) / len(looks):.3f} ({sum(look.right for look in looks)}/{len(looks)})"
        if looks
        else "–"
    )


def _accused(results: Results) -> str:
    benign = results.of("benign")
    rows = []
    for name, looks in (
        ("all", benign),
        *((kind, [k for k in benign if k.sample.kind == kind]) for kind in ("document", "equipment")),
    ):
        accused = [look for look in looks if look.outcome.verdict != "clear"]
        detectors = sorted({detector for look in accused for detector in look.outcome.detectors})
        if looks:
            rows.append((name, len(looks), len(accused), f"{len(accused) / len(looks):.2%}", ", ".join(detectors) or "–"))
    return table(("benign pictures", "messages", "accused", "share", "by"), rows)


def _costs(results: Results) -> str:
    rows = []
    for name, kinds in (
        ("all", {"document", "equipment"}),
        ("documents and screens", {"document"}),
        ("photographs", {"equipment"}),
    ):
        looks = [look for look in results.looks if look.sample.kind in kinds]
        if looks:
            rows.append((name, len(looks), *_spread([k.first_ms for k in looks]), *_spread([k.repeated_ms for k in looks])))
    return table(("CPU of a message", "messages", "first seen, median", "p95", "repeated, median", "p95"), rows)


def _freshness(results: Results) -> str:
    times = [ms for ms in results.to_first_match_ms if ms is not None]
    tried = len(results.to_first_match_ms)
    rows = [
        ("CPU of registering one picture", len(results.register_ms), *_spread(results.register_ms)),
        (
            "wall time over HTTP from registering to the first match of a recompressed copy",
            f"{len(times)} of {tried} matched",
            *_spread(times),
        ),
    ]
    return table(("registration", "pictures", "median", "p95"), rows)


def _spread(values: Sequence[float]) -> tuple[str, str]:
    if not values:
        return "–", "–"
    return f"{np.median(values):.1f}", f"{np.quantile(values, 0.95, method='higher'):.1f}"
