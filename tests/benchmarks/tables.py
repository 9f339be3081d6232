"""Results as Markdown: a pure function of what was looked at."""

import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from detectors.likeness import REVIEW
from detectors.thresholds import DEFAULT
from tests.benchmarks.attacks import ATTACKS, FAMILIES
from tests.benchmarks.looks import BENIGN, SIBLING, Look
from tests.benchmarks.markdown import over_seeds, spread, table
from tests.benchmarks.measure import Results
from tests.benchmarks.samples import Corpus
from tests.benchmarks.targets import targets

_LIBRARIES = ("numpy", "opencv-python-headless", "faiss-cpu", "rapidocr", "onnxruntime", "imagehash", "pillow")
_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)

_STATED = f"""Expected by the rule of succession: as if one more had been right, and one more wrong. What a rule leaves to a
person states {REVIEW}, whatever was counted: from {DEFAULT.leak_confidence} on it would be a leak. That is no probability. Where
other pages of registered forms are posted more often than copies, such a match is worth less than here."""


def report(corpus: Corpus, results: Results) -> str:
    """The whole page. It names the machine and the counts, and no date: the commit has one."""
    parts = [
        f"# Benchmark on the corpus `{corpus.name}`",
        _header(corpus, results),
        "## Must reach",
        targets(results.looks),
        "## Found and accused",
        "Median of the seeds, least and most in brackets; in parentheses found of messages.",
        _recall(results),
        _accused(results.of(BENIGN)),
        _siblings(results.looks),
        _confusions(results.looks),
        "## Confidence",
        _reliability(results.looks),
        "## Milliseconds",
        _costs(results.looks),
        _freshness(results.to_first_match_ms),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _header(corpus: Corpus, results: Results) -> str:
    seeds = sorted({look.seed for look in results.looks})
    of_seeds = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(map(str, seeds))}"
    counts = f"{len(corpus.references)} references registered, {len(results.looks)} messages, {of_seeds}"
    return f"- {counts}\n{machine()}"


def machine() -> str:
    """Processor and library versions, as a list."""
    computer = f"{os.cpu_count()} × {_processor()}, {platform.system()}, Python {platform.python_version()}"
    return f"- {computer}\n- {', '.join(f'{name} {version(name)}' for name in _LIBRARIES)}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _recall(results: Results) -> str:
    nothing_registered = {look.row for look in results.looks if not look.own}
    names = [*ATTACKS, *sorted({look.row for look in results.looks} - {*ATTACKS} - nothing_registered)]
    head = ("attack", "messages", "found", "documents", "documents, by `page_copy` alone", "photographs", "another asset named")
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
    pages, photographs = ([look for look in looks if look.kind == kind] for kind in ("document", "equipment"))
    by_page = over_seeds(pages, lambda look: look.right_by("page_copy"))
    return (name, len(looks), over_seeds(looks), over_seeds(pages), by_page, over_seeds(photographs), sum(k.wrong for k in looks))


def _accused(benign: Sequence[Look]) -> str:
    if not benign:
        return ""
    rows = [_accused_row("all", benign)]
    for attribute in ("kind", "form"):
        names = sorted({getattr(look, attribute) for look in benign})
        groups = [(name, [look for look in benign if getattr(look, attribute) == name]) for name in names]
        rows += [_accused_row(name, looks) for name, looks in groups if attribute == "kind" or len(groups) < 12 or _any(looks)]
    return table(("benign pictures", "messages", "accused", "share", "of these leak", "by"), rows)


def _any(looks: Iterable[Look]) -> bool:
    return any(look.accused for look in looks)


def _accused_row(name: str, looks: Sequence[Look]) -> tuple[object, ...]:
    accused = [look for look in looks if look.accused]
    by = Counter(detector for look in accused for detector in {one.detector for one in look.matches})
    detectors = ", ".join(f"{detector} {count}" for detector, count in sorted(by.items())) or "–"
    leaks = sum(look.verdict == "leak" for look in accused)
    return name, len(looks), len(accused), f"{len(accused) / len(looks):.2%}", leaks, detectors


