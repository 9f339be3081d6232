"""Assets as owners describe them and as they are shown."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.ingest.schemas import ExcusedOut, MatchOut, UnreadOut

Kind = Literal["document", "equipment", "text"]
Level = Literal["internal", "confidential", "secret", "top_secret"]
Reason = Literal[
    "too_small",
    "too_dark",
    "too_blurred",
    "too_plain",
    "few_places",
    "repetitive",
    "too_short",
    "boilerplate",
    "near_identical",
]
Status = Literal["ready", "fingerprinting", "failed"]
"""``fingerprinting``: more references are to come; ``failed``: more were to come, and did not."""
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[list[Word], Field(max_length=200)]
Note = Annotated[str, Field(max_length=10_000)]
Person = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class AssetSpec(BaseModel):
    """``owner``: empty, whoever registers it. ``keep_originals``: pictures and text may be kept, so that analysts can compare."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Title
    kind: Kind = "document"
    level: Level = "confidential"
    owner: Person = ""
    unit: Person = ""
    terms: Words = []
    tags: Words = []
    keep_originals: bool = False
    note: Note = ""


class AssetPatch(BaseModel):
    """What to change; what is not given stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Title | None = None
    level: Level | None = None
    owner: Annotated[Person, Field(min_length=1)] | None = None
    unit: Person | None = None
    terms: Words | None = None
    tags: Words | None = None
    note: Note | None = None


class ResembledOut(BaseModel):
    """A reference of another asset that whoever asks may open."""

    asset_id: str
    asset_title: str
    reference: str


class NamedOut(BaseModel):
    """Another owner's asset, of which an owner hears only what it is called and whom to talk to."""

    asset_title: str
    owner: str


class ReasonOut(BaseModel):
    """Why a reference is not as recognisable as it could be, and what to do. ``assets``: which it resembles that whoever
    asks may open; ``others``: how many references it resembles that they may not, and ``named`` whose assets these are;
    ``share``: how much of it stands in all of them.
    """

    name: Reason
    advice: str
    assets: list[ResembledOut] = []
    named: list[NamedOut] = []
    others: int = 0
    share: float = 0.0


class DistinctivenessOut(BaseModel):
    """``score`` 0..1: how much of its own there is to hold on to. ``advice``: that of all reasons together."""

    score: float
    verdict: Literal["good", "weak", "none"]
    advice: str
    reasons: list[ReasonOut] = []


class ReferenceOut(BaseModel):
    """``fingerprints``: which kinds could be made. ``kept``: whether there is a picture or text to show.

    ``derived``: nobody registered it: it is a confirmed leak's picture, as long as one of ``alerts`` (told to no owner) says so.
    """

    id: str
    label: str
    file: str
    fingerprints: list[str]
    distinctiveness: DistinctivenessOut
    kept: bool
    derived: bool = False
    alerts: list[str] = []


class UnreadPart(BaseModel):
    file: str
    part: str
    reason: str


class AssetSummary(BaseModel):
    id: str
    title: str
    kind: Kind
    level: Level
    owner: str
    unit: str
    terms: list[str]
    tags: list[str]
    keep_originals: bool
    note: str
    status: Status = "ready"
    reference_count: int
    weak_count: int = 0
    created_at: datetime
    updated_at: datetime


class ProgressOut(BaseModel):
    """How far a registration is: pages, photos and texts. ``reason``: why it ended before all were done."""

    done: int
    total: int
    reason: str | None = None


class AssetOut(AssetSummary):
    """``unread``: parts of the files that could not be read; told once, when registering, or after a long registration until the
    next. ``progress``: of a registration that took longer than its answer.
    """

    references: list[ReferenceOut]
    unread: list[UnreadPart] = []
    progress: ProgressOut | None = None


class AssetEvent(BaseModel):
    """Something that happened to an asset. ``actor``: empty, the program itself; ``change``: field to [before, after]."""

    id: int = 0
    at: datetime
    actor: str
    action: Literal["registered", "begun", "replaced", "completed", "failed", "changed", "taught", "untaught"]
    change: dict[str, list[Any]]
    files: list[str]


class TestedFile(BaseModel):
    file: str
    verdict: Literal["clear", "review", "leak"]
    severity: str
    matches: list[MatchOut]
    unread: list[UnreadOut]
    excused: list[ExcusedOut] = []


class Tested(BaseModel):
    results: list[TestedFile]
