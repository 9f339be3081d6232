"""A leak that is passed on, from the first message to its spread: as the staged chat tells it, in whatever order it arrives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.demo.scenes import Scene
from app.settings import Settings
from detectors.spread.cascade import CONFIRMED
from tests.app.conftest import Server, running
from tests.app.incidents.leaks import (
    AGAIN,
    CHAT,
    CLERK,
    DELETED,
    FIRST,
    MEMO,
    PART,
    PASSED,
    SAME,
    SHOT,
    STATED,
    STORY,
    UNSTATED,
    ancestors,
)
from tests.databases import Databases

BEGIN = datetime(2026, 3, 13, 8, tzinfo=UTC)
ORDERS: Mapping[str, Sequence[Scene]] = {
    "as it happened": STORY,
    "backwards": STORY[::-1],
    "mixed, and each twice": (CHAT, PASSED, SHOT, CHAT, AGAIN, FIRST, PASSED, PART, SHOT, SAME, AGAIN, FIRST, PART, SAME),
}


@dataclass(frozen=True)
class Played:
    """What came of it. ``names``: sighting to scene."""

    verdicts: Mapping[str, Mapping[str, Any]]
    alerts: Mapping[str, Mapping[str, Any]]
    incident: Mapping[str, Any]
    names: Mapping[str, str]

    @property
    def spread(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.incident["spread"]
        return found

    def edges(self) -> dict[str, dict[str, Any]]:
        """By the child, in names of scenes."""
        return {self.names[edge["child"]]: self._named(edge) for edge in self.spread["edges"]}

    def _named(self, edge: Mapping[str, Any]) -> dict[str, Any]:
        others = {self.names[one["parent"]]: one["confidence"] for one in edge["others"]}
        return {**edge, "parent": self.names[edge["parent"]], "child": self.names[edge["child"]], "others": others}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    """Where nothing else was posted, and the memo is registered."""
    folder: Path = tmp_path_factory.mktemp("server")
    with running(Settings(data_dir=folder, database_url=databases.fresh(), workers=1)) as told:
        files = {file.name: file.draw() for file in MEMO.files}
        told.register(files, title=MEMO.title, kind=MEMO.kind, level=MEMO.level).raise_for_status()
        yield told


@pytest.fixture(scope="module")
def plays(server: Server) -> dict[str, Played]:
    return {order: play(server, order, scenes) for order, scenes in ORDERS.items()}


@pytest.fixture(params=ORDERS)
def played(plays: dict[str, Played], request: pytest.FixtureRequest) -> Played:
    return plays[request.param]


def play(server: Server, order: str, scenes: Sequence[Scene]) -> Played:
    """In channels of its own; at its end the incident is closed, so that the next time another one begins."""
    verdicts = {}
    for number, scene in enumerate(scenes):
        if number == len(scenes) // 2:
            deleted = {"gateway": "g1", "message_id": f"{FIRST.id} {order}", "deleted_at": _at(DELETED)}
            server["gateway"].post("/messages/deletions", json=deleted).raise_for_status()
        verdicts[scene.id] = server.verdict(_post(server, order, scene))
    ids = {scene: verdict["alert_id"] for scene, verdict in verdicts.items()}
    alerts = {scene: server["analyst"].get(f"/alerts/{alert}").raise_for_status().json() for scene, alert in ids.items()}
    [incident] = {alert["incident_id"] for alert in alerts.values()}
    told = server["analyst"].get(f"/incidents/{incident}").raise_for_status().json()
    server["analyst"].patch(f"/incidents/{incident}", json={"status": "closed"}).raise_for_status()
    names = {one["id"]: one["message_id"].removesuffix(f" {order}") for one in told["spread"]["sightings"]}
    return Played(verdicts, alerts, told, names)


def _post(server: Server, order: str, scene: Scene) -> Any:
    files = {file.name: file.draw() for file in scene.attachments}
    source = next((one for one in STORY if one.id == scene.forwarded_from), None)
    return server.post(
        scene.text,
        files,
        message_id=f"{scene.id} {order}",
        sent_at=_at(scene.minute),
        channel={**asdict(scene.channel), "id": f"{scene.channel.id} {order}"},
        sender=asdict(scene.sender),
        forwarded_from=source and {"channel_id": f"{source.channel.id} {order}", "message_id": f"{source.id} {order}"},
    )


def _at(minute: int) -> str:
    return (BEGIN + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")


def test_every_copy_is_recognised_and_all_are_one_incident(played: Played) -> None:
    for scene, verdict in played.verdicts.items():
        assert (verdict["verdict"], verdict["matches"][0]["asset_title"]) == ("leak", MEMO.title), scene
    assert {alert["id"] for alert in played.incident["alerts"]} == {alert["id"] for alert in played.alerts.values()}
    assert played.incident["alert_count"] == len(STORY)
    assert list(played.names.values()) == [scene.id for scene in STORY], "in order of time, each once"


def test_what_the_gateway_states_is_followed(played: Played) -> None:
    stated = {child: edge["parent"] for child, edge in played.edges().items() if edge["how"] == "stated"}
    assert stated == STATED
    assert all(edge["confirmed"] and edge["confidence"] == 1 for edge in played.edges().values() if edge["how"] == "stated")
    assert played.spread["unseen"] == []


def test_what_nobody_states_is_inferred_and_what_is_not_certain_is_not_called_so(played: Played) -> None:
    """The part's origin is found; of its screenshot it is found or a second choice; the part of that may be traced past it."""
    inferred = {child: edge for child, edge in played.edges().items() if edge["how"] == "inferred"}
    files = {played.names[one["id"]]: one["sha256"] for one in played.spread["sightings"]}
    assert inferred.keys() == UNSTATED.keys()
    assert files[inferred[PART.id]["parent"]] == files[SHOT.id]
    assert files[PART.id] in {files[one] for one in (inferred[CHAT.id]["parent"], *inferred[CHAT.id]["others"])}
    for child, edge in inferred.items():
        way = {files[one] for one in ancestors(UNSTATED[child], {**STATED, **UNSTATED})}
        assert files[edge["parent"]] in way, "some step before it on its true way"
        assert files[edge["parent"]] == files[UNSTATED[child]] or edge["confidence"] < CONFIRMED
        assert edge["confirmed"] == (edge["confidence"] >= CONFIRMED)


