"""Mistakes as analysts and auditors see them."""

from datetime import datetime

from pydantic import BaseModel


class SaidBy(BaseModel):
    """An alert whose resolution says so, who resolved it, and where in its message it stands (``attachment`` null: the text).

    ``name``: the attachment's, as its sender called it.
    """

    alert_id: str
    actor: str
    at: datetime
    attachment: int | None
    part: str
    name: str


class MistakeOut(BaseModel):
    """A picture or text that alarms for an asset no longer.

    ``reference``: the one it resembled most. ``digest``: the file's SHA-256, of a page followed by its name. ``fingerprints``:
    kinds that copies are recognised by; none, only the same file is. ``alerts``: with the last of them it ends.
    """

    id: str
    asset_id: str
    asset_title: str
    reference: str
    reference_id: str
    digest: str
    fingerprints: list[str]
    alerts: list[SaidBy]
    created_at: datetime
