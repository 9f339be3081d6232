"""The page of numbers: what is asked for stands in its address."""

from typing import Annotated, Any, Literal, get_args

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.alerts.schemas import Detector
from app.console.numbers.views import (
    curve_view,
    daily_view,
    dead_view,
    precision_views,
    simulation_view,
    time_views,
    uninspected_view,
)
from app.console.reruns.routes import card
from app.console.routes import look_of, page, room, visitor
from app.console.signed_in import Visitor
from app.console.wording import DETECTORS
from app.numbers import service
from app.numbers.routes import READERS
from app.numbers.schemas import Operating
from app.people.service import Role
from app.security import InHouse

Days = Literal[7, 30, 90, 365]
Percent = Annotated[int, Field(ge=0, le=100)]
Reader = Annotated[Visitor, Depends(visitor(*READERS))]
router = room()


class Asked(BaseModel):
    """Bars in hundredths, as people say them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    days: Days = 30
    least: Percent = 0
    sure: Percent = 70
    detector: Detector | None = None

    @model_validator(mode="before")
    @classmethod
    def _written(cls, values: Any) -> Any:
        """A form's fields are words, and one that was left empty is none."""
        given = {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values
        days = given.get("days") if isinstance(given, dict) else None
        return given | {"days": int(days)} if isinstance(days, str) and days.isdecimal() else given


@router.get("/numbers")
async def numbers(request: Request, house: InHouse, who: Reader, asked: Annotated[Asked, Query()]) -> Response:
    """How quick we are, how often right, how much there is; and the labelled history at another operating point."""
    wanted = Operating(days=asked.days, least=asked.least / 100, sure=asked.sure / 100, detector=asked.detector)
    dead = await service.died(house.grounds.stream, asked.days)
    async with house.database.reading() as session:
        told = await service.numbers(session, asked.days, await house.accepted.lag(), dead)
        replayed = await service.simulate(session, wanted)
        again = await card(session, request, who)
    language = look_of(request).language
    values: dict[str, Any] = {
        "asked": asked,
        "periods": [(days, language.count("%(number)s day", "%(number)s days", days)) for days in get_args(Days)],
        "times": time_views(told.times, language),
        "timed": told.timed,
        "daily": daily_view(told.daily, language),
        "detectors": precision_views(told.detectors, language),
        "assets": precision_views(told.assets, language),
        "waiting": told.waiting,
        "uninspected": uninspected_view(told.uninspected, language),
        "dead": dead_view(told.dead, language),
        "simulation": simulation_view(replayed, language),
        "curve": curve_view(replayed, asked.least),
        "names": [(name, language.say(said)) for name, said in DETECTORS.items()],
        "rerun": again,
        "linked": who.principal.role == Role.ANALYST,
    }
    return page(request, who, "numbers/numbers.html", section="numbers", **values)
