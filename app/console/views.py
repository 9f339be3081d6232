"""What pages say about alerts and assets, in people's words."""

import re
from collections.abc import Mapping, Set
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from app.alerts.schemas import AlertOut
from app.assets.schemas import AssetOut
from app.ingest.jobs import MAX_PICTURES, Place
from app.mistakes.schemas import MistakeOut, SaidBy

DETECTORS = {
    "page_copy": "copy of a page",
    "equipment_photo": "photo of the equipment",
    "document_text": "registered text",
    "watch_term": "code name",
    "asset_tag": "serial or asset number",
    "marking": "classification marking",
}
ACTIONS = {
    "created": "raised the alert",
    "acknowledged": "is looking at it",
    "open": "put it back to open",
    "reopened": "reopened it",
    "resolved": "resolved it",
    "assigned": "assigned it",
    "unassigned": "took the assignment back",
    "noted": "noted",
    "undone": "took a change back",
    "remembered": "let copies of it alarm no longer",
    "forgotten": "let copies of it alarm again",
}
REASONS = {
    "too_small": "small",
    "too_dark": "dark",
    "too_blurred": "blurred",
    "too_plain": "plain",
    "few_places": "huddled",
    "repetitive": "repetitive",
    "too_short": "short",
    "boilerplate": "mostly boilerplate",
    "near_identical": "looks like another asset",
}
FIELDS = {"title": "Title", "kind": "Kind", "level": "Level", "terms": "Code names", "tags": "Serials and asset numbers"}
FIELDS |= {"unit": "Unit", "note": "Note"}
A_PAGE = 3 / 4
"""Width by height of a reference nobody measured."""


def alert_view(alert: AlertOut, kept: Set[str] = frozenset(), pictured: Set[Place] = frozenset()) -> dict[str, Any]:
    """An alert with a headline, its matches ready to draw, and its history in words.

    ``kept``: references whose picture may be shown. ``pictured``: parts of the attachments that have a picture.
    """
    view = alert.model_dump()
    names = {file.index: file.name or f"file {file.index + 1}" for file in alert.message.attachments}
    view["files"] = list(names.values())
    view["matches"] = [_match(alert.id, names, kept, pictured, match) for match in view["matches"]]
    view["unread"] = [{"file": _file(names, one["attachment"]), "why": _without_code(one["reason"])} for one in view["unread"]]
    view["choices"] = _choices(view["matches"])
    view["excused"] = [{**one, "file": _place(names, one["attachment"], one["part"])} for one in view["excused"]]
    view["remembered"] = [_remembered(alert.id, names, mistake) for mistake in alert.mistakes]
    view["alarming"] = _alarming(alert, names) if alert.resolution == "false_positive" else []
    view |= _headline(view["matches"], view["unread"])
    view["history"] = [{**entry, "says": ACTIONS.get(entry["action"], entry["action"])} for entry in view["history"]]
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


def asset_view(asset: AssetOut, kept: Set[str]) -> dict[str, Any]:
    """An asset with a picture for every reference in ``kept``."""
    view = asset.model_dump()
    for part in view["unread"]:
        part["why"] = _without_code(part["reason"])
    for reference in view["references"]:
        reference["picture"] = f"/pictures/references/{reference['id']}" if reference["id"] in kept else None
        for reason in reference["distinctiveness"]["reasons"]:
            reason["says"] = REASONS[reason["name"]]
    return view


def mistake_view(mistake: MistakeOut, seen: SaidBy | None) -> dict[str, Any]:
    """A mistake with its picture, if there is one. ``seen``: where."""
    shown = _leaked_picture(seen.alert_id, seen.attachment, seen.part) if seen and seen.attachment is not None else None
    first = mistake.alerts[0]
    file = f"file {first.attachment + 1}" if first.attachment is not None else "the text of a message"
    what = ", ".join(name for name in (first.name or file, first.part) if name)
    return mistake.model_dump() | {"picture": shown, "what": what, "copies": bool(mistake.fingerprints)}


def api_view(description: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of an OpenAPI document, in its order."""
    return [
        {
            "path": path,
            "method": method.upper(),
            "says": call.get("description", ""),
            "query": [one["name"] for one in call.get("parameters", ()) if one["in"] == "query"],
            "bodies": list(call.get("requestBody", {}).get("content", ())),
            "answers": [code for code in call["responses"] if code < "300"],
        }
        for path, calls in description["paths"].items()
        for method, call in calls.items()
    ]


def field_problem(error: ValidationError) -> str:
    """Pydantic's findings about the registration form, by the names of its fields."""
    found = [(str(one["loc"][0]) if one["loc"] else "", one["msg"].removeprefix("String should have ")) for one in error.errors()]
    return "; ".join(f"{FIELDS.get(field, field)}: {says}" for field, says in found[:5])


def _match(
    alert_id: str, names: Mapping[int, str], kept: Set[str], pictured: Set[Place], match: dict[str, Any]
) -> dict[str, Any]:
    """``drawn``: there is something to show on pictures; ``compared``: on the registered one as well."""
    evidence, place = match["evidence"], (match["attachment"], match["part"])
    boxes = _boxes(evidence)
    leaked = _leaked_picture(alert_id, *place) if place in pictured else None
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


def _leaked_picture(alert_id: str, index: int, part: str) -> str:
    return f"/pictures/alerts/{alert_id}/{index}" + (f"?{urlencode({'part': part})}" if part else "")


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


def _without_code(reason: str) -> str:
    """An unread part's reason, ``[part: ]code: sentence``, without the code, which is for programs."""
    return re.sub(r"(^|: )[a-z_]+: ", r"\1", reason, count=1)


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
