"""What is posted and what is registered, drawn: photographs, pages photographed, and copies of registered pages as they are
forwarded. Their detection costs what that of real pictures costs; a few bytes at the end make a file one nobody has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.assets.schemas import AssetSpec
from app.demo import ordinary, pages
from app.demo.camera import jpeg, print_photo
from app.demo.screens import forward
from app.ingest.jobs import Fingerprinted
from fingerprints.ocr import open_reader
from tests.benchmarks.inprocess import Pipeline
from tests.benchmarks.kept import FOLDER, Kept, keeping, source
from tests.benchmarks.speed import as_taken

DRAWN = (ordinary.lunch, ordinary.landscape, ordinary.cat, ordinary.lunch, ordinary.landscape, ordinary.cat, ordinary.meme)
"""Of eight pictures seven are these and one a page, photographed."""


@dataclass(frozen=True, slots=True)
class Album:
    """``strange``: pictures of nothing registered; ``copies``: of what is, as it is forwarded; ``registered``: that itself."""

    strange: tuple[bytes, ...]
    copies: tuple[bytes, ...]
    registered: list[tuple[AssetSpec, Fingerprinted]]


def album(strange: int, registered: int) -> Album:
    """So many of each."""
    kept = Kept(FOLDER)
    reader = keeping(open_reader("rapidocr", 1), kept)
    owners = Pipeline(reader, reader)
    copies = []
    for number in range(registered):
        page = pages.official(number) if number % 2 else pages.memo(number)
        owners.register(f"Page {number}", "document", jpeg(page.pixels, 92))
        copies.append(forward(page.pixels))
    drawn = (kept.get(partial(_strange, number), "drawn", f"chat-{number}", source("app/demo/*.py")) for number in range(strange))
    return Album(tuple(drawn), tuple(copies), owners.registered)


def _strange(number: int) -> bytes:
    if number % 8 == 7:
        page = pages.mixed(1000 + number) if number % 16 == 7 else pages.table(1000 + number)
        return jpeg(print_photo(page.pixels, number), 85)
    return as_taken(DRAWN[number % 8](1000 + number), 1200, 1600, number)


def photographs(album: Album) -> list[bytes]:
    """The strange ones without the pages."""
    return [data for number, data in enumerate(album.strange) if number % 8 != 7]


def fresh(data: bytes, number: int) -> bytes:
    """The same picture in a file nobody has seen."""
    return data + b"\0" + number.to_bytes(8, "big")


def turned(files: Sequence[bytes], count: int, begin: int) -> list[bytes]:
    """So many files nobody has seen, of these pictures in turn."""
    return [fresh(files[number % len(files)], begin + number) for number in range(count)]
