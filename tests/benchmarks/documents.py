"""Documents as people leak them: ``python -m tests.benchmarks.documents [--pages N]``; prints a Markdown page and writes it.

Drawn pages of five templates are registered, a like number of their siblings is not. Pages are posted as they are photographed,
passed on, turned and cut, and passages are pasted. What is named is counted, and what it cost: beside RapidOCR as it comes and
our own reading of everything, and beside what others do with a text that was read in full.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2
import faiss
import numpy as np
import pytesseract
import tlsh
from rapidfuzz import fuzz, process

from app.demo import blueprints, pages
from app.demo.camera import jpeg
from app.demo.pages import Page
from detectors.pipeline import Inspector
from detectors.registry import Registry
from detectors.types import Attachment, Message, Verdict
from fingerprints.extraction import Extractor
from fingerprints.images import decode
from fingerprints.layout import Layout, outside
from fingerprints.ocr import open_reader
from fingerprints.text import TextIndex, is_cjk, shingles
from fingerprints.types import U8, Limits, Line, Picture, Quad, Reader, Strip
from tests.benchmarks.attacks import ATTACKS, resized, seed_of, turned
from tests.benchmarks.bought import AsItComes
from tests.benchmarks.inprocess import Pipeline
from tests.benchmarks.kept import FOLDER, Kept, keeping, source
from tests.benchmarks.markdown import NOTHING, table
from tests.benchmarks.paid import ADAPTIVE, PEER, WHOLE, costs
from tests.benchmarks.run import RESULTS
from tests.benchmarks.slides import slide
from tests.benchmarks.tables import machine

TEMPLATES: dict[str, Callable[[int], Page]] = {
    "official": pages.official,
    "memo": pages.memo,
    "table": pages.table,
    "drawing": blueprints.drawing,
    "slide": slide,
}
SIBLINGS = 1_000_000
LEAK = 0.7
PASSAGE = 80
"""Letters and digits of a passage that is pasted, or half as many Chinese characters."""
TESSERACT = 5
"""Every so many pictures are read by Tesseract as well: it takes as long as everything else together."""


def any_rotation(picture: U8, seed: int) -> bytes:
    """Turned by any angle."""
    return jpeg(turned(picture, float(np.random.default_rng(seed).uniform(0, 360))), 80)


def half(picture: U8, seed: int) -> bytes:
    """One half of the page, whichever."""
    height, width = picture.shape[:2]
    parts = (picture[: height // 2], picture[height // 2 :], picture[:, : width // 2], picture[:, width // 2 :])
    return jpeg(resized(np.ascontiguousarray(parts[seed % 4]), 0.9), 80)


T = TypeVar("T")

WAYS: dict[str, tuple[Callable[[U8, int], bytes], float]] = {
    "phone photo of a print": (ATTACKS["print_photo"], 0.995),
    "recompressed by a chat": (ATTACKS["recompress"], 0.995),
    "phone photo of a screen": (ATTACKS["screen_photo"], 0.99),
    "at any rotation": (any_rotation, 0.98),
    "half of the page": (half, 0.98),
    "worst chain": (ATTACKS["worst"], 0.95),
}
"""How a page is posted, and how many must be found."""
SIBLING_WAYS = ("phone photo of a print", "recompressed by a chat")


@dataclass(slots=True)
class Posted:
    """One picture, and what came of it. ``own``: the asset it shows. CPU in milliseconds."""

    template: str
    way: str
    own: str | None
    adaptive: Verdict
    full: Verdict
    cost: dict[str, float] = field(default_factory=dict)
    guesses: dict[str, tuple[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pasted:
    """Passages posted as text. ``missed``: of each that did not name its page, the share 0..1 of it that other pages hold too."""

    tried: int
    missed: tuple[float, ...]

    def told(self) -> str:
        said = f"{self.tried - len(self.missed)} of {self.tried} named their page (must: 0.99)."
        shared = ", ".join(f"{share:.0%}" for share in self.missed)
        return f"{said} What other pages say as well accuses none; of those missed they hold {shared}." if shared else said


@dataclass(frozen=True, slots=True)
class Peers:
    """What others do with text: nearest of all registered texts, by three measures."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    winnowed: TextIndex
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, texts: dict[str, str]) -> "Peers":
        index = TextIndex()
        for ident, text in texts.items():
            made = shingles(text)
            if made is not None:
                index.add(ident, made)
        return cls(tuple(texts), tuple(texts.values()), index, tuple(tlsh.hash(text.encode()) for text in texts.values()))

    def by_winnowing(self, text: str) -> tuple[str, float]:
        made = shingles(text)
        hits = [] if made is None else self.winnowed.search(made, limit=1)
        return (hits[0].key, hits[0].units) if hits else ("", 0.0)

    def by_tlsh(self, text: str) -> tuple[str, float]:
        own = tlsh.hash(text.encode())
        if own in ("", "TNULL"):
            return "", -1e9
        far = [tlsh.diff(own, other) if other not in ("", "TNULL") else 10**6 for other in self.hashes]
        best = int(np.argmin(far))
        return self.ids[best], -float(far[best])

    def by_rapidfuzz(self, text: str) -> tuple[str, float]:
        found = process.extractOne(text, self.texts, scorer=fuzz.ratio)
        return (self.ids[found[2]], float(found[1])) if found else ("", 0.0)


