"""What the page of an alert says, in people's words."""

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import datetime
from itertools import accumulate
from typing import Any

from app.alerts.schemas import AlertOut
from app.alerts.similar import Alike, Similar
from app.console.alerts.calling import TITLED, calling_view
from app.console.alerts.history import RESOLUTIONS, happened, state
from app.console.alerts.overlap import Piece, overlap
from app.console.alerts.sentences import said
from app.console.alerts.standing import raised_words
from app.console.brevity import brief, weight
from app.console.mistakes.views import lacks
from app.console.queue.views import SEVERITIES, line_view
from app.console.speech import Language, marked
from app.console.wording import DETECTORS, leaked_picture, unread
from app.console.wording import part as said_part
from app.evidence.hindsight import widened
from app.ingest.jobs import MAX_PICTURES, Place
from app.mistakes.schemas import MistakeOut

A_PAGE = 3 / 4
"""Width by height of a reference nobody measured."""
LONGEST = 4000
"""Characters of a message's text; a million may come, and a page is to be light."""
ROOM = 48_000
"""Bytes of a page, roughly, for matches with all that speaks for them; the others are named, and each has a page."""
FURTHER = 10
"""Matches that are named besides."""
PASSAGES = 3
"""Passages of a match that are shown beside others; on its own page all that are kept."""
MOST_LISTED = 20
"""Files, parts and mistakes of an alert that are told, of each kind."""
FEW = 5
"""Files that a headline names."""
CONCLUSIONS = {
    "leak": marked("The machine is sure of it."),
    "review": marked("The machine is not sure: a person has to decide."),
}
WHY = {
    "file": marked("the same file"),
    "picture": marked("all but the same picture"),
    "asset": marked("the same asset"),
    "sender": marked("the same sender, within a day"),
}


def alert_view(
    language: Language,
    alert: AlertOut,
    kept: Set[str] = frozenset(),
    pictured: Set[Place] = frozenset(),
    revealed: datetime | None = None,
    whole: int | None = None,
) -> dict[str, Any]:
    """An alert with a headline, its matches ready to draw, and its history in words.

    ``kept``: references whose picture may be shown. ``pictured``: parts of the attachments that have a picture. ``revealed``:
    until when whoever looks may see them. ``whole``: the number of the match of which all passages are wanted.
    """
    view = alert.model_dump()
    names = {file.index: file.name or _nameless(language, file.index) for file in alert.message.attachments}
    view["files"] = _some(list(names.values()), lambda left: language.count("and %(number)s more", "and %(number)s more", left))
    full = _full(view["matches"])
    matches = [
        _match(language, alert.id, names, kept, pictured, revealed, number, one, shown)
        for number, one in enumerate(view["matches"])
        for shown in [None if number == whole else PASSAGES if number < full else 0]
    ]
    view["matches"] = matches
    view |= {"full": full, "further": FURTHER}
    view["unread"] = [
        {"file": _file(language, names, one["attachment"]), "why": unread(language, one["reason"])} for one in view["unread"]
    ]
    view["choices"] = _choices(language, matches)
    view["raised"] = raised_words(language, alert.raised)
    view["excused"] = [
        _named(one) | {"file": _place(language, names, one["attachment"], one["part"])} for one in view["excused"][:MOST_LISTED]
    ]
    view |= calling_view(alert.answerable)
    view["remembered"] = [_remembered(language, alert.id, names, mistake) for mistake in alert.mistakes[:MOST_LISTED]]
    view["alarming"] = _alarming(language, alert, names) if alert.resolution == "false_positive" else []
    view |= _headline(language, matches, view["unread"])
    view["more_unread"], view["unread"] = max(0, len(view["unread"]) - MOST_LISTED), view["unread"][:MOST_LISTED]
    view["history"] = [happened(language, entry) for entry in view["history"]]
    view["state"] = state(language, alert.status, alert.resolution, alert.snoozed_until is not None)
    view["severity_name"] = language.say(SEVERITIES.get(alert.severity, alert.severity))
    view["conclusion"] = language.say(CONCLUSIONS[alert.verdict]) if matches else ""
    view["revealed"] = revealed
    view["leaked"] = language.day(alert.leaked_at) if alert.leaked_at else ""
    view["learned"] = _learned(language, alert)
    view["longest"] = LONGEST
    view["text_withheld"] = revealed is None and any(
        one["attachment"] is None and (one["passage_count"] or "sha256" in one["evidence"]) for one in matches
    )
    veiled = any(one["leaked_picture"] or one["reference_picture"] or one["hidden_text"] for one in matches)
    view["veilable"] = veiled or view["text_withheld"]
    view["pictured"] = any(one["leaked_picture"] or one["reference_picture"] for one in matches)
    return view


