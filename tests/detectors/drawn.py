"""What a picture shows, given instead of computed: for the rules that begin where OCR and geometry end."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from detectors.registry import AssetChange, Registry
from detectors.subject import Likeness, Subject
from detectors.thresholds import DEFAULT
from detectors.types import Asset, AssetKind, Reference
from fingerprints.extraction import Extractor, Observation
from fingerprints.layout import Layout, outside
from fingerprints.lines import laid_out
from fingerprints.text import shingles
from fingerprints.types import Fingerprints, GeometricHit, Line, PerceptualHit, Picture, Quad, Strip
from tests.detectors.scenes import asset, png, scene
from tests.fingerprints.test_extraction import CountingReader

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def lines(texts: Sequence[str], confidence: float = 1.0) -> tuple[Line, ...]:
    """One below the other over the whole picture, as an engine would have read them."""
    tops = [i / len(texts) for i in range(len(texts))]
    high = 0.5 / max(len(texts), 1)
    quads = [((0.1, top), (0.9, top), (0.9, top + high), (0.1, top + high)) for top in tops]
    return tuple(Line(text, confidence, quad) for text, quad in zip(texts, quads, strict=True))


def read(found: tuple[Line, ...]) -> Observation:
    """A picture with little to see, in which these lines were read."""
    return Extractor(CountingReader(found)).open(png(scene(1, 240, 180)), "x.png").parts[0]


def registered(registry: Registry, ident: str, text: str, kind: AssetKind = AssetKind.DOCUMENT) -> Asset:
    """Register one page by its text alone; its key is the asset's id."""
    what = asset(ident, kind)
    prints = Fingerprints(f"digest of {ident}", shingles=shingles(text))
    registry.apply(AssetChange(registry.checkpoint + 1, ident, what, ((Reference(ident, ident, ""), prints),)))
    return what


def hit(key: str, inliers: int, coverage: float) -> GeometricHit:
    """The whole picture is the whole reference."""
    return GeometricHit(key, inliers, inliers, np.eye(3), np.zeros((inliers, 4), np.float32), coverage, 1.0, CORNERS)


def like(registry: Registry, key: str, geometry: GeometricHit | None, perceptual: PerceptualHit | None = None) -> Likeness:
    return Likeness(registry.reference(key), registry.asset_of(key), exact=False, perceptual=perceptual, geometry=geometry)


class Nominated(Subject):
    """A picture of which it is given what it resembles."""

    def __init__(self, seen: Observation, registry: Registry, likenesses: Iterable[Likeness]) -> None:
        super().__init__(0, seen, registry, DEFAULT)
        self._given = list(likenesses)

    @cached_property
    def likenesses(self) -> list[Likeness]:
        return self._given


class GridReader:
    """Knows what stands at each height of the picture, and says so of any strip; counts what it was asked."""

    name = "grid"

    def __init__(self, shown: Sequence[Line]) -> None:
        self.shown = shown
        self.pages = self.strips = 0

    def read(self, picture: Picture) -> tuple[Line, ...]:
        self.pages += 1
        return tuple(self.shown)

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        return Layout.of(outside(self.read(picture), beside))

    def read_strips(self, picture: Picture, quads: Sequence[Quad]) -> tuple[Strip, ...]:
        self.strips += len(quads)
        return tuple(self._at(np.mean(quad, axis=0)[1]) for quad in quads)

    def _at(self, height: float) -> Strip:
        for line in self.shown:
            if line.quad[0][1] <= height <= line.quad[3][1]:
                return Strip(line.text, line.confidence)
        return Strip("", 0.0)


def laid_out_page(registry: Registry, ident: str, texts: Sequence[str]) -> None:
    """Register one page by its text and its lines; its key is the asset's id."""
    made, whole = lines(texts), "\n".join(texts)
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1].tolist()
    prints = Fingerprints(f"digest of {ident}", shingles=shingles(whole), lines=laid_out(made, starts))
    what = asset(ident, AssetKind.DOCUMENT)
    registry.apply(AssetChange(registry.checkpoint + 1, ident, what, ((Reference(ident, ident, "", whole), prints),)))
