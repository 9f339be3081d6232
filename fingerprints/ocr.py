"""Reading the text in a picture. Two engines behind one interface: RapidOCR, in the wheel, and Tesseract, if installed.

RapidReader finds lines first, and a picture without any costs only that. What costs is reading each line, so lines are cut
out by their boxes and turned upright before: a box taller than wide holds a line turned by a right angle; and if a sample of
lines reads badly, it is tried on its head, and what reads better decides for all. (PP-OCR's own direction classifier called
ordinary long lines upside down.) A page is so read in every orientation, and its lines come in a person's reading order.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.errors import EngineMissing, Unreadable
from fingerprints.flushing import flushed
from fingerprints.layout import Layout, inside, outside
from fingerprints.networks import opened
from fingerprints.places import Place, area_of, places_around
from fingerprints.shrinking import shrunk
from fingerprints.strips import straightened
from fingerprints.types import U8, Line, Picture, Quad, Reader, Strip
from fingerprints.writing import fine_print

Corners: TypeAlias = npt.NDArray[np.float32]
"""(4, 2)."""
Readings = dict[int, tuple[str, float]]
"""Text and confidence by index of the box."""
Boxes: TypeAlias = npt.NDArray[np.float32]
"""(n, 4, 2), pixels, clockwise from the top left."""

DETECTION_SIDE = 1280
GLANCE_SIDE = 320
"""Pixels of the longer side at which a picture is first looked at: where nothing there might be writing, nothing is read."""
COARSE_SIDES = (640, 960)
"""Pixels of the longer side at which lines are looked for first."""
MIN_CONFIDENCE = 0.5
_FEW_PLACES, _FEW_LINES = 4, 6
"""Of suspected writing, and in one of them: so few are read before all is. More are a page."""
_SMALL_AREA = 0.25
"""Of the picture: so little is looked at as closely as when all is read. Of more, only one place that closer holds one line."""
_WORTHWHILE, _FAINTER = 1.25, 1.5  # times smaller: pays, and still shows fine print
_NOTHING = 0.01  # of the picture: so little beside a page is its edge
_LARGE = 15.0  # pixels of a box around a line: nine tenths are as high where lines were looked for
_FIRST, _SAMPLE = 2, 4
_VERY_SURE, _SURE = 0.97, 0.9
_LONG = 3.0
_TIMEOUT = 60.0
_UNITS = 2.0  # of text in a square of a line


class _Cut(NamedTuple):
    """The boxes of a picture, cut out. ``upright``: their corners from where their text begins. ``groups``: what is not read
    yet, by direction, longest first; ``turned``: what stands on its head; ``read``: the samples by which that was told.
    """

    strips: list[U8]
    upright: Boxes
    groups: list[list[int]]
    turned: set[int]
    read: Readings


def open_reader(name: str, threads: int = 2) -> Reader:
    """The engine of that name, not loaded yet. Raises ValueError for an unknown one."""
    if name == "rapidocr":
        return RapidReader(threads)
    if name == "tesseract":
        return TesseractReader()
    raise ValueError(f"no OCR engine is named {name!r}: choose rapidocr or tesseract")


class RapidReader:
    """PP-OCR by RapidOCR: Chinese and English together. ``threads``: of the neural network's own pool."""

    name = "rapidocr"

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads

    @cached_property
    def _engine(self) -> Any:
        return self._made(DETECTION_SIDE)

    @cached_property
    def _glancing(self) -> Any:
        """Quick, and suspecting: it may see writing where there is none."""
        return self._made(GLANCE_SIDE, {"Det.box_thresh": 0.3, "Det.thresh": 0.2})

    def _glance(self, picture: Picture, beside: Sequence[Quad] = ()) -> bool:
        """Whether there might be anything to read. ``beside``: places that were painted over."""
        if fine_print(picture.grey):
            return True
        pixels = np.dstack([shrunk(picture.grey, GLANCE_SIDE)] * 3)
        suspected = _fractions(_boxes(self._glancing, pixels), pixels)
        places = places_around(suspected[~inside(suspected.mean(axis=1), beside)])
        small = area_of(places) <= _SMALL_AREA
        if len(places) > (_FEW_PLACES if small else 1) or max(picture.grey.shape) <= 2 * GLANCE_SIDE:
            return bool(places)
        few, side = (_FEW_LINES, DETECTION_SIDE) if small else (1, DETECTION_SIDE // 2)
        return any(self._reads(picture, place, few, side) for place in places)

    def _reads(self, picture: Picture, place: Place, few: int, side: int) -> bool:
        """Whether anything can be read in one place, or it holds more than a ``few`` lines, which are not read here.

        Looked at as if the whole picture had ``side`` pixels along its side.
        """
        height, width = picture.grey.shape
        left, right = round(place.left * width), round(place.right * width)
        top, bottom = round(place.top * height), round(place.bottom * height)
        part = picture.grey[top:bottom, left:right]
        part = shrunk(part, max(1, round(max(part.shape) * min(1.0, side / max(height, width)))))
        pixels = np.dstack([part] * 3)
        boxes = _boxes(self._engine, pixels)
        if not 0 < len(boxes) <= few:
            return len(boxes) > 0
        read = self._read_boxes(pixels, boxes)
        words = "".join(text.strip() for text, score in read.values() if score >= MIN_CONFIDENCE)
        return len(words) > 1

    def _made(self, side: int, more: Mapping[str, float] | None = None) -> Any:
        return opened(side, self._threads, more or {})

    def warm(self) -> None:
        """Load the models now instead of with the first picture."""
        blank = Picture(np.full((64, 64, 3), 255, np.uint8), 64, 64)
        self._glance(blank)
        self._engine(blank.pixels, use_det=True, use_cls=False, use_rec=False)

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Lines in reading order, whichever way the picture is turned. Raises EngineMissing."""
        layout = self._laid_out(picture)
        return layout.read(range(len(layout)))

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        """Few lines are read already, to tell which way is up. Raises EngineMissing.

        ``rough`` where large letters allow it: enough to tell what the lines are of, not for all there is to be read.
        """
        return self._laid_out(picture, beside, rough=not beside)

    def _laid_out(self, picture: Picture, beside: Sequence[Quad] = (), *, rough: bool = False) -> Layout:
        if _uncovered(beside) < _NOTHING or not self._glance(_without(picture, beside) if beside else picture, beside):
            return Layout([], [], {})
        pixels = np.ascontiguousarray(picture.pixels[:, :, ::-1])
        size = np.array(pixels.shape[1::-1], np.float32)
        large = self._large_lines(pixels, fine_print(picture.grey)) if rough else None
        boxes = _boxes(self._engine, pixels) if large is None else large
        boxes = boxes[~inside(boxes.mean(axis=1) / size, beside)]
        if not len(boxes):
            return Layout([], [], {})
        cut = self._cut(pixels, boxes)
        order = _reading_order(cut.upright)
        quads = [_quad(cut.upright[i] / size) for i in order]
        rank = {box: index for index, box in enumerate(order)}

        def lines(read: Readings) -> dict[int, Line]:
            legible = ((rank[i], *one) for i, one in read.items() if one[0].strip() and one[1] >= MIN_CONFIDENCE)
            return {index: Line(text, score, quads[index]) for index, text, score in legible}

        units = _UNITS * _width(cut.upright)[order] / np.maximum(_height(cut.upright)[order], 1.0)
        read = lambda which: lines(self._rest(cut, [order[index] for index in which]))  # noqa: E731
        return Layout(quads, units.tolist(), lines(cut.read), read, [rank[i] for i in cut.read], rough=large is not None)

    def _large_lines(self, pixels: U8, fine: bool) -> Boxes | None:
        """Where lines stand: a page of large letters shows them in a copy of a quarter of the pixels, for a fifth of the time.
        ``None`` where it takes the picture itself.

        ``fine``: there is fine print, which would be lost in a copy much smaller.
        """
        height = np.inf  # of the lower lines, in sides of the picture
        for side in COARSE_SIDES:
            smaller = min(DETECTION_SIDE, max(pixels.shape)) / side
            if smaller < _WORTHWHILE or (fine and smaller > _FAINTER) or height * side < _LARGE:
                continue
            small = shrunk(pixels, side)
            boxes = _boxes(self._engine, small)
            sides = np.minimum(_height(boxes), _width(boxes))
            height = float(np.percentile(sides, 10)) / side if len(boxes) > _FEW_LINES else 0.0
            if height * side >= _LARGE:
                return np.asarray(boxes * np.array(pixels.shape[1::-1]) / np.array(small.shape[1::-1]), np.float32)
        return None

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        """The recogniser alone, in a batch: nothing is searched for and no direction is guessed. Raises EngineMissing."""
        if not quads:
            return ()
        strips = [np.ascontiguousarray(straightened(picture, quad)[:, :, ::-1]) for quad in quads]
        answer = self._recognised(strips)
        return tuple(Strip(text, float(score)) for text, score in zip(answer.txts, answer.scores, strict=True))

    def _read_boxes(self, pixels: U8, boxes: Boxes) -> Readings:
        """What each of them says."""
        cut = self._cut(pixels, boxes)
        return cut.read | self._rest(cut, range(len(boxes)))

    def _cut(self, pixels: U8, boxes: Boxes) -> "_Cut":
        """The strips of the boxes, those of either direction turned as a sample of the longest reads better."""
        strips: list[U8] = self._engine.crop_text_regions(pixels, boxes)
        tall = _tall(boxes)
        upright = np.where(tall[:, None, None], np.roll(boxes, -1, axis=1), boxes)
        cut = _Cut(strips, upright, [], set(), {})
        for group in (np.flatnonzero(tall), np.flatnonzero(~tall)):
            longest_first = group[np.argsort(-_width(upright[group]), kind="stable")].tolist()
            read, turned = self._sampled(strips, longest_first[:_SAMPLE])
            cut.read.update(read)
            cut.groups.append([i for i in longest_first if i not in read])
            if turned:
                cut.turned.update(longest_first)
                upright[group] = np.roll(upright[group], 2, axis=1)
        return cut

    def _sampled(self, strips: list[U8], sample: list[int]) -> tuple[Readings, bool]:
        """What lines of one direction say, and whether they stood on their heads."""
        read = self._recognise(strips, sample[:_FIRST], turned=False)
        if not sample or _confidence(read) >= _VERY_SURE:
            return read, False
        read |= self._recognise(strips, sample[_FIRST:], turned=False)
        if _confidence(read) >= _SURE:
            return read, False
        other = self._recognise(strips, sample, turned=True)
        turned = _confidence(other) > _confidence(read)
        return (other if turned else read), turned

    def _rest(self, cut: "_Cut", which: Iterable[int]) -> Readings:
        """Those of them that were not in the samples; they are read in batches of one direction."""
        wanted, read = set(which), Readings()
        for group in cut.groups:
            some = [i for i in group if i in wanted]
            read |= self._recognise(cut.strips, some, turned=bool(some) and some[0] in cut.turned)
        return read

    def _recognise(self, strips: list[U8], which: list[int], *, turned: bool) -> Readings:
        if not which:
            return {}
        wanted = [np.ascontiguousarray(strips[i][::-1, ::-1]) if turned else strips[i] for i in which]
        answer = self._recognised(wanted)
        return {i: (text, float(score)) for i, text, score in zip(which, answer.txts, answer.scores, strict=True)}

    def _recognised(self, strips: list[U8]) -> Any:
        engine = self._engine  # loaded before
        with flushed():
            return engine.recognize_txt(strips)


def _boxes(engine: Any, pixels: U8) -> Boxes:
    """Where the detector sees lines of text. ``pixels``: BGR."""
    with flushed():
        boxes = engine(pixels, use_det=True, use_cls=False, use_rec=False).boxes
    return np.empty((0, 4, 2), np.float32) if boxes is None else np.asarray(boxes, np.float32)


def _uncovered(places: Sequence[Quad]) -> float:
    """The share 0..1 of a picture that lies in none of the places."""
    covered = np.zeros((200, 200), np.uint8)
    for quad in places:
        cv2.fillPoly(covered, [np.rint(np.array(quad) * 199).astype(np.int32)], (1,))
    return 1.0 - float(covered.mean())


def _without(picture: Picture, places: Sequence[Quad]) -> Picture:
    """The picture with those places painted over in grey."""
    pixels = picture.pixels.copy()
    corners = [np.rint(np.array(quad) * pixels.shape[1::-1]).astype(np.int32) for quad in places]
    cv2.fillPoly(pixels, corners, (128, 128, 128))
    return Picture(pixels, picture.width, picture.height)


def _fractions(boxes: Boxes, pixels: U8) -> Boxes:
    return np.asarray(boxes / np.array(pixels.shape[1::-1], np.float32), np.float32)


def _tall(boxes: Boxes) -> npt.NDArray[np.bool_]:
    """Which boxes hold a line turned by a right angle.

    A short word's box tells nothing (a lone 1 is tall, 11 is square): it goes with most of the text.
    """
    height, width = _height(boxes), _width(boxes)
    down, across = height >= _LONG * width, width >= _LONG * height
    mostly_down = height[down].sum() > width[across].sum()
    return np.where(down | across, down, mostly_down)


def _confidence(read: Readings) -> float:
    """Mean per line; a line read as nothing counts as none."""
    return sum(score for text, score in read.values() if text.strip()) / len(read)


def _width(boxes: Boxes) -> Boxes:
    return np.asarray(np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1), np.float32)


def _height(boxes: Boxes) -> Boxes:
    return np.asarray(np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1), np.float32)


def _reading_order(boxes: Boxes) -> list[int]:
    """Row by row along the direction in which most text runs; boxes are of one row if they overlap by half a line's height."""
    along = (boxes[:, 1] - boxes[:, 0]).sum(axis=0)
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    centres = boxes.mean(axis=1)
    across, down = centres @ along, centres @ np.array([-along[1], along[0]])
    half = float(np.median(_height(boxes))) / 2
    order = np.argsort(down, kind="stable")
    rows = np.empty(len(boxes), np.int64)
    rows[order] = np.concatenate(([0], np.cumsum(np.diff(down[order]) > half)))
    return [int(i) for i in np.lexsort((across, rows))]


def _quad(corners: Corners) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in np.clip(corners, 0, 1))
    return a, b, c, d


