"""What is looked for among what was seen: all of it stands in the page's address, so that it can be kept and sent to others."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from app.ingest.trials import Like
from app.sightings.schemas import FOREVER
from app.sightings.seeking import PARTS

DIGEST = 32
"""Bytes."""
_ONE = r"(?:[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{128})"
_LIKE = re.compile(rf"{_ONE}(?:\.{_ONE}){{0,{PARTS - 1}}}")
Only = Literal["alerts", "clear", "external"]
Days = Literal["1", "7", "30", "all"]
DAYS: dict[Days, int] = {"1": 1, "7": 7, "30": 30, "all": FOREVER}


class Asked(BaseModel):
    """``message``: our id of one. ``like``: what likeness to a file is judged by, as ``written``.

    ``start``: so many are on the pages before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    message: str | None = Field(None, max_length=100)
    like: str | None = Field(None, max_length=PARTS * 129)
    days: Days = "30"
    only: Only | Literal[""] = ""
    q: str = Field("", max_length=200)
    start: int = Field(0, ge=0, le=100_000)

    @property
    def narrow(self) -> bool:
        """Whether some of what was found is not wanted."""
        return bool(self.only or self.q)

    def address(self, **changes: Any) -> str:
        """What stands in the address, with these changes; at the beginning of the list."""
        values = self.model_dump(exclude_defaults=True, exclude={"start"}) | changes
        left = {name: value for name, value in values.items() if value not in (None, "", 0, _DEFAULTS[name])}
        return f"/sightings?{urlencode(left)}" if left else "/sightings"


_DEFAULTS = {name: field.default for name, field in Asked.model_fields.items()}


def written(likes: Iterable[Like]) -> str:
    """For an address: no picture, only hashes."""
    return ".".join(urlsafe_b64encode(bytes.fromhex(one.digest) + one.perceptual).decode().rstrip("=") for one in likes)


def read(like: str) -> list[Like]:
    """Inverse of ``written``. Raises ValueError."""
    if not _LIKE.fullmatch(like):
        raise ValueError("this was not written by us")
    some = [urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in like.split(".")]
    return [Like(one[:DIGEST].hex(), one[DIGEST:]) for one in some]
