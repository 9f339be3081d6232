"""What pages say about alerts and assets, in people's words."""

from collections.abc import Set
from typing import Any

from app.alerts.schemas import AlertOut
from app.assets.schemas import AssetOut

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
}


def alert_view(alert: AlertOut, kept: Set[str] = frozenset()) -> dict[str, Any]:
    """An alert with a headline, its matches ready to draw, and its history in words.

    ``kept``: references whose picture may be shown.
    """
    view = alert.model_dump()
    names = {file.index: file.name for file in alert.message.attachments}
    shown: dict[int | None, str] = {}  # of each attachment the part whose picture was kept: its surest match's
    for match in alert.matches:
        shown.setdefault(match.attachment, match.part)
    view["matches"] = [
        _match(alert.id, names, kept, match, match["part"] == shown[match["attachment"]]) for match in view["matches"]
    ]
    first = view["matches"][0]
    view["headline"] = first["asset_title"] or f"{first['evidence']['marking']['text']}: nobody registered this"
    view["why"] = ", ".join(dict.fromkeys(match["detector_words"] for match in view["matches"]))
    view["confidence"] = first["confidence"]
    view["history"] = [{**entry, "says": ACTIONS.get(entry["action"], entry["action"])} for entry in view["history"]]
    return view


def asset_view(asset: AssetOut, kept: Set[str]) -> dict[str, Any]:
    """An asset with a picture for every reference in ``kept``."""
    view = asset.model_dump()
    for reference in view["references"]:
        reference["picture"] = f"/pictures/references/{reference['id']}" if reference["id"] in kept else None
    return view


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


def _match(alert_id: str, names: dict[int, str], kept: Set[str], match: dict[str, Any], pictured: bool) -> dict[str, Any]:
    index = match["attachment"]
    return match | {
        "detector_words": DETECTORS.get(match["detector"], match["detector"]),
        "attachment_name": ", ".join(name for name in (names.get(index, ""), match["part"]) if name),
        "reference_picture": f"/pictures/references/{match['reference_id']}" if match["reference_id"] in kept else None,
        "leaked_picture": None if index is None or not pictured else f"/pictures/alerts/{alert_id}/{index}",
        "boxes": _boxes(match["evidence"]),
        "compared": bool(match["evidence"].keys() & {"geometry", "perceptual", "sha256"}),
    }


def _boxes(evidence: dict[str, Any]) -> list[Any]:
    boxes = [box for passage in (evidence.get("text") or {}).get("passages", []) for box in passage["boxes"]]
    for kind in ("token", "marking"):
        boxes += (evidence.get(kind) or {}).get("boxes", [])
    return boxes
