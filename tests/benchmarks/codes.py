"""Codes on photographs, read by three: ``python -m tests.benchmarks.codes``; prints a Markdown page and writes it.

QR codes and barcodes are drawn onto photographs of ordinary things as a camera would see them: at a tilt, from one side, small,
partly covered, in bad light, passed on. fingerprints.codes reads them beside zxing-cpp over the whole picture and OpenCV's own.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from app.demo import ordinary, pages
from app.demo.camera import jpeg
from fingerprints.codes import read_codes
from fingerprints.images import decode
from fingerprints.types import F32, U8, Limits, Picture
from tests.benchmarks.attacks import recompress, seed_of
from tests.benchmarks.markdown import share, table
from tests.benchmarks.run import RESULTS
from tests.benchmarks.tables import machine

SYMBOLOGIES = ("QRCode", "DataMatrix", "Code128")
_MODULE = 5.0  # pixels, where nothing else is said
_SCALE = 8  # pixels a module is drawn with


@dataclass(frozen=True, slots=True)
class Way:
    """How a label lies. ``turn``: degrees, at most. ``lean``: how much shorter the far edge is. ``covered``: of its area."""

    turn: float = 6
    lean: float = 0.0
    module: float = _MODULE
    covered: float = 0.0
    light: float = 1.0
    forwarded: bool = False


WAYS: dict[str, Way] = {
    "plain": Way(),
    "at any angle": Way(turn=180),
    "from one side": Way(turn=25, lean=0.3),
    "small": Way(module=2.6),
    "partly covered": Way(covered=0.025),
    "in bad light": Way(light=0.25),
    "passed on by a chat": Way(forwarded=True),
}

Read = Callable[[Picture], set[str]]


def _ours(picture: Picture) -> set[str]:
    return {code.text for code in read_codes(picture)}


def _zxing(picture: Picture) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(picture.grey, text_mode=zxingcpp.TextMode.Plain)}


def _opencv(picture: Picture) -> set[str]:
    detector = cv2.QRCodeDetector()
    squares = (*detector.detectAndDecodeMulti(picture.grey)[1], detector.detectAndDecode(picture.grey)[0])
    bars = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(picture.grey)[1]
    return {text for text in (*squares, *bars) if text}


READERS: dict[str, Read] = {"leakwatch": _ours, "zxing-cpp, whole picture": _zxing, "OpenCV": _opencv}


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: what lies in it, who read it, and in how many milliseconds of CPU. ``wrong``: read, and not there."""

    symbology: str | None
    way: str
    found: dict[str, bool]
    wrong: dict[str, int]
    cost: dict[str, float]


