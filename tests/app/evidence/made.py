"""Bundles to check, made as the program makes them but of a few short files, and ways to make them anew with something wrong."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from app.audit.chain import Place, canonical
from app.blobs.folder import BlobFolder
from app.evidence import verify
from app.evidence.archive import Archive
from app.evidence.packing import pack
from app.evidence.signing import Signer
from app.evidence.types import Evidence, Export, Piece, Subject

AT = datetime(2026, 3, 2, 9, 31, tzinfo=UTC)
EXPORT = Export(AT, "ana", "analyst", "tok_1", "evidence", "case 12", UTC)
FILES = {
    "about.json": b'{"a": 1}\n',
    "alerts/0001/posted/01-照片.jpg": b"\xff\xd8picture",
    "empty.txt": b"",
    "z.bin": bytes(range(256)),
}


@cache
def key(number: int = 0) -> Signer:
    """Of a few keys one: making them takes time."""
    return Signer(rsa.generate_private_key(verify.EXPONENT, verify.SIZE * 8))


@cache
def bundle() -> bytes:
    """As the program makes it."""
    return packed({name: Piece(name, "a file", "a test", AT, data) for name, data in FILES.items()})


def packed(pieces: Mapping[str, Piece], **about: Any) -> bytes:
    evidence = Evidence(Subject("alert", "alr_1", "Harbour “plan”"), (), head=Place(3, "ab" * 32), **about)
    with TemporaryDirectory() as folder:
        blobs, target = BlobFolder(Path(folder) / "blobs"), Path(folder) / "bundle.zip"
        asyncio.run(pack(target, evidence, EXPORT, pieces.values(), blobs, key()))
        return target.read_bytes()


def contents(data: bytes) -> dict[str, bytes]:
    """By a reader that is not ours."""
    import zipfile  # noqa: PLC0415
    from io import BytesIO  # noqa: PLC0415

    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    """These files in the one encoding there is, whatever they are."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.zip"
        with path.open("xb") as file:
            archive = Archive(file)
            for name, data in files.items() if isinstance(files, Mapping) else files:
                archive.add(name, [data])
            archive.end()
        return path.read_bytes()


def resigned(files: Mapping[str, bytes], signer: Signer, /, **changes: Any) -> dict[str, bytes]:
    """With a manifest changed and signed anew."""
    said = {**json.loads(files[verify.MANIFEST]), **changes}
    said["key"] = {**said["key"], "fingerprint": signer.fingerprint}
    text = canonical(said)
    return {**files, verify.MANIFEST: text, verify.SIGNATURE: signer.sign(text), verify.KEY: signer.public}


def checked(data: bytes, folder: Path, fingerprint: str | None = None) -> verify.Checked:
    """What the verifier finds in such a file."""
    path = folder / "checked.zip"
    path.write_bytes(data)
    return verify.check(str(path), fingerprint)


def names(found: verify.Checked) -> set[str]:
    return {one.path for one in found.findings}
