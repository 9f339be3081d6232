"""Alerts as analysts see them, and what they may change."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.ingest.schemas import Channel, ExcusedOut, ForwardedFrom, MatchOut, Sender, UnreadOut, Utc
from app.mistakes.schemas import MistakeOut

Status = Literal["open", "acknowledged", "resolved"]
Resolution = Literal["true_positive", "false_positive", "benign_positive"]
Severity = Literal["low", "medium", "high", "critical"]


class AlertFilter(BaseModel):
    """Which alerts; what is not given does not matter. ``asset`` and ``channel`` are ids; ``since`` ≤ created < ``until``.

    Every word must be known: a misspelt one would widen what is shown or changed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    status: Status | None = None
    severity: Severity | None = None
    asset: str | None = Field(None, max_length=100)
    channel: str | None = Field(None, max_length=500)
    since: Utc | None = None
    until: Utc | None = None


class AlertChange(BaseModel):
    """What to change; what is not given stays. ``assignee``: null takes it from everybody. Resolving needs a resolution."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    assignee: str | None = Field(None, max_length=200)
    status: Status | None = None
    resolution: Resolution | None = None
    note: str | None = Field(None, min_length=1, max_length=10_000)

    @model_validator(mode="after")
    def _something(self) -> "AlertChange":
        if not self.model_fields_set:
            raise ValueError("nothing to change")
        if self.status in ("open", "acknowledged") and self.resolution:
            raise ValueError("only a resolved alert has a resolution")
        return self


class Bulk(BaseModel):
    """One change to all alerts of a filter, or the undoing of an earlier one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    filter: AlertFilter | None = None
    change: AlertChange | None = None
    undo: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Bulk":
        if (self.undo is None) == (self.filter is None or self.change is None):
            raise ValueError("give filter and change, or undo")
        if self.filter is not None and not self.filter.model_dump(exclude_none=True):
            raise ValueError("filter is empty: name at least one of status, severity, asset, channel, since, until")
        return self


class BulkOut(BaseModel):
    bulk_id: str
    changed: int


class AttachmentOut(BaseModel):
    index: int
    name: str
    content_type: str
    sha256: str
    size: int


class AlertMessage(BaseModel):
    """The message an alert is about, as it came."""

    id: str
    gateway: str
    message_id: str
    channel: Channel
    sender: Sender
    sent_at: datetime | None
    received_at: datetime
    text: str
    forwarded_from: ForwardedFrom | None
    attachments: list[AttachmentOut]


class ReadingOut(BaseModel):
    """Everything that can be read of one picture, in reading order."""

    lines: list[str]


class HistoryOut(BaseModel):
    """``change``: field to [before, after]."""

    at: datetime
    actor: str
    action: str
    change: dict[str, Any]
    note: str | None
    bulk_id: str | None


class AlertOut(BaseModel):
    """``unread``: what of the message could not be inspected, so that nobody takes the rest for harmless.

    ``excused``: what does not count because of earlier mistakes. ``mistakes``: what is remembered because of this alert.
    """

    id: str
    status: Status
    resolution: Resolution | None
    verdict: Literal["review", "leak"]
    severity: Severity
    assignee: str | None
    message: AlertMessage
    matches: list[MatchOut]
    unread: list[UnreadOut]
    excused: list[ExcusedOut] = []
    mistakes: list[MistakeOut] = []
    incident_id: None = None
    created_at: datetime
    history: list[HistoryOut]
