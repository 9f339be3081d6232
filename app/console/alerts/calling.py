"""Whom to call about an alert: the first of them beside it, and all of them on pages of their own."""

from collections.abc import Sequence
from typing import Any

from app.alerts.schemas import AnswerableOut
from app.console.brevity import brief, pages

CALLED = 10
"""Assets that are told beside an alert, in the order of its matches; the sender's unit is told as well."""
TITLED, NAMED = 120, 80
"""Characters of a title, and of a name or unit, there."""
LISTED, ROOM = 100, 40_000
"""On a page of its own, where all is told, and bytes of their words."""


def calling_view(answerable: Sequence[AnswerableOut]) -> dict[str, Any]:
    """``answerable``: the first of them in brief; ``uncalled``: how many there are besides."""
    owners = [one for one in answerable if one.what == "asset"]
    shown = [*owners[:CALLED], *(one for one in answerable if one.what == "sender")]
    told = [
        {"what": one.what, "title": brief(one.title, TITLED), "unit": brief(one.unit, NAMED), "name": brief(one.name, NAMED)}
        for one in shown
    ]
    return {"answerable": told, "uncalled": len(answerable) - len(shown)}


def calling_page_view(answerable: Sequence[AnswerableOut], number: int) -> dict[str, Any]:
    """The ``number``th page of them, or the last."""
    parted = pages(answerable, LISTED, ROOM, lambda one: one.title + one.unit + one.name)
    at = min(number, len(parted))
    return {"all": len(answerable), "shown": parted[at - 1], "before": at - 1, "after": at + 1 if at < len(parted) else 0}
