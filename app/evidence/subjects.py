"""What evidence can be about, gathered: one alert, or an incident with its spread."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from app.alerts import service as alerts
from app.console.incidents.drawn import drawn, words
from app.console.incidents.narrative import narrative
from app.console.speech import Language
from app.db import Database
from app.errors import Conflict, Invalid
from app.evidence.gathering import MOST_ALERTS, gathered, title
from app.evidence.types import WHOLE, Evidence, Spread, Subject, Told
from app.incidents import repository, service, tracing
from app.incidents.schemas import IncidentOut

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade

MOST_DRAWN = 20_000_000
"""Bytes of a drawing with every channel."""
Gather = Callable[[Database, Language], Awaitable[Evidence]]


def gather_of(about: str) -> Gather:
    """Of an incident's or an alert's id. Raises Invalid."""
    for prefix, gather in (("alr_", of_alert), ("inc_", of_incident)):
        if about.startswith(prefix):
            return partial(gather, about)
    raise Invalid(f"“{about}” is the id of neither an incident nor an alert.", "unknown_subject")


async def of_alert(alert_id: str, database: Database, _: Language) -> Evidence:
    """Raises NotFound, TooLarge."""
    async with database.reading() as session:
        alert = await alerts.one(session, alert_id)
        return await gathered(session, Subject("alert", alert.id, title(alert)), [alert])


async def of_incident(incident_id: str, database: Database, language: Language) -> Evidence:
    """Raises NotFound, TooLarge, and Conflict for what was merged into another."""
    async with database.reading() as session:
        incident = await service.one(session, incident_id)
        if incident.merged_into:
            raise Conflict(f"It was merged into {incident.merged_into}: take that one's evidence.", "merged")
        found = await alerts.some(session, await repository.alerts_of(session, incident_id, MOST_ALERTS + 1))
        facts = incident.model_dump(mode="json", exclude={"alerts", "spread", "answerable"})
        evidence = await gathered(session, Subject("incident", incident.id, incident.title, facts), found)
    cascade = await tracing.traced(database, incident_id)
    happened, spread = tuple(_told(incident, cascade, language)), await drawn_out(cascade, language)
    left_out = (*evidence.left_out, *_missing(cascade, spread))
    return replace(evidence, happened=happened, spread=spread, left_out=left_out)


def _missing(cascade: "Cascade", spread: Spread) -> Iterator[str]:
    """What of the spread is not there, and why."""
    if not spread.whole:
        yield f"{WHOLE}: the drawing with every channel is larger than {MOST_DRAWN:,} bytes"
    if cascade.left_out:
        yield f"spread: {cascade.left_out:,} messages posted later are not in it, as there are too many to be traced"


def _told(incident: IncidentOut, cascade: "Cascade", language: Language) -> Iterator[Told]:
    for at, says in narrative(incident, cascade, language):
        yield Told(at, says)


async def drawn_out(cascade: "Cascade", language: Language, most: int = MOST_DRAWN) -> Spread:
    """Where it went, in every form; ``most``: bytes of the drawing with every channel."""
    facts: Mapping[str, Any] = await tracing.plain(cascade)
    graph, _ = await tracing.written(cascade, "graphml")
    whole, _ = await tracing.written(cascade, "svg", words(language), every=True)
    return Spread(facts, await drawn(cascade, {}, language), graph, whole if len(whole.encode()) <= most else "")
