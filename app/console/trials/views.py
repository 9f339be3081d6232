"""What was tried, in people's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.console.alerts.sentences import SURE, said
from app.console.brevity import brief
from app.console.speech import Language, marked
from app.console.wording import DETECTORS, unread
from app.console.wording import part as said_part
from app.ingest.trials import Elsewhere, Nearest, Rehearsed, Tried

ATTACKS: Mapping[str, tuple[str, str]] = {
    "recompressed": (marked("Saved again, small"), marked("half the size, strongly compressed")),
    "preview": (marked("Preview"), marked("480 pixels, as a link shows it")),
    "crop40": (marked("Cropped to 40 %"), marked("of the area")),
    "crop20": (marked("Cropped to 20 %"), marked("of the area")),
    "tilted": (marked("Tilted"), marked("by nine degrees")),
    "turned": (marked("On its side"), marked("a quarter turn")),
    "mirrored": (marked("Mirrored"), marked("left for right")),
    "stuck_over": (marked("Stickers"), marked("five faces stuck on it")),
    "screenshot": (marked("Chat screenshot"), marked("a phone’s screen with the chat")),
    "collage": (marked("Collage"), marked("one of four pictures")),
    "inset": (marked("Small in another"), marked("two fifths of its longer side")),
    "print_photographed": (marked("Print photographed"), marked("by phone, on a desk")),
    "screen_photographed": (marked("Screen photographed"), marked("by phone, off a monitor")),
    "chat_photographed": (marked("Chat photographed"), marked("the screenshot, off a monitor")),
}
NEAR: Mapping[str, str] = {
    "details": marked("%(there)s of its details lie as in %(what)s; at least %(needed)s are needed."),
    "spread": marked(
        "Details lie as in %(what)s, but only over %(there)s of what could be seen of it; at least %(needed)s is needed."
    ),
    "own_details": marked(
        "Details lie as in %(what)s, but only %(there)s of them fit nowhere else as well; at least %(needed)s are needed."
    ),
    "text": marked("It has the form of %(what)s, but what is written there was not read as the registered text."),
    "look": marked("As a whole it resembles %(what)s a little, not enough to be taken for it."),
    "passages": marked("It shares some wording with %(what)s: that counts %(there)s, at least %(needed)s is needed."),
}
SHARES = ("spread",)
SHOWN, LEAST, TITLE = 20, 2, 120
"""Matches of all files that are shown, but so many at least of each; and characters of what is called so."""


def tried_views(language: Language, found: Sequence[tuple[str, Tried]]) -> list[dict[str, Any]]:
    """Files by their names; the more there are, the fewer of the matches of each are shown."""
    most = max(LEAST, SHOWN // max(1, len(found)))
    return [tried_view(language, name, one, most) for name, one in found]


def tried_view(language: Language, name: str, tried: Tried, most: int = SHOWN) -> dict[str, Any]:
    """One file: what it matches, ``most`` of that, or how near the nearest came. ``further…``: so many more."""
    matches, verdict = tried.verdict["matches"], tried.verdict
    sure = [one["confidence"] for one in matches] + [one.confidence for one in tried.elsewhere]
    return {
        "name": name or language.say("a picture without a name"),
        "caught": bool(sure),
        "sure": any(one >= SURE for one in sure),
        "matches": [_match(language, one) for one in matches[:most]],
        "further": max(0, len(matches) - most),
        "elsewhere": [_elsewhere(language, one) for one in tried.elsewhere[:most]],
        "further_elsewhere": max(0, len(tried.elsewhere) - most),
        "unread": [unread(language, one["reason"]) for one in verdict["unread"][:most]],
        "excused": [brief(one["asset_title"], TITLE) for one in verdict["excused"][:most]],
        "nearest": near(language, tried.nearest),
    }


def tile_view(language: Language, asset: str, attack: str, found: Rehearsed | None, address: str) -> dict[str, Any]:
    """One attack: ``done`` or still to be tried. ``address``: what is attacked, as a query."""
    name, how = ATTACKS[attack]
    view: dict[str, Any] = {
        "name": attack,
        "title": language.say(name),
        "how": language.say(how),
        "try": f"/assets/{asset}/gallery/{attack}{address}",
        "done": found is not None,
    }
    if found is None:
        return view
    caught = found.detector is not None
    by = language.say(DETECTORS[found.detector]) if found.detector else ""
    return view | {
        "picture": f"/pictures/attacks/{asset}/{attack}{address}",
        "found": caught,
        "sure": found.confidence >= SURE,
        "confidence": found.confidence,
        "by": by,
        "near": "" if caught else near(language, found.nearest),
    }


def found_of(known: Mapping[str, Rehearsed]) -> dict[str, int]:
    """How many were tried, and how many of these were found."""
    return {"tried": len(known), "found": sum(one.detector is not None for one in known.values())}


def near(language: Language, nearest: Nearest | None) -> str:
    """How near the nearest came; a sentence in any case."""
    if nearest is None:
        return language.say("Nothing registered is like it.")
    title, part = brief(nearest.asset_title, TITLE), brief(said_part(language, nearest.reference), TITLE)
    what = language.say("“%(title)s”, %(part)s", title=title, part=part) if part else language.say("“%(title)s”", title=title)
    written = language.percent if nearest.missing in SHARES else language.number
    return language.say(NEAR[nearest.missing], what=what, there=written(nearest.there), needed=written(nearest.needed))


def _match(language: Language, match: Mapping[str, Any]) -> dict[str, Any]:
    title = brief(match["asset_title"] or "", TITLE)
    told = said(language, {**match, "asset_title": title, "evidence": _with_names(language, match["evidence"])})
    return {
        "asset_id": match["asset_id"],
        "title": title or language.say("Not registered"),
        "part": said_part(language, match["part"]),
        "by": language.say(DETECTORS.get(match["detector"], match["detector"])),
        "confidence": match["confidence"],
        "sure": match["confidence"] >= SURE,
        "says": told.says,
        "more": told.more,
        "facts": told.facts,
    }


def _with_names(language: Language, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What the nearest other asset is called that may not be named."""
    told = {name: _with_names(language, value) if isinstance(value, Mapping) else value for name, value in evidence.items()}
    other = told.get("nearest_other")
    if other and other["asset_id"] is None:
        told["nearest_other"] = {**other, "asset_title": language.say("another owner’s")}
    elif other:
        told["nearest_other"] = {**other, "asset_title": brief(other["asset_title"] or "", TITLE)}
    return told


def _elsewhere(language: Language, one: Elsewhere) -> dict[str, Any]:
    return {"by": language.say(DETECTORS.get(one.detector, one.detector)), "confidence": one.confidence}
