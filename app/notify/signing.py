"""Signatures as Standard Webhooks has them (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md)."""

import hashlib
import hmac
from base64 import b64decode, b64encode

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, says the specification."""


def keys(secret: str) -> tuple[bytes, ...]:
    """The keys of ``whsec_…``, or of several with spaces between while one takes another's place. Raises ValueError."""
    found = tuple(_key(word) for word in secret.split())
    if not found:
        raise ValueError(f"a secret is needed: {PREFIX} and base64 of {SHORTEST} to {LONGEST} random bytes")
    return found


def signature(key: bytes, ident: str, timestamp: int, body: bytes) -> str:
    """Of one attempt, with its scheme."""
    signed = hmac.digest(key, f"{ident}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{b64encode(signed).decode()}"


def _key(word: str) -> bytes:
    try:
        key = b64decode(word.removeprefix(PREFIX), validate=True) if word.startswith(PREFIX) else b""
    except ValueError:
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"must be {PREFIX} and base64 of {SHORTEST} to {LONGEST} random bytes")
    return key
