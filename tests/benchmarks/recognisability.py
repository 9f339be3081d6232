"""How recognisable a picture is said to be, against whether copies of it are found.

``python -m tests.benchmarks.recognisability`` prints a Markdown page and writes it.
Pictures are spoilt as owners spoil them (a preview, no focus, no light, haze, far away in a corner, tiles) and registered so;
copies are made of the picture before it was spoilt, or of the spoilt one where the spoiling is what it shows. Found is what
geometry confirms against that reference, or the perceptual hash where there are no details on one side.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from detectors.thresholds import DEFAULT
from fingerprints import geometry
from fingerprints.distinctiveness import Looks, looks
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.perceptual import PerceptualFingerprinter, PerceptualIndex
from fingerprints.types import U8, Keypoints, PerceptualHash, Picture
from tests.benchmarks import corpus as corpora
from tests.benchmarks.attacks import ATTACKS, resized, seed_of
from tests.benchmarks.measure import pixels
from tests.benchmarks.samples import chosen

COPIES = ("preview", "crop40", "crop20", "tilted", "chat_screenshot", "print_photo", "shaky")
HARDEST = "crop20"
SIDE = 800
RESULTS = Path(__file__).parent / "results" / "recognisability.md"
Prints = tuple[Keypoints | None, PerceptualHash | None]
Spoil = Callable[[U8, int], U8]

_keypoints, _perceptual = KeypointFingerprinter(), PerceptualFingerprinter()


def small(longest: int, picture: U8, _seed: int = 0) -> U8:
    """At most so many pixels along the longer side."""
    return resized(picture, min(1.0, longest / max(picture.shape[:2])))


def blurred(radius: float, picture: U8, _seed: int) -> U8:
    """``radius``: of the blur in pixels, if the longer side had 640."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), radius * max(picture.shape[:2]) / 640), np.uint8)


def faint(gain: float, level: float, picture: U8, seed: int) -> U8:
    """Contrast times ``gain`` about a grey ``level``, and a camera's noise: in the dark 0, in haze 140."""
    noise = np.random.default_rng(seed).normal(0, 1.5, picture.shape)
    seen = picture * gain + noise if level == 0 else (picture - 128.0) * gain + level + noise
    return np.asarray(np.clip(seen, 0, 255), np.uint8)


def cornered(share: float, picture: U8, _seed: int) -> U8:
    """In the lower left of a blank sheet of the same size, so much smaller."""
    sheet, inside = np.full_like(picture, 205), resized(picture, share)
    sheet[-inside.shape[0] :, : inside.shape[1]] = inside
    return sheet


