"""What is looked for among what was seen: all of it stands in the page's address, so that it can be kept and sent to others."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from app.ingest.trials import SAMPLE, Like
from app.sightings.schemas import FOREVER
from app.sightings.seeking import PARTS, WIDTH

DIGEST = 32
"""Bytes."""
LONGEST = 128 + 1 + (SAMPLE * WIDTH * 8 + 5) // 6
"""Characters of one part."""
_ONE = rf"(?:[A-Za-z0-9_-]{{43}}|[A-Za-z0-9_-]{{128}})(?:~[A-Za-z0-9_-]{{6,{LONGEST - 129}}})?"
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
    like: str | None = Field(None, max_length=PARTS * (LONGEST + 1))
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
    return ".".join(_coded(bytes.fromhex(one.digest) + one.perceptual) + _after(one.phrases) for one in likes)


def read(like: str) -> list[Like]:
    """Inverse of ``written``. Raises ValueError."""
    if not _LIKE.fullmatch(like):
        raise ValueError("this was not written by us")
    return [_read(*one.partition("~")[::2]) for one in like.split(".")]


def _read(whole: str, phrases: str) -> Like:
    """Raises ValueError."""
    one, said = _decoded(whole), _decoded(phrases)
    if len(said) % WIDTH:
        raise ValueError("this was not written by us")
    return Like(one[:DIGEST].hex(), one[DIGEST:], said)


def _after(phrases: bytes) -> str:
    return f"~{_coded(phrases)}" if phrases else ""


def _coded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
