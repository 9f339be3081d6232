"""Arrays and words in a folder that is whole or refused: how a snapshot lies on the disk.

Nothing in it can run code: arrays are ``.npy`` without objects, words are JSON, and no file is looked into before it has the
length and the SHA-256 that the manifest, which also names its own, says it has. Files are written beside the folder and take its
name at the end, so there is never half of one.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FORMAT = 3
_MANIFEST = "manifest.json"
Array = npt.NDArray[Any]


class Saver:
    """One part of a folder being written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def inside(self, name: str) -> "Saver":
        """A part of this part, with names of its own."""
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        return Saver(folder)

    def path(self, name: str) -> Path:
        """Where a file goes that somebody else writes."""
        return self._folder / name

    def words(self, name: str, value: Any) -> None:
        """Whatever JSON can say."""
        self.path(f"{name}.json").write_text(json.dumps(value), encoding="utf-8")

    def array(self, name: str, values: Array) -> None:
        self.joined(name, [values], values)

    def joined(self, name: str, parts: Iterable[Array], like: Array) -> None:
        """One array of all, one after the other, each copied to the disk as it comes. ``like`` tells type and further axes."""
        parts = list(parts)
        shape = (sum(map(len, parts)), *like.shape[1:])
        header = {"descr": np.lib.format.dtype_to_descr(like.dtype), "fortran_order": False, "shape": shape}
        with self.path(f"{name}.npy").open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for part in parts:
                file.write(np.ascontiguousarray(part, like.dtype).reshape(-1).view(np.uint8).data)


class Loader:
    """One part of a folder that was found whole. Raises ValueError for what is not there, or not as it should be.

    ``mapped``: arrays lie in their files, of which a machine's memory holds one copy for all processes; the files may be unlinked
    meanwhile but not written to. Otherwise they lie in memory of the process's own.
    """

    def __init__(self, folder: Path, mapped: bool = True) -> None:
        self._folder, self.mapped = folder, mapped

    def inside(self, name: str) -> "Loader":
        return Loader(self._folder / name, self.mapped)

    def path(self, name: str) -> Path:
        return self._folder / name

    def words(self, name: str) -> Any:
        return json.loads(self.path(f"{name}.json").read_bytes())

    def keys(self, count: int | None = None) -> list[str]:
        """``count``: how many there must be. One string for equal keys of all parts."""
        keys = [sys.intern(key) for key in self.words("keys")]
        if count not in (None, len(keys)) or len(set(keys)) != len(keys):
            raise ValueError(f"{self._folder.name}: not as many keys as there should be")
        return keys

    def array(self, name: str, like: Array) -> Array:
        """``like`` tells type and further axes. It is not to be written to."""
        with self.path(f"{name}.npy").open("rb") as file:
            np.lib.format.read_magic(file)
            shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
            if by_columns or dtype != like.dtype or len(shape) != like.ndim or shape[1:] != like.shape[1:]:
                raise ValueError(f"{self._folder.name}/{name}: another kind of array")
            begin, data = file.tell(), mmap(file.fileno(), 0, access=ACCESS_READ)
        if len(data) != begin + prod(shape) * dtype.itemsize:
            raise ValueError(f"{self._folder.name}/{name}: another length")
        values: Array = np.frombuffer(data, dtype, prod(shape), begin).reshape(shape)
        return values if self.mapped else values.copy()

    def split(self, name: str, counts: npt.NDArray[np.int64], like: Array) -> list[Array]:
        """The parts of an array that was joined, as views of it."""
        values = self.array(name, like)
        ends = np.cumsum(counts).tolist()
        if len(counts) and (counts.min() < 0 or ends[-1] != len(values)):
            raise ValueError(f"{self._folder.name}/{name}: another length")
        return [values[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@contextmanager
def writing(folder: Path, about: Mapping[str, Any]) -> Iterator[Saver]:
    """A folder that must not be there, or be empty. It appears at the end of the block, whole; only its owner may look in."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        yield Saver(new)
        _seal(new, about)
        new.rename(folder)
        _to_disk(folder.parent)
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextmanager
def reading(folder: Path, about: Mapping[str, Any], mapped: bool = True) -> Iterator[Loader]:
    """Raises ValueError unless it is whole and its manifest says of ``about`` the same; also for whatever fails in the block.

    ``mapped``: see Loader.
    """
    try:
        manifest = _manifest(folder)
        if {**manifest, **about, "format": FORMAT} != manifest:
            raise ValueError("made otherwise")
        _check(folder, manifest)
        yield Loader(folder, mapped)
    except (OSError, EOFError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, ValueError) as error:
        raise ValueError(f"no usable snapshot in {folder}: {error}") from error


def _seal(folder: Path, about: Mapping[str, Any]) -> None:
    files = {path.relative_to(folder).as_posix(): _measured(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    manifest = {**about, "format": FORMAT, "files": files}
    text = json.dumps({"manifest": manifest, "sha256": _sum(manifest)}, indent=1)
    (folder / _MANIFEST).write_text(text, encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        _to_disk(path)


def _check(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Lengths first: that takes no time."""
    if any((folder / name).stat().st_size != size for name, (size, _) in manifest["files"].items()):
        raise ValueError("a file is cut short")
    for name, measured in manifest["files"].items():
        if _measured(folder / name) != measured:
            raise ValueError(f"{name} is damaged")


def _manifest(folder: Path) -> dict[str, Any]:
    told = json.loads((folder / _MANIFEST).read_bytes())
    manifest: dict[str, Any] = told["manifest"]
    if told["sha256"] != _sum(manifest):
        raise ValueError("the manifest is damaged")
    return manifest


def _sum(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _measured(path: Path) -> list[Any]:
    """Bytes, and their SHA-256."""
    with path.open("rb") as file:
        return [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
