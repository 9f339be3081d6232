"""The words every fingerprint shares: a picture, a line, a code, and the two interfaces (fingerprinter, index)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.saved import Loader, Saver

if TYPE_CHECKING:
    from fingerprints.layout import Layout

Key: TypeAlias = str
Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Four corners as fractions of the upright picture, clockwise from the top left of what they enclose."""

U8: TypeAlias = npt.NDArray[np.uint8]
F32: TypeAlias = npt.NDArray[np.float32]
U32: TypeAlias = npt.NDArray[np.uint32]
U64: TypeAlias = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file from outside. Exceeding one is reported, never silent.

    ``max_unpacked``: bytes, of all that is packed in it together; no more than ``max_ratio`` times its own. ``max_members``:
    files inside it, in all depths together. ``max_depth``: files within each other. ``max_frames``: of a film or an animation,
    looked at.
    """

    max_bytes: int = 50_000_000
    max_pixels: int = 100_000_000
    max_pages: int = 100
    max_characters: int = 1_000_000
    max_unpacked: int = 200_000_000
    max_ratio: int = 100
    max_members: int = 1000
    max_depth: int = 4
    max_frames: int = 600


class Picture:
    """An upright picture, bounded in size.

    ``pixels``: uint8, (height, width, 3), RGB, or what makes them when they are first asked for. ``grey``: of the same size, and
    all that many a picture is decoded for. ``width``/``height``: of the upright original in pixels, before any reduction.
    ``truncated``: the file ended early; what had arrived is here.
    """

    def __init__(
        self, pixels: U8 | Callable[[], U8], width: int, height: int, truncated: bool = False, grey: U8 | None = None
    ) -> None:
        self._pixels, self._grey = pixels, grey
        self.width, self.height, self.truncated = width, height, truncated

    @cached_property
    def pixels(self) -> U8:
        return self._pixels() if callable(self._pixels) else self._pixels

    @cached_property
    def grey(self) -> U8:
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8) if self._grey is None else self._grey


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text read from a picture. ``confidence`` is the engine's own, 0..1."""

    text: str
    confidence: float
    quad: Quad


@dataclass(frozen=True, slots=True)
class Strip:
    """What was read where a line was expected, ``""`` nothing. ``confidence``: the engine's own, 0..1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Code:
    """One decoded QR code or barcode; ``symbology`` as zxing names it (``QRCode``, ``Code128``, …)."""

    text: str
    symbology: str
    quad: Quad


@dataclass(frozen=True, slots=True, eq=False)
class PerceptualHash:
    """Whole-picture hash. ``bits``: uint8, (8, n): one row per orientation, row 0 the picture as it is (perceptual.py)."""

    bits: U8


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """Local features of one picture.

    ``xy``: float32, (n, 2), fractions of the upright picture. ``scale``: float32, (n,), keypoint diameter as a fraction of
    the longer side. ``angle``: float32, (n,), radians 0..2 pi, clockwise from the right. ``descriptors``: uint8, (n, 128),
    RootSIFT (Arandjelović and Zisserman, CVPR 2012) times 512, clipped. ``aspect``: width / height of the picture.
    """

    xy: F32
    scale: F32
    angle: F32
    descriptors: U8
    aspect: float

    def __len__(self) -> int:
        return len(self.xy)


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """Winnowed shingles of one text, in order.

    ``hashes``: uint32, (n,). ``starts``/``ends``: uint32, (n,), the shingle's half-open span in the *original* text.
    ``length``: characters of the original text. ``units``: its weight-bearing size (a CJK character counts 2, another
    letter or digit 1).
    """

    hashes: U32
    starts: U32
    ends: U32
    length: int
    units: int

    def __len__(self) -> int:
        return len(self.hashes)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of one page: where each stands, and a sketch of what it says (fingerprints/lines.py).

    ``quads``: uint16, (n, 4, 2), fractions of the picture times 65535. ``starts``/``ends``: uint32, (n,), half-open spans in the
    reference's text. ``units``/``digits``: uint16, (n,), size in units, and how many of its characters are digits.
    ``sketches``: uint8, (n, 32).
    """

    quads: npt.NDArray[np.uint16]
    starts: U32
    ends: U32
    units: npt.NDArray[np.uint16]
    digits: npt.NDArray[np.uint16]
    sketches: U8

    def __len__(self) -> int:
        return len(self.units)


