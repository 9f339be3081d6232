"""What costs much to make and is always the same, kept in a folder from one run to the next.

An entry is named by everything it depends on, the source text that makes it included, so what is stale is never found again.
Only registrations and pictures are kept, never anything a query has to be measured for.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from fingerprints.layout import Layout, outside
from fingerprints.types import Line, Picture, Quad, Reader

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(tempfile.gettempdir()) / "leakwatch-bench"


class Kept:
    """A folder of files named by what they depend on; ``None`` keeps nothing. Several processes may share one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, make: Callable[[], bytes], *depends: str) -> bytes:
        """What is kept under these words, else what ``make`` returns, kept from now on."""
        if self._folder is None:
            return make()
        digest = hashlib.sha256("\0".join(depends).encode()).hexdigest()
        path = self._folder / digest[:2] / digest
        if path.exists():
            return path.read_bytes()
        data = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{digest}.{os.getpid()}")
        part.write_bytes(data)
        part.replace(path)
        return data


@cache
def source(*patterns: str) -> str:
    """A digest of the project's files that match, by their text."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def keeping(reader: Reader, kept: Kept) -> Reader:
    """``reader``, which reads no picture twice in all runs together: what an owner's registration costs most."""
    return cast("Reader", _Keeping(reader, kept))


class _Keeping:
    """Kept by the picture's pixels, the engine's version and the source text of reading. Whatever else is asked goes through."""

    def __init__(self, reader: Reader, kept: Kept) -> None:
        self._reader = reader
        self._kept = kept

    def read(self, picture: Picture) -> tuple[Line, ...]:
        pixels = hashlib.sha256(picture.pixels.tobytes()).hexdigest()
        by = (
            self._reader.name,
            version("rapidocr"),
            version("onnxruntime"),
            source("fingerprints/ocr.py", "fingerprints/networks.py"),
        )
        kept = self._kept.get(lambda: _dumped(self._reader.read(picture)), "reading", pixels, str(picture.pixels.shape), *by)
        return tuple(_line(*row) for row in json.loads(kept))

    def layout(self, picture: Picture, beside: Sequence[Quad] = ()) -> Layout:
        """All of it was read, once."""
        return Layout.of(outside(self.read(picture), beside))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def _dumped(lines: Iterable[Line]) -> bytes:
    return json.dumps([(line.text, line.confidence, line.quad) for line in lines]).encode()


def _line(text: str, confidence: float, quad: list[list[float]]) -> Line:
    a, b, c, d = ((x, y) for x, y in quad)
    return Line(text, confidence, (a, b, c, d))