def tiled(times: int, picture: U8, _seed: int) -> U8:
    """A quarter of it, so many times along each side."""
    height, across = picture.shape[:2]
    piece = picture[height // 3 : height // 3 + height // 4, across // 3 : across // 3 + across // 4]
    tile = cv2.resize(piece, (across // times, height // times), interpolation=cv2.INTER_AREA)
    return np.tile(tile, (times, times, 1))


def kept(picture: U8, _seed: int) -> U8:
    """As it is."""
    return picture


SPOILT: dict[str, Spoil] = {
    "as it is": kept,
    **{f"longer side {n}": partial(small, n) for n in (200, 128, 96, 64)},
    **{f"blurred {n}": partial(blurred, n) for n in (1, 2, 3, 4, 6, 9)},
    **{f"dark {n}": partial(faint, n, 0) for n in (0.4, 0.2, 0.14, 0.1)},
    **{f"haze {n}": partial(faint, n, 140) for n in (0.3, 0.15, 0.08)},
}
SHOWN: dict[str, Spoil] = {
    **{f"in a corner {n}": partial(cornered, n) for n in (0.4, 0.25, 0.15)},
    **{f"tiled {n}": partial(tiled, n) for n in (4, 10)},
}


@dataclass(frozen=True, slots=True)
class Row:
    """One spoilt reference: what it looks like, and which copies are found."""

    spoilt: str
    looks: Looks
    flaws: tuple[str, ...]
    found: Mapping[str, bool]


def rows(picture: U8, name: str) -> Iterator[Row]:
    """Every way of spoiling one picture."""
    seed, copies = seed_of(0, name), _copies(picture, name)
    for label, spoil in SPOILT.items():
        yield _row(label, spoil(picture, seed), copies)
    for label, spoil in SHOWN.items():
        shown = spoil(picture, seed)
        yield _row(label, shown, _copies(shown, name))


def _copies(picture: U8, name: str) -> dict[str, Prints]:
    return {attack: _prints(pixels(ATTACKS[attack](picture, seed_of(0, attack, name)))) for attack in COPIES}


def _prints(seen: U8) -> Prints:
    picture = _picture(seen)
    return _keypoints.fingerprint(picture), _perceptual.fingerprint(picture)


def _picture(seen: U8) -> Picture:
    return Picture(seen, seen.shape[1], seen.shape[0])


def _row(label: str, spoilt: U8, copies: Mapping[str, Prints]) -> Row:
    reference = _prints(spoilt)
    seen = looks(_picture(spoilt), reference[0])
    return Row(label, seen, tuple(seen.flaws(written=False)), {name: _found(copy, reference) for name, copy in copies.items()})


def _found(copy: Prints, reference: Prints) -> bool:
    if copy[0] is not None and reference[0] is not None:
        hit = geometry.verify("", copy[0], reference[0])
        return hit is not None and hit.inliers >= DEFAULT.inliers and hit.coverage >= DEFAULT.coverage
    if copy[1] is None or reference[1] is None:
        return False
    index = PerceptualIndex()
    index.add("", reference[1])
    return bool(index.search(copy[1], max_distance=DEFAULT.perceptual_same))


def table(heading: str, groups: Iterable[tuple[str, Sequence[Row]]]) -> str:
    """Share of copies found in each group of references, the hardest copy by itself."""
    lines = [f"| {heading} | references | found | {HARDEST} | named |", "| --- | ---: | ---: | ---: | --- |"]
    for label, some in groups:
        if some:
            easy = [found for row in some for name, found in row.found.items() if name != HARDEST]
            hard = [row.found[HARDEST] for row in some]
            named = sorted({flaw for row in some for flaw in row.flaws})
            told = ", ".join(f"{flaw} {sum(flaw in row.flaws for row in some)}" for flaw in named) or "–"
            lines.append(f"| {label} | {len(some)} | {np.mean(easy):.2f} | {np.mean(hard):.2f} | {told} |")
    return "\n".join(lines)


def between(edges: Sequence[float], all_rows: Sequence[Row], value: Callable[[Looks], float]) -> Iterator[tuple[str, list[Row]]]:
    """References by a value of what they look like."""
    for low, high in pairwise(edges):
        yield f"{low:g} to {high:g}", [row for row in all_rows if low <= value(row.looks) < high]


def report(found: Sequence[Row], pictures: int) -> str:
    """The page."""
    spoilt = [row for row in found if row.spoilt in SPOILT]
    dimmed = [row for row in spoilt if row.spoilt.startswith(("dark", "as it is"))]
    unfocused = [row for row in spoilt if row.spoilt.startswith(("blurred", "as it is"))]
    tables = [
        table("spoilt", ((label, [row for row in found if row.spoilt == label]) for label in (*SPOILT, *SHOWN))),
        table("places", between((0, 1, 38, 60, 100, 150, 250, 2000), spoilt, lambda seen: seen.places)),
        table("telling places", between((0, 12, 25, 50, 75, 125, 2000), found, lambda seen: seen.telling)),
        table("light", between((0, 30, 40, 50, 60, 80, 256), dimmed, lambda seen: seen.light)),
        table("sharpness", between((0, 1.4, 1.6, 1.8, 2.2, 3, 5, 100), unfocused, lambda seen: seen.sharpness)),
    ]
    copies = ", ".join(name for name in COPIES if name != HARDEST)
    head = f"{pictures} pictures, each spoilt in {len(SPOILT) + len(SHOWN)} ways; found: of {copies}; {HARDEST} apart."
    return "\n\n".join(["# How recognisable, and what is found", head, *tables]) + "\n"


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.recognisability", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with a manifest.csv; without it, pictures are drawn")
    parser.add_argument("--pictures", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args(words)
    cv2.setNumThreads(1)
    most = options.pictures
    corpus = corpora.read(options.corpus, 10**6, options.seed) if options.corpus else corpora.drawn(most, most, options.seed)
    rng = np.random.default_rng(options.seed)
    found: list[Row] = []
    for sample in chosen(corpus.references, most, rng):
        found += rows(small(SIDE, pixels(sample.load())), sample.name)
        sys.stderr.write(f"{len(found)} {json.dumps(asdict(found[-len(SPOILT) - len(SHOWN)].looks))}\n")
    page = report(found, most)
    options.output.write_text(page, encoding="utf-8")
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
