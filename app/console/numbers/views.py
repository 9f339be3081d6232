"""What the page of numbers says and draws. Drawings are made of plain coordinates; the template puts them into SVG."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.console.brevity import brief
from app.console.speech import Language, marked
from app.console.wording import DETECTORS
from app.db.models import now
from app.numbers.schemas import DayOut, DeadOut, PrecisionOut, SimulationOut, TimesOut, UninspectedOut, WaitOut

WIDTH, HEIGHT = 640, 150
"""Of a chart, in its own units."""
TIMES = {
    "detect": (marked("To detect"), marked("from the post in the chat to the alert")),
    "acknowledge": (marked("To acknowledge"), marked("from the alert to the first person who takes it up")),
    "resolve": (marked("To resolve"), marked("from the alert to the decision")),
}
UNITS = (
    (86_400, marked("%(number)s d")),
    (3600, marked("%(number)s h")),
    (60, marked("%(number)s min")),
    (1, marked("%(number)s s")),
)
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "missed": (marked("Leaks nobody would have seen"), "bad"),
    "spared": (marked("False alarms there would not have been"), "good"),
    "doubted": (marked("Leaks that would have been doubts only"), "bad"),
    "accused": (marked("False alarms that would have been called leaks"), "bad"),
    "believed": (marked("Doubts about leaks that would have been called leaks"), "good"),
    "eased": (marked("False accusations that would have been doubts only"), "good"),
}
FAILURES = {
    "missing_blob": marked("a file of it is gone"),
    "crashed": marked("inspecting it ended the process"),
    "timeout": marked("took too long to inspect"),
    "invalid": marked("is no message as the contract has it"),
    "empty_message": marked("neither text nor attachment"),
    "missing_data": marked("an attachment without data"),
    "too_many_files": marked("too many attachments"),
    "file_too_large": marked("too large"),
    "other": marked("another reason"),
}
NAMED = 120
"""Characters of a title."""
FEW = 12
"""Alerts that are linked to."""
REASONS = {
    "unsupported": marked("no format that is read"),
    "encrypted": marked("protected with a password"),
    "corrupt": marked("damaged"),
    "truncated": marked("ends early; what had arrived was inspected"),
    "empty": marked("empty"),
    "timeout": marked("took too long to open"),
    "out_of_time": marked("the message took too long"),
    "too_many_bytes": marked("too large"),
    "too_many_pixels": marked("a picture with too many pixels"),
    "too_many_pages": marked("too many pages"),
    "too_many_characters": marked("too much text"),
    "too_many_frames": marked("a film too long to be looked at in full"),
    "too_many_members": marked("too many files in an archive"),
    "too_much": marked("unpacks to too much"),
    "too_deep": marked("packed too deeply"),
}


def time_views(times: TimesOut, language: Language) -> list[dict[str, Any]]:
    """Name, what it is, percentiles in words, and how many were ``left_out``."""
    left_out = {"detect": times.disbelieved}
    return [
        {
            "name": language.say(name),
            "what": language.say(what),
            "left_out": left_out.get(field, 0),
            **_wait(getattr(times, field), language),
        }
        for field, (name, what) in TIMES.items()
    ]


def _wait(wait: WaitOut, language: Language) -> dict[str, Any]:
    told = {name: duration(getattr(wait, name), language) for name in ("p50", "p90", "p99")}
    return {"count": wait.count, **told}


def duration(seconds: float | None, language: Language) -> str:
    """In the largest unit of which there is one, with two figures."""
    if seconds is None:
        return "–"
    size, words = next(((size, words) for size, words in UNITS if seconds >= size), UNITS[-1])
    value = seconds / size
    return language.say(words, number=language.number(round(value, 1 if value < 10 else None)))


def daily_view(days: Sequence[DayOut], language: Language) -> dict[str, Any]:
    """Bars of alerts, leaks below and doubts above, one a day (or of several, where there are many)."""
    together = max(1, len(days) // 60)
    groups = [days[at : at + together] for at in range(0, len(days), together)]
    sums = [(sum(one.leak for one in group), sum(one.review for one in group)) for group in groups]
    most = max((leak + review for leak, review in sums), default=0) or 1
    wide = WIDTH / max(1, len(groups))
    bars = []
    for number, ((leak, review), group) in enumerate(zip(sums, groups, strict=True)):
        low, high = HEIGHT * leak / most, HEIGHT * review / most
        box = {"x": round(number * wide + wide * 0.1, 2), "width": round(wide * 0.8, 2)}
        bars.append(
            {
                "leak": {**box, "y": round(HEIGHT - low, 2), "height": round(low, 2)},
                "review": {**box, "y": round(HEIGHT - low - high, 2), "height": round(high, 2)},
                "says": f"{_day(group[0].day, language)}: {leak} + {review}",
            }
        )
    rows = [{"day": _day(one.day, language), **one.model_dump(exclude={"day"})} for one in reversed(days)]
    ends = (_day(days[0].day, language), _day(days[-1].day, language)) if days else ("", "")
    return {
        "bars": bars,
        "most": most if any(map(sum, sums)) else 0,
        "rows": rows,
        "ends": ends,
        "width": WIDTH,
        "height": HEIGHT,
    }


def _day(day: str, language: Language) -> str:
    return language.day(datetime.fromisoformat(day).replace(tzinfo=UTC))


def precision_views(found: Iterable[PrecisionOut], language: Language) -> list[dict[str, Any]]:
    """A line of the table: words, counts, and where the dot and the line of its drawing lie, of 100."""
    return [
        {
            **one.model_dump(),
            "says": brief(language.say(DETECTORS.get(one.name, one.title or one.name)), NAMED),
            "known": one.title is not None,
            "at": round(100 * one.right, 1),
            "from": round(100 * one.low, 1),
            "to": round(100 * one.high, 1),
            "share": language.percent(one.right),
            "between": f"{language.percent(one.low)} – {language.percent(one.high)}",
        }
        for one in found
    ]


def uninspected_view(found: UninspectedOut, language: Language) -> dict[str, Any]:
    """``reasons``, ``failures``: in words, with their numbers; ``oldest``: how long the one has waited that waits longest."""
    reasons = [(language.say(REASONS.get(one.code, one.code.replace("_", " "))), one.parts) for one in found.reasons]
    failures = [(_failed(one.code, language), one.messages) for one in found.failures]
    oldest = duration(max(0.0, (now() - found.oldest).total_seconds()), language) if found.oldest else ""
    return found.model_dump() | {"reasons": reasons, "failures": failures, "oldest": oldest}


def dead_view(found: DeadOut, language: Language) -> dict[str, Any]:
    """``reasons``: in words, with their numbers."""
    return found.model_dump() | {"reasons": [(_failed(one.code, language), one.messages) for one in found.reasons]}


def _failed(code: str, language: Language) -> str:
    return language.say(FAILURES.get(code, code.replace("_", " ")))


def simulation_view(found: SimulationOut, language: Language) -> dict[str, Any]:
    """Each outcome in words, with how many and the first few of them."""
    outcomes = [
        {"says": language.say(says), "kind": kind, "count": len(getattr(found, name)), "some": getattr(found, name)[:FEW]}
        for name, (says, kind) in OUTCOMES.items()
    ]
    return {"labelled": found.labelled, "alerts": found.alerts, "outcomes": outcomes}


def curve_view(found: SimulationOut, least: int) -> dict[str, Any] | None:
    """Two lines over the bar: true alerts kept and false alarms left, each as a share of today's; ``None``: nothing to draw."""
    true = max((one.right for one in found.curve), default=0)
    false = max((one.alerts - one.right for one in found.curve), default=0)
    if not true and not false:
        return None
    kept = [(one.least, one.right / true if true else 0.0) for one in found.curve]
    left = [(one.least, (one.alerts - one.right) / false if false else 0.0) for one in found.curve]
    return {"kept": _line(kept), "left": _line(left), "at": round(WIDTH * least / 100, 1), "width": WIDTH, "height": HEIGHT}


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{WIDTH * x:.1f},{HEIGHT * (1 - y):.1f}" for x, y in points)