class TesseractReader:
    """Tesseract 5 by its command. ``languages``: as its ``-l`` wants them; their data must be installed."""

    name = "tesseract"

    def __init__(self, languages: str = "chi_sim+eng") -> None:
        self._languages = languages

    @cached_property
    def _engine(self) -> Any:
        try:
            import pytesseract  # noqa: PLC0415 (only this engine's users need it)

            installed = set(pytesseract.get_languages())
        except (ImportError, OSError) as error:
            raise EngineMissing(f"Tesseract is not installed: {_INSTALL}") from error
        if missing := set(self._languages.split("+")) - installed:
            raise EngineMissing(f"Tesseract lacks language data ({', '.join(sorted(missing))}): {_INSTALL}")
        return pytesseract

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Lines as Tesseract lays them out. Raises EngineMissing, or Unreadable after a minute."""
        height, width = picture.pixels.shape[:2]
        table, words = self._words(picture.pixels, 3)
        return tuple(_tesseract_line(table, group, width, height) for group in words.values())

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        """All is read at once. Raises EngineMissing, or Unreadable after a minute."""
        return Layout.of(outside(self.read(picture), beside))

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        """Each strip as a single line. Raises EngineMissing, or Unreadable after a minute."""
        found = []
        for quad in quads:
            table, words = self._words(straightened(picture, quad), 7)
            lines = [_tesseract_line(table, group, 1, 1) for group in words.values()]
            confidence = min((line.confidence for line in lines), default=0.0)
            found.append(Strip(" ".join(line.text for line in lines), confidence))
        return tuple(found)

    def _words(self, pixels: U8, layout: int) -> tuple[dict[str, list[Any]], dict[tuple[int, ...], list[int]]]:
        """Tesseract's table, and the rows of it that hold words, by line. ``layout``: its ``--psm``."""
        engine = self._engine
        options = {"lang": self._languages, "config": f"--psm {layout}", "timeout": _TIMEOUT, "output_type": engine.Output.DICT}
        try:
            table = engine.image_to_data(pixels, **options)
        except RuntimeError as error:
            raise Unreadable("timeout", f"Tesseract did not finish this picture within {_TIMEOUT:.0f} s") from error
        words: dict[tuple[int, ...], list[int]] = {}
        for i, text in enumerate(table["text"]):
            if text.strip() and float(table["conf"][i]) >= 0:
                words.setdefault(tuple(table[k][i] for k in ("page_num", "block_num", "par_num", "line_num")), []).append(i)
        return table, words


_INSTALL = "apt-get install tesseract-ocr tesseract-ocr-chi-sim"


def _tesseract_line(table: dict[str, list[Any]], words: list[int], width: int, height: int) -> Line:
    left, top = min(table["left"][i] for i in words), min(table["top"][i] for i in words)
    right = max(table["left"][i] + table["width"][i] for i in words)
    bottom = max(table["top"][i] + table["height"][i] for i in words)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    corners /= np.array((width, height), np.float32)
    confidence = float(np.mean([float(table["conf"][i]) for i in words])) / 100
    return Line(" ".join(table["text"][i] for i in words), confidence, _quad(corners))