def _learned(language: Language, alert: AlertOut) -> str:
    """What confirming a historic alert taught; ``""``: nothing, or it is another."""
    if not alert.historic or alert.resolution != "true_positive" or widened(alert):
        return ""
    taught = next((entry.action for entry in reversed(alert.history) if entry.action in ("taught", "untaught")), "")
    if taught == "taught":
        return language.say(
            "Its bytes were learnt: this very file is recognised at once. No picture was kept to learn more from."
        )
    return ""


def alike_view(language: Language, alike: Alike, at: datetime) -> dict[str, Any]:
    """Alerts like one, and what became of them: a sentence and a few lines."""
    became = [
        language.count(
            "%(number)s was resolved as %(what)s", "%(number)s were resolved as %(what)s", number, what=language.say(what)
        )
        for value, what in RESOLUTIONS.items()
        if (number := alike.resolved.get(value, 0))
    ]
    many = (
        language.say("More than %(number)s others like this", number=language.number(alike.total - 1))
        if alike.more
        else language.count("%(number)s other like this", "%(number)s others like this", alike.total)
    )
    return {
        "says": language.say("%(field)s: %(says)s", field=many, says=language.comma.join(became)) if became else many,
        "shown": [_alike(language, one, at) for one in alike.shown],
    }


def _alike(language: Language, one: Similar, at: datetime) -> dict[str, Any]:
    line = line_view(one.line, language, at)
    return line | {"like": language.say(WHY[one.why]), "by": one.by}


def _headline(language: Language, matches: list[dict[str, Any]], unread: list[dict[str, Any]]) -> dict[str, Any]:
    if not matches:
        files = language.listed(list(dict.fromkeys(one["file"] for one in unread))[:FEW])
        says = language.say("Could not be inspected: %(files)s", files=files)
        called = brief(says, TITLED)
        return {"headline": says, "called": called, "why": language.say("nothing else was found"), "confidence": None}
    first = matches[0]
    title = first["whole_title"] or language.say(
        "%(marking)s: nobody registered this", marking=(first["evidence"].get("marking") or {}).get("text", "")
    )
    why = language.listed(dict.fromkeys(match["detector_words"] for match in matches))
    return {"headline": title, "called": brief(title, TITLED), "why": why, "confidence": first["confidence"]}


def _match(
    language: Language,
    alert_id: str,
    names: Mapping[int, str],
    kept: Set[str],
    pictured: Set[Place],
    revealed: datetime | None,
    number: int,
    match: dict[str, Any],
    most: int | None,
) -> dict[str, Any]:
    """``drawn``: there is something to show on pictures; ``compared``: on the registered one as well; ``aligned``: laid over it.
    ``most``: passages that are shown, and titles are in brief; None: all of it. ``left_passages``: others that are kept.

    Addresses change with the reveal, so that no browser shows what it has from before.
    """
    evidence, place = match["evidence"], (match["attachment"], match["part"])
    boxes = _boxes(evidence)
    leaked = leaked_picture(alert_id, *place) if place in pictured else None
    registered = f"/pictures/alerts/{alert_id}/references/{match['reference_id']}" if match["reference_id"] in kept else None
    same_file = "sha256" in evidence and bool(leaked or registered)
    compared = same_file or bool(evidence.keys() & {"geometry", "perceptual"})
    geometry = evidence.get("geometry") or {}
    aligned = f"/pictures/alerts/{alert_id}/aligned/{number}" if revealed and leaked and geometry.get("homography") else None
    passages = (evidence.get("text") or {}).get("passages", [])
    shown = passages[:most]
    told = match if most is None else _named(match)
    return told | {
        "said": said(language, told),
        "whole_title": match["asset_title"],
        "title_cut": told["asset_title"] != (match["asset_title"] or ""),
        "detector_words": language.say(DETECTORS.get(match["detector"], match["detector"])),
        "attachment_name": _place(language, names, match["attachment"], match["part"]),
        "reference_picture": _plain(registered, revealed),
        "leaked_picture": _plain(leaked, revealed),
        "aligned": _plain(aligned, revealed),
        "whole_reading": f"/alerts/{alert_id}/reading/{match['attachment']}",
        "most_pictures": MAX_PICTURES,
        "boxes": boxes,
        "compared": compared,
        "drawn": compared or bool(boxes),
        "aspect": geometry.get("reference_aspect") or A_PAGE,
        "number": number,
        **_drawn(geometry),
        "page": f"/alerts/{alert_id}/matches/{number + 1}",
        "passages": [_passage(one) for one in shown],
        "passage_count": len(passages),
        "left_passages": len(passages) - len(shown),
        "context": _context(evidence.get("token") or {}),
        "hidden_text": bool(passages) and not revealed,
        "more_passages": (evidence.get("text") or {}).get("more_passages", 0),
    }


