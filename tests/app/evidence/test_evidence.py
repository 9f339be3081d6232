"""Evidence of alerts and incidents, from a message to a file that anybody can check, and who may take it."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest

from app.evidence import verify
from app.evidence.types import WHOLE
from tests.app.conftest import Server, fresh
from tests.app.evidence.made import checked, contents
from tests.app.ingest.test_messages import problem
from tests.app.pictures import jpeg


def taken(server: Server, about: str, role: str = "analyst", **more: str) -> httpx.Response:
    kind = "incidents" if about.startswith("inc_") else "alerts"
    return server[role].get(f"/{kind}/{about}/evidence", params={"purpose": "evidence", "words": "case 7", **more})


def pages(data: bytes) -> str:
    """A PDF's text."""
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


@pytest.fixture(scope="module")
def leak(server: Server) -> dict[str, Any]:
    """An alert about a photograph, with a note that was taken back, resolved with a reason."""
    server.register(
        {"a.jpg": jpeg(9601)}, title="Crane 港口起重机", kind="equipment", level="secret", unit="Hall 3"
    ).raise_for_status()
    channel = {"id": fresh("fam"), "name": "Family 家庭群", "members": 17, "external": True}
    verdict = server.verdict(server.post('look 看 👀 #[raw("x")] $x$ *b*', {"IMG 1.jpg": jpeg(9601, 60)}, channel=channel))
    noted = {"ids": [verdict["alert_id"]], "change": {"note": "a toy"}}
    bulk = server["analyst"].post("/alerts/bulk", json=noted).raise_for_status().json()["bulk_id"]
    server["analyst"].post("/alerts/bulk", json={"undo": bulk}).raise_for_status()
    change = {"status": "resolved", "resolution": "true_positive", "note": "It is our crane: 原因"}
    told: dict[str, Any] = server["analyst"].patch(f"/alerts/{verdict['alert_id']}", json=change).raise_for_status().json()
    return told