def test_the_clerk_was_seen_first_and_the_deleted_message_stays(played: Played) -> None:
    [first] = played.spread["firsts"]
    assert (played.names[first["seen"]], first["sender_id"], first["sender_name"]) == (FIRST.id, CLERK.id, CLERK.name)
    assert first["confidence"] == 1
    gone = {played.names[one["id"]]: one["deleted_at"] for one in played.spread["sightings"] if one["deleted_at"]}
    assert gone == {FIRST.id: _at(DELETED)}
    assert {scene: alert["message"]["deleted_at"] for scene, alert in played.alerts.items()} == {
        scene.id: gone.get(scene.id) for scene in STORY
    }


def test_how_far_and_how_fast_it_went(played: Played) -> None:
    channels = {scene.channel for scene in STORY}
    assert played.spread["reach"] == {
        "messages": len(STORY),
        "channels": len(channels),
        "external": sum(one.external for one in channels),
        "people": len({scene.sender.id for scene in STORY}),
        "members": sum(one.members for one in channels),
        "external_members": sum(one.members for one in channels if one.external),
        "unknown": 0,
    }
    assert played.spread["speed"]["seconds"] == 60 * (PASSED.minute - FIRST.minute)
    assert played.incident["far"] == {name: played.spread["reach"][name] for name in ("channels", "external", "people")}


def test_the_order_of_arrival_changes_nothing(plays: dict[str, Played]) -> None:
    one, *others = plays.values()
    assert all(other.edges() == one.edges() for other in others)
    assert all(other.spread["reach"] == one.spread["reach"] and other.spread["speed"] == one.spread["speed"] for other in others)
