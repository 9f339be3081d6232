"""Incidents as analysts see them, and what they may change."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.alerts.schemas import AnswerableOut

Status = Literal["open", "contained", "closed"]
Closing = Literal["handled", "cleared", "merged"]
Severity = Literal["none", "low", "medium", "high", "critical"]
MOST = 1000
"""Alerts that one split may name."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("write something, not only blanks")
    return text


Said = Annotated[str, AfterValidator(_said)]
"""Words that say something."""


class Strict(BaseModel):
    """Every word must be known: a misspelt one would do something else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IncidentFilter(Strict):
    """Which incidents; what is not given does not matter. ``asset``: an id; ``q``: every word of it stands in the title."""

    status: Status | None = None
    severity: Literal["low", "medium", "high", "critical"] | None = None
    commander: str | None = Field(None, min_length=1, max_length=200)
    asset: str | None = Field(None, max_length=100)
    q: str | None = Field(None, max_length=200)


class IncidentChange(Strict):
    """What to change; what is not given stays. ``commander``: null, nobody. ``narrative``: null, it writes itself again.

    ``version``: what was seen; if it is another by now, nothing is changed.
    """

    title: Said | None = Field(None, min_length=1, max_length=300)
    status: Status | None = None
    commander: str | None = Field(None, max_length=200)
    narrative: Said | None = Field(None, max_length=50_000)
    version: int | None = None

    @model_validator(mode="after")
    def _something(self) -> "IncidentChange":
        if not self.model_fields_set - {"version"}:
            raise ValueError("nothing to change")
        return self


class TaskIn(Strict):
    text: Said = Field(min_length=1, max_length=1000)
    assignee: str | None = Field(None, max_length=200)


class TaskChange(Strict):
    """``done``: whether it is. What is not given stays."""

    text: Said | None = Field(None, min_length=1, max_length=1000)
    assignee: str | None = Field(None, max_length=200)
    done: bool | None = None

    @model_validator(mode="after")
    def _something(self) -> "TaskChange":
        if not self.model_fields_set:
            raise ValueError("nothing to change")
        return self


class Merge(Strict):
    """``into``: the incident that goes on; this one is left as its name."""

    into: str = Field(max_length=100)
    version: int | None = None


class Split(Strict):
    """``alerts``: those that are another leak; not all of them. ``title``: of the new incident."""

    alerts: list[str] = Field(min_length=1, max_length=MOST)
    title: Said | None = Field(None, min_length=1, max_length=300)
    version: int | None = None


class Undo(Strict):
    """``move``: of a merge or a split."""

    move: str = Field(max_length=100)


class MoveOut(BaseModel):
    """A merge or a split. ``moved``: alerts that went from ``source`` to ``target``."""

    id: str
    kind: Literal["merge", "split"]
    source: str
    target: str
    moved: int
    at: datetime
    actor: str
    undone_at: datetime | None


class TaskOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    text: str
    assignee: str | None
    made_by: str
    made_at: datetime
    done_by: str | None
    done_at: datetime | None


class HistoryOut(BaseModel):
    """``change``: field to [before, after], or what it was about. ``alerts``: the first of ``count`` it was about.

    ``move_id``: the merge or split it tells of.
    """

    model_config = ConfigDict(from_attributes=True)
    id: int
    at: datetime
    actor: str
    action: str
    change: dict[str, Any]
    alerts: list[str]
    count: int
    move_id: str | None


class FarOut(BaseModel):
    """Channels it was seen in, how many of them have people from outside, and people who posted it."""

    model_config = ConfigDict(from_attributes=True)
    channels: int
    external: int
    people: int


class IncidentLine(BaseModel):
    """An incident in a list. ``closing``: why it is closed. ``earlier``: the incident about the same thing before it."""

    id: str
    title: str
    status: Status
    closing: Closing | None
    severity: Severity
    commander: str | None
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    alert_count: int
    far: FarOut
    earlier: str | None
    merged_into: str | None
    version: int


class AlertLine(BaseModel):
    """An alert of an incident, briefly."""

    id: str
    status: str
    resolution: str | None
    severity: str
    assignee: str | None
    gateway: str
    channel: str
    channel_id: str
    external: bool | None
    members: int | None
    sender: str
    sender_id: str
    detectors: list[str]
    confidence: float | None
    created_at: datetime


class NarrativeOut(BaseModel):
    """What somebody made of it; without it the console writes it from the events."""

    text: str
    by: str
    at: datetime


class IncidentOut(IncidentLine):
    """``alerts``: the first of ``alert_count``. ``spread``: how it went on from channel to channel.

    ``answerable``: whom to call, for its assets and for the units of those who posted.
    """

    narrative: NarrativeOut | None
    assets: list[str]
    answerable: list[AnswerableOut] = []
    alerts: list[AlertLine]
    tasks: list[TaskOut]
    moves: list[MoveOut]
    spread: dict[str, Any] | None = None
    history: list[HistoryOut]
