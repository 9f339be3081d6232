"""``GET /alerts/{id}/evidence``, ``GET /incidents/{id}/evidence``: a leak as one signed file; ``GET /evidence/key``."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.alerts.reveals import LONGEST
from app.evidence.archive import CHUNK
from app.evidence.exporting import Wanted, called, exported
from app.evidence.signing import Signer, signer
from app.evidence.subjects import Gather, of_alert, of_incident
from app.house import House
from app.people.service import Principal, Role
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1", tags=["evidence"])
TAKERS = (Role.ANALYST, Role.AUDITOR)
Taker = Annotated[Principal, Depends(require(*TAKERS))]
Purpose = Annotated[str, Query(description="what for: triage, investigation, evidence, training, or other, then in `words`")]
Words = Annotated[str, Query(max_length=LONGEST)]
Language = Annotated[str, Query(description="of its report: en or zh")]


class KeyOut(BaseModel):
    """``fingerprint``: SHA-256 of the public key, to be written down elsewhere; ``public``: the key as PEM."""

    algorithm: str
    fingerprint: str
    public: str


@router.get("/evidence/key", dependencies=[Depends(require(*TAKERS, Role.ADMIN))])
async def signing_key(house: InHouse) -> KeyOut:
    """Which key evidence is signed with."""
    key = await signer_of(house)
    return KeyOut(algorithm="RSASSA-PKCS1-v1_5 with SHA-256", fingerprint=key.fingerprint, public=key.public.decode())


@router.get("/alerts/{alert}/evidence", response_class=StreamingResponse)
async def alert_evidence(
    alert: str, house: InHouse, who: Taker, purpose: Purpose = "", words: Words = "", language: Language = "en"
) -> Response:
    """A ZIP with originals, findings, decisions, a report, a signed manifest and its verifier. Taking it is written down."""
    return await download(house, partial(of_alert, alert), alert, wanted(house, who, purpose, words, language))


@router.get("/incidents/{incident}/evidence", response_class=StreamingResponse)
async def incident_evidence(
    incident: str, house: InHouse, who: Taker, purpose: Purpose = "", words: Words = "", language: Language = "en"
) -> Response:
    """The same of all alerts of an incident, with where it went."""
    return await download(house, partial(of_incident, incident), incident, wanted(house, who, purpose, words, language))


def wanted(house: House, who: Principal, purpose: str, words: str, language: str) -> Wanted:
    """By somebody who asks this server."""
    return Wanted(who, purpose, words, house.settings.zone, language)


async def signer_of(house: House) -> Signer:
    """The server's key, made now if there is none."""
    settings = house.settings
    return await asyncio.to_thread(signer, settings.data_dir, settings.signing_key.get_secret_value())


async def download(house: House, gather: Gather, about: str, by: Wanted) -> Response:
    """A bundle as an answer. Its file is gone already, but for whoever reads it here: nothing stays, however the answer ends."""
    room = house.settings.data_dir / "tmp"
    room.mkdir(exist_ok=True, mode=0o700)
    async with exported(house.database, house.blobs, await signer_of(house), gather, by, room) as bundle:
        file, size = bundle.path.open("rb"), bundle.size
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{called(about)}"'}
    return StreamingResponse(_chunks(file), media_type="application/zip", headers=headers | {"Cache-Control": "no-store"})


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
