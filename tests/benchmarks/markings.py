"""Markings on pages nobody registered: ``python -m tests.benchmarks.markings``; prints a Markdown page and writes it.

Every form is drawn on a page of its scheme, and posted photographed, passed on and turned. Found is what is named by its scheme
and its level; pages without a marking are posted the same ways, and must name none.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.demo.camera import jpeg
from detectors.pipeline import Inspector
from detectors.registry import Registry
from detectors.types import Attachment, Message
from fingerprints.extraction import Extractor
from fingerprints.ocr import open_reader
from fingerprints.types import U8
from tests.benchmarks.attacks import ATTACKS, seed_of, turned
from tests.benchmarks.markdown import NOTHING, share, table
from tests.benchmarks.run import RESULTS
from tests.benchmarks.specimens import FORMS, Specimen, plain
from tests.benchmarks.tables import machine

MUST = 0.97


def leaning(picture: U8, seed: int) -> bytes:
    """Up to 45 degrees to either side."""
    return jpeg(turned(picture, float(np.random.default_rng(seed).uniform(-45, 45))), 85)


WAYS: dict[str, Callable[[U8, int], bytes]] = {
    "recompressed by a chat": ATTACKS["recompress"],
    "phone photo of a print": ATTACKS["print_photo"],
    "phone photo of a screen": ATTACKS["screen_photo"],
    "from one side": ATTACKS["oblique"],
    "a quarter turn": ATTACKS["rotate90"],
    "on its head": ATTACKS["rotate180"],
    "up to 45° askew": leaning,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture posted. ``form``: what it bears; ``named``: (scheme, level) of what was found."""

    way: str
    form: Specimen | None
    named: tuple[tuple[str, str], ...]

    @property
    def right(self) -> bool:
        own = None if self.form is None else (self.form.scheme, self.form.level)
        return own in self.named if own else not self.named


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.markings", description=__doc__)
    parser.add_argument("--plain", type=int, default=12, help="pages without a marking, posted every way")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the table")
    options = parser.parse_args(words)
    cv2.setNumThreads(1)
    page = report(list(posted([*FORMS, *[None] * options.plain])))
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "markings.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def posted(forms: Sequence[Specimen | None]) -> Iterator[Shown]:
    """Each of them every way; ``None`` is a page that bears no marking."""
    inspector, registry = Inspector(Extractor(open_reader("rapidocr", 1))), Registry()
    for number, form in enumerate(forms):
        drawn = plain(number).pixels if form is None else form.draw(form.text, number)
        for way, make in WAYS.items():
            data = make(drawn, seed_of(0, way, str(number)))
            sent = (Attachment("picture", "image/jpeg", data),)
            verdict = inspector.inspect(Message("bench", "m", None, "c", "s", attachments=sent), registry)
            told = [match.evidence["marking"] for match in verdict.matches if match.detector == "marking"]
            yield Shown(way, form, tuple((one["scheme"], one["level"]) for one in told))


def report(shown: Sequence[Shown]) -> str:
    """The whole page."""
    bearing = [one for one in shown if one.form is not None]
    strange = [one for one in shown if one.form is None]
    layouts = dict.fromkeys(form.layout for one in bearing if (form := one.form))
    by_way = [(way, *_share([one for one in bearing if one.way == way])) for way in WAYS]
    by_layout = [(name, *_share([one for one in bearing if one.form and one.form.layout == name])) for name in layouts]
    missed = [(one.form.text, one.form.layout, one.way, _said(one)) for one in bearing if one.form and not one.right]
    head = ("pages", "found", "another level or scheme named")
    parts = [
        "# Markings",
        f"- {len({one.form for one in bearing})} pages that bear one, posted {len(WAYS)} ways, nothing registered\n{machine()}",
        f"Found, scheme and level right: {_share(bearing)[1]} (must: {MUST}). "
        f"Of {len(strange)} pictures of pages without a marking {sum(not one.right for one in strange)} named one (must: 0).",
        table(("posted as", *head), by_way),
        table(("where it stands", *head), by_layout),
        table(("missed", "where it stands", "posted as", "named instead"), missed) if missed else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _share(some: Sequence[Shown]) -> tuple[int, str, int]:
    instead = sum(bool(one.named) and not one.right for one in some)
    return len(some), share(sum(one.right for one in some), len(some)), instead


def _said(one: Shown) -> str:
    return ", ".join(" ".join(name) for name in one.named) or NOTHING


if __name__ == "__main__":
    main()
