"""Whatever people do leaves its entry, in their name, and nothing that must not be kept for ever."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.app.alerts.test_alerts import patch
from tests.app.conftest import Server, fresh
from tests.app.ingest.test_messages import problem
from tests.app.mistakes.test_mistakes import FALSE, Case
from tests.fingerprints.contents.made import zipped

SECRETS = ("codeword", "hush-hush", "Orchid", "hello")
"""What is said in messages, notes, titles and code names."""
BASES = iter(range(50_000, 60_000, 10))


@dataclass(frozen=True)
class Done:
    """What somebody did, and the entry that must tell of it."""

    actor: str
    role: str
    action: str
    kind: str
    id: str
    details: dict[str, Any] = field(default_factory=dict)


def entries(server: Server, **wanted: Any) -> list[dict[str, Any]]:
    """Newest first."""
    found: list[dict[str, Any]] = server["auditor"].get("/audit", params=wanted).raise_for_status().json()["items"]
    return found


def asset(server: Server, **more: Any) -> str:
    told = server.register(title="Orchid", terms=[f"codeword{fresh('')}y"], note="hush-hush", **more)
    return str(told.raise_for_status().json()["id"])


def change_alert(server: Server) -> Done:
    alert = server.alert()
    patch(server, alert, status="resolved", resolution="benign_positive", note="hush-hush")
    change = {"status": ["open", "resolved"], "resolution": [None, "benign_positive"]}
    return Done("ana", "analyst", "alert.changed", "alert", alert["id"], {"did": ["resolved"], "change": change, "noted": True})


def change_many(server: Server) -> Done:
    channel = fresh("c")
    for _ in range(2):
        server.alert(channel={"id": channel})
    change = {"status": "acknowledged", "note": "hush-hush"}
    bulk = {"filter": {"channel": channel, "status": "open"}, "change": change}
    told = server["analyst"].post("/alerts/bulk", json=bulk).raise_for_status().json()
    details = {"filter": bulk["filter"], "change": {"status": "acknowledged"}, "noted": True, "changed": 2}
    return Done("ana", "analyst", "alerts.changed", "bulk", told["bulk_id"], details)


def change_one_as_the_queue_does(server: Server) -> Done:
    alert = server.alert()
    body = {"ids": [alert["id"]], "versions": {alert["id"]: alert["version"]}, "change": {"status": "acknowledged"}}
    told = server["analyst"].post("/alerts/bulk", json=body).raise_for_status().json()
    change = {"status": ["open", "acknowledged"], "assignee": [None, "ana"]}
    details = {"did": ["acknowledged"], "change": change, "noted": False, "bulk": told["bulk_id"]}
    return Done("ana", "analyst", "alert.changed", "alert", alert["id"], details)


def change_some_as_the_queue_does(server: Server) -> Done:
    alerts = [server.alert()["id"] for _ in range(3)]
    patch(server, server["analyst"].get(f"/alerts/{alerts[2]}").json(), assignee="ana")
    body = {"ids": alerts, "versions": dict.fromkeys(alerts, 1), "change": {"status": "acknowledged", "note": "hush-hush"}}
    told = server["analyst"].post("/alerts/bulk", json=body).raise_for_status().json()
    assert told["changed_meanwhile"] == alerts[2:]
    details = {"alerts": alerts[:2], "change": {"status": "acknowledged"}, "noted": True, "changed": 2}
    return Done("ana", "analyst", "alerts.changed", "bulk", told["bulk_id"], details)


def undo_many(server: Server) -> Done:
    bulk = change_many(server)
    server["analyst"].post("/alerts/bulk", json={"undo": bulk.id}).raise_for_status()
    return Done("ana", "analyst", "alerts.undone", "bulk", bulk.id, {"changed": 2})


def tell_a_deletion(server: Server) -> Done:
    told = {"gateway": "g1", "message_id": fresh("m"), "deleted_at": "2026-03-02T09:41:00Z", "by": "u-1"}
    for _ in range(2):
        server["gateway"].post("/messages/deletions", json=told).raise_for_status()
    assert len(entries(server, object=told["message_id"])) == 1, "told again, it is nothing new"
    details = {"gateway": "g1", "deleted_at": "2026-03-02T09:41:00.000000Z", "by": "u-1"}
    return Done("g1", "gateway", "message.deleted", "message", told["message_id"], details)


def register(server: Server) -> Done:
    made = asset(server, kind="text", level="secret")
    details = {"kind": "text", "level": "secret", "owner": "otto", "references": 0, "status": "ready"}
    return Done("otto", "owner", "asset.registered", "asset", made, details)


def register_much(server: Server) -> Done:
    files = {f"{n:02}.txt": f"{fresh()} page {n} of a long report which nobody has read yet".encode() for n in range(25)}
    made = server.register({"all.zip": zipped(files)}, title="Orchid").raise_for_status().json()
    details = {"kind": "document", "level": "confidential", "owner": "otto", "references": 0, "status": "fingerprinting"}
    return Done("otto", "owner", "asset.registered", "asset", made["id"], details)


def change_asset(server: Server) -> Done:
    made = asset(server)
    body = {"level": "secret", "owner": "else", "note": "hush-hush", "terms": ["codeword of another kind"]}
    server["admin"].patch(f"/assets/{made}", json=body).raise_for_status()
    change = {"level": ["confidential", "secret"], "owner": ["otto", "else"]}
    details = {"fields": ["level", "note", "owner", "terms"], "change": change}
    return Done("adm", "admin", "asset.changed", "asset", made, details)


def replace_asset(server: Server) -> Done:
    made = asset(server)
    files = [("files", ("a.txt", b"the depot moves to the northern quay in the second week of May " * 3))]
    server["owner"].post(f"/assets/{made}/edition", files=files).raise_for_status()
    details = {"kind": "document", "level": "confidential", "owner": "otto", "references": 1, "status": "ready"}
    return Done("otto", "owner", "asset.replaced", "asset", made, details)


def retire_asset(server: Server) -> Done:
    made = asset(server)
    server["owner"].delete(f"/assets/{made}").raise_for_status()
    return Done("otto", "owner", "asset.retired", "asset", made)


def forget_mistake(server: Server) -> Done:
    case = Case(server, next(BASES))
    patch(server, case.alert, **FALSE)
    [mistake] = case.mistakes()
    server["analyst"].delete(f"/mistakes/{mistake['id']}").raise_for_status()
    return Done("ana", "analyst", "mistake.forgotten", "mistake", mistake["id"], {"asset_id": case.asset["id"]})


DEEDS = (
    *(
        change_alert,
        change_many,
        change_one_as_the_queue_does,
        change_some_as_the_queue_does,
        undo_many,
        tell_a_deletion,
        register,
        register_much,
        change_asset,
        replace_asset,
        retire_asset,
    ),
    forget_mistake,
)


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_done_over_the_api_is_written_down(server: Server, deed: Callable[[Server], Done]) -> None:
    done = deed(server)
    entry = entries(server, object=done.id)[0]
    assert Done(*(entry[name] for name in ("actor", "role", "action", "object_kind", "object_id", "details"))) == done
    assert entry["identity"].startswith("tok_")
    assert entry["address"] == "127.0.0.1"
    assert not [secret for secret in SECRETS if secret in str(entry)]


def sent(client: httpx.Client, page: str, path: str, **form: str) -> None:
    """Send a form of a page, which carries the session's secret."""
    [secret] = set(re.findall(r'name="csrf" value="([0-9a-f]{64})"', client.get(page).text))
    answer = client.post(path, data={"csrf": secret, **form})
    assert answer.status_code == 303, answer.text


