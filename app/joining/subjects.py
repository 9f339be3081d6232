"""What an alert is about, as the keys by which it joins an incident: the same bytes, picture or words, else the same assets.

A key is one incident's at a time. Bytes come before assets, so that copies of what somebody split off follow it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

WINDOW = timedelta(days=7)
"""After an incident's last alert, or before its first: what leaked outside of that is another leak, and linked to this one."""
ASSET, BYTES, TEXT, PICTURE = "asset:", "sha256:", "text:", "picture:"
_RANKS = BYTES, PICTURE, TEXT, ASSET
_WHOLE = (1 << 64) - 1


def subjects(
    matches: Sequence[Mapping[str, Any]], unread: Sequence[Mapping[str, Any]], files: Sequence[str], text: str
) -> tuple[str, ...]:
    """The most telling first, assets in the order of their matches.

    ``files``: SHA-256 of the attachments; of others than those accused nothing is said.
    """
    accused = [match.get("attachment") for match in matches] or [part.get("attachment") for part in unread]
    found = [BYTES + files[index] for index in accused if index is not None and index < len(files) and files[index]]
    found += words(matches, text) + [f"{ASSET}{match['asset_id']}" for match in matches if match.get("asset_id")]
    return tuple(dict.fromkeys(found))


def words(matches: Sequence[Mapping[str, Any]], text: str) -> list[str]:
    """The key of a message's own text, if it is what is told of and no asset's."""
    told = any(not match.get("asset_id") and match.get("attachment") is None for match in matches)
    return [TEXT + sha256(" ".join(text.split()).encode(errors="replace")).hexdigest()] if text and told else []


def strangers(matches: Sequence[Mapping[str, Any]]) -> set[int]:
    """Attachments that are told of and show no asset: these are known by their pictures."""
    return {int(match["attachment"]) for match in matches if not match["asset_id"] and match["attachment"] is not None}


def ranked(found: Iterable[str]) -> tuple[str, ...]:
    """Keys of any kind, the most telling first, else in their order."""
    return tuple(sorted(dict.fromkeys(found), key=lambda one: _RANKS.index(one[: one.index(":") + 1])))


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
