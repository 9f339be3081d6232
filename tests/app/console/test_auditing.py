"""The record's page, with and without htmx, for auditors and administrators."""

import html
import re

import httpx
import pytest

from app.console.routes import PAGE
from tests.app.alerts.conftest import Desk
from tests.app.alerts.test_alerts import patch
from tests.app.audit.test_everything import entries
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, signed_in


def rows(page: str) -> list[str]:
    """Entries of a page, as their text."""
    found = re.findall(r'<tr id="entry-\d+">(.*?)</tr>', page, re.DOTALL)
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", " ", row).split())) for row in found]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_entry_says_who_did_what_to_what(server: Server, auditor: httpx.Client, headers: dict[str, str]) -> None:
    alert = server.alert()
    patch(server, alert, status="resolved", resolution="false_positive", note="hush")
    page = auditor.get("/audit", params={"object": alert["id"]}, headers=headers)
    assert ("<html" in page.text) == (not headers)
    [row] = rows(page.text)
    assert "ana analyst resolved an alert as a false alarm" in row
    assert alert["id"] in row
    assert "127.0.0.1" in row
    assert "status open → resolved" in row
    assert entries(server, object=alert["id"])[0]["hash"] in row
    assert "hush" not in row


def test_filters_live_in_the_address(server: Server, auditor: httpx.Client) -> None:
    first, second = server.alert(), server.alert()
    patch(server, first, status="acknowledged")
    patch(server, second, assignee="ana")
    page = auditor.get("/audit", params={"actor": "ana", "action": "alert.changed", "object": second["id"]}).text
    assert ["assigned an alert to ana" in row for row in rows(page)] == [True]
    assert f'value="{second["id"]}"' in page
    assert re.search(r'<option value="alert.changed" selected>', page)
    assert rows(auditor.get("/audit", params={"actor": "nobody", "since": "", "until": ""}).text) == []
    at = entries(server, object=second["id"])[0]["at"][:19]
    assert any(second["id"] in row for row in rows(auditor.get("/audit", params={"since": at}).text))
    assert not any(second["id"] in row for row in rows(auditor.get("/audit", params={"until": at}).text))


def test_a_filter_that_is_none_is_said_above_the_form(auditor: httpx.Client) -> None:
    page = auditor.get("/audit", params={"since": "yesterday"})
    assert (page.status_code, 'role="alert"' in page.text, rows(page.text)) == (422, True, [])


def test_older_entries_are_a_page_further(server: Server, auditor: httpx.Client) -> None:
    made = server.register(title="Plan", terms=["codewordpages"]).json()["id"]
    for number in range(51):
        server["owner"].patch(f"/assets/{made}", json={"note": f"{number}"}).raise_for_status()
    page = auditor.get("/audit", params={"object": made}).text
    assert len(rows(page)) == 50
    [older] = re.findall(r'<a class="button" href="(/audit\?[^"]*cursor=[^"]*)"', page)
    last = rows(auditor.get(html.unescape(older)).text)
    assert len(last) == 2
    assert "registered an asset" in last[-1]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_every_alert_of_a_bulk_change_is_listed_and_leads_back_to_it(
    server: Server, auditor: httpx.Client, headers: dict[str, str]
) -> None:
    desk, asset = Desk(server.house.database), fresh("bulk")
    server.run(desk.alerts(PAGE + 2, asset))
    change = {"status": "acknowledged", "note": "hush"}
    told = server["analyst"].post("/alerts/bulk", json={"filter": {"asset": asset}, "change": change}).json()
    server["analyst"].post("/alerts/bulk", json={"undo": told["bulk_id"]}).raise_for_status()
    for entry, says in zip(entries(server, object=told["bulk_id"]), ("took a change back", "is looking at it"), strict=True):
        here = f"/audit/{entry['seq']}"
        assert f'href="{here}/alerts"' in auditor.get("/audit", params={"object": told["bulk_id"]}, headers=headers).text
        assert f"All {PAGE + 2} alerts" in auditor.get(here, headers=headers).text
        first = auditor.get(f"{here}/alerts", headers=headers)
        [more] = re.findall(r'rel="next" href="([^"]+)"', first.text)
        pages = [first, auditor.get(more, headers=headers)]
        assert [("<html" in page.text, says in page.text, "hush" in page.text) for page in pages] == [
            (not headers, True, False)
        ] * 2
        listed = [re.findall(r'href="(/audit\?object=alr_[^"]+)"', page.text) for page in pages]
        assert [len(found) for found in listed] == [PAGE, 2]
        back = rows(auditor.get(listed[1][1]).text)
        assert [f"the change of {PAGE + 2} alerts back" in back[0], f"changed {PAGE + 2} alerts at once" in back[1]] == [
            True,
            True,
        ]
    [other] = entries(server, object=server.register(terms=[fresh("word")]).json()["id"])
    assert auditor.get(f"/audit/{other['seq']}/alerts").status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_record_is_verified_when_asked(server: Server, auditor: httpx.Client, headers: dict[str, str]) -> None:
    newest = entries(server)[0]
    end = f"{newest['seq']}:{newest['hash']}"
    assert end in auditor.get("/audit", headers=headers).text
    page = auditor.get("/audit/check", params={"expect": end}, headers=headers)
    assert ("<html" in page.text) == (not headers)
    assert "The record holds." in page.text
    other = auditor.get("/audit/check", params={"expect": f"1:{'0' * 64}"}, headers=headers).text
    assert "The record is broken at entry 1" in html.unescape(other)
    assert auditor.get("/audit/check", params={"expect": "57"}, headers=headers).status_code == 422


def test_it_is_for_auditors_and_administrators(server: Server) -> None:
    for role, status in (("auditor", 200), ("admin", 200), ("analyst", 403), ("owner", 403)):
        with signed_in(server, role) as client:
            assert [client.get(path).status_code for path in ("/audit", "/audit/check")] == [status] * 2
            assert ('href="/audit"' in client.get("/account").text) == (status == 200)
    for path in ("/audit", "/audit/check"):
        assert httpx.get(server.url + path).headers["location"].startswith("/sign-in?next=%2Faudit")


def test_whatever_people_call_themselves_is_text(server: Server, auditor: httpx.Client) -> None:
    page = auditor.get("/audit", params={"actor": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
