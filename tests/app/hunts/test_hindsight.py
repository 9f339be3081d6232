"""What was found in hindsight is weighed, proved and learnt from like a live alert, as far as that goes without a picture."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from app.db.models import SightingRow
from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh
from tests.app.directory.test_directory import put
from tests.app.evidence.made import checked, contents
from tests.app.evidence.test_evidence import pages, taken
from tests.app.hunts.test_hunts import SEEDS, SENT, alerts, attacked, clear, found, hunt, registered
from tests.app.mistakes.test_mistakes import TRUE, actions

Alert = dict[str, Any]


@pytest.fixture
def directory(server: Server) -> Iterator[None]:
    yield
    put(server).raise_for_status()


def leaked(server: Server, seed: int, sender: str = "u-1", **more: Any) -> Alert:
    """An alert about what was posted before it was registered."""
    data = attacked(seed, "crop40")
    clear(server, {"a.jpg": data}, sent_at=SENT, sender={"id": sender, "name": "Zhang"}, channel={"id": fresh("c")})
    [alert] = found(server, registered(server, seed, **more)["id"], 1)
    assert alert["historic"]
    return alert


def test_its_evidence_has_the_fingerprints_that_are_kept_and_says_that_it_is_historic(server: Server, tmp_path: Path) -> None:
    alert = leaked(server, next(SEEDS))
    told = checked(data := taken(server, alert["id"]).raise_for_status().content, tmp_path)
    assert told.holds, told.findings
    files = contents(data)
    assert {"alerts/0001/fingerprints/01-packed.bin", "alerts/0001/fingerprints/01-perceptual.bin"} <= set(files)
    missing = told.manifest["left_out"]
    assert any(one.startswith("alerts/0001/pictures: ") for one in missing), "why there is no picture"
    assert not any(one.startswith("alerts/0001/fingerprints") for one in missing)
    readme, report = files["README.txt"].decode(), " ".join(pages(files["report.pdf"]).split())
    assert "alerts/0001 is historic: leaked on 2026-03-03" in readme
    for words in (
        "Found in hindsight",
        "Leaked on 2026-03-03",
        "Historic: leaked on 2026-03-03",
        "raised the alert in hindsight",
    ):
        assert words in report, words


def test_fingerprints_that_are_not_kept_any_more_are_told(server: Server, tmp_path: Path) -> None:
    alert = leaked(server, next(SEEDS))

    async def forget() -> None:
        async with server.house.database.writing() as session:
            await session.execute(delete(SightingRow).where(SightingRow.message_id == alert["message"]["id"]))

    server.run(forget())
    told = checked(data := taken(server, alert["id"]).raise_for_status().content, tmp_path)
    assert not any("/fingerprints/" in name for name in contents(data))
    [said] = [one for one in told.manifest["left_out"] if "/fingerprints" in one]
    assert "attachment 1, “a.jpg”" in said
    assert "not kept" in said


def test_the_directory_raises_it_as_of_the_day_of_the_leak(server: Server, directory: None) -> None:
    put(server, "gone,temporary,,Li,,,2020-01-01,2026-03-02,", "there,temporary,,Li,,,2020-01-01,2026-03-03,").raise_for_status()
    live, there, gone = (leaked(server, next(SEEDS), sender, level="secret") for sender in ("nobody", "there", "gone"))
    assert (live["raised"], there["raised"]) == (None, None), "their access ended afterwards"
    assert gone["raised"] == {"reason": "access_ended", "level": "secret", "ended": "2026-03-02"}
    assert (there["severity"], gone["severity"]) == (live["severity"], "critical")
    assert live["severity"] == "high"
    bundle = contents(taken(server, gone["id"]).raise_for_status().content)
    report = " ".join(pages(bundle["report.pdf"]).split())
    assert "Raised by one step because of what the organisation’s directory said; that is not repeated here." in report
    assert "2026-03-02" not in report, "what is handed on says nothing of anybody’s access"
    assert "access ended" not in report
    handed = json.loads(bundle["alerts/0001/alert.json"])
    assert handed["raised"] == {"level": "secret"}
    assert [one["what"] for one in handed["answerable"]] == ["asset"]
    told = server["gateway"].get(f"/messages/{gone['message']['id']}").raise_for_status().json()
    assert told["verdict"]["verdict"] == "clear", "as it was told when it came"
    assert "raised" not in told["verdict"]


def test_it_is_raised_too_when_its_message_is_not_kept_any_more(server: Server, directory: None) -> None:
    from app.retention.cleaner import clean_messages  # noqa: PLC0415

    seed = next(SEEDS)
    put(server, "gone,temporary,,Li,,,2020-01-01,2026-03-02,").raise_for_status()
    clear(server, {"a.jpg": attacked(seed, "crop40")}, sent_at=SENT, sender={"id": "gone", "name": "Zhang"})
    server.run(clean_messages(server.house.database, datetime(2100, 1, 1, tzinfo=UTC)))
    [alert] = found(server, registered(server, seed)["id"], 1)
    assert alert["raised"]["reason"] == "access_ended"
    assert server["gateway"].get(f"/messages/{alert['message']['id']}").json()["verdict"]["verdict"] == "clear"
    missing = json.loads(contents(taken(server, alert["id"]).content)["about.json"])["left_out"]
    assert any(one.startswith("alerts/0001/posted: attachment 1") for one in missing)


def test_confirming_it_teaches_its_bytes_alone_and_the_page_says_so(server: Server) -> None:
    seed = next(SEEDS)
    alert = leaked(server, seed)
    assert actions(patch(server, alert, **TRUE))[-1] == "taught"
    [reference] = _derived(server, alert)
    assert (reference["fingerprints"], reference["label"]) == ([], "confirmed leak, 2026-03-03")
    assert "Its bytes were learnt" in _page(server, alert)
    verdict = server.verdict(server.post("", {"b.jpg": attacked(seed, "crop40")}))
    assert verdict["matches"][0]["reference_id"] == reference["id"]
    patch(server, server["analyst"].get(f"/alerts/{alert['id']}").json(), status="open")
    assert _derived(server, alert) == []


def test_where_nothing_is_learnt_the_page_says_so(server: Server) -> None:
    text = " ".join(f"{fresh('clause')} in the annex" for _ in range(60)).encode()
    clear(server, {"b.txt": text})
    asset = server.register({"b.txt": text}, title=fresh("Minutes ")).json()
    found(server, asset["id"], 1)
    [alert] = alerts(server, asset["id"])
    assert actions(patch(server, alert, **TRUE))[-1] == "resolved"
    assert "Nothing was learnt from it" in _page(server, alert)


def _derived(server: Server, alert: Alert) -> list[dict[str, Any]]:
    told = server["analyst"].get(f"/assets/{alert['matches'][0]['asset_id']}").raise_for_status().json()
    return [one for one in told["references"] if one["derived"]]


def _page(server: Server, alert: Alert) -> str:
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"token": server.tokens["analyst"]})
        return browser.get(f"/alerts/{alert['id']}").text


def test_a_hunt_says_what_it_could_not_look_for(server: Server) -> None:
    asset = server.register(terms=[fresh("codeword")], tags=[fresh("SN-")]).json()
    assert hunt(server, asset["id"])["unsought"] == ["words", "numbers"]
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.post("/sign-in", data={"token": server.tokens["analyst"]})
        page = browser.get(f"/assets/{asset['id']}").text
    assert "Not looked for: its watched words" in page
    assert "numbers and codes. Of what was posted" in page
    assert hunt(server, registered(server, next(SEEDS))["id"])["unsought"] == []
