"""The directory: replaced whole or not at all by whoever keeps it, seen by nobody else, and what it does to an alert."""

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.conftest import Server, fresh
from tests.app.console.test_console import signed_in
from tests.app.ingest.test_messages import problem
from tests.app.test_cli import run

HEADER = "sender,kind,gateway,name,unit,clearance,signed_on,ends_on,responsible\n"


def put(server: Server, *rows: str, role: str = "admin") -> httpx.Response:
    """``rows``: none, everybody is removed on purpose."""
    asked = {} if rows else {"nobody": "true"}
    return server[role].post("/directory", params=asked, content=(HEADER + "".join(f"{row}\n" for row in rows)).encode())


@pytest.fixture(autouse=True)
def nobody(server: Server) -> Iterator[None]:
    yield
    put(server).raise_for_status()


def alert(server: Server, sender: str, level: str = "confidential", **more: Any) -> dict[str, Any]:
    word = f"codeword{fresh('')}x"
    server.register(title="Plan", terms=[word], level=level, unit="Design").raise_for_status()
    verdict = server.verdict(server.post(f"see {word}", sender={"id": sender, "name": "Zhang"}, **more))
    assert "raised" not in verdict, "gateways are told nothing about people"
    found: dict[str, Any] = server["analyst"].get(f"/alerts/{verdict['alert_id']}").raise_for_status().json()
    return found


def test_it_is_replaced_as_a_whole_or_not_at_all(server: Server) -> None:
    assert put(server, "u-1,staff,,Li,,,,,", "u-2,visitor,,,,,,,").json() == {"people": 2}
    told = problem(put(server, "u-3,staff,,,,,,,", "u-4,king,,,,,,,"), 422)
    assert told["code"] == "directory_wrong"
    assert [(one["line"], one["column"]) for one in told["errors"]] == [(3, "kind")]
    assert server["admin"].get("/directory").text.count("\r\n") == 3
    assert put(server).json() == {"people": 0}


@pytest.mark.parametrize("table", [HEADER, HEADER + "\n , ,\n", "\ufeff" + HEADER])
def test_a_table_with_nobody_in_it_removes_nobody_by_mistake(server: Server, table: str) -> None:
    put(server, "u-1,staff,,Li,,,,,").raise_for_status()
    told = problem(server["admin"].post("/directory", content=table.encode()), 422)
    assert (told["code"], told["errors"][0]["says"]) == ("directory_empty", told["detail"])
    assert "u-1" in server["admin"].get("/directory").text
    with signed_in(server, "admin") as client:
        send = partial(client.post, "/directory", files={"files": ("people.csv", table.encode(), "text/csv")})
        csrf = client.get("/directory").text.split('name="csrf" value="')[1].split('"')[0]
        refused = send(data={"csrf": csrf})
        assert refused.status_code == 422
        assert "it would remove everybody" in refused.text
        assert 'name="nobody"' in refused.text
        assert "u-1" in server["admin"].get("/directory").text
        assert send(data={"csrf": csrf, "nobody": "yes"}).status_code in (200, 303)
    assert "u-1" not in server["admin"].get("/directory").text


@pytest.mark.parametrize("role", ["gateway", "analyst", "owner", "auditor"])
def test_nobody_else_sees_or_changes_it(server: Server, role: str) -> None:
    assert put(server, role=role).status_code == 403
    assert server[role].get("/directory").status_code == 403


def test_what_is_done_with_it_is_written_down_without_names(server: Server) -> None:
    put(server, "u-1,staff,,Li Si,,,,,").raise_for_status()
    server["admin"].get("/directory").raise_for_status()
    taken, imported, *_ = server["auditor"].get("/audit", params={"kind": "directory"}).json()["items"]
    assert (taken["action"], taken["details"]) == ("directory.exported", {"people": 1})
    assert (imported["action"], imported["details"]["people"], imported["actor"]) == ("directory.imported", 1, "adm")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("contractor,,Zhang,Hall 3,secret,2025-01-01,2026-03-01,Chen", {"reason": "access_ended", "ended": "2026-03-01"}),
        ("staff,,Zhang,Hall 3,internal,2025-01-01,,Chen", {"reason": "clearance", "clearance": "internal"}),
        ("temporary,,Zhang,Hall 3,,,2026-03-02,Chen", {"reason": "unsigned"}),
        ("temporary,,Zhang,Hall 3,,2026-03-03,,Chen", {"reason": "unsigned"}),
        ("temporary,,Zhang,Hall 3,confidential,2026-03-02,2026-03-02,Chen", None),
        ("staff,,Zhang,Hall 3,,,,Chen", None),
    ],
)
def test_it_raises_an_alert_by_one_step_and_says_why(server: Server, row: str, reason: dict[str, str] | None) -> None:
    sender = fresh("u")
    put(server, f"{sender},{row}").raise_for_status()
    found = alert(server, sender, sent_at="2026-03-02T09:31:00Z")
    assert found["severity"] == ("high" if reason else "medium")
    assert found["verdict"] == "leak"
    assert found["raised"] == (reason and {**reason, "level": "confidential"})
    people = [{"what": "asset", "title": "Plan", "unit": "Design", "name": "otto"}]
    people += [{"what": "sender", "title": "", "unit": "Hall 3", "name": "Chen"}]
    assert found["answerable"] == people


