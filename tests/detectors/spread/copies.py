"""A picture's copies, fingerprinted once, and sightings of them for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from app.demo.camera import jpeg
from app.demo.equipment import photograph
from app.demo.screens import chat_screenshot, crop, forward, sticker
from detectors.spread.cascade import Seen
from fingerprints.codec import load
from fingerprints.lineage import load_look
from fingerprints.types import Fingerprints
from tests.cascades import kinds_of

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EXTREMES = tuple(
    (end.replace(tzinfo=UTC, second=0, microsecond=0) - BEGIN) // timedelta(minutes=1) for end in (datetime.min, datetime.max)
)
"""Minutes from the first to the last that the calendar has."""
FILES = ("photo", "again", "crop", "crop of crop", "marked", "screenshot", "small", "other")


@cache
def _files() -> dict[str, bytes]:
    photo = photograph(3, 10.0, 15, 5.0)
    part = crop(photo, 0.1, 0.15, 0.8, 0.85)
    return {
        "photo": jpeg(photo, 88),
        "again": forward(photo, 1280, 70),
        "crop": forward(part, 1280, 75),
        "crop of crop": forward(crop(part, 0.2, 0.1, 0.9, 0.9), 1280, 70),
        "marked": forward(sticker(photo, 5, 3), 1280, 75),
        "screenshot": forward(chat_screenshot(photo, 8), 2048, 80),
        "small": forward(photo, 640, 60),
        "other": jpeg(photograph(11, 0.0, 15, 5.0), 88),
    }


@cache
def _plain() -> dict[str, Seen]:
    made = {name: kinds_of(data) for name, data in _files().items()}
    return {
        name: Seen("", BEGIN, "hq", "", "", "", name, load(name, kinds), load_look(kinds["look"])) for name, kinds in made.items()
    }


def sighting(
    id: str,
    file: str,
    minute: float,
    channel: str = "a",
    sender: str = "p",
    gateway: str = "hq",
    stated: tuple[str, str] | None = None,
    pixels: bool = True,
) -> Seen:
    """``stated``: channel and message it is said to be forwarded from. Without ``pixels`` only its bytes are known."""
    plain = _plain()[file] if pixels else Seen("", BEGIN, "", "", "", "", file, Fingerprints(file))
    at = BEGIN + timedelta(minutes=minute)
    return replace(
        plain,
        id=id,
        at=at,
        gateway=gateway,
        channel_id=channel,
        sender_id=sender,
        message_id=id,
        forwarded_from=stated,
        members=20,
    )


def cascades(pixels: bool, least: int = 1, most: int = 8, minutes: int = 90) -> st.SearchStrategy[list[Seen]]:
    """Any sightings: several gateways, people in several channels, some said to be forwarded, from there or from elsewhere."""
    rows = st.tuples(
        st.sampled_from(FILES),
        st.one_of(*[st.integers(0, minutes)] * 5, st.sampled_from(EXTREMES)),
        st.sampled_from("abc"),
        st.sampled_from("pqrs"),
        st.sampled_from(("hq", "hq", "lab")),
        st.none() | st.tuples(st.sampled_from("abcx"), st.integers(0, most)),
    )
    return st.lists(rows, min_size=least, max_size=most).map(lambda some: _made(some, pixels))


def _made(rows: Sequence[tuple[str, int, str, str, str, tuple[str, int] | None]], pixels: bool) -> list[Seen]:
    channels = [row[2] for row in rows]
    made = []
    for number, (file, minute, channel, sender, gateway, stated) in enumerate(rows):
        told = None
        if stated is not None and stated[1] != number:
            known = channels[stated[1]] if stated[1] < len(rows) else stated[0]
            told = known, f"m{stated[1]}"
        made.append(sighting(f"m{number}", file, minute, channel, sender, gateway, told, pixels))
    return made
