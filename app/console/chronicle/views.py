"""What pages say that tell all of something, as much at a time as a page holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.console.brevity import fitting, pages
from app.console.incidents.parting import FIELD, parts
from app.console.incidents.past import history_view
from app.console.incidents.tasks import task_view
from app.console.incidents.views import story_view
from app.console.speech import Language
from app.incidents.schemas import HistoryOut, IncidentOut

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade

TASKS, ROOM = 50, 40_000
"""Tasks on a page, and bytes of their words, or of a history's."""


def story_page_view(incident: IncidentOut, cascade: "Cascade", language: Language, number: int) -> dict[str, Any]:
    """The ``number``th part of what somebody wrote, or the last; what happened since stands under the last.

    ``adding``: one more than there are was asked for.
    """
    view = story_view(incident, cascade, language)
    written = parts(view["draft"])
    at = min(number, len(written))
    told = view["story"] if at == len(written) else []
    about: dict[str, Any] = {"own": view["own"], "told": told, "number": at, "pieces": len(written)}
    about |= {"words": written[at - 1].strip(), "most": FIELD, "adding": number > len(written)}
    return about | _beside(at, len(written))


def tasks_page_view(incident: IncidentOut, number: int) -> dict[str, Any]:
    """The ``number``th page of them, or the last."""
    parted = pages(incident.tasks, TASKS, ROOM, lambda task: task.text)
    at = min(number, len(parted))
    left = sum(task.done_at is None for task in incident.tasks)
    shown = [task_view(task, whole=True) for task in parted[at - 1]]
    return {"tasks": shown, "left": left, "number": at, **_beside(at, len(parted))}


def history_page_view(entries: Sequence[HistoryOut], most: int, language: Language) -> dict[str, Any]:
    """The first of them, the last that happened first. ``earlier``: before which there are more."""
    views = [history_view(entry, language, whole=True) for entry in entries]
    shown = fitting(views[:most], ROOM, lambda one: str(one["more"]))
    return {"entries": shown, "earlier": shown[-1]["id"] if len(shown) < len(views) else None}


def _beside(at: int, count: int) -> dict[str, int | None]:
    return {"earlier": at - 1 if at > 1 else None, "later": at + 1 if at < count else None}
