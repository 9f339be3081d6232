"""Mistakes as analysts and auditors see them."""

from datetime import datetime
from typing import Literal

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
    kinds that copies are recognised by; none, only the same file is. ``text``: what is written in it is ``known`` (or nothing
    is), ``waiting`` to be read, until when copies may alarm, or ``missing`` for good, since its file cannot be read now: then
    copies of a page alarm. ``alerts``: with the last of them it ends.
    """

    id: str
    asset_id: str
    asset_title: str
    reference: str
    reference_id: str
    digest: str
    fingerprints: list[str]
    text: Literal["known", "waiting", "missing"]
    alerts: list[SaidBy]
    created_at: datetime
