"""What was tried is told in bounds, however many assets a file names."""

from typing import Any

from app.console.speech import language
from app.console.trials.views import SHOWN, tried_view, tried_views
from app.ingest.trials import Elsewhere, Tried


def match(number: int) -> dict[str, Any]:
    about = {"asset_id": f"ast_{number}", "asset_title": f"{number} " + "密" * 498, "part": "", "detector": "watch_term"}
    other = {"asset_id": "ast_x", "asset_title": "近" * 500}
    return {**about, "confidence": 0.5 + number / 1000, "evidence": {"summary": "named", "nearest_other": other}}


def tried(count: int) -> Tried:
    excused = [{"asset_title": "赦" * 500}] * count
    verdict = {"matches": [match(number) for number in range(count)], "unread": [], "excused": excused}
    return Tried(verdict, tuple(Elsewhere("watch_term", 0.6) for _ in range(count)), None)


def test_of_very_many_matches_the_first_are_shown_and_how_many_more_there_are_is_said() -> None:
    view = tried_view(language("en"), "a.txt", tried(490))
    assert (len(view["matches"]), view["further"]) == (SHOWN, 470)
    assert (len(view["elsewhere"]), view["further_elsewhere"]) == (SHOWN, 470)
    assert view["sure"], "what is not shown counts"
    assert len(str(view).encode()) < 60_000
    few = tried_view(language("en"), "a.txt", tried(3))
    assert (len(few["matches"]), few["further"], few["further_elsewhere"]) == (3, 0, 0)


def test_of_many_files_fewer_are_shown_of_each() -> None:
    views = tried_views(language("en"), [(f"{number}.txt", tried(210)) for number in range(8)])
    assert [len(one["matches"]) for one in views] == [2] * 8
    assert [one["further"] for one in views] == [208] * 8
    assert len(str(views).encode()) < 60_000
    assert tried_views(language("en"), []) == []