@dataclass(frozen=True, slots=True)
class Terms:
    """Words to watch for: ``terms`` are code names and project words, ``tags`` serial and asset numbers."""

    terms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprints:
    """All fingerprints of one reference. A ``None`` says the reference holds nothing that kind could use.

    ``digest``: the file's SHA-256, of a page followed by its label.
    """

    digest: str
    perceptual: PerceptualHash | None = None
    keypoints: Keypoints | None = None
    shingles: Shingles | None = None
    lines: Lines | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a file that could not be inspected, and why. ``part`` names it inside the file (``""``: all of it)."""

    reason: str
    detail: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class PerceptualHit:
    """``distance``: Hamming, of 64 bits. ``orientation``: 0..7, which of the eight the query had to take."""

    key: Key
    distance: int
    orientation: int


@dataclass(frozen=True, slots=True, eq=False)
class GeometricHit:
    """A reference whose keypoints lie in the query as a plane would, or as the few planes of something solid.

    ``homography``: float64, (3, 3), of the best plane, reference fractions to query fractions. ``inliers``: correspondences
    that agree with any of them, counted once per place. ``mutual``: those of them whose keypoints are each other's nearest of
    all: where things merely repeat, as letters and windows do, many agree by chance and hardly any of these. ``points``: float32,
    (inliers, 4): query x, y, reference x, y (fractions). ``coverage``: share 0..1 of the reference's blocks visible in the query
    whose keypoints are found where the homography puts them (geometry.py). ``visible``: share 0..1 of the reference's area that
    lies inside the query. ``outline``: the reference's border in the query. ``mirrored``: the query is a mirror image;
    coordinates are already those of the query as it came. ``negative``: it shows dark what is light.
    """

    key: Key
    inliers: int
    mutual: int
    homography: npt.NDArray[np.float64]
    points: F32
    coverage: float
    visible: float
    outline: Quad
    mirrored: bool = False
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of text that query and reference share: half-open character spans in both originals, and its weight in units."""

    query_start: int
    query_end: int
    reference_start: int
    reference_end: int
    units: float


@dataclass(frozen=True, slots=True)
class TextHit:
    """A reference text sharing passages with the query.

    ``units``: size of what is shared, each shingle weighted by its rarity in the index (0..1), so boilerplate weighs little.
    ``share``: ``units`` as part of the query's own weight, 0..1.
    """

    key: Key
    units: float
    share: float
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class TermHit:
    """A watched word in a text: which key's, the word as registered, and the half-open span where it stands."""

    key: Key
    kind: str  # "term" or "tag"
    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Change:
    """One registry change in opaque keys. Applying it twice is the same as once."""

    checkpoint: int
    remove: tuple[Key, ...] = ()
    put: dict[Key, Fingerprints] = field(default_factory=dict)
    put_terms: dict[Key, Terms] = field(default_factory=dict)


F = TypeVar("F")
F_contra = TypeVar("F_contra", contravariant=True)
H_co = TypeVar("H_co", covariant=True)


class Fingerprinter(Protocol[F]):
    """Makes one kind of fingerprint of a picture, and carries it to and from bytes. ``kind`` names it in stored data."""

    @property
    def kind(self) -> str: ...

    def fingerprint(self, picture: Picture) -> F | None:
        """``None`` when the picture holds nothing this kind could recognise again (a blank page, say)."""

    def dump(self, fingerprint: F) -> bytes: ...

    def load(self, data: bytes) -> F:
        """Inverse of ``dump``. Raises ValueError for anything else."""


class Index(Protocol[F_contra, H_co]):
    """Fingerprints under opaque keys, searched by likeness. Not thread-safe; one process owns one."""

    def add(self, key: Key, fingerprint: F_contra) -> None:
        """Adding a key that is there replaces it."""

    def remove(self, key: Key) -> None:
        """Removing a key that is not there does nothing."""

    def search(self, query: F_contra, limit: int = 10) -> Sequence[H_co]:
        """Best first."""

    def write(self, to: Saver) -> None:
        """All of it, so that what is read back answers the same, now and after the same further changes."""

    @classmethod
    def read(cls, source: Loader) -> Self:
        """Inverse of ``write``. What is not as it should be raises something (``saved.reading`` makes it a ValueError)."""

    def __contains__(self, key: object) -> bool: ...

    def __len__(self) -> int: ...


class Reader(Protocol):
    """An OCR engine. Deterministic: the same pixels give the same lines."""

    @property
    def name(self) -> str: ...

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Lines in reading order (top to bottom, then left to right). Raises EngineMissing."""

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> "Layout":
        """Where the lines stand, to be read one by one; ``beside``: without those in these places. Raises EngineMissing."""

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        """What stands in each quad, which holds one line and begins where its text begins. Raises EngineMissing."""