class ReadOnce:
    """An engine that reads the same picture once, however often it is asked in a row."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last: tuple[bytes, tuple[Line, ...]] | None = None

    @property
    def name(self) -> str:
        return self._reader.name

    def read(self, picture: Picture) -> tuple[Line, ...]:
        shown = picture.pixels.tobytes()
        if self._last is None or self._last[0] != shown:
            self._last = shown, self._reader.read(picture)
        return self._last[1]

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        return Layout.of(outside(self.read(picture), beside))

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        return tuple(self._reader.read_strips(picture, quads))


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.documents", description=__doc__)
    parser.add_argument("--pages", type=int, default=1000, help="pages registered")
    parser.add_argument("--posted", type=int, default=8, help="pages of each template posted in every way")
    parser.add_argument("--passages", type=int, default=400, help="passages pasted")
    parser.add_argument("--no-peers", action="store_true", help="leave out Tesseract and the others")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the table")
    options = parser.parse_args(words)
    cv2.setNumThreads(1)
    faiss.omp_set_num_threads(1)
    page = measured(options.pages, options.posted, options.passages, peers=not options.no_peers)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "documents.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def measured(count: int, posted: int, passages: int, *, peers: bool) -> str:
    """The whole page."""
    kept, reader = Kept(FOLDER), open_reader("rapidocr", 1)
    system = Pipeline(keeping(open_reader("rapidocr", 1), kept), reader)
    texts: dict[str, str] = {}
    numbers: dict[tuple[str, int], str] = {}
    for number in range(count):
        _say("registering", number, count)
        template = list(TEMPLATES)[number % len(TEMPLATES)]
        drawn = TEMPLATES[template](number)
        ident = system.register(f"{template} {number}", "document", _png(drawn, template, number, kept))
        texts[ident], numbers[template, number] = drawn.text, ident
    looks = list(_posts(system, reader, numbers, Peers.of(texts) if peers else None, posted))
    return report(count, looks, _pasted(system, texts, passages))


def _png(drawn: Page, template: str, number: int, kept: Kept) -> bytes:
    by = source("app/demo/*.py", "tests/benchmarks/slides.py")
    return kept.get(lambda: jpeg(drawn.pixels, 92), "document", template, str(number), by)


def _posts(
    system: Pipeline, reader: Reader, numbers: dict[tuple[str, int], str], peers: Peers | None, count: int
) -> list[Posted]:
    once = ReadOnce(reader)
    peer = AsItComes(1)
    adaptive = Inspector(Extractor(reader, memory=1))
    full = Inspector(Extractor(once, memory=1), thorough=True)
    work: list[tuple[str, str, int, str | None]] = []
    for place, template in enumerate(TEMPLATES):
        known = [number for name, number in numbers if name == template]
        chosen = np.random.default_rng([place, 1]).permutation(known)[:count].tolist()
        work += [(template, way, number, numbers[template, number]) for number in chosen for way in WAYS]
        work += [(template, way, SIBLINGS + number, None) for number in range(count) for way in SIBLING_WAYS]
    looks = []
    for done, index in enumerate(np.random.default_rng(2).permutation(len(work)).tolist()):
        _say("posting", done, len(work))
        template, way, number, own = work[index]
        data = WAYS[way][0](TEMPLATES[template](number).pixels, seed_of(0, way, template, str(number)))
        looks.append(_posted(template, way, own, data, system, adaptive, full, once, peer))
        if peers is not None:
            _guessed(looks[-1], data, once, peers, tesseract=done % TESSERACT == 0)
    return looks


def _posted(
    template: str,
    way: str,
    own: str | None,
    data: bytes,
    system: Pipeline,
    adaptive: Inspector,
    full: Inspector,
    once: "ReadOnce",
    peer: AsItComes,
) -> Posted:
    message = Message("bench", "m", None, "c", "s", attachments=(Attachment("picture", "image/jpeg", data),))
    cost: dict[str, float] = {}
    quick = _timed(cost, ADAPTIVE, lambda: adaptive.inspect(message, system.registry))
    picture = decode(data, Limits())
    picture.pixels  # noqa: B018 (decoded now: only reading is the engines')
    _timed(cost, WHOLE, lambda: once.read(picture))
    _timed(cost, PEER, lambda: peer.read(picture))
    return Posted(template, way, own, quick, full.inspect(message, system.registry), cost)


def _timed(cost: dict[str, float], name: str, work: Callable[[], T]) -> T:
    began = time.process_time()
    value = work()
    cost[name] = (time.process_time() - began) * 1000
    return value


def _guessed(look: Posted, data: bytes, once: "ReadOnce", peers: Peers, *, tesseract: bool) -> None:
    """What others make of the text, and what that costs."""
    picture = decode(data, Limits())
    text = "\n".join(line.text for line in once.read(picture))
    for name, nearest in (("winnowing", peers.by_winnowing), ("TLSH", peers.by_tlsh), ("rapidfuzz", peers.by_rapidfuzz)):
        look.guesses[f"{WHOLE} + {name}"] = _timed(look.cost, name, partial(nearest, text))
    if tesseract:
        before = sum(_children())
        read = pytesseract.image_to_string(picture.pixels, lang="chi_sim+eng", timeout=120)
        look.cost["Tesseract"] = (sum(_children()) - before) * 1000
        look.guesses["Tesseract + winnowing"] = peers.by_winnowing(read)


def _children() -> tuple[float, float]:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime, spent.ru_stime


def _pasted(system: Pipeline, texts: dict[str, str], count: int) -> Pasted:
    """Passages of 40 Chinese characters, or of 80 others, as messages: which named their page or its asset.

    Page by page, and from the first again, until there are so many.
    """
    inspector, rng, missed = Inspector(Extractor(open_reader("rapidocr", 1))), np.random.default_rng(3), []
    prose = {ident: text for ident, text in texts.items() if len(text) > 300}
    order = rng.permutation(sorted(prose)).tolist()
    for number in range(count):
        ident = order[number % len(order)]
        text = prose[ident].replace("\n", "")
        passage = _passage(text, int(rng.integers(0, len(text) - PASSAGE)))
        verdict = inspector.inspect(Message("bench", "m", None, "c", "s", text=passage), system.registry)
        if not _right(verdict, ident):
            missed.append(_elsewhere(system.registry, ident, passage))
    return Pasted(count, tuple(missed))


def _elsewhere(registry: Registry, own: str, passage: str) -> float:
    """The share 0..1 of a passage that stands in other assets' texts."""
    made = shingles(passage)
    return 0.0 if made is None else registry.snapshot.text.held(made, apart=registry.keys_of(own))[0]


