"""What gateways tell of a message after it was posted, and what is told of what was seen."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.ingest.schemas import Id, Incoming, Name, Utc

FOREVER = 36_500
"""Days."""


class DeletionIn(Incoming):
    """``message_id``: as it was, or will be, posted. ``by``: who deleted or recalled it, by the gateway's id of them."""

    gateway: Id
    message_id: Id
    deleted_at: Utc
    by: Name | None = Field(None, min_length=1)


class DeletionOut(Incoming):
    """As it is kept: what was told first."""

    gateway: str
    message_id: str
    deleted_at: datetime
    by: str | None


class LikenessQuery(BaseModel):
    """Sought is among what came in the last ``days``."""

    model_config = ConfigDict(extra="forbid")
    days: Annotated[int, Field(ge=1, le=FOREVER)] = 30
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class MessageQuery(LikenessQuery):
    """``message``: our id of one; what is like its parts is sought."""

    message: str


class SightingOut(BaseModel):
    """One part of a message that was seen. ``message_id``: ours; ``external_id``: its gateway's. ``sha256``: of the part.

    ``distance``: bits of 64 by which it differs as a picture, as a whole; ``null``: its text is like it. ``agrees``: the share of
    the text sought that stands in it, by a sample of phrases; 0, none. ``exact``: the same bytes. ``at``: when it was sent, if
    that is said. ``alert_id``: the alert that its message raised.
    """

    message_id: str
    gateway: str
    external_id: str
    channel_id: str
    channel_name: str
    sender_id: str
    sender_name: str
    attachment: int
    part: str
    sha256: str
    at: datetime
    deleted_at: datetime | None
    distance: int | None
    agrees: float
    exact: bool
    alert_id: str | None


class SightingsOut(BaseModel):
    """The earliest first. ``more``: there are more than these, or there may be: only the newest half million are compared, and
    of these the newest 50,000 with a text.
    """

    items: list[SightingOut]
    more: bool
