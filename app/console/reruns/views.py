"""A rerun in people's words."""

from collections.abc import Mapping
from typing import Any

from app.console.brevity import brief
from app.console.speech import Language, counted, marked
from app.console.wording import DETECTORS
from app.reruns.schemas import EstimateOut, ExampleOut, PointMovedOut, RerunOut, ShareOut

NAMED = 60
"""Characters of a name or title."""
DAYS = (7, 30, 90, 365)
LESS = (10, 25, 40, 60)
POINTS: Mapping[str, str] = {
    "inliers": marked("details that must agree"),
    "mutual": marked("of them each other’s nearest"),
    "coverage": marked("share of what is visible of the registered picture that they must cover"),
    "inliers_solid": marked("details that must agree where they cover little, as of equipment from another side"),
    "inliers_unread": marked("details that must agree on a page that cannot be read"),
    "coverage_unread": marked("share of such a page that they must cover"),
    "perceptual_same": marked("bits of 64 by which pictures without details may differ"),
    "text_units": marked("text in common, in letters (a Chinese character counts two)"),
    "passage_units": marked("the shortest passage that counts, in letters"),
}
SHARES = ("coverage", "coverage_unread")
EXACT = counted("%(number)s more alert in %(days)s days", "%(number)s more alerts in %(days)s days")
ABOUT = counted("About %(number)s more alert in %(days)s days", "About %(number)s more alerts in %(days)s days")
REASONS = marked("the server that ran it ended"), marked("something went wrong on our side; it has been logged")
FAILED = marked("It ended early: %(reason)s. Ask again.")


def rerun_view(language: Language, rerun: RerunOut | None, *, named: bool) -> dict[str, Any]:
    """``named``: whoever looks may know which messages, and go to what they show."""
    asked = {"days": rerun.days if rerun else 30, "less": round(100 * rerun.less) if rerun else 25}
    menus = {
        "days": [(days, language.count("%(number)s day", "%(number)s days", days)) for days in sorted({*DAYS, asked["days"]})],
        "less": [(less, language.percent(less / 100)) for less in sorted({*LESS, asked["less"]})],
    }
    if rerun is None:
        return {"asked": asked, "menus": menus, "named": named, "running": False, "says": "", "done": False}
    return {
        "asked": asked,
        "menus": menus,
        "named": named,
        "running": rerun.running,
        "failed": rerun.status == "failed",
        "says": _says(language, rerun),
        "share": round(100 * rerun.looked / rerun.wanted) if rerun.wanted else 0,
        "known": rerun.wanted is not None,
        "at": rerun.finished_at or rerun.started_at,
        "by": rerun.by,
        "done": rerun.status == "done",
        **(_found(language, rerun, named) if rerun.status == "done" else {}),
    }


def _says(language: Language, rerun: RerunOut) -> str:
    if rerun.status == "failed":
        return language.say(FAILED, reason=language.say(rerun.reason) if rerun.reason else "")
    if rerun.wanted is None:
        return language.say("Waiting for its turn.")
    done, total = language.number(rerun.looked), language.number(rerun.wanted)
    says = language.say("%(done)s of %(total)s messages looked at.", done=done, total=total)
    if rerun.running:
        return language.together(says, _so_far(language, rerun))
    return language.say(
        "Looked at %(looked)s of the %(total)s messages with files of these days, chosen by chance, in %(seconds)s s.",
        looked=done,
        total=language.number(rerun.total or 0),
        seconds=language.number(round(_seconds(rerun))),
    )


def _so_far(language: Language, rerun: RerunOut) -> str:
    more = rerun.more.counted if rerun.more else 0
    return language.say("%(number)s more would be shown so far.", number=language.number(more)) if more else ""


def _seconds(rerun: RerunOut) -> float:
    return (rerun.finished_at - rerun.started_at).total_seconds() if rerun.finished_at else 0.0


def _found(language: Language, rerun: RerunOut, named: bool) -> dict[str, Any]:
    more, points = rerun.more, {one.name: one for one in rerun.points}
    return {
        "nothing": not rerun.looked,
        "headline": _headline(language, more, rerun.days) if more else "",
        "sure": _sure(language, more, rerun) if more else "",
        "today": _today(language, rerun) if rerun.now else "",
        "unknown": rerun.unknown,
        "detectors": [_share(language, one, DETECTORS.get(one.name, one.name)) for one in rerun.detectors],
        "assets": [_share(language, one, one.title or one.name) for one in rerun.assets],
        "examples": [_example(language, one) for one in rerun.examples] if named else [],
        "points": [_point(language, points[name]) for name in POINTS if name in points],
    }


def _headline(language: Language, more: EstimateOut, days: int) -> str:
    return language.count(*(EXACT if more.low == more.high else ABOUT), round(more.about), days=language.number(days))


def _sure(language: Language, more: EstimateOut, rerun: RerunOut) -> str:
    if more.low == more.high:
        return language.say("Every message was looked at.")
    low, high = language.number(round(more.low)), language.number(round(more.high))
    return language.say(
        "With 95 %% confidence between %(low)s and %(high)s; %(counted)s of the %(looked)s messages looked at.",
        low=low,
        high=high,
        counted=language.number(more.counted),
        looked=language.number(rerun.looked),
    )


def _today(language: Language, rerun: RerunOut) -> str:
    shown = language.number(rerun.now.counted if rerun.now else 0)
    return language.say(
        "Of the same messages today’s bar shows %(shown)s by fingerprints alone; there are alerts about %(alerted)s.",
        shown=shown,
        alerted=language.number(rerun.alerted),
    )


def _share(language: Language, one: ShareOut, says: str) -> dict[str, Any]:
    known = one.title is not None
    return {"name": one.name, "says": brief(language.say(says), NAMED), "known": known, "now": one.now, "more": one.more}


def _example(language: Language, one: ExampleOut) -> dict[str, Any]:
    return {
        "message": one.message_id,
        "channel": brief(one.channel or "–", NAMED),
        "gateway": brief(one.gateway or "", NAMED),
        "name": brief(one.external_id or "", NAMED),
        "at": one.at,
        "asset": brief(one.asset_title or "", NAMED),
        "asset_id": one.asset_id,
        "why": language.say(DETECTORS.get(one.detector, one.detector)),
        "share": language.percent(one.confidence),
    }


def _point(language: Language, one: PointMovedOut) -> tuple[str, str, str]:
    told = language.percent if one.name in SHARES else language.number
    return language.say(POINTS[one.name]), told(one.today), told(one.tried)
