"""A hunt in people's words."""

from collections.abc import Iterable
from typing import Any

from app.alerts.queueing import Line
from app.console.queue.views import line_view
from app.console.speech import Language, marked
from app.db.models import now
from app.hunts.schemas import HuntOut

UNSOUGHT = {"words": marked("watched words"), "numbers": marked("numbers and codes")}
FAILED = marked("The search ended early: %(reason)s. Ask again.")


def hunt_view(language: Language, hunt: HuntOut | None, lines: Iterable[Line]) -> dict[str, Any]:
    """``lines``: alerts about what was found; empty for who may not see them."""
    found = [line_view(one, language, now()) for one in lines]
    if hunt is None:
        return {"running": False, "says": "", "lines": found}
    running = hunt.status in ("queued", "running")
    return {
        "running": running,
        "failed": hunt.status == "failed",
        "says": _running(language, hunt) if running else _ended(language, hunt),
        "share": round(100 * hunt.share),
        "unsought": language.listed(language.say(UNSOUGHT[one]) for one in hunt.unsought),
        "known": hunt.total is not None,
        "at": hunt.finished_at or hunt.started_at,
        "left_out": _left_out(language, hunt),
        "lines": found,
    }


def _left_out(language: Language, hunt: HuntOut) -> str:
    if not hunt.left_out:
        return ""
    return language.count(
        "%(number)s that has little more than its form in common with it was left out: there were too many of that form.",
        "%(number)s that have little more than its form in common with it were left out: there were too many of that form.",
        hunt.left_out,
    )


def _running(language: Language, hunt: HuntOut) -> str:
    if hunt.total is None:
        return language.say("Waiting for its turn.")
    values = {"done": language.number(hunt.done), "total": language.number(hunt.total)}
    says = language.say("%(done)s of %(total)s pictures and texts looked at.", **values)
    return language.together(says, _so_far(language, hunt))


def _so_far(language: Language, hunt: HuntOut) -> str:
    if not hunt.found:
        return ""
    return language.count("%(number)s message showed it so far.", "%(number)s messages showed it so far.", hunt.found)


def _ended(language: Language, hunt: HuntOut) -> str:
    if hunt.status == "failed":
        return language.say(FAILED, reason=hunt.reason or "")
    looked = language.count("%(number)s picture or text looked at", "%(number)s pictures and texts looked at", hunt.done)
    found = (
        language.count(
            "%(number)s message was found that nobody knew of", "%(number)s messages were found that nobody knew of", hunt.found
        )
        if hunt.found
        else language.say("no message was found that nobody knew of")
    )
    return language.say("%(looked)s: %(found)s.", looked=looked, found=found)
