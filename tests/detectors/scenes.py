"""Drawn registries and messages for the detectors' tests."""

import io
from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Attachment, Level, Message, Reference
from fingerprints.extraction import Extractor
from fingerprints.types import U8

LEAD = "Quarterly readiness review of the northern depot. "


def scene(seed: int, width: int = 900, height: int = 700) -> U8:
    """A picture rich in detail and without text."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), rng.integers(40, 210, 3), np.uint8)
    for _ in range(160):
        x, y = (int(v) for v in rng.integers(0, (width, height)))
        colour = [int(v) for v in rng.integers(0, 255, 3)]
        w, h = (int(v) for v in rng.integers(8, 120, 2))
        if rng.random() < 0.5:
            cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1)
        else:
            cv2.circle(image, (x, y), w // 2, colour, int(rng.integers(1, 5)))
    return image


def page(lines: Iterable[str], width: int = 1000, height: int = 1300) -> U8:
    """A page under a letterhead that all pages share, one line of text below the other."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 50, width - 60, 56), fill=(180, 20, 20))
    draw.text((60, 70), "NORTHERN DEPOT COMMAND", font=ImageFont.load_default(40), fill=(180, 20, 20))
    for i, line in enumerate(lines):
        draw.text((60, 180 + 44 * i), line, font=ImageFont.load_default(28), fill="black")
    return np.asarray(image)


def sentences(seed: int, count: int = 18) -> list[str]:
    """Lines of made-up prose, different for every seed."""
    rng = np.random.default_rng(seed)
    words = (
        "valve torque bearing signal radar relay pump frame cable sensor rotor hatch beacon gauge filter mast crane winch".split()
    )
    verbs = "holds loses needs passes blocks drives meets limits feeds guards".split()
    thing = rng.choice
    return [f"The {thing(words)} {thing(words)} {thing(verbs)} {rng.integers(3, 99)} {thing(words)}s." for _ in range(count)]


def prose(seed: int) -> list[str]:
    """Forty lines that share nothing with those of another seed."""
    letters = np.random.default_rng(seed).choice(list("abcdefghijklmnopqrstuvwxyz"), (40, 34))
    return ["".join(row) for row in letters]


def png(image: U8) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def jpeg(image: U8, quality: int = 80) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=quality)
    return out.getvalue()


def pdf(*images: U8) -> bytes:
    """One page a picture."""
    out = io.BytesIO()
    first, *rest = (Image.fromarray(image) for image in images)
    first.save(out, "PDF", save_all=True, append_images=rest)
    return out.getvalue()


def asset(ident: str, kind: AssetKind = AssetKind.EQUIPMENT, level: Level = Level.SECRET) -> Asset:
    return Asset(ident, f"Asset {ident}", kind, level)


def register(registry: Registry, extractor: Extractor, what: Asset, *files: bytes, keep_text: bool = False) -> None:
    """Register files as one asset, as the application would."""
    references = []
    for i, data in enumerate(files):
        for j, part in enumerate(extractor.fingerprint(data, f"{i}").parts):
            key = f"{what.id}/{i}/{j}"
            references.append((Reference(key, what.id, part.label, part.text if keep_text else None), part.fingerprints))
    registry.apply(AssetChange(registry.checkpoint + 1, what.id, what, tuple(references)))


def message(*files: bytes, text: str = "", external: bool | None = None) -> Message:
    blank = Message("g", "m", None, "c", "u")
    attachments = tuple(Attachment(f"{i}.jpg", "image/jpeg", data) for i, data in enumerate(files))
    return replace(blank, text=text, attachments=attachments, external=external)
