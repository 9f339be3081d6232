"""The bundle's ZIP, written piece by piece into a file: the one encoding that ``verify`` accepts, so every byte of it counts.

Files are stored, not packed (APPNOTE.TXT 6.3 §4.4.5): pictures would not shrink, and what is not packed has no second spelling.
The same files make the same bytes.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from app.errors import TooLarge
from app.evidence import verify

MOST_BYTES = 2_000_000_000
"""Of one bundle: far below what a ZIP can hold without the extensions of 64 bits (§4.3.9.2)."""
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """One file in it."""

    path: str
    size: int
    sha256: str
    crc: int
    offset: int


class Archive:
    """Takes files one after the other; ``end`` completes it. Blocks on the disk."""

    def __init__(self, file: BinaryIO, most: int = MOST_BYTES) -> None:
        self.packed: list[Packed] = []
        self._file, self._most = file, most

    def add(self, path: str, chunks: Iterable[bytes]) -> Packed:
        """Raises TooLarge, and whatever ``chunks`` raises; then it is as it was before."""
        offset = self._file.tell()
        try:
            self.packed.append(self._added(path, path.encode(), offset, chunks))
        except BaseException:
            self._file.seek(offset)
            self._file.truncate()
            raise
        return self.packed[-1]

    def _added(self, path: str, name: bytes, offset: int, chunks: Iterable[bytes]) -> Packed:
        self._file.write(verify.local_header(name, 0, 0))
        digest, crc, size = sha256(), 0, 0
        for chunk in chunks:
            if offset + size + len(chunk) > self._most:
                raise TooLarge(f"The evidence is larger than {self._most:,} bytes.", "evidence_too_large")
            self._file.write(chunk)
            digest.update(chunk)
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        self._file.seek(offset)
        self._file.write(verify.local_header(name, size, crc))
        self._file.seek(0, 2)
        return Packed(path, size, digest.hexdigest(), crc, offset)

    def end(self) -> None:
        """Write the directory."""
        offset = self._file.tell()
        lines = [verify.directory_entry(one.path.encode(), one.size, one.crc, one.offset) for one in self.packed]
        for line in lines:
            self._file.write(line)
        self._file.write(verify.directory_end(len(lines), sum(map(len, lines)), offset))
        self._file.flush()


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, some at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
