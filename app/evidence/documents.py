"""The files of a bundle that we write ourselves: what was seen and decided, as JSON that people can read as well."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

from app.alerts.schemas import AlertOut
from app.audit.schemas import EntryOut
from app.evidence import verify
from app.evidence.hindsight import found_at
from app.evidence.types import WHOLE, Evidence, Export, Piece

HERE = Path(__file__).parent


def documents(evidence: Evidence, export: Export) -> Iterator[Piece]:
    """All but the report and the manifest. ``at`` of what is written for the bundle: when it was exported."""
    at, ours = export.at, "leakwatch's database"
    plain: dict[str, Any] = {"subject": asdict(evidence.subject), "left_out": list(evidence.left_out)}
    plain |= {"assets": [asdict(one) for one in evidence.assets], "happened": [asdict(one) for one in evidence.happened]}
    yield Piece("about.json", "what this evidence is about, and which registered assets", ours, at, _json(plain))
    for number, alert in enumerate(evidence.alerts, 1):
        yield from _alert(folder(number), alert, export)
    if evidence.spread is not None:
        yield Piece("spread/spread.json", "where it went", ours, at, _json(evidence.spread.facts))
        yield Piece("spread/spread.svg", "where it went, drawn", "drawn for this bundle", at, evidence.spread.drawing.encode())
        if evidence.spread.whole:
            says = "where it went, drawn with a lane for every channel"
            yield Piece(WHOLE, says, "drawn for this bundle", at, evidence.spread.whole.encode())
        yield Piece("spread/spread.graphml", "where it went, for other programs", ours, at, evidence.spread.graph.encode())
    entries = [EntryOut.model_validate(entry).model_dump(mode="json") for entry in evidence.audit]
    yield Piece(
        "audit.json", "entries of the audit record about it, each with its hash", "leakwatch's audit record", at, _json(entries)
    )
    yield Piece("verify.py", "a copy of the verifier", "leakwatch", at, (HERE / "verify.py").read_bytes())
    yield Piece("README.txt", "how to read and check this", "leakwatch", at, _readme(evidence, export).encode())


def folder(number: int) -> str:
    """Of one alert and what belongs to it."""
    return f"alerts/{number:04d}"


def _alert(place: str, alert: AlertOut, export: Export) -> Iterator[Piece]:
    told = alert.model_dump(mode="json")
    message = told.pop("message")
    told |= _without_directory(told)
    origin = f"gateway {message['gateway']}, message {message['message_id']}"
    yield Piece(f"{place}/message.json", "the message, as it came", origin, alert.message.received_at, _json(message))
    says = "the alert: what was found and why, what was decided, and its history"
    if alert.leaked_at:
        says += f"; historic: found in hindsight on {found_at(alert):%Y-%m-%d}, leaked on {alert.leaked_at:%Y-%m-%d} (UTC)"
    yield Piece(f"{place}/alert.json", says, "leakwatch's database", export.at, _json(told))


def _without_directory(told: dict[str, Any]) -> dict[str, Any]:
    """What an alert says of people by the directory: that it was raised, not why; of whom to call nobody but for assets."""
    raised = {"level": told["raised"].get("level")} if told["raised"] else None
    return {"raised": raised, "answerable": [one for one in told["answerable"] if one["what"] == "asset"]}


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    return (text + "\n").encode(errors="replace")


def _readme(evidence: Evidence, export: Export) -> str:
    return (
        (HERE / "README.txt")
        .read_text()
        .format(
            kind=evidence.subject.kind,
            id=evidence.subject.id,
            at=export.at.isoformat(timespec="seconds"),
            manifest=verify.MANIFEST,
            historic="".join(_historic(evidence)),
        )
    )


def _historic(evidence: Evidence) -> Iterator[str]:
    """Which alerts were found in hindsight."""
    for number, alert in enumerate(evidence.alerts, 1):
        if alert.leaked_at:
            found, leaked = (f"{at.astimezone(UTC):%Y-%m-%d}" for at in (found_at(alert), alert.leaked_at))
            yield f"{folder(number)} is historic: leaked on {leaked}, found in hindsight on {found}.\n"
            yield f"{folder(number)} 为历史告警：外泄于 {leaked}，事后于 {found} 发现。\n"
