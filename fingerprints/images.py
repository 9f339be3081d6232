"""Bytes from outside become an upright, bounded RGB picture, or an `Unreadable` that says what to do.

Pillow decodes, nothing else does. The header is read and judged before any pixel is: a small file may claim a huge picture.
The format is told by its first bytes, never by a name. Pillow's own bomb guard is a process-wide setting that warns or raises
by its own numbers, so the format classes are called directly and `Limits` alone decides. Nothing global is changed.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from pi_heif.as_plugin import HeifImageFile
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from fingerprints.errors import Unreadable
from fingerprints.types import U8, Limits, Picture

SEND_AGAIN = "Send it again, or open it where it came from and export it anew as JPEG or PNG."
_BAND_ROWS = 64
_NEARLY = 0.9  # of the size asked for is enough, where the file itself can be decoded so small: 12 megapixels at half their side
_END_OF_JPEG = b"\xff\xd9"  # lets libjpeg show what it has of a file that ended early, a progressive one above all
_ORIENTATION = 0x0112
_UPRIGHT = {  # Exif 2.3, tag 0x0112: how to turn what is stored into what was seen
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_STILL = {b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}  # ISO/IEC 23008-12, 10.2
_Opener = Callable[[BytesIO], ImageFile]


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture file says about itself, unverified: stored width and height in pixels, before any turning."""

    format: str
    width: int
    height: int


def sniff(data: bytes) -> str | None:
    """The picture format these bytes begin like, or ``None``. A promise of the first bytes only."""
    for magic, name in ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF")):
        if data.startswith(magic):
            return name
    if data[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        return "TIFF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _STILL:
        return "AVIF" if b"avif" in data[8 : int.from_bytes(data[:4], "big")] else "HEIF"
    # "BM" alone begins many a text; a bitmap's second header states its own size.
    return "BMP" if data[:2] == b"BM" and data[14:18] in {bytes([n, 0, 0, 0]) for n in (12, 40, 52, 56, 64, 108, 124)} else None


def read_header(data: bytes, limits: Limits, frame: int = 0) -> Header:
    """Judge one frame by its header alone, in milliseconds whatever size it claims.

    Raises Unreadable: ``empty``, ``too_many_bytes``, ``unsupported``, ``corrupt``, ``too_many_pixels``.
    """
    opened = _open(data, limits, frame)
    return Header(sniff(data) or "", *opened.size)


def count_frames(data: bytes, limits: Limits) -> int:
    """How many frames or pages the file holds; counting stops one past ``limits.max_pages``. Raises as `read_header` does.

    A frame whose header is broken is the last one counted: what follows it cannot be found.
    """
    opened, count = _open(data, limits), 1
    while count <= limits.max_pages:
        try:
            opened.seek(count)
        except EOFError:
            return count
        except Exception:
            return count + 1
        count += 1
    return count


def complete(data: bytes) -> bool:
    """Whether an animation ends as it should: a GIF with its trailer (GIF89a, 27), a RIFF file where its header says."""
    if data[:4] == b"RIFF":
        return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    return sniff(data) != "GIF" or data.rstrip(b"\0").endswith(b";")


def frames(data: bytes, limits: Limits, side: int) -> Iterator[U8]:
    """An animation's frames one after the other, grey, reduced to about ``side`` pixels.

    Raises Unreadable where they are damaged.
    """
    opened, index = _open(data, limits), 0
    while True:
        try:
            opened.seek(index)
            opened.load()
            small = _reduced(_eight_bits(opened), side)
        except EOFError:
            return
        except Exception as error:
            raise _corrupt(error) from error
        yield np.array(small.convert("L"), np.uint8)
        index += 1


def decode(data: bytes, limits: Limits, longest_side: int = 2048, frame: int = 0) -> Picture:
    """The upright picture, reduced so that its longer side is at most ``longest_side``; transparency becomes white.

    A JPEG's colours are decoded when they are asked for: its grey alone costs two thirds, and is often all that is looked at.
    ``frame``: which page of a TIFF or frame of an animation. Raises Unreadable, and nothing else: the codes of `read_header`,
    and ``truncated`` when the file ended before anything could be seen.
    """

    def colours() -> U8:
        return np.array(_decoded(data, limits, longest_side, frame, "RGB")[0].convert("RGB"), dtype=np.uint8)

    width, height = _open(data, limits, frame).size
    seen, truncated = _decoded(data, limits, longest_side, frame, "L")
    if (seen.width < seen.height) != (width < height):
        width, height = height, width
    pixels = np.asarray(seen, np.uint8)
    return Picture(colours, width, height, truncated, pixels) if pixels.ndim == 2 else Picture(pixels, width, height, truncated)


def _decoded(data: bytes, limits: Limits, longest_side: int, frame: int, mode: str) -> tuple[Image.Image, bool]:
    """Upright, RGB or grey, and whether it was truncated. ``mode``: asked of a JPEG; others are what they are."""
    opened = _open(data, limits, frame)
    try:
        truncated = not _load(opened, longest_side, mode)
        if truncated and sniff(data) == "JPEG":
            opened = _open(data + _END_OF_JPEG, limits, frame)
            _load(opened, longest_side, mode)
        if truncated and (opened._im is None or _plain(opened)):
            raise Unreadable("truncated", f"The file ends before anything of the picture is seen. {SEND_AGAIN}")
        return _turned(_reduced(_eight_bits(opened), longest_side), _orientation(opened)), truncated
    except Unreadable:
        raise
    except Exception as error:
        raise _corrupt(error) from error


def _open(data: bytes, limits: Limits, frame: int = 0) -> ImageFile:
    if not data:
        raise Unreadable("empty", "The file holds no bytes. Send it again.")
    if len(data) > limits.max_bytes:
        raise Unreadable("too_many_bytes", f"It has more than {limits.max_bytes:,} bytes. Send a smaller copy.")
    name = sniff(data)
    if name is None:
        raise Unreadable("unsupported", "This is no picture format that can be read. Send JPEG, PNG, WebP, GIF, BMP or TIFF.")
    try:
        opened = _OPENERS[name](BytesIO(data))
        opened.seek(frame)
    except Exception as error:
        raise _corrupt(error) from error
    _judge(*opened.size, limits)
    return opened


_OPENERS: dict[str, _Opener] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "GIF": GifImageFile,
    "TIFF": TiffImageFile,
    "WEBP": WebPImageFile,
    "AVIF": AvifImageFile,
    "BMP": BmpImageFile,
    "HEIF": HeifImageFile,
}


