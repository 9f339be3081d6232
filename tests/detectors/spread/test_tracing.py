"""A cascade depends on what was seen and on nothing else; what is late or told twice changes nothing it should not."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.spread.cascade import Cascade, Seen
from detectors.spread.copies import SKEW, order
from detectors.spread.tracing import trace
from fingerprints.descent import Relation
from tests.detectors.spread.copies import BEGIN, cascades, sighting

PIXELS = settings(max_examples=12)


def told(cascade: Cascade) -> tuple[object, ...]:
    ids = tuple(one.id for one in cascade.seen)
    return ids, cascade.unseen, cascade.edges, cascade.firsts, cascade.reach, cascade.speed


def parents(cascade: Cascade) -> dict[str, str]:
    return {edge.child: edge.parent for edge in cascade.edges}


def check_order(seen: list[Seen], seed: int) -> None:
    shuffled = [*seen, *random.Random(seed).sample(seen, len(seen) // 2)]
    random.Random(seed).shuffle(shuffled)
    assert told(trace(shuffled)) == told(trace(seen))


@given(cascades(pixels=False), st.integers(0, 9))
def test_order_and_repeats_change_nothing(seen: list[Seen], seed: int) -> None:
    check_order(seen, seed)


@PIXELS
@given(cascades(pixels=True), st.integers(0, 9))
def test_order_and_repeats_change_nothing_of_what_pixels_tell(seen: list[Seen], seed: int) -> None:
    check_order(seen, seed)


def check_late(seen: list[Seen]) -> None:
    """The last of them comes late. A child may take it for its parent, may take another where the late one shows that its sender
    is there, or where the late message is what its gateway had stated all along; nothing else changes.
    """
    *before, late = seen
    old, new = trace(before), trace(seen)
    assert {one.id for one in new.seen} == {one.id for one in old.seen} | {late.id}
    by_id = {one.id: one for one in seen}
    for child in before:
        was, now = old.parent_of(child.id), new.parent_of(child.id)
        if parents(old).get(child.id) == parents(new).get(child.id):
            continue
        assert was is None or was.how == "inferred" or "stated_unseen" in was.reasons
        explained = (now is not None and now.parent == late.id) or child.forwarded_from == (late.channel_id, late.message_id)
        assert explained or child.sender == late.sender or any(_simultaneous(child, by_id.get(e.parent)) for e in (was, now) if e)


def _simultaneous(child: Seen, parent: Seen | None) -> bool:
    """As far as their gateways' clocks tell: which was earlier may depend on a third."""
    return parent is not None and parent.gateway != child.gateway and abs(parent.at - child.at) <= SKEW


@given(cascades(pixels=False, least=2))
def test_a_late_message_changes_only_what_it_explains(seen: list[Seen]) -> None:
    check_late(seen)


@PIXELS
@given(cascades(pixels=True, least=2))
def test_a_late_message_changes_only_what_it_explains_by_pixels(seen: list[Seen]) -> None:
    check_late(seen)


@given(cascades(pixels=False))
def test_no_edge_goes_back_in_time_and_none_closes_a_circle(seen: list[Seen]) -> None:
    cascade = trace(seen)
    by_id = {one.id: one for one in seen}
    for edge in cascade.edges:
        parent, child = by_id.get(edge.parent), by_id[edge.child]
        if parent is not None:
            assert order(parent) < order(child) or (parent.gateway != child.gateway and parent.at <= child.at + SKEW)
    for one in seen:
        trail = [one.id]
        while (edge_up := cascade.parent_of(trail[-1])) is not None:
            assert edge_up.parent not in trail
            trail.append(edge_up.parent)


@given(cascades(pixels=False))
def test_every_sighting_has_one_parent_at_most_and_confidence_is_a_share(seen: list[Seen]) -> None:
    cascade = trace(seen)
    children = [edge.child for edge in cascade.edges]
    assert len(children) == len(set(children))
    assert set(cascade.roots) == {one.id for one in cascade.seen} - set(children)
    for edge in cascade.edges:
        assert 0 <= edge.confidence <= 1
        assert edge.confidence + sum(share for _, share in edge.others) <= 1.002
        assert edge.how == "inferred" or edge.confidence == 1


def test_what_the_gateway_states_is_followed_whatever_pixels_say() -> None:
    seen = [
        sighting("m0", "other", 0),
        sighting("m1", "photo", 5, "b", "q"),
        sighting("m2", "photo", 9, "c", "q", stated=("a", "m0")),
    ]
    edge = trace(seen).parent_of("m2")
    assert edge is not None
    assert (edge.parent, edge.how, edge.confirmed) == ("m0", "stated", True)


