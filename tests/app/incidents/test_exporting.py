"""A cascade as JSON and as GraphML: all of it is there, and it is valid whatever names people give."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from app.incidents.exporting import FORMAT, as_graphml, as_json
from detectors.spread.cascade import Cascade, Seen
from detectors.spread.tracing import trace
from tests.detectors.spread.copies import BEGIN, cascades, sighting

NS = "{http://graphml.graphdrawing.org/xmlns}"
TRUTH = {"true": True, "false": False}
KINDS: Mapping[str, Callable[[str], object]] = {"string": str, "int": int, "double": float, "boolean": TRUTH.__getitem__}


def example() -> list[Seen]:
    return [
        replace(sighting("m0", "photo", 0), channel_name='<Family & "friends">', external=True, deleted_at=BEGIN),
        sighting("m1", "photo", 8, "b", "q", stated=("a", "m0")),
        sighting("m2", "again", 9, "c", "r"),
        sighting("m3", "photo", 20, "c", "s", stated=("x", "m9")),
    ]


def read(text: str) -> tuple[dict[str, dict[str, object]], list[dict[str, object]]]:
    """Nodes by id and edges, by the attributes' own names; whatever GraphML demands is asserted."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{NS}graphml"
    keys = {key.get("id"): key for key in root.findall(f"{NS}key")}
    graph = root.find(f"{NS}graph")
    assert graph is not None
    assert graph.get("edgedefault") == "directed"

    def data(element: Any, place: str) -> dict[str, object]:
        told: dict[str, object] = {}
        for one in element.findall(f"{NS}data"):
            key = keys[one.get("key")]
            assert key.get("for") == place
            told[key.get("attr.name")] = KINDS[key.get("attr.type")](one.text or "")
        return told

    nodes = {node.get("id"): data(node, "node") for node in graph.findall(f"{NS}node")}
    edges = [{"source": e.get("source"), "target": e.get("target"), **data(e, "edge")} for e in graph.findall(f"{NS}edge")]
    assert len(nodes) == len(graph.findall(f"{NS}node"))
    assert all(edge["source"] in nodes and edge["target"] in nodes for edge in edges)
    return nodes, edges


def test_json_holds_everything_in_plain_values() -> None:
    told: Mapping[str, Any] = json.loads(json.dumps(as_json(trace(example()))))
    assert told["format"] == FORMAT
    first, *_, last = told["sightings"]
    assert first["channel"] == {"id": "a", "name": '<Family & "friends">', "external": True, "members": 20}
    assert (first["at"], first["deleted_at"], first["sha256"]) == ("2026-03-02T09:30:00Z", "2026-03-02T09:30:00Z", "photo")
    assert last["forwarded_from"] == {"channel_id": "x", "message_id": "m9"}
    edges = {edge["child"]: edge for edge in told["edges"]}
    assert (edges["m1"]["parent"], edges["m1"]["how"], edges["m1"]["confidence"]) == ("m0", "stated", 1.0)
    assert edges["m3"]["parent"] == told["unseen"][0]["id"]
    assert told["reach"]["channels"] == 3


def test_graphml_holds_nodes_and_edges_with_their_attributes() -> None:
    cascade = trace(example())
    nodes, edges = read(as_graphml(cascade))
    seen = {id for id, node in nodes.items() if node["kind"] in ("sighting", "unseen")}
    assert seen == {"m0", "m1", "m2", "m3", cascade.unseen[0].id}
    assert nodes["m0"]["channel_name"] == '<Family & "friends">'
    assert (nodes["m0"]["external"], nodes["m0"]["members"], nodes["m0"]["kind"]) == (True, 20, "sighting")
    assert "deleted_at" in nodes["m0"]
    assert "deleted_at" not in nodes["m1"]
    ways = [edge for edge in edges if edge["kind"] == "came_from"]
    assert {(edge["source"], edge["target"]) for edge in ways} == {(edge.parent, edge.child) for edge in cascade.edges}
    assert all(edge["confirmed"] in (True, False) and edge["relation"] for edge in ways)


def test_what_is_left_out_is_told_by_both() -> None:
    cascade = replace(trace(example()), left_out=7)
    assert as_json(cascade)["left_out"] == 7
    root = ElementTree.fromstring(as_graphml(cascade))
    [key] = [key.get("id") for key in root.findall(f"{NS}key") if key.get("for") == "graph"]
    assert [(one.get("key"), one.text) for one in root.findall(f"{NS}graph/{NS}data")] == [(key, "7")]


def test_graphml_is_a_graph_of_channels_and_people_too() -> None:
    nodes, edges = read(as_graphml(trace([*example(), sighting("m4", "photo", 30, "a", "q", gateway="lab")])))

    def told(kind: str, *names: str) -> list[tuple[object, ...]]:
        return sorted(tuple(node.get(name) for name in names) for node in nodes.values() if node["kind"] == kind)

    assert told("channel", "gateway", "channel_id", "members") == [
        (*one, 20) for one in (("hq", "a"), ("hq", "b"), ("hq", "c"), ("lab", "a"))
    ]
    assert told("person", "gateway", "sender_id") == [("hq", "p"), ("hq", "q"), ("hq", "r"), ("hq", "s"), ("lab", "q")]
    for kind, name in (("posted_in", "channel_id"), ("posted_by", "sender_id")):
        ends = [(str(edge["source"]), str(edge["target"])) for edge in edges if edge["kind"] == kind]
        assert {source for source, _ in ends} == {"m0", "m1", "m2", "m3", "m4"}
        for source, target in ends:
            assert [nodes[source][one] for one in ("gateway", name)] == [nodes[target][one] for one in ("gateway", name)]


@settings(max_examples=60)
@given(cascades(pixels=False), st.text(max_size=12))
def test_graphml_can_be_read_whatever_stands_in_it(seen: list[Seen], name: str) -> None:
    named = [replace(one, channel_name=name, sender_name=name) for one in seen]
    nodes, _ = read(as_graphml(trace(named)))
    assert {one.id for one in seen} <= set(nodes)


@pytest.mark.parametrize("as_text", [as_graphml, lambda cascade: json.dumps(as_json(cascade))])
def test_an_empty_cascade_can_be_exported(as_text: Callable[[Cascade], str]) -> None:
    assert as_text(trace([]))
