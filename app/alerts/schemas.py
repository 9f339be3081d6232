"""Alerts as analysts see them, and what they may change."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.ingest.schemas import Channel, ExcusedOut, ForwardedFrom, MatchOut, Sender, UnreadOut, Utc
from app.mistakes.schemas import MistakeOut

Status = Literal["open", "acknowledged", "resolved"]
Resolution = Literal["true_positive", "false_positive", "benign_positive"]
Severity = Literal["low", "medium", "high", "critical"]
Detector = Literal["page_copy", "equipment_photo", "document_text", "watch_term", "asset_tag", "marking"]
Order = Literal["newest", "urgent"]
MOST = 10_000
"""Alerts that one change may name."""


class AlertFilter(BaseModel):
    """Which alerts; what is not given does not matter. ``asset``, ``channel``, ``sender``: ids; ``since`` ≤ created < ``until``.

    Every word must be known: a misspelt one would widen what is shown or changed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    status: Status | None = None
    severity: Severity | None = None
    asset: str | None = Field(None, max_length=100)
    channel: str | None = Field(None, max_length=500)
    since: Utc | None = None
    until: Utc | None = None
    snoozed: bool | None = None
    resolution: Resolution | None = None
    assignee: str | None = Field(None, min_length=1, max_length=200)
    assigned: bool | None = Field(None, description="whether it is assigned to anybody")
    gateway: str | None = Field(None, max_length=500)
    sender: str | None = Field(None, max_length=500)
    external: bool | None = Field(None, description="whether people outside the organisation are known to read along")
    detector: Detector | None = None
    q: str | None = Field(
        None, max_length=200, description="every word of it stands in an asset's title, the channel or the sender"
    )


class AlertChange(BaseModel):
    """What to change; what is not given stays. ``assignee``: null takes it from everybody. Resolving needs a resolution.

    Acknowledging assigns to whoever does it, unless ``assignee`` is given. ``snoozed_until``: out of the queue until then; null
    brings it back, as every change of status does. ``version``: what was seen; if it is another by now, nothing is changed,
    but a note alone is always added. Without it what others decided is replaced, and ``AlertOut.replaced`` says so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    assignee: str | None = Field(None, max_length=200)
    status: Status | None = None
    resolution: Resolution | None = None
    snoozed_until: Utc | None = None
    note: str | None = Field(None, min_length=1, max_length=10_000)
    version: int | None = None

    @model_validator(mode="after")
    def _something(self) -> "AlertChange":
        if not self.model_fields_set - {"version"}:
            raise ValueError("nothing to change")
        if self.status in ("open", "acknowledged") and self.resolution:
            raise ValueError("only a resolved alert has a resolution")
        return self

    @property
    def notes_only(self) -> bool:
        """It overwrites nothing, so it does not matter what was seen."""
        return not self.model_fields_set - {"version", "note"}


class Bulk(BaseModel):
    """One change to all alerts of a filter, or to those named; or the undoing of an earlier one.

    ``versions``: what was seen of the named ones; those that are another version by now are left as they are, and told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    filter: AlertFilter | None = None
    ids: list[str] | None = Field(None, min_length=1, max_length=MOST)
    versions: dict[str, int] = {}
    change: AlertChange | None = None
    undo: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Bulk":
        if (self.filter is not None) + (self.ids is not None) + (self.undo is not None) != 1:
            raise ValueError("give filter or ids, with change, or undo")
        if (self.undo is None) == (self.change is None):
            raise ValueError("give filter or ids, with change, or undo")
        if self.filter is not None and not self.filter.model_dump(exclude_none=True):
            raise ValueError(f"filter is empty: name at least one of {', '.join(AlertFilter.model_fields)}")
        if self.change is not None and self.change.version is not None:
            raise ValueError("a version is one alert's: give versions")
        return self


class BulkOut(BaseModel):
    """``changed_meanwhile``: alerts that were left as they are, because somebody changed them since they were seen."""

    bulk_id: str
    changed: int
    changed_meanwhile: list[str] = []


class AttachmentOut(BaseModel):
    index: int
    name: str
    content_type: str
    sha256: str
    size: int


class AlertMessage(BaseModel):
    """The message an alert is about, as it came. ``deleted_at``: since then it was deleted or recalled in its chat."""

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
    deleted_at: datetime | None = None


class ReadingOut(BaseModel):
    """Everything that can be read of one picture, in reading order."""

    lines: list[str]


class WithdrawnOut(BaseModel):
    """Who took something back, and when."""

    actor: str
    at: datetime


class HistoryOut(BaseModel):
    """``change``: field to [before, after]. ``withdrawn``: its note was taken back, with all else that the bulk change did."""

    at: datetime
    actor: str
    action: str
    change: dict[str, Any]
    note: str | None
    bulk_id: str | None
    withdrawn: WithdrawnOut | None = None


class SpreadOut(BaseModel):
    """Channels and messages in which the same thing was found within the last days."""

    channels: int
    messages: int


class AnswerableOut(BaseModel):
    """Whom to call: for an ``asset``, whose ``title`` it is, or for the unit of the ``sender``."""

    what: Literal["asset", "sender"]
    title: str
    unit: str
    name: str


class ReplacedOut(BaseModel):
    """What somebody else had decided about a ``field``, in place of which a change that did not say what it saw put another."""

    field: str
    value: Any
    actor: str
    at: datetime


class AlertOut(BaseModel):
    """``unread``: what of the message could not be inspected, so that nobody takes the rest for harmless.

    ``historic``: found later among what was seen, in a message sent at ``leaked_at``; if that had an alert, part of this one.
    ``excused``: what does not count because of earlier mistakes. ``mistakes``: what is remembered because of this alert.
    ``raised``: why the sender's standing made it one step graver. ``answerable``: told of one alert alone, not in lists.
    ``replaced``: told in the answer to a change that was sent without ``version`` or ``If-Match``.
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
    raised: dict[str, Any] | None = None
    answerable: list[AnswerableOut] = []
    mistakes: list[MistakeOut] = []
    incident_id: str | None = None
    created_at: datetime
    version: int = 1
    snoozed_until: datetime | None = None
    historic: bool = False
    leaked_at: datetime | None = None
    spread: SpreadOut = SpreadOut(channels=1, messages=1)
    replaced: list[ReplacedOut] = []
    history: list[HistoryOut]