def main(words: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.codes", description=__doc__)
    parser.add_argument("--each", type=int, default=40, help="pictures of each symbology, each way")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the table")
    options = parser.parse_args(words)
    cv2.setNumThreads(1)
    page = report([*looks(options.each), *_without(options.each)])
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "codes.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def looks(each: int) -> Iterator[Look]:
    """Every symbology every way."""
    for name, way in WAYS.items():
        for symbology in SYMBOLOGIES:
            for number in range(each):
                seed = seed_of(0, name, symbology, str(number))
                text = f"AZ-{seed % 10**8:08d}"
                yield _read(symbology, name, text, labelled(photograph(number), text, symbology, way, seed))


def photograph(number: int) -> U8:
    """A lunch, a landscape, a cat, a page of a memorandum, in turn."""
    return (ordinary.lunch, ordinary.landscape, ordinary.cat, lambda seed: pages.memo(seed).pixels)[number % 4](number)


def _without(count: int) -> Iterator[Look]:
    """The same photographs with nothing on them."""
    for number in range(count):
        yield _read(None, "no code", "", jpeg(photograph(number), 88))


def _read(symbology: str | None, way: str, text: str, data: bytes) -> Look:
    found, wrong, cost = {}, {}, {}
    for name, read in READERS.items():
        picture = decode(data, Limits())
        began = time.process_time()
        told = read(picture)
        cost[name] = (time.process_time() - began) * 1000
        found[name], wrong[name] = text in told, len(told - {text})
    return Look(symbology, way, found, wrong, cost)


def labelled(photo: U8, text: str, symbology: str, way: Way, seed: int) -> bytes:
    """A JPEG of the photograph, uint8 (height, width, 3), with a label on it somewhere."""
    rng = np.random.default_rng(seed)
    label = _label(text, symbology)
    if way.covered:
        _cover(label, way.covered, rng)
    corners = _corners(label, way, photo.shape[:2], rng)
    source = np.array([(0, 0), (label.shape[1], 0), label.shape[1::-1], (0, label.shape[0])], np.float32)
    view = cv2.getPerspectiveTransform(source, corners)
    size = photo.shape[1::-1]
    lying = cv2.warpPerspective(label, view, size, flags=cv2.INTER_AREA)
    where = cv2.warpPerspective(np.full_like(label, 255), view, size)[:, :, None] / 255.0
    seen = cv2.GaussianBlur(photo * (1 - where) + lying[:, :, None] * where, (0, 0), 0.7) * way.light
    pixels = np.clip(seen + rng.normal(0, 3, seen.shape), 0, 255).astype(np.uint8)
    return recompress(pixels, seed) if way.forwarded else jpeg(pixels, 88)


def _label(text: str, symbology: str) -> U8:
    """Drawn so large that it is never enlarged; uint8, (height, width)."""
    more = {"ec_level": "M"} if symbology == "QRCode" else {}
    code = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(symbology), **more)
    drawn = np.asarray(zxingcpp.write_barcode_to_image(code, scale=_SCALE, add_quiet_zones=True))
    return np.array(drawn if drawn.ndim == 2 else drawn[:, :, 0])


def _cover(label: U8, share: float, rng: np.random.Generator) -> None:
    """A thumb over a corner that holds no finder of a QR code, or over one end of the bars' height."""
    height, width = label.shape
    reach = int((share * height * width) ** 0.5)
    if width > 2 * height:
        label[int(height * 0.6) :] = 150
    else:
        label[height - 2 * reach : height - reach, width - 2 * reach : width - reach] = rng.integers(120, 180)


def _corners(label: U8, way: Way, size: tuple[int, int], rng: np.random.Generator) -> F32:
    height, width = (side * way.module / _SCALE for side in label.shape)
    angle = np.deg2rad(rng.uniform(-way.turn, way.turn))
    far = 1 - way.lean
    flat = np.array([(-far, -far), (far, -far), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    laid = flat @ turn.T
    low, high = -laid.min(axis=0) + 4, np.array(size[::-1]) - laid.max(axis=0) - 4
    return np.asarray(laid + rng.uniform(low, np.maximum(low + 1, high)), np.float32)


def report(looked: list[Look]) -> str:
    """The whole page."""
    bearing = [one for one in looked if one.symbology]
    rows = []
    for way in WAYS:
        for symbology in SYMBOLOGIES:
            some = [one for one in bearing if (one.way, one.symbology) == (way, symbology)]
            rows.append((f"{symbology}, {way}", len(some), *(_share(some, name) for name in READERS)))
    rows.append(("all", len(bearing), *(_share(bearing, name) for name in READERS)))
    costs = []
    for name in READERS:
        with_code, without = ([one.cost[name] for one in looked if bool(one.symbology) == held] for held in (True, False))
        wrong = sum(one.wrong[name] for one in looked)
        costs.append((name, f"{np.median(with_code):.1f}", f"{np.median(without):.1f}", wrong))
    parts = [
        "# Codes on photographs",
        f"- {len(bearing)} pictures that show one, {len(looked) - len(bearing)} that show none\n{machine()}",
        table(("read", "pictures", *READERS), rows),
        table(("CPU ms, median", "with a code", "without", "read though not there"), costs),
        "OpenCV reads neither DataMatrix nor Code 128 (its barcodes are EAN and UPC).",
    ]
    return "\n\n".join(parts) + "\n"


def _share(some: list[Look], name: str) -> str:
    return share(sum(one.found[name] for one in some), len(some))


if __name__ == "__main__":
    main()
