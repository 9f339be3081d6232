"""Which incidents somebody looks at: all of it stands in the page's address."""

from typing import Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.incidents.schemas import IncidentFilter, Status
from app.paging import Cursor

Tab = Literal["open", "contained", "closed", "all"]
TABS: tuple[Tab, ...] = get_args(Tab)
ME = "me"


class Asked(BaseModel):
    """``commander``: a name, or ``me`` (whoever looks)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    status: Tab = "open"
    severity: Literal["low", "medium", "high", "critical"] | None = None
    commander: str | None = Field(None, max_length=200)
    asset: str | None = Field(None, max_length=100)
    q: str | None = Field(None, max_length=200)
    cursor: Cursor = None

    @model_validator(mode="before")
    @classmethod
    def _given(cls, values: Any) -> Any:
        """A field of a form that was left empty is none."""
        return {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values

    def filter(self, me: str) -> IncidentFilter:
        """Which incidents; ``me``: who looks."""
        status: dict[Tab, Status | None] = {"open": "open", "contained": "contained", "closed": "closed", "all": None}
        leads = me if self.commander == ME else self.commander
        return IncidentFilter(status=status[self.status], severity=self.severity, commander=leads, asset=self.asset, q=self.q)

    @property
    def narrow(self) -> bool:
        """Whether more than a status is asked for."""
        return bool(self.model_dump(exclude_defaults=True).keys() - {"status", "cursor"})

    def address(self, **changes: Any) -> str:
        """What stands in the address, with these changes; at the beginning of the list."""
        values = self.model_dump(exclude_defaults=True, exclude={"cursor"}) | changes
        left = {name: value for name, value in values.items() if value not in (None, "") and value != _DEFAULTS[name]}
        return f"/incidents?{urlencode(left)}" if left else "/incidents"


_DEFAULTS = {name: field.default for name, field in Asked.model_fields.items()}
