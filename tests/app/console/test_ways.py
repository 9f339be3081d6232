"""Who had it from whom, page by page: nothing is left out or shown twice, whatever is asked for."""

import html
import re
from itertools import pairwise
from typing import get_args

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.console.incidents.listing import Asked, Listed, Only, listed
from app.console.incidents.ways import rows
from app.console.speech import language
from detectors.spread.cascade import Cascade, Seen
from detectors.spread.tracing import trace
from tests.app.conftest import Server
from tests.app.console.test_console import signed_in
from tests.app.console.test_incidents import copy, leak
from tests.detectors.spread.copies import cascades, sighting


def asked(query: str) -> Asked:
    """As an address asks."""
    return Asked.model_validate(dict(httpx.QueryParams(query.removeprefix("?"))))


def walked(cascade: Cascade, wanted: Asked, size: int) -> list[Listed]:
    """All pages, from the newest on."""
    pages = [listed(cascade, wanted, size)]
    while pages[-1].older is not None:
        pages.append(listed(cascade, asked(pages[-1].older), size))
    return pages


@settings(max_examples=80)
@given(cascades(pixels=False), st.sampled_from(get_args(Only)), st.sampled_from([None, "a", "p", "b q"]), st.integers(1, 4))
def test_pages_hold_everything_once_newest_first_and_lead_back(seen: list[Seen], only: Only, q: str | None, size: int) -> None:
    cascade = trace(seen)
    pages = walked(cascade, Asked(only=only, q=q), size)
    shown = [one.id for page in pages for one in page.seen]
    order = [one.id for one in reversed(cascade.seen)]
    assert shown == [id for id in order if id in set(shown)]
    assert len(shown) == pages[0].total == pages[0].counts[only]
    assert all(len(page.seen) == size for page in pages[:-1])
    assert [page.begin for page in pages] == [1 + size * number if shown else 0 for number in range(len(pages))]
    for page, after in pairwise(pages):
        assert after.newer is not None
        assert listed(cascade, asked(after.newer), size).seen == page.seen
    assert pages[0].newer is None


def story() -> Cascade:
    return trace(
        [
            copy(0, "Family"),
            copy(1, "Work", external=True, forwarded_from=("Family", "m0")),
            copy(2, "Choir", forwarded_from=("Work", "m1")),
            copy(3, "Club", digest="e", forwarded_from=("Elsewhere", "m99")),
        ]
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["m3", "m2", "m1", "m0"]),
        ("?only=external", ["m1"]),
        ("?only=origins", ["m3", "m0"]),
        ("?q=family", ["m1", "m0"]),
        ("?q=WORK", ["m2", "m1"]),
        ("?q=person 2", ["m2"]),
        ("?q=choir person 1", []),
        ("?q=elsewhere", ["m3"]),
        ("?only=external&q=choir", []),
        ("?before=nothing", ["m3", "m2", "m1", "m0"]),
    ],
)
def test_what_is_asked_for(query: str, found: list[str]) -> None:
    assert [one.message_id for one in listed(story(), asked(query), 50).seen] == found


def test_what_comes_meanwhile_moves_no_page_but_the_first() -> None:
    before = [copy(number, f"Group {number}") for number in range(9)]
    second = asked(listed(trace(before), Asked(), 3).older or "")
    later = trace([*before, copy(9, "Group 9"), copy(10, "Group 10")])
    assert [one.message_id for one in listed(later, second, 3).seen] == ["m5", "m4", "m3"]


def test_an_unconfirmed_way_names_what_else_it_may_have_been() -> None:
    copies = [sighting(f"m{number}", "photo", number, f"c{number}", f"p{number}", pixels=False) for number in range(4)]
    cascade = trace(copies)
    told = rows(cascade, [cascade.seen[-1]], {}, language("en"))[0]["from"]
    assert told["form"] == "unconfirmed"
    assert {told["channel"], *(one["channel"] for one in told["others"])} == {"c0", "c1", "c2"}
    assert told["sure"] >= max(one["sure"] for one in told["others"])


def test_all_ways_are_reached_from_the_page(server: Server) -> None:
    incident, alerts = leak(server, 60)
    with signed_in(server, "analyst") as analyst:
        page = html.unescape(analyst.get(f"/incidents/{incident}").text)
        assert f'href="/incidents/{incident}/ways"' in page
        assert f'href="/incidents/{incident}/drawing?lanes=all"' in page
        found: list[str] = []
        address: str | None = f"/incidents/{incident}/ways"
        for said in ("1–50 of 60", "51–60 of 60"):
            assert address
            page = html.unescape(analyst.get(address).text)
            assert said in page
            found += re.findall(r'href="/alerts/(alr_\w+)" data-step', page)
            older = re.search(r'rel="next" href="([^"]+)"', page)
            address = older[1] if older else None
        assert address is None
        assert sorted(found) == sorted(alerts)
        assert "1–1 of 1" in analyst.get(f"/incidents/{incident}/ways?only=external").text
        assert "Nothing matches these filters." in analyst.get(f"/incidents/{incident}/ways?q=nobody").text
        assert analyst.get(f"/incidents/{incident}/ways?colour=red").status_code == 422
        assert analyst.get("/incidents/inc_none/ways").status_code == 404


def test_every_channel_is_drawn_when_it_is_asked_for(server: Server) -> None:
    incident, _ = leak(server, 45)
    with signed_in(server, "analyst") as analyst:
        overview, every = (analyst.get(f"/incidents/{incident}/drawing{query}").text for query in ("", "?lanes=all"))
        for number in range(45):
            assert f">Group {number}</text>" in every
        assert sum(f">Group {number}</text>" in overview for number in range(45)) < 30
        assert f'href="/incidents/{incident}/drawing?lanes=all"' in overview
        assert f'href="/incidents/{incident}/ways?q=Group+44"' in every
        file = analyst.get(f"/incidents/{incident}/spread.svg?lanes=all").text
        assert ">Group 44</text>" in file
        assert ">Group 44</text>" in server["analyst"].get(f"/incidents/{incident}/spread.svg", params={"lanes": "all"}).text
        assert analyst.get(f"/incidents/{incident}/drawing?lanes=some").status_code == 422


def test_of_a_merged_incident_they_lead_to_the_other(server: Server) -> None:
    (incident, _), (other, _) = leak(server), leak(server)
    server["analyst"].post(f"/incidents/{incident}/merge", json={"into": other}).raise_for_status()
    with signed_in(server, "analyst") as analyst:
        for rest in ("drawing", "drawing?lanes=all", "ways?q=group"):
            assert analyst.get(f"/incidents/{incident}/{rest}").headers["location"] == f"/incidents/{other}/{rest}"
