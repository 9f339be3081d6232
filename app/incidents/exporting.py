"""A cascade for other programs: as JSON and as GraphML (graphml.graphdrawing.org, 1.0).

JSON: an object of ``format`` (``leakwatch-cascade/1``), lists ``sightings``, ``unseen``, ``edges`` and ``firsts``, objects
``reach`` and ``speed``, and ``left_out``: messages posted later than these, too many to be traced. Sightings are in order of
time; ``edges`` lead from ``parent`` to ``child``, ids of sightings or of ``unseen``; times are RFC 3339 in UTC. Every sighting
names its channel and sender. ``unseen``: messages that gateways name as origins and that are not among the sightings; their
``standing`` says why (``unseen``, ``clear``: inspected without an alert, ``unread``: not inspected, ``elsewhere``: in another
``incident``, ``left_out``). GraphML holds the same with the same words as attributes, and a node for each channel and person
too: ``kind`` of a node is ``sighting``, ``unseen``, ``channel`` or ``person``, of an edge ``came_from`` (which leads from parent
to child), ``posted_in`` (sighting to channel) or ``posted_by`` (sighting to person). What is not known is left out.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from detectors.spread.cascade import Cascade, Edge, Seen, spelt

FORMAT = "leakwatch-cascade/1"
_GRAPH = {"left_out": "int"}
_NODE = {
    "kind": "string",
    "at": "string",
    "gateway": "string",
    "channel_id": "string",
    "channel_name": "string",
    "external": "boolean",
    "members": "int",
    "sender_id": "string",
    "sender_name": "string",
    "message_id": "string",
    "sha256": "string",
    "deleted_at": "string",
    "stated_at": "string",
    "dismissed": "boolean",
    "first": "double",
    "standing": "string",
    "incident": "string",
}
_EDGE = {
    "kind": "string",
    "how": "string",
    "relation": "string",
    "confidence": "double",
    "confirmed": "boolean",
    "reasons": "string",
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
)


def as_json(cascade: Cascade) -> dict[str, Any]:
    """Plain values for ``json.dumps``."""
    return {
        "format": FORMAT,
        "sightings": [_sighting(one) for one in cascade.seen],
        "unseen": [asdict(one) for one in cascade.unseen],
        "edges": [_edge(edge) for edge in cascade.edges],
        "firsts": [asdict(one) for one in cascade.firsts],
        "reach": asdict(cascade.reach),
        "speed": asdict(cascade.speed),
        "left_out": cascade.left_out,
    }


def _sighting(one: Seen) -> dict[str, Any]:
    source = one.forwarded_from
    return {
        "id": one.id,
        "at": _moment(one.at),
        "gateway": one.gateway,
        "channel": {"id": one.channel_id, "name": one.channel_name, "external": one.external, "members": one.members},
        "sender": {"id": one.sender_id, "name": one.sender_name},
        "message_id": one.message_id,
        "sha256": one.digest,
        "forwarded_from": None if source is None else {"channel_id": source[0], "message_id": source[1]},
        "deleted_at": None if one.deleted_at is None else _moment(one.deleted_at),
        "dismissed": one.dismissed,
        "stated_at": None if one.stated_at is None else _moment(one.stated_at),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "parent": edge.parent,
        "child": edge.child,
        "how": edge.how,
        "relation": str(edge.relation),
        "confidence": edge.confidence,
        "confirmed": edge.confirmed,
        "reasons": list(edge.reasons),
        "others": [{"parent": parent, "confidence": confidence} for parent, confidence in edge.others],
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_graphml(cascade: Cascade) -> str:
    """An XML document. Characters that XML 1.0 cannot hold become U+FFFD."""
    return "\n".join(
        (_HEAD, *_keys(), '<graph id="cascade" edgedefault="directed">', *_graph(cascade), "</graph>", "</graphml>\n")
    )


def _keys() -> Iterator[str]:
    for place, names in (("graph", _GRAPH), ("node", _NODE), ("edge", _EDGE)):
        for name, kind in names.items():
            yield f'<key id="{place}_{name}" for="{place}" attr.name="{name}" attr.type="{kind}"/>'


def _graph(cascade: Cascade) -> Iterator[str]:
    sure = {one.seen: one.confidence for one in cascade.firsts}
    yield _data("graph", {"left_out": cascade.left_out}, _GRAPH)
    for one in cascade.seen:
        told = _sighting(one)
        own: dict[str, Any] = {"kind": "sighting", "channel_id": one.channel_id, "channel_name": one.channel_name}
        own |= {
            "external": one.external,
            "members": one.members,
            "sender_id": one.sender_id,
            "sender_name": one.sender_name,
            "first": sure.get(one.id),
        }
        yield f"<node id={quoted(one.id)}>{_data('node', {**told, **own}, _NODE)}</node>"
    for lost in cascade.unseen:
        yield f"<node id={quoted(lost.id)}>{_data('node', {'kind': 'unseen', **asdict(lost)}, _NODE)}</node>"
    yield from _places(cascade)
    for number, edge in enumerate(cascade.edges):
        told = {**_edge(edge), "kind": "came_from", "reasons": " ".join(edge.reasons)}
        ends = f'id="e{number}" source={quoted(edge.parent)} target={quoted(edge.child)}'
        yield f"<edge {ends}>{_data('edge', told, _EDGE)}</edge>"


def _places(cascade: Cascade) -> Iterator[str]:
    """Channels and people, as they were called last, and what was posted where and by whom."""
    channels, people = {one.channel: one for one in cascade.seen}, {one.sender: one for one in cascade.seen}
    for one in channels.values():
        told = {name: getattr(one, name) for name in ("gateway", "channel_id", "channel_name", "external", "members")}
        yield f"<node id={quoted(_channel(one))}>{_data('node', {'kind': 'channel', **told}, _NODE)}</node>"
    for one in people.values():
        told = {name: getattr(one, name) for name in ("gateway", "sender_id", "sender_name")}
        yield f"<node id={quoted(_person(one))}>{_data('node', {'kind': 'person', **told}, _NODE)}</node>"
    for number, one in enumerate(cascade.seen):
        for kind, target in (("posted_in", _channel(one)), ("posted_by", _person(one))):
            ends = f'id="{kind}{number}" source={quoted(one.id)} target={quoted(target)}'
            yield f"<edge {ends}>{_data('edge', {'kind': kind}, _EDGE)}</edge>"


def _channel(one: Seen) -> str:
    """Its node."""
    return f"channel:{spelt(one.gateway)}:{spelt(one.channel_id)}"


def _person(one: Seen) -> str:
    return f"person:{spelt(one.gateway)}:{spelt(one.sender_id)}"


def _data(place: str, told: dict[str, Any], names: dict[str, str]) -> str:
    known = {name: told.get(name) for name in names}
    return "".join(
        f'<data key="{place}_{name}">{_text(value)}</data>' for name, value in known.items() if value not in (None, "")
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else escaped(str(value))


def escaped(text: str) -> str:
    """As XML holds it. Characters that XML 1.0 cannot hold become U+FFFD."""
    return escape(_allowed(text))


def quoted(text: str) -> str:
    """As an attribute holds it."""
    return quoteattr(_allowed(text))


def _allowed(text: str) -> str:
    """XML 1.0, section 2.2."""
    return "".join(letter if _is_allowed(ord(letter)) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _is_allowed(code: int) -> bool:
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
