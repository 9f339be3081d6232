"""Which language and theme somebody reads in: as they chose, else as the browser says."""

import httpx
import pytest

from app.console.speech import language, preferred
from tests.app.conftest import Server


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [
        (None, "", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "fr, zh-TW;q=0.5", "zh"),
        ("en", "zh-CN", "en"),
        ("xx", "zh", "zh"),
        (None, ";;,,-", "en"),
    ],
)
def test_a_language_is_chosen_before_it_is_accepted(chosen: str | None, accepted: str, code: str) -> None:
    assert preferred(chosen, accepted).code == code


def test_sentences_and_lists_stand_together_as_the_language_has_it() -> None:
    english, chinese = language("en"), language("zh")
    assert english.together("One.", "", "Two.") == "One. Two."
    assert chinese.together("一。", "", "二。") == "一。二。"
    assert (english.listed(["a", "b"]), chinese.listed(["甲", "乙"])) == ("a, b", "甲、乙")


def test_a_choice_lasts_and_leads_back(server: Server) -> None:
    with httpx.Client(base_url=server.url, headers={"Accept-Language": "en"}) as client:
        assert '<html lang="en" data-theme="auto">' in client.get("/sign-in").text
        answer = client.post("/preferences", data={"language": "zh", "back": "/sign-in"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        client.post("/preferences", data={"theme": "dark"})
        assert '<html lang="zh" data-theme="dark">' in client.get("/sign-in").text
        client.post("/preferences", data={"theme": "pink", "language": "klingon"})
        assert '<html lang="zh" data-theme="dark">' in client.get("/sign-in").text


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_going_back_never_leads_elsewhere(server: Server, elsewhere: str) -> None:
    answer = httpx.post(f"{server.url}/preferences", data={"theme": "dark", "back": elsewhere})
    assert answer.headers["location"] == "/"
