"""What gateways tell of a message after it was posted."""

from datetime import datetime

from pydantic import Field

from app.ingest.schemas import Id, Incoming, Name, Utc


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
