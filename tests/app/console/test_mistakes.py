"""What the console says about mistakes: on the alert they come from, and in their list; with and without htmx."""

import re

import httpx
import pytest

from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server
from tests.app.console.test_console import HTMX, csrf, signed_in
from tests.app.mistakes.test_mistakes import FALSE, TRUE, Case
from tests.app.pictures import jpeg


@pytest.fixture(scope="module")
def case(server: Server) -> Case:
    return Case(server, 20_000)


def resolved(case: Case) -> str:
    """The alert's id, remembered as a mistake."""
    if not case.mistakes():
        patch(case.server, case.alert, status="open")
        patch(case.server, case.alert, **FALSE)
    ident: str = case.alert["id"]
    return ident


def test_before_deciding_it_is_said_what_a_false_alarm_does(server: Server, case: Case) -> None:
    patch(server, case.alert, status="open")
    with signed_in(server, "analyst") as client:
        assert "it and its copies will not alarm for this again" in client.get(f"/alerts/{case.alert['id']}").text
        assert "will not alarm for this again" not in client.get(f"/alerts/{server.alert()['id']}").text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_alert_says_what_is_remembered_and_takes_it_back(server: Server, case: Case, headers: dict[str, str]) -> None:
    alert = resolved(case)
    with signed_in(server, "analyst") as client:
        shown = client.get(f"/alerts/{alert}", headers=headers).text
        assert f'<strong>x.jpg</strong> and its copies will not alarm again for <a href="/assets/{case.asset["id"]}">' in shown
        assert "let copies of it alarm no longer" in shown
        [mistake] = case.mistakes()
        [action] = re.findall(rf'method="post" action="([^"]+/{mistake["id"]}/forget)"', shown)
        answer = client.post(action, data={"csrf": csrf(client, f"/alerts/{alert}")}, headers=headers)
        assert answer.status_code == (200 if headers else 303)
        after = client.get(f"/alerts/{alert}", headers=headers).text
    assert f'will not alarm again for <a href="/assets/{case.asset["id"]}">' not in after
    assert "x.jpg for" in after, "it is said that it will alarm again"
    assert "let copies of it alarm again" in after
    assert case.mistakes() == []


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_list_shows_them_and_takes_one_back(server: Server, case: Case, headers: dict[str, str]) -> None:
    alert = resolved(case)
    [mistake] = case.mistakes()
    with signed_in(server, "analyst") as client:
        for path in ("/mistakes", f"/mistakes?asset={case.asset['id']}"):
            page = client.get(path, headers=headers)
            assert ("<html" in page.text) is not bool(headers)
            row = page.text[page.text.index(f'id="{mistake["id"]}"') :].partition("</tr>")[0]
            assert case.asset["title"] in row
            assert "x.jpg" in row
            assert "ana" in row
            assert f'href="/alerts/{alert}"' in row
            [picture] = re.findall(r'<img src="([^"]+)"', row)
            assert client.get(picture).headers["content-type"] == "image/jpeg"
        assert f"Mistakes about {case.asset['title']}" in page.text
        secret = csrf(client, "/mistakes")
        back = {"csrf": secret, "asset": case.asset["id"]}
        answer = client.post(f"/mistakes/{mistake['id']}/forget", data=back, headers=headers)
        if headers:
            assert "None is remembered" in answer.text
        else:
            assert (answer.status_code, answer.headers["location"]) == (303, f"/mistakes?asset={case.asset['id']}")
        again = client.post(f"/mistakes/{mistake['id']}/forget", data=back, headers=headers)
    assert case.mistakes() == []
    assert (again.status_code, "There is no such mistake" in again.text) == (404, True)


def test_what_a_resolution_keeps_from_nothing_is_said(server: Server) -> None:
    word = patch(server, server.alert(), **FALSE)["id"]
    server.register({"a.jpg": jpeg(951)}, kind="equipment", title="Derrick").raise_for_status()
    itself = server.verdict(server.post("", {"d.jpg": jpeg(951)}))["alert_id"]
    server["analyst"].patch(f"/alerts/{itself}", json=FALSE).raise_for_status()
    with signed_in(server, "analyst") as client:
        assert "a code name counts wherever it stands" in client.get(f"/alerts/{word}").text
        assert "it is the registered file itself" in client.get(f"/alerts/{itself}").text


def test_another_alert_that_says_so_too_is_named(server: Server, case: Case) -> None:
    case.server["analyst"].patch(f"/alerts/{case.alert['id']}", json={"status": "open"}).raise_for_status()
    other = case.posted(case.photo)
    for alert in (case.alert, other):
        patch(server, alert, **FALSE)
    with signed_in(server, "analyst") as client:
        assert f'<a href="/alerts/{other["id"]}">Another alert</a> says so too' in client.get(f"/alerts/{case.alert['id']}").text
    patch(server, other, **TRUE)
    assert case.mistakes() == []


def test_an_alert_names_the_known_mistakes_in_its_message(server: Server, case: Case) -> None:
    alert = resolved(case)
    word = "Waxwing77"
    server.register(terms=[word], title="Waxwing").raise_for_status()
    mixed = server.verdict(server.post(word, {"again.jpg": case.copy()}))["alert_id"]
    with signed_in(server, "analyst") as client:
        shown = client.get(f"/alerts/{mixed}").text
    said = shown[shown.index("Known mistakes, not counted") : shown.index("History")]
    assert "again.jpg" in said
    assert f"resembles {case.asset['title']}, it.jpg" in said
    assert f'href="/alerts/{alert}"' in said


def test_mistakes_are_for_analysts(server: Server) -> None:
    assert httpx.get(f"{server.url}/mistakes").headers["location"] == "/sign-in?next=%2Fmistakes"
    with signed_in(server, "owner") as client:
        assert client.get("/mistakes").status_code == 403
        assert 'href="/mistakes"' not in client.get("/assets").text
    with signed_in(server, "analyst") as client:
        assert client.post("/mistakes/mis_x/forget", data={"csrf": "0" * 64}).status_code == 403