def _siblings(looks: Sequence[Look]) -> str:
    """Unregistered pages of registered templates: how many were taken for a registered page."""
    names = sorted({look.row for look in looks if look.row.startswith(SIBLING)})
    rows = [_sibling_row(name, [look for look in looks if look.row == name]) for name in names]
    if not rows:
        return ""
    everything = [look for look in looks if look.row in names]
    forms = sorted({look.form for look in everything if look.wrong})
    rows.append(_sibling_row("all of them", everything))
    rows += [_sibling_row(f"of these, of the form {form}", [look for look in everything if look.form == form]) for form in forms]
    head = (
        "unregistered pages of registered templates",
        "messages",
        "taken for a registered one",
        "share",
        "of these leak",
        "by",
    )
    return table(head, rows)


def _sibling_row(name: str, looks: Sequence[Look]) -> tuple[object, ...]:
    taken = [look for look in looks if look.wrong]
    by = Counter(detector for look in taken for detector in {one.detector for one in look.matches if one.group})
    detectors = ", ".join(f"{detector} {count}" for detector, count in sorted(by.items())) or "–"
    return name, len(looks), len(taken), f"{len(taken) / len(looks):.2%}", sum(k.verdict == "leak" for k in taken), detectors


def _confusions(looks: Sequence[Look], most: int = 15) -> str:
    """Which other asset was named in place of, or beside, the right one."""
    pairs = Counter(
        (" + ".join(look.own) or f"nothing registered: {look.row}, {look.form}", one.group, one.detector)
        for look in looks
        for one in look.matches
        if one.group and not one.right
    )
    rows = [(shown, named, by, count) for (shown, named, by), count in pairs.most_common(most)]
    if len(pairs) > most:
        rows.append((f"{len(pairs) - most} other pairs", "", "", sum(pairs.values()) - sum(row[3] for row in rows)))
    return table(("shown", "named", "by", "times"), rows) if rows else "No asset was named that was not shown."


def _reliability(looks: Sequence[Look]) -> str:
    """What a stated confidence was worth: matches on assets, over all that was posted."""
    matches = [one for look in looks for one in look.matches if one.group]
    rows = []
    for low, high in zip(_BINS, (*_BINS[1:], np.inf), strict=True):
        inside = [one for one in matches if low <= one.confidence < high]
        if inside:
            right = sum(one.right for one in inside)
            stated = float(np.mean([one.confidence for one in inside]))
            label = "1" if low == 1 else f"{low:g} to {high:g}"
            expected = (right + 1) / (len(inside) + 2)
            shares = (f"{stated:.3f}", f"{right / len(inside):.3f}", f"{expected:.3f}")
            rows.append((label, len(inside), *shares, len(inside) - right))
    head = ("confidence", "matches", "stated, mean", "right", "of the next, expected", "wrong matches")
    return f"{table(head, rows)}\n\n{_STATED}" if rows else ""


def _costs(looks: Sequence[Look]) -> str:
    chosen: list[tuple[str, Callable[[Look], bool]]] = [
        ("all", lambda look: True),
        ("documents and screens", lambda look: look.kind == "document"),
        ("photographs", lambda look: look.kind == "equipment"),
        ("benign photographs", lambda look: look.kind == "equipment" and look.row == BENIGN),
    ]
    rows = []
    for name, which in chosen:
        some = [look for look in looks if which(look)]
        if some:
            rows.append((name, len(some), *spread([k.first_ms for k in some]), *spread([k.repeated_ms for k in some])))
    return table(("CPU of a message", "messages", "first seen, median", "p95", "repeated, median", "p95"), rows)


def _freshness(milliseconds: Sequence[float | None]) -> str:
    if not milliseconds:
        return ""
    times = [ms for ms in milliseconds if ms is not None]
    name = "wall time over HTTP from registering to the first match of a recompressed copy"
    row = (name, f"{len(times)} of {len(milliseconds)} matched", *spread(times))
    return table(("registration", "pictures", "median", "p95"), [row])
