"""Evidence into one file: every piece, then the manifest, its signature and the key."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from app.blobs.reading import at_hand
from app.blobs.types import Blobs
from app.errors import TooLarge
from app.evidence import verify
from app.evidence.archive import MOST_BYTES, Archive, Packed, chunks_of
from app.evidence.manifest import manifest
from app.evidence.signing import Signer
from app.evidence.types import Evidence, Export, Piece


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was made. ``manifest``: its SHA-256; ``files``: how many it lists; ``size``: of the ZIP."""

    path: Path
    manifest: str
    files: int
    size: int


async def pack(
    target: Path,
    evidence: Evidence,
    export: Export,
    written: Iterable[Piece],
    blobs: Blobs,
    signer: Signer,
    most: int = MOST_BYTES,
) -> Bundle:
    """``written``: files of ours, beside ``evidence.pieces``. The same evidence and export make the same bytes.

    A blob that is gone is told in the manifest. Raises TooLarge, BlobsDown, FileExistsError.
    """
    pieces = sorted([*evidence.pieces, *written], key=lambda piece: piece.path)
    if len(pieces) > verify.MOST_FILES - len(verify.UNLISTED):
        raise TooLarge("There are too many files for one bundle.", "evidence_too_large")
    with target.open("xb") as file:
        archive, gone = Archive(file, most), list[str]()
        for piece in pieces:
            if not await _add(archive, piece, blobs):
                gone.append(f"{piece.path}: {piece.what}: its bytes are not kept any more")
        said = await asyncio.to_thread(_manifest, evidence, export, pieces, archive.packed, gone, signer)
        await asyncio.to_thread(_end, archive, said, signer)
        return Bundle(target, sha256(said).hexdigest(), len(pieces) - len(gone), file.tell())


async def _add(archive: Archive, piece: Piece, blobs: Blobs) -> bool:
    """Whether its bytes are there."""
    if piece.data is not None or piece.blob is None:
        await asyncio.to_thread(archive.add, piece.path, [piece.data or b""])
        return True
    try:
        async with at_hand(blobs, [piece.blob]) as [path]:
            await asyncio.to_thread(lambda: archive.add(piece.path, chunks_of(path)))
    except FileNotFoundError:
        return False
    return True


def _manifest(
    evidence: Evidence, export: Export, pieces: Iterable[Piece], packed: Iterable[Packed], gone: Sequence[str], signer: Signer
) -> bytes:
    known = {piece.path: piece for piece in pieces}
    files = [(known[one.path], one) for one in packed]
    return manifest(evidence, export, files, [*evidence.left_out, *gone], signer.fingerprint)


def _end(archive: Archive, said: bytes, signer: Signer) -> None:
    for path, data in ((verify.MANIFEST, said), (verify.SIGNATURE, signer.sign(said)), (verify.KEY, signer.public)):
        archive.add(path, [data])
    archive.end()
