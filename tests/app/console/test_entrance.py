"""Who comes in, how long they stay, and what another site cannot do in their name."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from app import administration
from app.console.signed_in import COOKIE, SECURE_COOKIE
from app.db.models import SessionRow, now
from app.people.guessing import SOMEBODY_THERE
from app.people.service import IDLE, NOTICED, Principal
from tests.app.audit.test_everything import entries
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf, signed_in

PASSWORD, NEW = "violin river mint seven", "nine trout climb a ladder"
HOMES = {"analyst": "/alerts", "owner": "/assets", "admin": "/assets", "auditor": "/audit"}


def account(server: Server, role: str = "analyst") -> Principal:
    return server.run(administration.create_account(server.settings, fresh("zhang"), role, PASSWORD))


def sign_in(server: Server, name: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/sign-in", data={"name": name, "password": password}, timeout=60, **more)


@pytest.fixture
def zhang(server: Server) -> Iterator[tuple[Principal, httpx.Client]]:
    """Somebody signed in with a password."""
    who = account(server)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        assert client.post("/sign-in", data={"name": who.name, "password": PASSWORD}).status_code == 303
        yield who, client


async def rested(server: Server, who: Principal, age: timedelta) -> None:
    async with server.house.database.writing() as session:
        old = update(SessionRow).where(SessionRow.account_id == who.id)
        await session.execute(old.values(used_at=now() - age))


async def ended(server: Server, who: Principal) -> None:
    async with server.house.database.writing() as session:
        old = update(SessionRow).where(SessionRow.account_id == who.id)
        await session.execute(old.values(expires_at=now() - timedelta(seconds=1)))


async def last_used(server: Server, who: Principal) -> timedelta:
    async with server.house.database.reading() as session:
        used = await session.scalar(select(SessionRow.used_at).where(SessionRow.account_id == who.id))
    assert used is not None
    return now() - used


@pytest.mark.parametrize("role", sorted(HOMES))
def test_everybody_comes_to_the_page_they_work_on(server: Server, role: str) -> None:
    who = account(server, role)
    answer = sign_in(server, who.name)
    assert (answer.status_code, answer.headers["location"]) == (303, HOMES[role])
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in (f"{COOKIE}=", "httponly", "samesite=strict", "path=/"))
    page = httpx.get(server.url + HOMES[role], cookies=answer.cookies)
    assert (page.status_code, who.name in page.text) == (200, True)
    token = httpx.post(f"{server.url}/sign-in", data={"token": server.tokens[role]})
    assert token.headers["location"] == HOMES[role]


def test_what_is_wrong_is_not_told_and_the_name_stays_in_the_form(server: Server) -> None:
    who = account(server)
    wrong, unknown = sign_in(server, who.name, "wrong"), sign_in(server, fresh("nobody"))
    for answer in (wrong, unknown):
        assert (answer.status_code, "Name or password is wrong." in answer.text) == (401, True)
        assert "set-cookie" not in answer.headers
    assert f'value="{who.name}"' in wrong.text
    assert PASSWORD not in unknown.text
    server.run(administration.disable_account(server.settings, who.name))
    assert sign_in(server, who.name).status_code == 401
    told = entries(server, object=who.id)
    assert [one["action"] for one in told] == ["sign_in_refused", "account.disabled", "sign_in_refused", "account.created"]
    assert [one["details"].get("why") for one in told] == ["disabled", None, "wrong", None]


def test_whoever_guesses_waits(server: Server) -> None:
    who = account(server)
    for _ in range(SOMEBODY_THERE.free + 1):
        assert sign_in(server, who.name, "wrong").status_code == 401
    slow = sign_in(server, who.name)
    assert (slow.status_code, "Too many wrong attempts" in slow.text) == (429, True)
    assert int(slow.headers["retry-after"]) >= 1


def test_over_https_the_cookie_is_bound_to_the_host(server: Server) -> None:
    """``__Host-``: no other host of the domain, and nobody without TLS, can have set it (RFC 6265bis §4.1.3.2)."""
    https = {"X-Forwarded-Proto": "https"}
    answer = sign_in(server, account(server).name, headers=https)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SECURE_COOKIE}=")
    assert SECURE_COOKIE.startswith("__Host-")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/"))
    assert "Domain" not in cookie
    secret = answer.cookies[SECURE_COOKIE]
    secure = {"Cookie": f"{SECURE_COOKIE}={secret}"}
    assert httpx.get(f"{server.url}/alerts", headers=secure | https).status_code == 200
    assert httpx.get(f"{server.url}/alerts", headers={"Cookie": f"{COOKIE}={secret}"} | https).status_code == 303
    page = httpx.get(f"{server.url}/alerts", headers=secure | https).text
    [form] = set(re.findall(r'name="csrf" value="([0-9a-f]{64})"', page))
    out = httpx.post(f"{server.url}/sign-out", data={"csrf": form}, headers=secure | https)
    assert out.headers["set-cookie"].startswith(f'{SECURE_COOKIE}=""')
    assert "Secure" in out.headers["set-cookie"], "a browser takes this name from nobody else"
    assert httpx.get(f"{server.url}/alerts", headers=secure | https).status_code == 303


def test_a_session_ends_when_nobody_uses_it(server: Server, zhang: tuple[Principal, httpx.Client]) -> None:
    who, client = zhang
    server.run(rested(server, who, NOTICED * 3))
    assert client.get("/alerts").status_code == 200
    assert server.run(last_used(server, who)) < NOTICED
    server.run(rested(server, who, IDLE))
    assert client.get("/alerts").headers["location"] == "/sign-in?next=%2Falerts"


@pytest.mark.parametrize("how", ["rested too long", "lasted too long"])
def test_what_a_page_listens_to_ends_with_its_session(server: Server, zhang: tuple[Principal, httpx.Client], how: str) -> None:
    who, client = zhang
    with client.stream("GET", "/alerts/events") as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("event:"))
        server.alert()
        assert next(lines) == "event: alerts"
        server.run(rested(server, who, IDLE) if how == "rested too long" else ended(server, who))
        server.alert()
        assert [line for line in lines if line != "event: beat"] == ["event: over"], "and nothing after it"


def test_what_a_page_asks_for_by_itself_is_no_use(server: Server, zhang: tuple[Principal, httpx.Client]) -> None:
    who, client = zhang
    server.run(rested(server, who, NOTICED * 3))
    client.get("/alerts", headers=HTMX | {"X-By-Itself": "1"})
    assert server.run(last_used(server, who)) > NOTICED * 2


def test_signing_in_again_ends_the_session_before(server: Server, zhang: tuple[Principal, httpx.Client]) -> None:
    who, client = zhang
    first = client.cookies[COOKIE]
    client.post("/sign-in", data={"name": who.name, "password": PASSWORD})
    assert client.cookies[COOKIE] != first
    assert httpx.get(f"{server.url}/alerts", cookies={COOKIE: first}).status_code == 303
    assert client.get("/alerts").status_code == 200


def test_signing_out_everywhere(server: Server, zhang: tuple[Principal, httpx.Client]) -> None:
    who, client = zhang
    other = sign_in(server, who.name).cookies
    page = client.get("/account").text
    assert "2 sessions" in page
    answer = client.post("/sign-out", data={"csrf": csrf(client, "/account"), "everywhere": "1"})
    assert answer.headers["location"] == "/sign-in"
    for cookies in (other, client.cookies):
        assert httpx.get(f"{server.url}/alerts", cookies=cookies).status_code == 303
    assert entries(server, actor=who.name)[0]["details"] == {"everywhere": True, "others_ended": 1}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_people_change_their_own_password(server: Server, zhang: tuple[Principal, httpx.Client], headers: dict[str, str]) -> None:
    who, client = zhang
    other = sign_in(server, who.name).cookies
    fields = {"csrf": csrf(client, "/account"), "old": PASSWORD, "new": NEW, "again": NEW}
    for wrong, says in (({"old": "x"}, "wrong"), ({"again": "x"}, "differ"), ({"new": "short", "again": "short"}, "at least 12")):
        answer = client.post("/account/password", data=fields | wrong, headers=headers)
        assert (answer.status_code >= 400, says in answer.text) == (True, True)
        assert PASSWORD not in answer.text
    answer = client.post("/account/password", data=fields, headers=headers)
    assert answer.headers["hx-redirect" if headers else "location"] == "/account?changed=1"
    assert "Your password is another now" in client.get("/account?changed=1").text
    assert httpx.get(f"{server.url}/alerts", cookies=other).status_code == 303
    assert sign_in(server, who.name).status_code == 401
    assert sign_in(server, who.name, NEW).status_code == 303


def test_a_token_has_no_password_to_change(server: Server) -> None:
    with signed_in(server, "owner") as client:
        page = client.get("/account").text
        assert 'name="old"' not in page
        fields = {"csrf": csrf(client, "/account"), "old": PASSWORD, "new": NEW, "again": NEW}
        assert client.post("/account/password", data=fields).status_code == 403


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_that_another_site_sends_is_refused(
    server: Server, zhang: tuple[Principal, httpx.Client], headers: dict[str, str]
) -> None:
    """Even with the secret of our form, and when signing in, where there is none yet."""
    who, client = zhang
    alert = server.alert()["id"]
    secret = csrf(client, f"/alerts/{alert}")
    answer = client.post(f"/alerts/{alert}/acknowledge", data={"csrf": secret}, headers=headers)
    assert (answer.status_code, "another site" in answer.text) == (403, True)
    assert server["analyst"].get(f"/alerts/{alert}").json()["status"] == "open"
    assert client.post("/sign-out", data={"csrf": secret}, headers=headers).status_code == 403
    assert sign_in(server, who.name, headers=headers).status_code == 403
    assert client.get("/alerts").status_code == 200


def test_a_form_of_ours_is_taken_from_whatever_browser(server: Server, zhang: tuple[Principal, httpx.Client]) -> None:
    _, client = zhang
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": server.url}, {"Origin": server.url}, {"Sec-Fetch-Site": "none"}):
        alert = server.alert()["id"]
        secret = csrf(client, f"/alerts/{alert}")
        answer = client.post(f"/alerts/{alert}/acknowledge", data={"csrf": secret}, headers=headers)
        assert answer.status_code == 303, answer.text


def test_a_form_without_the_session_s_secret_or_with_another_s_is_refused(
    server: Server, zhang: tuple[Principal, httpx.Client]
) -> None:
    _, client = zhang
    alert = server.alert()["id"]
    with signed_in(server, "analyst") as other:
        secrets = ("", "0" * 64, csrf(other, f"/alerts/{alert}"))
    for secret in secrets:
        assert client.post(f"/alerts/{alert}/acknowledge", data={"csrf": secret}).status_code == 403
        assert client.post("/sign-out", data={"csrf": secret}).status_code == 403
        assert (
            client.post("/account/password", data={"csrf": secret, "old": PASSWORD, "new": NEW, "again": NEW}).status_code == 403
        )
    assert client.get("/alerts").status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/alerts", "/account", "/alerts/alr_nothing", "/assets", "/nonexistent"])
def test_every_page_says_what_a_browser_must_not_do(zhang: tuple[Principal, httpx.Client], path: str) -> None:
    headers = zhang[1].get(path, headers={"Accept": "text/html"}).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("img-src", "style-src", "script-src", "connect-src", "form-action")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "frame-ancestors")} == {"'none'"}
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"


def test_signing_in_and_out_is_written_down(server: Server, zhang: tuple[Principal, httpx.Client]) -> None:
    who, client = zhang
    client.post("/sign-out", data={"csrf": csrf(client, "/alerts")})
    told = entries(server, actor=who.name)
    assert [(one["action"], one["identity"], one["address"]) for one in told] == [
        ("signed_out", who.id, "127.0.0.1"),
        ("signed_in", who.id, "127.0.0.1"),
    ]
    httpx.post(f"{server.url}/sign-in", data={"token": "lw_nonsense"})
    [refused] = entries(server, action="sign_in_refused", limit=1)
    assert refused["details"] == {"by": "token", "why": "unknown"}
    httpx.post(f"{server.url}/sign-in", data={"token": server.tokens["gateway"]})
    [refused] = entries(server, action="sign_in_refused", limit=1)
    assert refused["details"] == {"by": "token", "why": "no_pages", "name": "g1"}
