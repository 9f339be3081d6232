"""Hunts as they are asked for and shown."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class HuntIn(BaseModel):
    """``days``: how far back; as far as anything is kept, if that is not said."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    days: int | None = Field(None, ge=1, le=36_500)


class HuntOut(BaseModel):
    """``total``: parts of files that were seen, known once it runs; ``done``: of them looked at. ``found``: alerts it raised,
    or brought before people anew. ``left_out``: parts not judged: too many share its form, and these hardly more than that.

    ``by``: empty, it began by itself because the asset came, or came anew. ``reason``: why it ``failed``.

    ``unsought``: what of the asset cannot be looked for, as only fingerprints are left: ``words``, ``numbers`` and codes.
    """

    id: str
    asset_id: str
    since: datetime | None
    status: Literal["queued", "running", "done", "failed"]
    total: int | None
    done: int
    found: int
    left_out: int
    by: str
    started_at: datetime
    finished_at: datetime | None
    reason: str | None
    unsought: list[Literal["words", "numbers"]] = []

    @property
    def share(self) -> float:
        """0..1 of what is to be looked at."""
        if self.status == "done":
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0