def test_an_origin_that_was_not_seen_is_there_all_the_same() -> None:
    cascade = trace([sighting("m1", "photo", 5, stated=("elsewhere", "m9"))])
    (lost,) = cascade.unseen
    assert (lost.gateway, lost.channel_id, lost.message_id) == ("hq", "elsewhere", "m9")
    assert [edge.parent for edge in cascade.edges] == [lost.id]
    assert cascade.firsts[0].confidence == 0


def test_a_stated_origin_that_is_later_is_not_followed_and_this_is_said() -> None:
    seen = [
        sighting("m0", "photo", 0),
        sighting("m1", "photo", 5, "b", "q", stated=("c", "m2")),
        sighting("m2", "photo", 9, "c", "r"),
    ]
    edge = trace(seen).parent_of("m1")
    assert edge is not None
    assert (edge.parent, edge.how, edge.reasons[0]) == ("m0", "inferred", "stated_later")


def test_of_a_forwarded_message_with_two_pages_the_page_that_is_shown_is_the_parent() -> None:
    pages = [replace(sighting(f"m0/{n}", file, 0), message_id="m0") for n, file in enumerate(("other", "photo"))]
    child = sighting("m1", "crop", 5, "b", "q", stated=("a", "m0"))
    edge = trace([*pages, child]).parent_of("m1")
    assert edge is not None
    assert (edge.parent, edge.relation) == ("m0/1", Relation.CROP)


@pytest.mark.parametrize("file", ["again", "crop", "marked", "screenshot"])
def test_a_copy_comes_from_the_photo(file: str) -> None:
    cascade = trace([sighting("m0", "photo", 0), sighting("m1", file, 8, "b", "q")])
    assert parents(cascade) == {"m1": "m0"}


def test_a_crop_of_a_crop_by_somebody_who_saw_the_crop_comes_from_it() -> None:
    seen = [sighting("m0", "photo", 0), sighting("m1", "crop", 8, "b", "q"), sighting("m2", "crop of crop", 20, "c", "r")]
    assert parents(trace(seen, {("hq", "b"): {("hq", "r")}})) == {"m1": "m0", "m2": "m1"}


def test_another_picture_begins_another_cascade() -> None:
    cascade = trace([sighting("m0", "photo", 0), sighting("m1", "other", 8, "b", "q")])
    assert cascade.roots == ("m0", "m1")


def test_a_sender_who_is_known_to_be_there_makes_it_likelier() -> None:
    seen = [sighting("m0", "photo", 0, "a", "p"), sighting("m1", "photo", 1, "b", "q"), sighting("m2", "photo", 30, "c", "r")]
    known = {("hq", "a"): {("hq", "r")}}
    edge, unknown = trace(seen, known).parent_of("m2"), trace(seen).parent_of("m2")
    assert edge is not None
    assert unknown is not None
    assert edge.parent == "m0"
    assert "sender_was_there" in edge.reasons
    assert edge.confidence > dict([(unknown.parent, unknown.confidence), *unknown.others])["m0"]


def test_the_clock_of_another_gateway_may_be_wrong() -> None:
    early, late = sighting("m0", "small", 0, gateway="lab"), sighting("m1", "photo", 1, "b", "q")
    assert parents(trace([early, late])) == {"m0": "m1"}
    assert trace([early, replace(late, at=late.at + SKEW)]).parent_of("m0") is None


def test_what_was_deleted_stays() -> None:
    gone = replace(sighting("m0", "photo", 0), deleted_at=BEGIN + timedelta(minutes=3))
    cascade = trace([gone, sighting("m1", "crop", 8, "b", "q")])
    assert [one.id for one in cascade.deleted] == ["m0"]
    assert parents(cascade) == {"m1": "m0"}
    again = trace([gone, sighting("m0", "photo", 0), sighting("m1", "crop", 8, "b", "q")])
    assert [one.id for one in again.deleted] == ["m0"]


def test_nothing_seen_is_an_empty_cascade() -> None:
    cascade = trace([])
    assert (cascade.seen, cascade.edges, cascade.reach.channels, cascade.speed.seconds) == ((), (), 0, 0.0)


def test_reach_and_speed() -> None:
    inside = sighting("m0", "photo", 0)
    outside = replace(sighting("m1", "photo", 30, "b", "q"), external=True, members=17)
    quiet = replace(sighting("m2", "photo", 60, "c", "q"), members=None)
    cascade = trace([inside, outside, quiet, sighting("m3", "photo", 61, "a", "s")])
    reach, speed = cascade.reach, cascade.speed
    assert (reach.messages, reach.channels, reach.external, reach.people) == (4, 3, 1, 3)
    assert (reach.members, reach.external_members, reach.unknown) == (37, 17, 1)
    assert (speed.seconds, speed.channels_per_hour, speed.seconds_to_external) == (3660, 2.0, 1800)
