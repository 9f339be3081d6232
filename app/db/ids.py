"""Ids: opaque to others, sortable by time of birth to us (the layout of a ULID, https://github.com/ulid/spec)."""

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PATTERN = f"^[a-z]+_[{ALPHABET}]{{26}}$"


def born(ident: str) -> int:
    """When an id of ours was made, in milliseconds since 1970."""
    number = 0
    for character in ident.rpartition("_")[2]:
        number = number << 5 | ALPHABET.index(character)
    return number >> 80


def new_id(prefix: str) -> str:
    """``prefix_`` and 26 characters: 48 bits of milliseconds, then 80 random bits."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return prefix + "_" + "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