def _named(match: dict[str, Any]) -> dict[str, Any]:
    """With titles and parts in brief, its own and the nearest other asset's."""

    def named(one: dict[str, Any]) -> dict[str, Any]:
        return one | {name: brief(one.get(name) or "", TITLED) for name in ("asset_title", "reference")}

    def told(evidence: dict[str, Any]) -> dict[str, Any]:
        other = evidence.get("nearest_other")
        return evidence | {"nearest_other": named(other)} if other else evidence

    evidence = {name: told(value) if isinstance(value, dict) else value for name, value in match.get("evidence", {}).items()}
    return named(match) | {"evidence": told(evidence)}


def _drawn(geometry: Mapping[str, Any]) -> dict[str, int]:
    """How many of the details that agree are drawn: evidence keeps some of them."""
    shown = len(geometry.get("points") or ())
    agree = max(shown, geometry.get("inliers") or 0)
    return {"points_shown": shown, "points_all": agree, "points_left": agree - shown if shown else 0}


def _plain(address: str | None, revealed: datetime | None) -> str | None:
    if address is None or revealed is None:
        return address
    return f"{address}{'&' if '?' in address else '?'}until={int(revealed.timestamp())}"


def _nameless(language: Language, index: int) -> str:
    return language.say("file %(number)s", number=index + 1)


def _file(language: Language, names: Mapping[int, str], index: int | None) -> str:
    return language.say("the message’s text") if index is None else names.get(index, _nameless(language, index))


def _place(language: Language, names: Mapping[int, str], index: int | None, part: str) -> str:
    return language.comma.join(name for name in (_file(language, names, index), said_part(language, part)) if name)


def _remembered(language: Language, alert_id: str, names: Mapping[int, str], mistake: MistakeOut) -> dict[str, Any]:
    """``others``: alerts that say so too, so that reopening this one changes nothing."""
    here = next(one for one in mistake.alerts if one.alert_id == alert_id)
    return {
        "id": mistake.id,
        "what": _place(language, names, here.attachment, here.part),
        "asset_id": mistake.asset_id,
        "asset_title": brief(mistake.asset_title, TITLED),
        "copies": bool(mistake.fingerprints) and mistake.text != "missing",
        "lacks": lacks(language, mistake),
        "others": [one.alert_id for one in mistake.alerts if one.alert_id != alert_id],
    }


def _alarming(language: Language, alert: AlertOut, names: Mapping[int, str]) -> list[str]:
    """Matches that this resolution keeps from nothing, and why."""
    remembered = {mistake.asset_id for mistake in alert.mistakes}
    told = []
    for match in alert.matches:
        if match.reference_id and match.asset_id in remembered:
            continue
        why = language.say("nothing is remembered of it")
        if "sha256" in match.evidence:
            why = language.say("it is the registered file itself; its owner can retire it")
        elif not match.reference_id:
            noun = language.say(DETECTORS.get(match.detector, match.detector))
            why = language.say("a %(noun)s counts wherever it stands", noun=noun)
        title = brief(match.asset_title or (match.evidence.get("marking") or {}).get("text", ""), TITLED)
        place = _place(language, names, match.attachment, match.part)
        told.append(language.say("%(place)s for %(title)s: %(why)s", place=place, title=title, why=why))
    return list(dict.fromkeys(told))[:MOST_LISTED]


