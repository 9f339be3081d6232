"""What of the queue somebody looks at: all of it stands in the page's address, so that it can be kept and sent to others."""

from datetime import timedelta
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.alerts.schemas import AlertFilter, Detector, Order, Resolution, Severity
from app.db.models import now
from app.paging import Cursor

Tab = Literal["open", "acknowledged", "snoozed", "resolved", "all"]
Age = Literal["1h", "24h", "7d", "30d"]
TABS: tuple[Tab, ...] = get_args(Tab)
AGES: dict[Age, timedelta] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
ME, NOBODY = "me", "nobody"
PLACE = ("cursor", "done", "left")
"""Where on the page somebody is, and what they just did; no part of what they look at."""


class Asked(BaseModel):
    """``assignee``: a name, ``me`` (whoever looks) or ``nobody``. ``done``: a change that is told of, ``left`` so many alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    status: Tab = "open"
    severity: Severity | None = None
    assignee: str | None = Field(None, max_length=200)
    q: str | None = Field(None, max_length=200)
    detector: Detector | None = None
    gateway: str | None = Field(None, max_length=500)
    channel: str | None = Field(None, max_length=500)
    sender: str | None = Field(None, max_length=500)
    asset: str | None = Field(None, max_length=100)
    external: Literal["yes"] | None = None
    resolution: Resolution | None = None
    age: Age | None = None
    order: Order = "urgent"
    cursor: Cursor = None
    done: str | None = Field(None, max_length=100)
    left: int = Field(0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _given(cls, values: Any) -> Any:
        """A field of a form that was left empty is none."""
        return {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values

    def filter(self, me: str) -> AlertFilter:
        """Which alerts; ``me``: who looks."""
        same = ("severity", "q", "detector", "gateway", "channel", "sender", "asset", "resolution")
        wanted: dict[str, Any] = {name: getattr(self, name) for name in same}
        wanted |= {"snoozed": True} if self.status == "snoozed" else {}
        wanted |= {"status": self.status, "snoozed": False} if self.status in ("open", "acknowledged", "resolved") else {}
        wanted |= {"assigned": False} if self.assignee == NOBODY else {"assignee": me if self.assignee == ME else self.assignee}
        wanted |= {"external": True} if self.external else {}
        wanted |= {"since": now() - AGES[self.age]} if self.age else {}
        return AlertFilter(**wanted)

    @property
    def narrow(self) -> bool:
        """Whether more than a standing and a severity is asked for."""
        return bool(self.model_dump(exclude_defaults=True).keys() - {"status", "severity", "order", *PLACE})

    def query(self, **changes: Any) -> str:
        """What stands in the address, with these changes; at the beginning of the queue."""
        values = self.model_dump(exclude_defaults=True, exclude=set(PLACE)) | changes
        return urlencode({name: value for name, value in values.items() if value not in (None, "") and value != _DEFAULTS[name]})

    def address(self, **changes: Any) -> str:
        query = self.query(**changes)
        return f"/alerts?{query}" if query else "/alerts"


_DEFAULTS = {name: field.default for name, field in Asked.model_fields.items()}