def _corrupt(error: Exception) -> Unreadable:
    if isinstance(error, Image.DecompressionBombError):
        return Unreadable("too_many_pixels", "The picture claims more pixels than are read. Send a smaller copy.")
    return Unreadable("corrupt", f"The picture is damaged and shows nothing. {SEND_AGAIN}")


def _judge(width: int, height: int, limits: Limits) -> None:
    if width < 1 or height < 1:
        raise Unreadable("corrupt", f"The picture says it has no area. {SEND_AGAIN}")
    if width * height > limits.max_pixels:
        size = f"{width} x {height} pixels"
        raise Unreadable("too_many_pixels", f"{size}; at most {limits.max_pixels:,} in all are read. Send a smaller copy.")


def _load(opened: ImageFile, longest_side: int, mode: str) -> bool:
    """Decode in place, a JPEG in this ``mode``; False if the file ended or broke early: what had come by then is kept."""
    scale = min(1.0, _NEARLY * longest_side / max(opened.size))
    opened.draft(mode, (max(1, int(opened.width * scale)), max(1, int(opened.height * scale))))
    try:
        opened.load()
    except Exception:
        opened.tile = []  # Pillow keeps the rows decoded so far; with no tiles left to do, load() hands them out
        return False
    return True


def _plain(loaded: Image.Image) -> bool:
    return all(np.ptp(band) == 0 for band in np.atleast_2d(np.array(loaded.getextrema())))


def _eight_bits(loaded: Image.Image) -> Image.Image:
    """Sixteen-bit greys keep their upper byte; wider and floating greys are stretched over their own range."""
    if loaded.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(loaded).astype(np.uint16) >> 8).astype(np.uint8))
    if loaded.mode in {"I", "F"}:
        values = np.nan_to_num(np.asarray(loaded).astype(np.float32))
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8))
    return loaded


def _reduced(loaded: Image.Image, longest_side: int) -> Image.Image:
    """Grey or RGB at the final size, converted band by band: a large palette or one-bit picture never stands in memory as RGB."""
    factor = max(1, max(loaded.size) // longest_side)
    if factor == 1:
        small = _on_white(loaded)
    else:
        small = Image.new(_on_white(loaded.crop((0, 0, 1, 1))).mode, (-(-loaded.width // factor), -(-loaded.height // factor)))
        for top in range(0, loaded.height, _BAND_ROWS * factor):
            band = loaded.crop((0, top, loaded.width, min(loaded.height, top + _BAND_ROWS * factor)))
            small.paste(_on_white(band).reduce(factor), (0, top // factor))
    if max(small.size) > longest_side:
        small.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS, reducing_gap=None)
    return small


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    over = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")


def _orientation(loaded: Image.Image) -> int:
    """Exif orientation 1..8. Asked after loading: PNG may carry Exif behind its pixels, and a TIFF turns itself on loading."""
    with suppress(Exception):
        return int(loaded.getexif().get(_ORIENTATION, 1))
    return 1


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    method = _UPRIGHT.get(orientation)
    return picture if method is None else picture.transpose(method)
