"""What the page of an alert says, in people's words."""

from collections.abc import Mapping, Set
from typing import Any

from app.alerts.schemas import AlertOut
from app.console.speech import Language, marked
from app.console.wording import DETECTORS, leaked_picture, without_code
from app.ingest.jobs import MAX_PICTURES, Place
from app.mistakes.schemas import MistakeOut

ACTIONS = {
    "created": marked("raised the alert"),
    "acknowledged": marked("is looking at it"),
    "open": marked("put it back to open"),
    "reopened": marked("reopened it"),
    "resolved": marked("resolved it"),
    "assigned": marked("assigned it"),
    "unassigned": marked("took the assignment back"),
    "noted": marked("noted"),
    "undone": marked("took a change back"),
    "remembered": marked("let copies of it alarm no longer"),
    "forgotten": marked("let copies of it alarm again"),
}
A_PAGE = 3 / 4
"""Width by height of a reference nobody measured."""


def alert_view(
    language: Language, alert: AlertOut, kept: Set[str] = frozenset(), pictured: Set[Place] = frozenset()
) -> dict[str, Any]:
    """An alert with a headline, its matches ready to draw, and its history in words.

    ``kept``: references whose picture may be shown. ``pictured``: parts of the attachments that have a picture.
    """
    view = alert.model_dump()
    names = {file.index: file.name or f"file {file.index + 1}" for file in alert.message.attachments}
    view["files"] = list(names.values())
    view["matches"] = [_match(alert.id, names, kept, pictured, match) for match in view["matches"]]
    view["unread"] = [{"file": _file(names, one["attachment"]), "why": without_code(one["reason"])} for one in view["unread"]]
    view["choices"] = _choices(view["matches"])
    view["excused"] = [{**one, "file": _place(names, one["attachment"], one["part"])} for one in view["excused"]]
    view["remembered"] = [_remembered(alert.id, names, mistake) for mistake in alert.mistakes]
    view["alarming"] = _alarming(alert, names) if alert.resolution == "false_positive" else []
    view |= _headline(view["matches"], view["unread"])
    view["history"] = [
        {**entry, "says": language.say(ACTIONS.get(entry["action"], entry["action"]))} for entry in view["history"]
    ]
    return view


def _headline(matches: list[dict[str, Any]], unread: list[dict[str, Any]]) -> dict[str, Any]:
    if not matches:
        files = ", ".join(dict.fromkeys(one["file"] for one in unread))
        return {"headline": f"Could not be inspected: {files}", "why": "nothing else was found", "confidence": None}
    first = matches[0]
    return {
        "headline": first["asset_title"] or f"{first['evidence']['marking']['text']}: nobody registered this",
        "why": ", ".join(dict.fromkeys(match["detector_words"] for match in matches)),
        "confidence": first["confidence"],
    }


def _match(
    alert_id: str, names: Mapping[int, str], kept: Set[str], pictured: Set[Place], match: dict[str, Any]
) -> dict[str, Any]:
    """``drawn``: there is something to show on pictures; ``compared``: on the registered one as well."""
    evidence, place = match["evidence"], (match["attachment"], match["part"])
    boxes = _boxes(evidence)
    leaked = leaked_picture(alert_id, *place) if place in pictured else None
    registered = f"/pictures/references/{match['reference_id']}" if match["reference_id"] in kept else None
    same_file = "sha256" in evidence and bool(leaked or registered)
    compared = same_file or bool(evidence.keys() & {"geometry", "perceptual"})
    return match | {
        "detector_words": DETECTORS.get(match["detector"], match["detector"]),
        "attachment_name": _place(names, match["attachment"], match["part"]),
        "reference_picture": registered,
        "leaked_picture": leaked,
        "whole_reading": f"/alerts/{alert_id}/reading/{match['attachment']}",
        "most_pictures": MAX_PICTURES,
        "boxes": boxes,
        "compared": compared,
        "drawn": compared or bool(boxes),
        "aspect": (evidence.get("geometry") or {}).get("reference_aspect") or A_PAGE,
        "passages": [_passage(passage) for passage in (evidence.get("text") or {}).get("passages", [])],
        "more_passages": (evidence.get("text") or {}).get("more_passages", 0),
    }


def _file(names: Mapping[int, str], index: int | None) -> str:
    return "the message’s text" if index is None else names.get(index, f"file {index + 1}")


def _place(names: Mapping[int, str], index: int | None, part: str) -> str:
    return ", ".join(name for name in (_file(names, index), part) if name)


def _remembered(alert_id: str, names: Mapping[int, str], mistake: MistakeOut) -> dict[str, Any]:
    """``others``: alerts that say so too, so that reopening this one changes nothing."""
    here = next(one for one in mistake.alerts if one.alert_id == alert_id)
    return {
        "id": mistake.id,
        "what": _place(names, here.attachment, here.part),
        "asset_id": mistake.asset_id,
        "asset_title": mistake.asset_title,
        "copies": bool(mistake.fingerprints),
        "others": [one.alert_id for one in mistake.alerts if one.alert_id != alert_id],
    }


def _alarming(alert: AlertOut, names: Mapping[int, str]) -> list[str]:
    """Matches that this resolution keeps from nothing, and why."""
    remembered = {mistake.asset_id for mistake in alert.mistakes}
    told = []
    for match in alert.matches:
        if match.reference_id and match.asset_id in remembered:
            continue
        why = "nothing is remembered of it"
        if "sha256" in match.evidence:
            why = "it is the registered file itself; its owner can retire it"
        elif not match.reference_id:
            why = f"a {DETECTORS.get(match.detector, match.detector)} counts wherever it stands"
        title = match.asset_title or match.evidence["marking"]["text"]
        told.append(f"{_place(names, match.attachment, match.part)} for {title}: {why}")
    return list(dict.fromkeys(told))


def _passage(passage: dict[str, Any]) -> dict[str, Any]:
    """With how many characters of it are not shown, on either side."""
    return passage | {
        "cut_text": _cut(passage, "text", passage["start"], passage["end"]),
        "cut_reference": _cut(passage, "reference_text", passage["reference_start"], passage["reference_end"]),
    }


def _cut(passage: dict[str, Any], name: str, start: int, end: int) -> int:
    return max(0, end - start - len(passage[name])) if passage[name] is not None else 0


def _choices(matches: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """What an alert may be: value, name, and what it means."""
    if any(match["asset_id"] for match in matches):
        is_it, is_not = "it is the registered thing", "it is something else"
        if any(match["reference_id"] and "sha256" not in match["evidence"] for match in matches):
            is_not += "; it and its copies will not alarm for this again"
    elif not matches:
        is_it, is_not = "you looked, and it is something that is protected", "there is nothing in it"
    else:
        is_it = f"it is marked {matches[0]['evidence']['marking']['rank'].replace('_', ' ')}"
        is_not = "the words are no marking here"
    return [
        ("true_positive", "A leak", f"{is_it}, and it should not be here"),
        ("benign_positive", "Harmless", f"{is_it}, but it may be here"),
        ("false_positive", "False alarm", is_not),
    ]


def _boxes(evidence: dict[str, Any]) -> list[Any]:
    boxes = [box for passage in (evidence.get("text") or {}).get("passages", []) for box in passage["boxes"]]
    for kind in ("token", "marking"):
        boxes += (evidence.get(kind) or {}).get("boxes", [])
    return boxes
