"""``POST /numbers/reruns``, ``GET /numbers/reruns/{id}``."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.numbers.routes import READERS
from app.people.service import Principal
from app.reruns import service
from app.reruns.schemas import RerunIn, RerunOut
from app.security import InHouse, require

router = APIRouter(prefix="/api/v1/numbers/reruns", tags=["numbers"])
Reader = Annotated[Principal, Depends(require(*READERS))]
AS_USUAL = RerunIn()


@router.post("", status_code=202)
async def rerun(house: InHouse, who: Reader, body: RerunIn = AS_USUAL) -> RerunOut:
    """How many more messages a person would be shown if less evidence were enough.

    The detectors run again over fingerprints of a sample of what was posted, between messages, for some minutes at most. One at a
    time: 409 while one runs; another takes the place of what the last one told. ``GET /numbers/reruns/{id}`` tells how far it is.
    """
    async with house.database.writing() as session:
        begun = await service.ask(session, body, who)
    house.rerunner.wake()
    return begun


@router.get("/{rerun}", dependencies=[Depends(require(*READERS))])
async def get_rerun(rerun: str, house: InHouse) -> RerunOut:
    """How far it is, and what came of it so far."""
    async with house.database.reading() as session:
        return await service.one(session, rerun)
