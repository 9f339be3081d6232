"""What is known of a channel stays known, whatever a later message leaves out; all views tell the same."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest

from app.console.evidence.telling import _place, facts, spread
from app.console.incidents.spreading import places, spread_view
from app.console.incidents.ways import rows
from app.console.speech import language
from app.evidence.types import Export
from app.incidents.exporting import as_graphml, as_json
from app.incidents.lanes import lanes
from detectors.spread.cascade import Cascade, Seen
from detectors.spread.channels import Facts, known
from detectors.spread.tracing import trace
from tests.app.incidents.test_exporting import read
from tests.detectors.spread.copies import BEGIN, sighting

EN = language("en")


def seen(*told: Facts) -> list[Seen]:
    some = (sighting(f"m{n}", "photo", n, "fam", f"p{n}", pixels=False) for n, _ in enumerate(told))
    return [replace(one, channel_name=f.name, external=f.external, members=f.members) for one, f in zip(some, told, strict=True)]


@pytest.mark.parametrize("told", [*permutations((Facts("Family", True, 17), Facts(), Facts("", False)))])
def test_a_channel_that_is_only_named_later_keeps_what_is_known_in_every_view(told: tuple[Facts, ...]) -> None:
    cascade = trace(seen(*told))
    assert (cascade.reach.external, cascade.reach.members, cascade.reach.unknown) == (1, 17, 0)
    assert cascade.speed.seconds_to_external == 0
    [lane] = lanes(cascade)
    assert (lane.name, lane.outside, lane.members) == ("Family", True, 17)
    [place] = places(cascade)
    assert (place["name"], place["external"], place["members"]) == ("Family", True, 17)
    assert spread_view(cascade, {}, EN)["outside"] == 17
    assert {(row["channel"], row["external"], row["members"]) for row in rows(cascade, cascade.seen, {}, EN)} == {
        ("Family", True, 17)
    }
    assert {tuple(one["channel"].values()) for one in as_json(cascade)["sightings"]} == {("fam", "Family", True, 17)}
    nodes, _ = read(as_graphml(cascade))
    [channel] = [node for node in nodes.values() if node["kind"] == "channel"]
    assert (channel["channel_name"], channel["external"], channel["members"]) == ("Family", True, 17)
    assert _place(EN, [_alert(one) for one in told])[1:4] == ["Family", "17", "yes"]


def _alert(facts: Facts) -> Any:
    channel = SimpleNamespace(id="fam", name=facts.name or None, external=facts.external, members=facts.members)
    return SimpleNamespace(message=SimpleNamespace(channel=channel, sent_at=BEGIN, received_at=datetime.now(UTC)))


def test_a_report_counts_no_channel_of_a_false_alarm() -> None:
    more = {"severity": "high", "historic": False, "leaked_at": None}
    alerts = [SimpleNamespace(**vars(_alert(Facts(name))), **more, resolution=None) for name in ("Family", "Shop")]
    for alert, name in zip(alerts, ("fam", "shop"), strict=True):
        alert.message.gateway, alert.message.channel.id = "g1", name
    alerts[1].resolution = "false_positive"
    subject = SimpleNamespace(kind="incident", id="inc_1", facts={})
    evidence: Any = SimpleNamespace(subject=subject, alerts=alerts, spread=None, head=SimpleNamespace(seq=1))
    export = Export(BEGIN, "ana", "analyst", "", "evidence", "", UTC)
    [table] = spread(EN, evidence)
    assert [row[1] for row in table["rows"]] == ["Family"]
    assert dict(facts(EN, evidence, export))["Channels"] == "1"


def test_the_newest_that_is_known_counts() -> None:
    assert known([Facts("A", None, 3), Facts("B", False, 9), Facts("", None, None)]) == Facts("B", False, 9)
    assert known([]) == Facts()


def test_people_keep_their_names() -> None:
    some = [replace(one, sender_id="p") for one in seen(Facts(), Facts())]
    cascade: Cascade = trace([replace(some[0], sender_name="Zhang"), some[1]])
    assert [one.sender_name for one in cascade.seen] == ["Zhang", "Zhang"]
