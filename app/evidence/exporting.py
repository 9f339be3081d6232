"""Taking evidence out: for a purpose, into a file, and written down; the record names its manifest, and that the record."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory

from app.alerts.history import repository as history
from app.alerts.reveals import checked
from app.audit import service as audit
from app.audit.service import Somebody
from app.blobs.reading import fetched
from app.blobs.types import Blobs
from app.console.evidence.telling import DRAWING, report
from app.console.speech import LANGUAGES, language
from app.console.veiling import veil
from app.db import Database, Session
from app.db.models import AlertHistoryRow, now
from app.errors import Invalid
from app.evidence.documents import documents
from app.evidence.packing import Bundle, pack
from app.evidence.signing import Signer
from app.evidence.subjects import Gather
from app.evidence.types import Evidence, Export, Piece

MOST_SHOWN = 12
"""Pictures in a report, the first ones."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who wants evidence, and what for. ``language``: of its report; ``zone``: whose time stands beside UTC."""

    who: Somebody
    purpose: str
    words: str
    zone: tzinfo | None
    language: str = "en"


@asynccontextmanager
async def exported(
    database: Database, blobs: Blobs, signer: Signer, gather: Gather, wanted: Wanted, room: Path
) -> AsyncIterator[Bundle]:
    """A bundle in a folder under ``room`` that is gone when the block ends; it was written down before the block begins.

    Raises Invalid, NotFound, TooLarge, BlobsDown.
    """
    words = checked(wanted.purpose, wanted.words)
    if wanted.language not in LANGUAGES:
        raise Invalid(f"There is no language {wanted.language}: take one of {', '.join(LANGUAGES)}.", "unknown_language")
    who = wanted.who
    export = Export(now(), who.name, who.role, who.id, wanted.purpose, words, wanted.zone, wanted.language)
    evidence = await gather(database, language(wanted.language))
    with TemporaryDirectory(dir=room, prefix="evidence-", ignore_cleanup_errors=True) as folder:
        written = [*await asyncio.to_thread(list, documents(evidence, export)), await _report(evidence, export, blobs)]
        bundle = await pack(Path(folder) / "bundle.zip", evidence, export, written, blobs, signer)
        async with database.writing() as session:
            await _recorded(session, evidence, export, bundle, wanted, signer)
        yield bundle


def called(evidence_id: str) -> str:
    """What a bundle's file is called where it is saved."""
    return f"evidence-{evidence_id}.zip"


async def _report(evidence: Evidence, export: Export, blobs: Blobs) -> Piece:
    from app.evidence.typesetting import in_our_font, typeset  # noqa: PLC0415 (loads a typesetter)

    drawn: dict[str, bytes] = {} if evidence.spread is None else {DRAWING: in_our_font(evidence.spread.drawing)}
    names: dict[str, str] = {}
    for piece in [one for one in evidence.pieces if "/pictures/" in one.path][:MOST_SHOWN]:
        veiled = await veil(await fetched(blobs, piece.blob))
        if veiled is not None:
            names[piece.path] = f"picture-{len(names)}.jpg"
            drawn[names[piece.path]] = veiled
    said = await asyncio.to_thread(report, language(export.language), evidence, export, names)
    data = await asyncio.to_thread(typeset, said, drawn, export.at)
    return Piece(
        "report.pdf", "a report for reading; its pictures are blurred", "written by leakwatch for this bundle", export.at, data
    )


async def _recorded(session: Session, evidence: Evidence, export: Export, bundle: Bundle, wanted: Wanted, signer: Signer) -> None:
    """In the history of an alert, and, last in the transaction, in the audit record."""
    subject, about = evidence.subject, {"purpose": export.purpose, "manifest": bundle.manifest}
    if subject.kind == "alert":
        change = {name: [None, value] for name, value in about.items()}
        row = AlertHistoryRow(
            alert_id=subject.id, at=export.at, actor=export.by, action="exported", change=change, note=export.words or None
        )
        await history.add_history(session, row)
    more = {"key": signer.fingerprint, "files": bundle.files, "bytes": bundle.size, "alerts": len(evidence.alerts)}
    await audit.record(session, wanted.who, "evidence.exported", subject.kind, subject.id, **about, **more)
