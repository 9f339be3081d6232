"""After signing in one is where one was going, and never on another site."""

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.coming_back import SIGN_IN, asked_from, is_ours, ours, sign_in
from app.console.signed_in import COOKIE
from tests.app.conftest import Server
from tests.app.console.test_console import HTMX, csrf, signed_in

FOREIGN = [
    *("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example"),
    *("/\r\n/evil", "https://evil.example/", "https:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example"),
    *(" //evil.example", "/x\\y", "/\x00", "/a b", "/\x7f", "", "?q=1", "#x", "alerts", "/" + "a" * 3000),
]


@pytest.mark.parametrize("address", FOREIGN)
def test_what_is_not_ours_leads_home(address: str) -> None:
    assert not is_ours(address)
    assert ours(address, "/home") == "/home"
    assert sign_in(address) == SIGN_IN


@pytest.mark.parametrize("address", ["/alerts", "/alerts/alr_1?queue=status%3Dopen&x=1", "/assets?q=猎鹰", "/a/../b", "/.//x"])
def test_what_is_ours_stays_what_it_is(address: str) -> None:
    assert is_ours(address)
    carried = ours(address)
    assert carried.isascii()
    assert ours(carried) == carried, "however often"
    assert parse_qs(urlsplit(sign_in(address)).query) == {"next": [address]}


@given(st.text(alphabet=st.sampled_from("/\\\t\n\r :@.?#%aé\x00"), max_size=12))
def test_no_address_that_is_let_through_names_another_host(address: str) -> None:
    """As a browser reads it: without tabs and line breaks, and a stroke either way."""
    read = "".join(one for one in ours(address) if one not in "\t\n\r").replace("\\", "/").strip()
    assert urlsplit(urljoin("https://ours.example/x", read)).netloc == "ours.example"


@pytest.mark.parametrize("page", ["/", "/sign-in", "/sign-in?next=%2Falerts", "/sign-out", "/preferences"])
def test_nobody_is_led_in_circles(page: str) -> None:
    assert sign_in(page) == SIGN_IN


@pytest.mark.parametrize(
    ("method", "headers", "page"),
    [
        ("GET", {}, "/alerts/rows?x=1"),
        ("GET", {"sec-fetch-dest": "document"}, "/alerts/rows?x=1"),
        ("GET", {"sec-fetch-dest": "image"}, ""),
        ("GET", {"sec-fetch-dest": "empty"}, ""),
        ("GET", {"hx-request": "true", "hx-current-url": "http://h:1/alerts?status=open"}, "/alerts?status=open"),
        ("GET", {"hx-request": "true", "referer": "http://h:1/alerts"}, "/alerts"),
        ("GET", {"hx-request": "true", "hx-current-url": "https://evil.example/alerts"}, ""),
        ("GET", {"hx-request": "true"}, ""),
        ("POST", {"referer": "http://h:1/alerts/a"}, "/alerts/a"),
        ("POST", {"referer": "http://evil.example/alerts/a"}, ""),
        ("POST", {}, ""),
    ],
)
def test_where_somebody_was(method: str, headers: dict[str, str], page: str) -> None:
    assert asked_from(method, "/alerts/rows?x=1", headers, "h:1") == page


def test_one_comes_to_where_one_was_going(server: Server) -> None:
    going = "/assets?q=%E7%8C%8E%E9%B9%B0&sort=title"
    with httpx.Client(base_url=server.url) as client:
        form = client.get(client.get(going).headers["location"]).text
        [onward] = set(re.findall(r'name="next" value="([^"]+)"', form))
        onward = onward.replace("&amp;", "&")
        wrong = client.post("/sign-in", data={"token": "lw_nonsense", "next": onward})
        assert (wrong.status_code, wrong.text.count('name="next"')) == (401, 2), "an error does not forget it"
        answer = client.post("/sign-in", data={"token": server.tokens["analyst"], "next": onward})
        assert (answer.status_code, answer.headers["location"]) == (303, going)
        assert client.get(going).status_code == 200


@pytest.mark.parametrize("address", FOREIGN)
def test_a_link_to_another_site_is_not_followed(server: Server, address: str) -> None:
    form = httpx.get(f"{server.url}/sign-in", params={"next": address}).text
    assert 'name="next"' not in form
    answer = httpx.post(f"{server.url}/sign-in", data={"token": server.tokens["analyst"], "next": address})
    assert answer.headers["location"] == "/alerts"
    back = httpx.post(f"{server.url}/preferences", data={"language": "zh", "back": address})
    assert back.headers["location"] == "/"


def test_a_session_that_ended_under_a_page_leads_back_to_it(server: Server) -> None:
    with signed_in(server, "analyst") as client:
        secret = csrf(client, "/account")
        client.cookies.delete(COOKIE)
        page = f"{server.url}/alerts?status=all"
        htmx = client.get("/alerts/rows", headers=HTMX | {"HX-Current-URL": page})
        assert htmx.headers["hx-redirect"] == "/sign-in?next=%2Falerts%3Fstatus%3Dall"
        form = client.post("/alerts/act", data={"csrf": secret}, headers={"Referer": page})
        assert (form.status_code, form.headers["location"]) == (303, "/sign-in?next=%2Falerts%3Fstatus%3Dall")
