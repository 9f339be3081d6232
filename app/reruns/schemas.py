"""Reruns as they are asked for and shown."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.numbers.schemas import Days


class RerunIn(BaseModel):
    """``less``: the share of the evidence that is not asked for any more: details that agree, what they cover, shared text."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    days: Days = 30
    less: Annotated[float, Field(ge=0.05, le=0.6)] = 0.25


class PointMovedOut(BaseModel):
    """An operating point of that ``name``: today's value, and the one that was tried."""

    name: str
    today: float
    tried: float


class EstimateOut(BaseModel):
    """``counted`` in the sample; of all messages ``about`` so many, with 95 % confidence ``low``..``high``."""

    counted: int
    about: float
    low: float
    high: float


class ShareOut(BaseModel):
    """Messages of the sample that are shown today by this detector or for this asset, and more that would be."""

    name: str
    title: str | None = None
    now: int
    more: int


class ExampleOut(BaseModel):
    """A message that would be shown besides. ``message_id``: ours; ``external_id``: its gateway's. Nobody was alerted to it."""

    message_id: str
    gateway: str | None
    external_id: str | None
    channel: str | None
    at: datetime | None
    asset_id: str
    asset_title: str | None
    detector: str
    confidence: float


class RerunOut(BaseModel):
    """``total``: messages with attachments in the last ``days``; of them ``wanted``, chosen by chance, are looked at, or as many
    as time allows: ``looked`` so far.

    Of these ``alerted``: somebody was shown them, for whatever reason. ``now``: what today's points show by fingerprints alone;
    ``more``: what the others show besides. ``parts`` were looked at; of ``unknown`` ones no fingerprints are left. What only
    reading would tell is not among them, nor what it would rule out: for pages ``more`` is at most so many.
    """

    id: str
    by: str
    days: int
    less: float
    status: Literal["queued", "running", "done", "failed"]
    reason: str | None
    total: int | None
    wanted: int | None
    looked: int
    parts: int
    unknown: int
    alerted: int
    now: EstimateOut | None
    more: EstimateOut | None
    detectors: list[ShareOut]
    assets: list[ShareOut]
    examples: list[ExampleOut]
    points: list[PointMovedOut]
    started_at: datetime
    finished_at: datetime | None

    @property
    def running(self) -> bool:
        return self.status in ("queued", "running")
