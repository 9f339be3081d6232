"""The chain: an entry names the hash of the one before it, and its own hash covers that name.

The hash is SHA-256 over the entry as canonical JSON without ``hash`` itself: fields sorted by UTF-16 code units, no white space,
UTF-8 (RFC 8785, JSON Canonicalization Scheme); numbers are integers alone, so that nobody has to print a float. Whoever changes,
removes or moves an entry must write every later one anew, and then the last hash is another: written down elsewhere, it tells.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
"""What the first entry names."""
LARGEST = 2**53
"""Beyond, not every reader of JSON tells two numbers apart (RFC 8785 §3.2.2.3)."""

_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did. ``identity``: of the token or account; ``address``: where the request came from."""

    seq: int
    at: datetime
    actor: str
    role: str
    identity: str
    address: str
    action: str
    object_kind: str
    object_id: str
    details: Mapping[str, Any] = field(default_factory=dict)
    previous: str = GENESIS
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a chain reaches: the last entry's number and hash. Shown to people as ``SEQ:HASH``."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError."""
        seq, colon, digest = text.strip().partition(":")
        if (
            not colon
            or not (seq.isascii() and seq.isdigit())
            or len(digest) != len(GENESIS)
            or set(digest) - set("0123456789abcdef")
        ):
            raise ValueError(f"“{text}” is no place in a chain: write SEQ:HASH, as “leakwatch audit verify” prints it")
        return cls(int(seq), digest)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry at which a chain does not hold, and why."""

    seq: int
    reason: str


def sealed(entry: Entry) -> Entry:
    """With its hash."""
    return replace(entry, hash=digest(entry))


def digest(entry: Entry) -> str:
    """What an entry's hash must be."""
    fields = asdict(entry) | {"at": _moment(entry.at)}
    del fields["hash"]
    return sha256(canonical(fields)).hexdigest()


def canonical(value: Any) -> bytes:
    """The one encoding of what ``plain`` gives; of other JSON, with which somebody replaced it, an encoding too."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def plain(value: Any) -> Any:
    """As it comes back from JSON; half of a surrogate pair, which UTF-8 has no place for, becomes U+FFFD.

    Raises TypeError for what would not come back the same, a float above all.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, int) and abs(value) <= LARGEST:
        return int(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {plain(key): plain(one) for key, one in value.items()}
    raise TypeError(f"{type(value).__name__} has no place in the audit record")


class Walk:
    """A walk along a chain from its beginning."""

    def __init__(self) -> None:
        self.place = Place()

    def follow(self, entry: Entry) -> Broken | None:
        """Take the next entry there is; why it cannot be the next of an unbroken chain, if so."""
        due = self.place.seq + 1
        if entry.seq < due:
            return Broken(entry.seq, "there is no such place in the record")
        if entry.seq > due:
            return Broken(due, "it is missing")
        if entry.previous != self.place.hash:
            return Broken(due, "it follows another entry than the one before it")
        if entry.hash != digest(entry):
            return Broken(due, "it is not as it was written")
        self.place = Place(entry.seq, entry.hash)
        return None


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))}
    return [_sorted(one) for one in value] if isinstance(value, list) else value
