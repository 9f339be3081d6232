"""The manifest: what is in a bundle, where it came from, who took it out and why. It is what the signature is over.

Canonical JSON (RFC 8785, see ``app.audit.chain``): strings and integers only, one spelling.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from app.audit.chain import canonical, plain
from app.evidence import verify
from app.evidence.archive import Packed
from app.evidence.types import Evidence, Export, Piece


def manifest(
    evidence: Evidence, export: Export, files: Iterable[tuple[Piece, Packed]], left_out: Iterable[str], fingerprint: str
) -> bytes:
    """``fingerprint``: of the key that signs it."""
    subject = evidence.subject
    said = {
        "format": verify.FORMAT,
        "software": software(),
        "subject": {
            "kind": subject.kind,
            "id": subject.id,
            "title": subject.title,
            "alerts": [one.id for one in evidence.alerts],
        },
        "exported": exported(export),
        "audit": {"seq": evidence.head.seq, "hash": evidence.head.hash},
        "key": {"algorithm": "RSASSA-PKCS1-v1_5 with SHA-256", "fingerprint": fingerprint},
        "files": [_listed(piece, packed) for piece, packed in sorted(files, key=lambda one: one[1].path)],
        "left_out": list(left_out),
    }
    return canonical(plain(said))


def software() -> Mapping[str, str]:
    """What made the bundle."""
    return {"name": "leakwatch", "version": version("leakwatch")}


def exported(export: Export) -> dict[str, Any]:
    """Who took it out, when and what for."""
    who = {"by": export.by, "role": export.role, "identity": export.identity}
    return {"at": export.at, **who, "purpose": export.purpose, "words": export.words}


def _listed(piece: Piece, packed: Packed) -> dict[str, Any]:
    about = {"what": piece.what, "from": piece.origin, "captured_at": piece.at}
    return {"path": packed.path, "size": packed.size, "sha256": packed.sha256, **about}
