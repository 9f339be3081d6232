"""What is to be done about an incident: some of it beside other things, and all of it on pages of its own."""

from collections.abc import Sequence
from typing import Any

from app.console.brevity import brief, fitting, longer
from app.console.queue.views import NAMED
from app.incidents.schemas import TaskOut

TASKS, ROOM = 8, 4000
"""On an incident's page, and bytes of their words; what is left comes before what is done."""
SAID = 200
"""Characters of one there."""
CALLED = 40
"""Characters by which its button is called."""


def few(tasks: Sequence[TaskOut]) -> list[TaskOut]:
    """Of many those that matter most, in the order in which they were made."""
    first = sorted(tasks, key=lambda task: task.done_at is not None)[:TASKS]
    ids = {task.id for task in fitting(first, ROOM, lambda task: brief(task.text, SAID))}
    return [task for task in tasks if task.id in ids]


def task_view(task: TaskOut, whole: bool = False) -> dict[str, Any]:
    """One of them; ``whole``: with all that is said."""
    return {
        "id": task.id,
        "text": task.text if whole else brief(task.text, SAID),
        "called": brief(task.text, CALLED),
        "longer": 0 if whole else longer(task.text, SAID),
        "assignee": brief(task.assignee or "", NAMED),
        "done_by": brief(task.done_by or "", NAMED),
        "done_at": task.done_at,
    }
