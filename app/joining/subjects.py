"""What an alert is about, as the keys by which it joins an incident: the same bytes, else the same picture, else the same asset.

A key is one incident's at a time. Bytes come before the asset, so that copies of what somebody split off follow it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

WINDOW = timedelta(days=7)
"""After an incident's last alert; what comes later is another leak, and linked to the earlier one."""
ASSET, BYTES, TEXT, PICTURE = "asset:", "sha256:", "text:", "picture:"
_WHOLE = (1 << 64) - 1


def subjects(
    matches: Sequence[Mapping[str, Any]], unread: Sequence[Mapping[str, Any]], files: Sequence[str], text: str
) -> tuple[str, ...]:
    """The most telling first. ``files``: SHA-256 of the attachments; of others than those accused nothing is said."""
    accused = [match.get("attachment") for match in matches] or [part.get("attachment") for part in unread]
    found = [BYTES + files[index] for index in accused if index is not None and index < len(files) and files[index]]
    if text and any(not match.get("asset_id") and match.get("attachment") is None for match in matches):
        found.append(TEXT + sha256(" ".join(text.split()).encode(errors="replace")).hexdigest())
    found += [f"{ASSET}{match['asset_id']}" for match in matches[:1] if match.get("asset_id")]
    return tuple(dict.fromkeys(found))


def picture(perceptual: int) -> str:
    """The key of a picture by its hash, 64 bits as a signed number."""
    return f"{PICTURE}{perceptual & _WHOLE:016x}"


def nearest(wanted: str, known: Iterable[str], bits: int) -> str | None:
    """Of keys of pictures the one that differs by the fewest bits, and by so many at most."""
    mine = int(wanted.removeprefix(PICTURE), 16)
    far = ((one, (int(one.removeprefix(PICTURE), 16) ^ mine).bit_count()) for one in known)
    near = [(distance, one) for one, distance in far if distance <= bits]
    return min(near)[1] if near else None


def title(matches: Sequence[Mapping[str, Any]], unread: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """The asset's; of a marking what it says; of what could not be inspected its name; ``""``: none of these."""
    first = matches[0] if matches else {}
    evidence = first.get("evidence")
    marking = evidence.get("marking") if isinstance(evidence, Mapping) else None
    words = [first.get("asset_title"), marking.get("text") if isinstance(marking, Mapping) else None]
    words += [names[one["attachment"]] for one in unread if one.get("attachment") is not None and one["attachment"] < len(names)]
    return next((str(word) for word in words if word), "")