def test_what_is_done_in_the_console_is_written_down_too(server: Server) -> None:
    alert, made = server.alert()["id"], asset(server)
    with httpx.Client(base_url=server.url) as analyst, httpx.Client(base_url=server.url) as owner:
        analyst.post("/sign-in", data={"token": server.tokens["analyst"]})
        page = f"/alerts/{alert}"
        sent(analyst, page, f"{page}/reveal", purpose="other", words="hush-hush")
        sent(analyst, page, f"{page}/resolve", resolution="true_positive", note="hush-hush")
        owner.post("/sign-in", data={"token": server.tokens["owner"]})
        sent(owner, f"/assets/{made}", f"/assets/{made}/retire")
    resolved, revealed = entries(server, object=alert)
    assert (resolved["actor"], resolved["action"], resolved["details"]["did"]) == ("ana", "alert.changed", ["resolved"])
    assert (revealed["actor"], revealed["action"], revealed["details"]["purpose"]) == ("ana", "picture.revealed", "other")
    retired = entries(server, object=made)[0]
    assert (retired["actor"], retired["action"]) == ("otto", "asset.retired")
    assert "hush-hush" not in str([resolved, revealed])


def test_what_was_searched_for_is_not_kept(server: Server) -> None:
    channel = fresh("Orchid")
    server.alert(channel={"id": channel, "name": channel})
    bulk = {"filter": {"q": channel}, "change": {"status": "acknowledged"}}
    told = server["analyst"].post("/alerts/bulk", json=bulk).raise_for_status().json()
    assert told["changed"] == 1
    assert entries(server, object=told["bulk_id"])[0]["details"]["filter"] == {"q": "…"}


