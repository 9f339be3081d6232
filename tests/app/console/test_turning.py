"""What somebody called themselves or a channel turns no line of an analyst's around."""

import re

import httpx
import pytest

from app import turning
from tests.app.alerts.conftest import Desk
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX

BACK = "\u202e"
DRAFT = re.compile(r"<textarea.*?</textarea>", re.DOTALL)
"""A story to be edited, with names as they are."""


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_name_that_would_turn_its_line_is_shown_with_a_sign(
    server: Server, analyst: httpx.Client, headers: dict[str, str]
) -> None:
    desk, name = Desk(server.house.database), fresh("n")
    channel, sender = {"id": fresh("c"), "name": f"{name}{BACK}gpj.exe"}, {"id": "u1", "name": f"Li{BACK}\u2067{name}"}
    alert = server.run(desk.alert(fresh("ast_"), channel=channel, sender=sender, asset_title=f"Crane {name}", files=(fresh(),)))
    incident = server["analyst"].get(f"/alerts/{alert}").json()["incident_id"]
    for path in (f"/alerts?q={name}", f"/alerts/{alert}", f"/incidents/{incident}", f"/incidents/{incident}/ways"):
        page = DRAFT.sub("", analyst.get(path, headers=headers).raise_for_status().text)
        assert not set(page) & set(turning.CHARACTERS), path
        assert f"{name}[U+202E]gpj.exe" in page, path
        assert f"Li[U+202E][U+2067]{name}" in page, path
    assert BACK in server["analyst"].get(f"/alerts/{alert}").json()["message"]["channel"]["name"], "what is told programs stays"


def test_a_field_gives_back_what_was_typed(analyst: httpx.Client) -> None:
    page = analyst.get("/alerts", params={"q": f"a{BACK}b"}).raise_for_status().text
    assert f'value="a{BACK}b"' in page
    assert page.count(BACK) == 1


def test_letters_and_joiners_stay_and_text_without_any_is_the_same() -> None:
    for text in ("שלום عربي", "👩\u200d🔬", "中文", "plain", ""):
        assert turning.plainly(text) == turning.page(text) == text


def test_a_longer_field_keeps_it_as_well() -> None:
    field = f'<textarea id="n">a\n{BACK}b</textarea>'
    assert turning.page(f"{BACK}{field}{BACK}") == f"[U+202E]{field}[U+202E]"