def test_an_alerts_evidence_holds_and_is_complete(server: Server, leak: dict[str, Any], tmp_path: Path) -> None:
    answer = taken(server, leak["id"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence-{leak["id"]}.zip"'
    key = server["auditor"].get("/evidence/key").raise_for_status().json()
    found = checked(answer.content, tmp_path, key["fingerprint"])
    assert (found.holds, found.origin) == (True, "proved"), found.findings
    files = contents(answer.content)
    assert files["alerts/0001/posted/01-IMG-1.jpg"] == jpeg(9601, 60)
    assert files["alerts/0001/pictures/01.jpg"][:2] == b"\xff\xd8"
    assert any(name.startswith("alerts/0001/fingerprints/01-keypoints") for name in files)
    alert, message = (json.loads(files[f"alerts/0001/{name}.json"]) for name in ("alert", "message"))
    assert (alert["id"], alert["matches"], message["text"]) == (leak["id"], leak["matches"], leak["message"]["text"])
    assert files["verify.py"] == Path(verify.__file__).read_bytes()
    manifest = found.manifest
    assert manifest["subject"] == {"kind": "alert", "id": leak["id"], "title": "Crane 港口起重机", "alerts": [leak["id"]]}
    said = {name: manifest["exported"][name] for name in ("by", "role", "purpose", "words")}
    assert said == {"by": "ana", "role": "analyst", "purpose": "evidence", "words": "case 7"}
    posted = next(one for one in manifest["files"] if "/posted/" in one["path"])
    assert posted["sha256"] == leak["message"]["attachments"][0]["sha256"]
    assert posted["captured_at"][:19] == leak["message"]["received_at"][:19]
    assert "byte for byte" in posted["what"]


def test_a_report_tells_it_to_people(server: Server, leak: dict[str, Any]) -> None:
    english, chinese = (contents(taken(server, leak["id"], language=code).content)["report.pdf"] for code in ("en", "zh"))
    text = " ".join(pages(english).split())
    for words in (
        *(
            "Evidence report",
            "Crane 港口起重机",
            "Hall 3",
            "Family 家庭群",
            "page 1 of",
            "case 7",
            "a leak",
            "It is our crane: 原因",
            "a toy (taken back by ana, ",
        ),
        *("details lie exactly where they lie", leak["message"]["attachments"][0]["sha256"], "python3 -I verify.py", "[eyes]"),
        *('#[raw("x")] $x$ *b*', "draws no conclusion about any person"),
    ):
        assert words in text, words
    for accusation in ("guilty", "culprit", "suspect", "offender"):
        assert accusation not in text.lower()
    assert "Crane 港口起重机" in " ".join(pages(chinese).split())


def test_that_it_was_taken_is_written_down(server: Server, leak: dict[str, Any], tmp_path: Path) -> None:
    found = checked(taken(server, leak["id"], role="auditor").content, tmp_path)
    [entry, *_] = server["auditor"].get("/audit", params={"object": leak["id"]}).json()["items"]
    assert (entry["action"], entry["actor"], entry["role"]) == ("evidence.exported", "aud", "auditor")
    assert entry["details"]["purpose"] == "evidence"
    assert entry["details"]["key"] == found.key
    assert "case 7" not in json.dumps(entry)
    assert entry["seq"] > found.manifest["audit"]["seq"]
    last = server["analyst"].get(f"/alerts/{leak['id']}").json()["history"][-1]
    assert (last["action"], last["actor"], last["note"]) == ("exported", "aud", "case 7")
    assert last["change"]["manifest"][1] == entry["details"]["manifest"]


@pytest.mark.parametrize("role", ["gateway", "owner", "admin"])
def test_only_analysts_and_auditors_may(server: Server, leak: dict[str, Any], role: str) -> None:
    assert taken(server, leak["id"], role).status_code == 403


def test_without_a_purpose_nothing_is_taken(server: Server, leak: dict[str, Any]) -> None:
    before = server["auditor"].get("/audit", params={"action": "evidence.exported"}).json()["items"]
    assert problem(taken(server, leak["id"], purpose=""), 422)["code"] == "purpose_missing"
    assert problem(taken(server, leak["id"], purpose="other", words=" "), 422)["code"] == "purpose_missing"
    assert problem(taken(server, leak["id"], language="tlh"), 422)["code"] == "unknown_language"
    assert problem(taken(server, "alr_nothing"), 404)["code"] == "unknown_alert"
    assert problem(taken(server, "inc_nothing"), 404)["code"] == "unknown_incident"
    assert server["auditor"].get("/audit", params={"action": "evidence.exported"}).json()["items"] == before
    assert not list((server.settings.data_dir / "tmp").glob("evidence-*")), "nothing stays behind"


def test_an_incidents_evidence_has_all_its_alerts_and_where_it_went(server: Server, tmp_path: Path) -> None:
    server.register({"b.jpg": jpeg(9602)}, title="Gantry", kind="equipment", level="secret").raise_for_status()
    ids = [
        server.verdict(server.post("", {"b.jpg": jpeg(9602, quality)}, channel={"id": fresh("c")}))["alert_id"]
        for quality in (80, 60)
    ]
    incident = server["analyst"].get(f"/alerts/{ids[0]}").json()["incident_id"]
    data = taken(server, incident).raise_for_status().content
    found, files = checked(data, tmp_path), contents(data)
    assert found.holds, found.findings
    assert found.manifest["subject"]["alerts"] == ids
    assert json.loads(files["spread/spread.json"])
    assert files["spread/spread.svg"].startswith(b"<svg")
    assert files[WHOLE].startswith(b"<svg")
    assert WHOLE in " ".join(pages(files["report.pdf"]).split())
    forged = tmp_path / "forged.zip"
    forged.write_bytes(data.replace(files[WHOLE], files[WHOLE].replace(b"first seen", b"last seen.")))
    assert WHOLE in {one.path for one in verify.check(str(forged)).findings}
    assert {"alerts/0001/alert.json", "alerts/0002/alert.json", "spread/spread.graphml"} <= set(files)
    assert "Gantry" in pages(files["report.pdf"])
    [entry, *_] = server["auditor"].get("/audit", params={"object": incident, "action": "evidence.exported"}).json()["items"]
    assert (entry["object_kind"], entry["details"]["alerts"]) == ("incident", 2)


def test_files_that_are_gone_are_told(server: Server, tmp_path: Path) -> None:
    alert = server.alert(files={"notes.txt": b"plain words"})
    blob = next(server.settings.blob_folder.rglob(alert["message"]["attachments"][0]["sha256"]))  # type: ignore[union-attr]
    blob.unlink()
    found = checked(taken(server, alert["id"]).raise_for_status().content, tmp_path)
    assert found.holds
    assert any("notes.txt" in one and "not kept" in one for one in found.manifest["left_out"])


def test_the_page_asks_what_for_and_then_gives_the_file(server: Server, leak: dict[str, Any]) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"token": server.tokens["analyst"]})
        page = browser.get(f"/alerts/{leak['id']}/evidence")
        assert page.status_code == 200
        assert server["auditor"].get("/evidence/key").json()["fingerprint"] in page.text
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        refused = browser.post(f"/alerts/{leak['id']}/evidence", data={"csrf": csrf, "purpose": "other", "words": ""})
        assert refused.status_code == 422
        assert "Say in words what for." in refused.text
        assert browser.post(f"/alerts/{leak['id']}/evidence", data={"csrf": "x", "purpose": "evidence"}).status_code == 403
        given = browser.post(f"/alerts/{leak['id']}/evidence", data={"csrf": csrf, "purpose": "evidence", "language": "zh"})
        assert contents(BytesIO(given.content).getvalue())["manifest.json"]
        assert browser.get("/alerts/alr_nothing/evidence").status_code == 404


@pytest.mark.parametrize("kind", ["alerts", "incidents"])
def test_an_auditor_takes_it_at_the_console_as_well_and_is_led_to_the_record(
    server: Server, leak: dict[str, Any], kind: str
) -> None:
    about = leak["id"] if kind == "alerts" else leak["incident_id"]
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"token": server.tokens["auditor"]})
        page = browser.get(f"/{kind}/{about}/evidence")
        assert page.status_code == 200
        assert f'href="/audit?object={about}"' in page.text
        assert f'href="/{kind}' not in page.text, "nothing leads where they may not go"
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        given = browser.post(f"/{kind}/{about}/evidence", data={"csrf": csrf, "purpose": "evidence", "words": "case 7"})
        assert contents(given.raise_for_status().content)["manifest.json"]
        [entry, *_] = server["auditor"].get("/audit", params={"object": about}).json()["items"]
        assert (entry["action"], entry["role"]) == ("evidence.exported", "auditor")
        assert f'href="/{kind}/{about}/evidence"' in browser.get(f"/audit/{entry['seq']}").text
    for role in ("owner", "admin"):
        with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
            browser.post("/sign-in", data={"token": server.tokens[role]})
            assert browser.get(f"/{kind}/{about}/evidence").status_code == 403
            if role == "admin":
                assert "/evidence" not in browser.get(f"/audit/{entry['seq']}").text