def _full(matches: Iterable[dict[str, Any]]) -> int:
    """How many of the first there is room for; one in any case."""
    weights = accumulate(_weight(_named(one)) for one in matches)
    return max(1, sum(weight <= ROOM for weight in weights))


def _weight(match: dict[str, Any]) -> int:
    """Bytes that it takes on a page, roughly: its names, dots on two pictures, boxes, and both texts with what marks them."""
    evidence = match["evidence"]
    passages = (evidence.get("text") or {}).get("passages", [])[:PASSAGES]
    texts = sum(len(((one["text"] or "") + (one["reference_text"] or "")).encode()) for one in passages)
    points = len((evidence.get("geometry") or {}).get("points") or ())
    other = evidence.get("nearest_other") or (evidence.get("text") or {}).get("nearest_other") or {}
    names = sum(weight(one.get(name, "")) for one in (match, other) for name in ("asset_title", "reference"))
    words = sum(weight(str(value)) for value in (evidence.get("token") or {}).values() if isinstance(value, str))
    return 2000 + 5 * names + 2 * words + 120 * points + 100 * len(_boxes(evidence)) + 2 * texts


def _some(names: list[str], more: Callable[[int], str]) -> list[str]:
    """The first of many, and how many are left."""
    left = len(names) - MOST_LISTED
    return names if left <= 0 else [*names[:MOST_LISTED], more(left)]


def _context(token: dict[str, Any]) -> tuple[Piece, ...]:
    """A word among what stands around it."""
    before, found, after = str(token.get("context", "")).partition(token.get("found") or "\0")
    return (
        tuple(piece for piece in (Piece(before, False), Piece(found, True), Piece(after, False)) if piece.text) if found else ()
    )


def _passage(passage: dict[str, Any]) -> dict[str, Any]:
    """What is the same on both sides, and how many characters of it are not shown, on either."""
    posted, registered = overlap(passage["text"], passage["reference_text"])
    return passage | {
        "posted": posted,
        "registered": registered,
        "cut_text": _cut(passage, "text", passage["start"], passage["end"]),
        "cut_reference": _cut(passage, "reference_text", passage["reference_start"], passage["reference_end"]),
    }


def _cut(passage: dict[str, Any], name: str, start: int, end: int) -> int:
    return max(0, end - start - len(passage[name])) if passage[name] is not None else 0


def _choices(language: Language, matches: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """What an alert may be: value, name, and what it means."""
    is_it, may_be, is_not = _meanings(language, list(matches))
    return [
        ("true_positive", language.say("A leak"), is_it),
        ("benign_positive", language.say("Harmless"), may_be),
        ("false_positive", language.say("False alarm"), is_not),
    ]


def _meanings(language: Language, matches: list[dict[str, Any]]) -> tuple[str, str, str]:
    say = language.say
    if any(match["asset_id"] for match in matches):
        is_not = say("it is something else")
        if any(match["reference_id"] and "sha256" not in match["evidence"] for match in matches):
            is_not = say("it is something else; it and its copies will not alarm for this again")
        return (
            say("it is the registered thing, and it should not be here"),
            say("it is the registered thing, but it may be here"),
            is_not,
        )
    if not matches:
        return (
            say("you looked, and it is something that is protected, and it should not be here"),
            say("you looked, and it is something that is protected, but it may be here"),
            say("there is nothing in it"),
        )
    rank = say(str((matches[0]["evidence"].get("marking") or {}).get("rank", "")).replace("_", " "))
    return (
        say("it is marked %(rank)s, and it should not be here", rank=rank),
        say("it is marked %(rank)s, but it may be here", rank=rank),
        say("the words are no marking here"),
    )


def _boxes(evidence: dict[str, Any]) -> list[Any]:
    boxes = [box for passage in (evidence.get("text") or {}).get("passages", []) for box in passage["boxes"]]
    for kind in ("token", "marking"):
        boxes += (evidence.get(kind) or {}).get("boxes", [])
    return boxes