def _passage(text: str, start: int) -> str:
    """From there on so much as 80 letters or digits say; a Chinese character says as much as two."""
    said = np.cumsum([2 if is_cjk(character) else character.isalnum() for character in text[start:]])
    return text[start : start + int(np.searchsorted(said, PASSAGE)) + 1]


def _right(verdict: Verdict, own: str | None) -> bool:
    return own in {match.asset_id for match in verdict.matches}


def _named(verdict: Verdict) -> tuple[str, frozenset[str | None]]:
    return verdict.verdict.value, frozenset(match.asset_id for match in verdict.matches)


def report(count: int, looks: Sequence[Posted], pasted: Pasted) -> str:
    known, strange = [one for one in looks if one.own], [one for one in looks if not one.own]
    parts = [
        "# Documents",
        f"- {count} drawn pages of {len(TEMPLATES)} templates registered, {len(looks)} pictures posted\n{machine()}",
        "## Found",
        _found(known),
        f"Passages pasted (40 Chinese characters or 80 others): {pasted.told()}",
        "## Unregistered pages of the same templates",
        _accused(strange),
        "## What it costs",
        costs({"registered pages": [one.cost for one in known], "unregistered pages": [one.cost for one in strange]}),
        _same(looks),
        _peers(known, strange),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _found(known: Sequence[Posted]) -> str:
    rows = []
    for way, (_, must) in WAYS.items():
        some = [one for one in known if one.way == way]
        if not some:
            continue
        by = [sum(_right(one.adaptive, one.own) for one in some if one.template == template) for template in TEMPLATES]
        wrong = sum(any(match.asset_id not in (None, one.own) for match in one.adaptive.matches) for one in some)
        each = -(-len(some) // len(TEMPLATES))
        right = sum(by)
        rows.append((way, must, f"{right / len(some):.3f} ({right}/{len(some)})", *(f"{n}/{each}" for n in by), wrong))
    return table(("posted as", "must", "found", *TEMPLATES, "another named"), rows)


def _accused(strange: Sequence[Posted]) -> str:
    rows = []
    for way in SIBLING_WAYS:
        some = [one for one in strange if one.way == way]
        if not some:
            continue
        named = [one for one in some if any(match.asset_id for match in one.adaptive.matches)]
        leaks = sum(any(m.asset_id and m.confidence >= LEAK for m in one.adaptive.matches) for one in named)
        rows.append((way, len(some), len(named), leaks))
    return table(("posted as", "pages", "taken for a registered one", "of these leak"), rows)


def _same(looks: Sequence[Posted]) -> str:
    same = sum(_named(one.adaptive) == _named(one.full) for one in looks)
    return f"Adaptive and full effort come to the same verdict and name the same assets for {same} of {len(looks)}."


def _peers(known: Sequence[Posted], strange: Sequence[Posted]) -> str:
    """Each at the threshold that accuses none of the unregistered pages in this very run."""
    rows = []
    for name in dict.fromkeys(name for one in known for name in one.guesses):
        guesses = [(one.own, *one.guesses[name]) for one in known if name in one.guesses]
        least = max((one.guesses[name][1] for one in strange if name in one.guesses), default=-np.inf)
        first = sum(nearest == own for own, nearest, _ in guesses)
        sure = sum(nearest == own and value > least for own, nearest, value in guesses)
        rows.append((name, len(guesses), f"{first / len(guesses):.3f}", f"{sure / len(guesses):.3f}"))
    ours = sum(_right(one.adaptive, one.own) for one in known) / len(known)
    rows.append(("leakwatch, adaptive", len(known), NOTHING, f"{ours:.3f}"))
    return table(("all ways together", "pictures", "right page nearest", "told without accusing any unregistered page"), rows)


class _Clock:
    said = 0.0


def _say(stage: str, done: int, total: int) -> None:
    if time.monotonic() - _Clock.said > 10:
        _Clock.said = time.monotonic()
        sys.stderr.write(f"{stage} {done}/{total}\n")


if __name__ == "__main__":
    main()
