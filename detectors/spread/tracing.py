"""From copies that were seen to the cascade: each one's parent, stated by its gateway or sought among earlier copies."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from detectors.spread.cascade import Cascade, Edge, Origins, Seen, Unseen, spelt
from detectors.spread.channels import completed
from detectors.spread.copies import Copies, may_be_stated, order
from detectors.spread.likely import Known, Possible, convincing, shares
from detectors.spread.summary import firsts, reach, speed
from detectors.spread.telling import reasons
from fingerprints.descent import Relation
from fingerprints.remembering import Memory

MOST_OTHERS = 3
LEAST_SHOWN = 0.02
"""Of another possible parent."""


def trace(
    seen: Iterable[Seen], known: Known | None = None, memory: Memory | None = None, origins: Origins | None = None
) -> Cascade:
    """The cascade of these sightings, in whatever order and however often they are given.

    ``known``: of channels (gateway, channel id), people (gateway, sender id) who are in it and since when, as far as known from
    elsewhere, as from other messages; that whoever posts in a channel is in it goes without saying. What is known later than a
    copy says nothing of where that copy came from. ``memory``: of earlier traces; with it only what is new is reckoned, and the
    answers are the same. ``origins``: what is known of messages named as origins that are not among these; of others nothing.
    """
    ordered = sorted({one.id: one for one in sorted(seen, key=_repeats)}.values(), key=order)
    by_id = {one.id: one for one in ordered}
    copies = Copies(ordered, together(ordered, known or {}), memory)
    stated, unseen, contradicted = _stated(ordered, copies, origins or {})
    edges = _acyclic(ordered, copies, stated, contradicted)
    ordered = [*completed(ordered)]
    ordered.sort(key=lambda one: (one.at, _depth(one, edges, by_id)))
    told = tuple(edges[one.id] for one in ordered if one.id in edges)
    parents = {edge.child: edge for edge in told}
    some = [one for one in ordered if not one.dismissed]
    return Cascade(tuple(ordered), unseen, told, firsts(some, parents, copies), reach(some), speed(some), parents)


def _repeats(one: Seen) -> tuple[bool, str]:
    """Of two tellings of one sighting the one that knows of its deletion comes last, and stays."""
    return one.deleted_at is not None, "" if one.deleted_at is None else one.deleted_at.isoformat()


def together(seen: Iterable[Seen], known: Known) -> Known:
    """Who is known to be in which channel since when, with those who posted there now."""
    people = {channel: dict(some) for channel, some in known.items()}
    for one in seen:
        there = people.setdefault(one.channel, {})
        there[one.sender] = min(one.at, there.get(one.sender, one.at))
    return people


def _stated(seen: Sequence[Seen], copies: Copies, origins: Origins) -> tuple[dict[str, Edge], tuple[Unseen, ...], set[str]]:
    """Edges the gateways state, origins that are not among these, and ids of sightings whose stated origin is later than they
    are, or is stated to come from them.
    """
    posts: dict[tuple[str, str, str], list[Seen]] = {}
    for one in seen:
        posts.setdefault((*one.channel, one.message_id), []).append(one)
    edges: dict[str, Edge] = {}
    unseen: dict[str, Unseen] = {}
    contradicted = set()
    for one in seen:
        if one.forwarded_from is None:
            continue
        origin = posts.get((one.gateway, *one.forwarded_from))
        if origin is None:
            node = _outside((one.gateway, *one.forwarded_from), origins)
            unseen[node.id] = node
            edges[one.id] = Edge(node.id, one.id, "stated", Relation.UNKNOWN, 1.0, ("stated", f"stated_{node.standing}"))
        elif (parent := _part(one, origin, copies)) is None:
            contradicted.add(one.id)
        else:
            edges[one.id] = parent
    for circle in _circles(edges):
        wrong = min((one for one in seen if one.id in circle), key=order)
        contradicted.add(wrong.id)
        del edges[wrong.id]
    return edges, tuple(unseen[id] for id in sorted(unseen)), contradicted


def _outside(name: tuple[str, str, str], origins: Origins) -> Unseen:
    standing, incident = origins.get(name, ("unseen", ""))
    return Unseen("/".join(map(spelt, name)), *name, standing, incident)


def _part(child: Seen, origin: Sequence[Seen], copies: Copies) -> Edge | None:
    """The part of the message it was forwarded from that shows the same, else the first; ``None`` if it is later."""
    earlier = [one for one in origin if may_be_stated(one, child)]
    if not earlier:
        return None
    found = [(copies.descent(child, one), one) for one in earlier]
    ranked = sorted(found, key=lambda pair: (pair[0] is None, pair[0] is not None and pair[0].relation is not Relation.SAME))
    descent, parent = ranked[0]
    relation = Relation.UNKNOWN if descent is None else descent.relation
    return Edge(parent.id, child.id, "stated", relation, 1.0, ("stated",))


def _acyclic(seen: Sequence[Seen], copies: Copies, stated: Mapping[str, Edge], contradicted: set[str]) -> dict[str, Edge]:
    """Stated edges and inferred ones. Where clocks differ inferred edges can close a circle: then the one that least speaks for
    gives way, and another parent is sought.
    """
    edges = dict(stated)
    asked = {one.id: one for one in seen if one.id not in stated and not one.dismissed}
    possible = {id: copies.possible(one) for id, one in asked.items()}
    for id, one in asked.items():
        edges |= _inferred(one, possible[id], id in contradicted)
    while circles := _circles(edges):
        for circle in circles:
            parents = {id: next(p for p in possible[id] if p.parent.id == edges[id].parent) for id in circle if id in asked}
            weakest = min(parents, key=lambda id: (parents[id].score, order(asked[id])))
            possible[weakest] = [one for one in possible[weakest] if one is not parents[weakest]]
            del edges[weakest]
            edges |= _inferred(asked[weakest], possible[weakest], weakest in contradicted)
    return edges


def _inferred(child: Seen, candidates: Sequence[Possible], contradicted: bool) -> dict[str, Edge]:
    """The likeliest parent, unless that there is none is much likelier; by the child's id."""
    parts = shares(candidates)
    ranked = sorted(zip(parts, candidates, strict=True), key=itemgetter(0), reverse=True)  # of like ones the earlier first
    if not ranked or not convincing(ranked[0][1]):
        return {}
    share, best = ranked[0]
    tied = best.parent.at == child.at
    others = tuple((one.parent.id, round(part, 3)) for part, one in ranked[1 : 1 + MOST_OTHERS] if part >= LEAST_SHOWN)
    why = ("stated_later",) * contradicted + ("same_moment",) * tied + reasons(best, [one for _, one in ranked[1:]])
    return {
        child.id: Edge(best.parent.id, child.id, "inferred", best.descent.relation, round(share / (1 + tied), 3), why, others)
    }


def _depth(one: Seen, edges: Mapping[str, Edge], by_id: Mapping[str, Seen]) -> int:
    """How many of the same moment it came from, one after another."""
    depth, edge = 0, edges.get(one.id)
    while edge is not None and edge.parent in by_id and by_id[edge.parent].at == one.at:
        depth, edge = depth + 1, edges.get(edge.parent)
    return depth


def _circles(edges: Mapping[str, Edge]) -> list[list[str]]:
    """Ids of sightings from which the way back over their parents leads to themselves, circle by circle."""
    clear: set[str] = set()
    circles = []
    for start in sorted(edges):
        trail: dict[str, int] = {}
        at = start
        while at in edges and at not in clear and at not in trail:
            trail[at] = len(trail)
            at = edges[at].parent
        if at in trail:
            circles.append([id for id, number in trail.items() if number >= trail[at]])
        clear |= trail.keys()
    return circles
