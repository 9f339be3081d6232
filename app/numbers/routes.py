"""``GET /numbers``, ``GET /numbers/simulation``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.numbers import service
from app.numbers.schemas import Days, NumbersOut, Operating, SimulationOut
from app.people.service import Role
from app.security import InHouse, require

READERS = (Role.ANALYST, Role.AUDITOR, Role.ADMIN)
router = APIRouter(prefix="/api/v1/numbers", tags=["numbers"], dependencies=[Depends(require(*READERS))])


@router.get("")
async def get_numbers(house: InHouse, days: Annotated[Days, Query()] = 30) -> NumbersOut:
    """How quick we are, how often we are right, how much there is, and what could not be inspected."""
    dead = await service.died(house.grounds.stream, days)
    async with house.database.reading() as session:
        return await service.numbers(session, days, await house.accepted.lag(), dead)


@router.get("/simulation")
async def simulate(house: InHouse, wanted: Annotated[Operating, Query()]) -> SimulationOut:
    """What the alerts that people resolved would have been at another operating point."""
    async with house.database.reading() as session:
        return await service.simulate(session, wanted)
