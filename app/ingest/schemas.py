"""A message as gateways send it, and what they are told about it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from app.db.columns import storable

LONGEST = 800
"""Bytes of an id as it is kept: three of them, and one of ours, must fit into one row of a database's index (2,700 bytes)."""


def _indexable(ident: str) -> str:
    """Raises ValueError for an id that no index has room for."""
    if len(storable(ident).encode()) > LONGEST:
        raise ValueError(f"longer than {LONGEST} bytes")
    return ident


Id = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_indexable)]
Name = Annotated[str, Field(max_length=1000)]


def _utc(at: datetime) -> datetime:
    """Raises ValueError for a moment that UTC's calendar does not have."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of the calendar's range") from None


Utc = Annotated[AwareDatetime, AfterValidator(_utc)]


class Incoming(BaseModel):
    """Unknown fields are let pass: gateways may know more than we ask."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Channel(Incoming):
    id: Id
    name: Name | None = None
    kind: Name | None = None
    members: int | None = Field(None, ge=0)
    external: bool | None = Field(None, description="whether people outside the organisation read along")


class Sender(Incoming):
    id: Id
    name: Name | None = None


class ForwardedFrom(Incoming):
    channel_id: Id | None = None
    message_id: Id | None = None


class AttachmentIn(Incoming):
    name: Name = ""
    content_type: Name = ""
    data: str | None = Field(None, description="base64; absent in a multipart body")


class MessageIn(Incoming):
    """One message; text or at least one attachment."""

    gateway: Id
    message_id: Id
    sent_at: Utc | None = None
    channel: Channel
    sender: Sender
    text: str = Field("", max_length=1_000_000)
    forwarded_from: ForwardedFrom | None = None
    attachments: tuple[AttachmentIn, ...] = ()

    def body(self) -> dict[str, Any]:
        """As it is kept: JSON, without the files."""
        return self.model_dump(mode="json", exclude={"attachments"})


class Accepted(BaseModel):
    id: str
    status: Literal["queued", "done", "failed"]


class MatchOut(BaseModel):
    asset_id: str | None
    asset_title: str
    reference: str
    reference_id: str | None = None
    detector: str
    confidence: float
    attachment: int | None
    part: str = ""
    evidence: dict[str, Any]


class UnreadOut(BaseModel):
    attachment: int | None
    reason: str


class ExcusedOut(BaseModel):
    """A match that does not count: an analyst found this picture, or one it is a copy of, to be something else."""

    asset_id: str
    asset_title: str
    reference: str
    attachment: int | None
    part: str = ""
    mistake_id: str
    alert_id: str


class VerdictOut(BaseModel):
    verdict: Literal["clear", "review", "leak"]
    severity: Literal["none", "low", "medium", "high", "critical"]
    matches: list[MatchOut]
    alert_id: str | None
    unread: list[UnreadOut]
    excused: list[ExcusedOut] = []
    elapsed_ms: float


class Pending(BaseModel):
    verdict: Literal["pending"] = "pending"
    id: str


class MessageOut(BaseModel):
    """``reason``: why inspection failed, when it did."""

    id: str
    gateway: str
    message_id: str
    status: Literal["queued", "done", "failed"]
    reason: str | None
    verdict: VerdictOut | None
    received_at: datetime
    finished_at: datetime | None


def inlined(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON schema with every reference replaced by what it names: OpenAPI looks for names elsewhere."""
    schema = model.model_json_schema()
    return cast(dict[str, Any], _inline(schema, schema.pop("$defs", {})))


def _inline(node: Any, named: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(one, named) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(named[node["$ref"].rpartition("/")[2]], named)
    return {key: _inline(value, named) for key, value in node.items()}
