"""Ids: opaque to others, sortable by time of birth to us (the layout of a ULID, https://github.com/ulid/spec)."""

import secrets
import time
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PATTERN = f"^[a-z]+_[{ALPHABET}]{{26}}$"


def born(ident: str) -> int:
    """When an id of ours was made, in milliseconds since 1970."""
    number = 0
    for character in ident.rpartition("_")[2]:
        number = number << 5 | ALPHABET.index(character)
    return number >> 80


def new_id(prefix: str, at: float | None = None) -> str:
    """``prefix_`` and 26 characters: 48 bits of milliseconds, then 80 random bits. ``at``: seconds since 1970, if not now."""
    return _written(prefix, time.time() if at is None else at, secrets.randbits(80))


def earliest(prefix: str, at: datetime) -> str:
    """No id made from then on sorts before it, and every one made earlier does."""
    return _written(prefix, max(0.0, at.timestamp()), 0)


def _written(prefix: str, at: float, rest: int) -> str:
    number = (int(at * 1000) << 80) | rest
    return prefix + "_" + "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