def test_a_clock_that_cannot_be_ends_nobodys_access(server: Server) -> None:
    sender = fresh("u")
    put(server, f"{sender},staff,,Zhang,Hall 3,,,2999-03-01,Chen").raise_for_status()
    assert alert(server, sender, sent_at="9999-03-02T09:31:00Z")["raised"] is None


def test_what_is_said_of_a_gateway_goes_before_what_is_said_of_any(server: Server) -> None:
    sender = fresh("u")
    put(
        server, f"{sender},staff,,,Any,,,,A", f"{sender},staff,g1,,This,,,,B", f"{sender},staff,g9,,Other,,,,C"
    ).raise_for_status()
    assert alert(server, sender)["answerable"][1]["name"] == "B"


def test_whom_nobody_knows_raises_nothing(server: Server) -> None:
    found = alert(server, fresh("u"))
    assert (found["severity"], found["raised"], len(found["answerable"])) == ("medium", None, 1)


def test_an_analyst_reads_it_in_neutral_words(server: Server) -> None:
    sender = fresh("u")
    put(server, f"{sender},visitor,,Zhang,Hall 3,,,2026-01-31,Chen").raise_for_status()
    found = alert(server, sender, sent_at="2026-03-02T09:31:00Z")
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"token": server.tokens["analyst"]})
        page = browser.get(f"/alerts/{found['id']}").text
        assert browser.get("/directory").status_code == 403
    assert "Raised by one step because the sender’s access ended on 2026-01-31." in page
    assert "Chen" in page
    for accusation in ("suspect", "guilty", "offender", "violat"):
        assert accusation not in page.lower()


def test_its_page_says_line_by_line_what_is_wrong(server: Server) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"token": server.tokens["admin"]})
        page = browser.get("/directory").text
        csrf = page.split('name="csrf" value="')[1].split('"')[0]

        def send(text: str, secret: str = csrf) -> httpx.Response:
            return browser.post("/directory", data={"csrf": secret}, files={"files": ("people.csv", text.encode("gb18030"))})

        refused = send(HEADER + "u-1,staff,,李,,,,,\n,king,,,,,,,\n")
        assert refused.status_code == 422
        assert "2 things are wrong" in refused.text
        assert send(HEADER, "x").status_code == 403
        done = send(HEADER + "u-1,staff,,李,,,,,\n")
        assert "The directory was replaced." in done.text
        table = browser.post("/directory/file", data={"csrf": csrf})
        assert "李" in table.content.decode("utf-8-sig")


def test_commands(server: Server, tmp_path: Path) -> None:
    here = {"LEAKWATCH_DATA_DIR": str(tmp_path / "data")}
    file = tmp_path / "people.csv"
    file.write_text(HEADER + "u-1,staff,,=cmd(),,,,,\n")
    assert run("directory", "import", str(file), **here).stdout == "1 people\n"
    assert "'=cmd()" in run("directory", "export", **here).stdout
    file.write_text(HEADER + "u-1,king,,,,,,,\n")
    refused = run("directory", "import", str(file), **here)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"{file}:2 kind: ")
    assert run("directory", "import", str(tmp_path / "nothing.csv"), **here).returncode == 2


def test_an_incident_names_each_unit_once_and_nobody_in_it(server: Server) -> None:
    word, (first, second, third, stranger) = f"codeword{fresh('')}x", (fresh("u") for _ in range(4))
    put(
        server,
        f"{first},contractor,,Zhang San,Hall 3,,,2026-01-31,Chen",
        f"{second},staff,,Li Si,Hall 4,,,,Wang",
        f"{third},visitor,,Zhao Wu,Hall 3,,,,Chen",
    ).raise_for_status()
    server.register(title="Plan", terms=[word], unit="Design").raise_for_status()
    for number, sender in enumerate((first, stranger, second, third)):
        verdict = server.verdict(server.post(f"see {word}", sender={"id": sender}, channel={"id": fresh(f"c{number}")}))
    incident = server["analyst"].get(f"/alerts/{verdict['alert_id']}").json()["incident_id"]
    found = server["analyst"].get(f"/incidents/{incident}").raise_for_status().json()
    asset = {"what": "asset", "title": "Plan", "unit": "Design", "name": "otto"}
    units = [
        {"what": "sender", "title": "", "unit": unit, "name": name} for unit, name in (("Hall 3", "Chen"), ("Hall 4", "Wang"))
    ]
    assert found["answerable"] == [asset, *units]
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"token": server.tokens["analyst"]})
        page = browser.get(f"/incidents/{incident}").text
    assert page.count("Answerable for the unit: Chen") == 1
    assert "who can help to stop it" in page
    for unsaid in ("Zhang San", "2026-01-31", "contractor", "suspect", "guilty", "offender"):
        assert unsaid not in page
    bundle = server["analyst"].get(f"/incidents/{incident}/evidence", params={"purpose": "evidence"}).raise_for_status()
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as archive:
        assert not any(b"Hall 3" in archive.read(name) for name in archive.namelist()), "what leaves the house names no unit"
