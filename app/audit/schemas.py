"""The record as auditors ask for it and see it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.ingest.schemas import Utc

AuditCursor = Annotated[str | None, Field(pattern=r"^[1-9][0-9]{0,17}$", description="`next_cursor` of the page before")]


class AuditFilter(BaseModel):
    """Which entries; what is not given does not matter. ``kind``, ``object``: what was done to, as ``alert`` and its id.

    What was done to several alerts at once is found by the id of each of them, and by its own.

    Every word must be known: a misspelt one would show everything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    actor: str | None = Field(None, max_length=200)
    action: str | None = Field(None, max_length=100)
    kind: str | None = Field(None, max_length=100)
    object: str | None = Field(None, max_length=200)
    since: Utc | None = None
    until: Utc | None = None


class EntryOut(BaseModel):
    """One entry, with all that its hash covers: SHA-256 of these fields but ``hash`` as canonical JSON (RFC 8785).

    ``previous`` is the hash of the entry before it, so whoever follows this list can tell by themselves that nothing changed.
    """

    model_config = ConfigDict(from_attributes=True)
    seq: int
    at: datetime
    actor: str
    role: str
    identity: str
    address: str
    action: str
    object_kind: str
    object_id: str
    details: dict[str, Any]
    previous: str
    hash: str


class PlaceOut(BaseModel):
    """How far the record reaches."""

    model_config = ConfigDict(from_attributes=True)
    seq: int
    hash: str


class BrokenOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    seq: int
    reason: str


class CheckOut(BaseModel):
    """What a walk along the whole record found. ``head``: the last entry that holds; ``broken``: the first that does not.

    ``at``: when it ended; one walk at a time answers all that ask.
    """

    model_config = ConfigDict(from_attributes=True)
    ok: bool
    head: PlaceOut
    broken: BrokenOut | None
    at: datetime | None = None