def test_what_changes_nothing_is_not(server: Server) -> None:
    alert = server.alert()
    patch(server, alert, status="acknowledged")
    before = entries(server)[0]["seq"]
    patch(server, alert, status="acknowledged")
    problem(server["analyst"].patch(f"/alerts/{alert['id']}", json={"status": "resolved"}), 422)
    problem(server["owner"].patch(f"/alerts/{alert['id']}", json={"status": "open"}), 403)
    problem(server["analyst"].delete("/mistakes/mis_nothing"), 404)
    none = {"filter": {"channel": fresh("c")}, "change": {"status": "open"}}
    server["analyst"].post("/alerts/bulk", json=none).raise_for_status()
    server.verdict(server.post("lunch at noon?"))
    server["analyst"].get("/alerts", params={"channel": fresh("c")}).raise_for_status()
    assert entries(server)[0]["seq"] == before


def test_an_alert_of_the_machine_is_none(server: Server) -> None:
    alert = server.alert()
    assert entries(server, object=alert["id"]) == []


def test_whoever_makes_tokens_is_told(server: Server) -> None:
    made = entries(server, action="token.created", limit=200)
    assert {one["details"]["name"] for one in made} >= {"g1", "ana", "otto", "aud", "adm"}
    assert all(one["actor"].startswith("cli:") and one["role"] == "operator" for one in made)
    assert not [one for one in made for token in server.tokens.values() if token in str(one)]


def test_the_record_holds_and_its_end_can_be_asked_for(server: Server) -> None:
    server.alert()
    found = server["auditor"].get("/audit/check").raise_for_status().json()
    assert (found["ok"], found["broken"]) == (True, None)
    newest = entries(server)[0]
    assert found["head"] == {"seq": newest["seq"], "hash": newest["hash"]}
    end = f"{newest['seq']}:{newest['hash']}"
    asset(server)
    assert server["auditor"].get("/audit/check", params={"expect": end}).json()["ok"]
    other = server["auditor"].get("/audit/check", params={"expect": f"1:{'0' * 64}"}).json()
    assert other["broken"]["seq"] == 1
    ahead = server["admin"].get("/audit/check", params={"expect": f"{newest['seq'] + 1000}:{'0' * 64}"}).json()
    assert "missing" in ahead["broken"]["reason"]
    assert problem(server["auditor"].get("/audit/check", params={"expect": "57"}), 422)["code"] == "bad_place"


def test_only_auditors_and_administrators_read_it(server: Server) -> None:
    for path in ("/audit", "/audit/check"):
        for role in ("gateway", "analyst", "owner"):
            problem(server[role].get(path), 403)
        assert server["admin"].get(path).status_code == 200
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        problem(server["admin"].request(method, "/audit"), 405)


def test_pages_neither_repeat_nor_skip(server: Server) -> None:
    made = asset(server)
    for level in ("secret", "internal", "top_secret", "confidential"):
        server["owner"].patch(f"/assets/{made}", json={"level": level}).raise_for_status()
    seen: list[Any] = []
    query: dict[str, Any] = {"object": made, "limit": 2}
    while True:
        page = server["auditor"].get("/audit", params=query).json()
        seen += [one["details"].get("change", {}).get("level", [None, None])[1] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query |= {"cursor": page["next_cursor"]}
    assert seen == ["confidential", "top_secret", "internal", "secret", None]


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "0"}, {"cursor": "9" * 19}, {"acter": "ana"}, {"since": "now"}])
def test_a_question_that_is_none_is_refused(server: Server, query: dict[str, str]) -> None:
    problem(server["auditor"].get("/audit", params=query), 422)
