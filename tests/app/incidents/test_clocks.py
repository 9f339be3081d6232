"""A gateway's clock that cannot be right takes nothing down and orders nothing; what it states is shown all the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import httpx
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.evidence.moments import times_of
from app.console.speech import language
from app.evidence.types import Evidence, Subject, Told
from app.incidents.clocks import AHEAD, OLDEST, counted, impossible
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import signed_in
from tests.app.evidence.made import EXPORT
from tests.app.incidents.test_spreading import spread
from tests.app.pictures import jpeg

BEGIN, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MOMENTS = st.datetimes(timezones=st.just(UTC))
WRONG = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2000-01-01T00:00:00Z"]


@given(MOMENTS | st.sampled_from((BEGIN, END)), st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_what_counts_is_near_to_when_it_came(stated: datetime, received: datetime) -> None:
    at = counted(stated, received)
    assert received - OLDEST <= at <= received + AHEAD
    assert at in (stated, received)
    assert (impossible(stated, received) is None) == (at == stated)


def test_what_is_not_stated_counts_from_when_it_came() -> None:
    assert counted(None, END) == END
    assert impossible(None, END) is None


@pytest.mark.parametrize(("at", "zone"), [(END, "Asia/Shanghai"), (BEGIN, "America/New_York")])
def test_what_another_zones_calendar_does_not_have_is_left_out(at: datetime, zone: str) -> None:
    there = replace(EXPORT, zone=ZoneInfo(zone))
    [table] = times_of(language("en"), Evidence(Subject("alert", "alr_1", ""), (), happened=(Told(at, "deleted"),)), there, 9)
    assert table["rows"] == [[at.isoformat(" ")[:19], "–", "deleted"]]


@pytest.fixture(scope="module")
def analyst(server: Server) -> Iterator[httpx.Client]:
    with signed_in(server, "analyst") as client:
        yield client


@pytest.mark.parametrize("stated", WRONG)
def test_every_view_of_an_incident_with_a_wrong_clock(server: Server, analyst: httpx.Client, stated: str) -> None:
    seed = 7400 + WRONG.index(stated)
    server.register({"a.jpg": jpeg(seed)}, title=f"Pump {seed}").raise_for_status()
    rooms, began, alerts = fresh("r"), datetime.now(UTC), []
    for room, at in (("a", (began - timedelta(hours=1)).isoformat()), ("b", stated), ("c", None)):
        about = {"channel": {"id": rooms + room}, "sender": {"id": rooms + room}} | ({"sent_at": at} if at else {})
        alerts.append(server.verdict(server.post("", {"a.jpg": jpeg(seed)}, **about))["alert_id"])
    incident = str(server["analyst"].get(f"/alerts/{alerts[0]}").json()["incident_id"])
    told = spread(server, incident)
    assert [one["channel"]["id"] for one in told["sightings"]] == [f"{rooms}{room}" for room in "abc"]
    assert [one["stated_at"] for one in told["sightings"]] == [None, stated, None]
    assert 0 < told["speed"]["seconds"] < 2 * 3600
    forms = ("", "/spread.svg", "/spread.svg?lanes=all", "/spread.graphml")
    pages = [server["analyst"].get(f"/incidents/{incident}{form}").raise_for_status().text for form in forms]
    pages += [
        analyst.get(f"/incidents/{incident}{form}").raise_for_status().text
        for form in ("", "/drawing", "/drawing?lanes=all", "/ways")
    ]
    shown = stated.replace("T", " ").removesuffix("Z")
    assert [shown in page or stated in page for page in pages] == [True] * 8
    bundle = server["analyst"].get(f"/incidents/{incident}/evidence", params={"purpose": "evidence"})
    with ZipFile(BytesIO(bundle.raise_for_status().content)) as archive:
        document = pypdfium2.PdfDocument(archive.read("report.pdf"))
    text = " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())
    assert shown in text
    assert f"First posted {(began - timedelta(hours=1)):%Y-%m-%d %H:%M:%S}" in text
    for alert in alerts:
        assert analyst.get(f"/alerts/{alert}").status_code == 200
        assert server["analyst"].get(f"/alerts/{alert}/evidence", params={"purpose": "evidence"}).status_code == 200
