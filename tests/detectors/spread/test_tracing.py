"""A cascade depends on what was seen and on nothing else; what is late or told twice changes nothing it should not."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.spread.cascade import CONFIRMED, Cascade, Seen
from detectors.spread.copies import SKEW
from detectors.spread.tracing import trace
from fingerprints.descent import Relation
from fingerprints.remembering import Memory
from tests.detectors.spread.copies import BEGIN, EXTREMES, cascades, sighting

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


@given(cascades(pixels=False, minutes=2), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(seen: list[Seen], dice: random.Random) -> None:
    """Our ids grow as messages come in; what gateways say does not."""
    assert by_message(arrived(dice.sample(seen, len(seen)))) == by_message(arrived(seen))


@PIXELS
@given(cascades(pixels=True, minutes=2), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing_of_what_pixels_tell(seen: list[Seen], dice: random.Random) -> None:
    assert by_message(arrived(dice.sample(seen, len(seen)))) == by_message(arrived(seen))


@PIXELS
@given(cascades(pixels=True, least=2), st.randoms(use_true_random=False))
def test_what_earlier_traces_left_in_memory_changes_nothing(seen: list[Seen], dice: random.Random) -> None:
    """As a page asks that watches it grow, in whatever order messages come."""
    memory, came = Memory(), dice.sample(seen, len(seen))
    for count in range(1, len(came) + 1):
        assert told(trace(came[:count], memory=memory)) == told(trace(came[:count]))


@pytest.mark.parametrize("minute", EXTREMES)
def test_the_ends_of_the_calendar_are_moments_like_others(minute: int) -> None:
    """For whoever gives them: no clock is believed so far."""
    seen = [
        sighting("m0", "photo", 0),
        sighting("m1", "photo", minute, "b", "q"),
        sighting("m2", "photo", minute, "c", "r", "lab"),
    ]
    cascade = trace(seen)
    assert {one.id for one in cascade.seen} == {"m0", "m1", "m2"}
    assert cascade.speed.seconds > 0


def arrived(seen: list[Seen]) -> Cascade:
    return trace(replace(one, id=f"msg_{number:03}") for number, one in enumerate(seen))


def by_message(cascade: Cascade) -> tuple[object, ...]:
    """All of it, with the gateways' ids in place of ours."""
    names = {one.id: one.message_id for one in cascade.seen}
    edges = [
        replace(e, parent=names.get(e.parent, e.parent), child=names[e.child], others=tuple((names[i], s) for i, s in e.others))
        for e in cascade.edges
    ]
    firsts = [replace(one, seen=names[one.seen]) for one in cascade.firsts]
    return list(names.values()), cascade.unseen, edges, firsts, cascade.reach, cascade.speed


@pytest.mark.parametrize("ids", ["12", "21"])
@pytest.mark.parametrize("channels", ["ab", "ba"])
def test_a_stated_origin_of_the_same_second_is_followed(ids: str, channels: str) -> None:
    a = replace(sighting("m0", "photo", 0, channels[0]), id=ids[0])
    b = replace(sighting("m1", "photo", 0, channels[1], "q", stated=(channels[0], "m0")), id=ids[1])
    cascade = trace([a, b])
    assert [(e.parent, e.child, e.how, e.confidence) for e in cascade.edges] == [(a.id, b.id, "stated", 1.0)]
    assert [one.seen for one in cascade.firsts] == [a.id]
    assert [one.id for one in cascade.seen] == [a.id, b.id]


def test_of_two_that_say_they_came_from_each_other_one_is_not_followed() -> None:
    seen = [sighting("m0", "photo", 0, "a", stated=("b", "m1")), sighting("m1", "photo", 0, "b", "q", stated=("a", "m0"))]
    cascade = trace(seen)
    assert parents(cascade) == {"m1": "m0"}
    assert cascade.roots == ("m0",)


@pytest.mark.parametrize("ids", ["12", "21"])
def test_what_came_from_what_in_the_same_second_is_never_confirmed_unless_stated(ids: str) -> None:
    seen = [replace(sighting("m0", "photo", 0), id=ids[0]), replace(sighting("m1", "photo", 0, "b", "q"), id=ids[1])]
    cascade = trace(seen)
    (edge,) = cascade.edges
    assert (edge.parent, edge.child, edge.confirmed, edge.reasons[0]) == (*ids, False, "same_moment")
    assert edge.confidence <= 0.5
    assert [one.seen for one in cascade.firsts] == [ids[0]]
    assert 0.4 < cascade.firsts[0].confidence < CONFIRMED


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
    return parent is not None and abs(parent.at - child.at) <= (SKEW if parent.gateway != child.gateway else timedelta(0))


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
            assert parent.at <= child.at or (parent.gateway != child.gateway and parent.at - child.at <= SKEW)
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


def test_what_is_known_of_an_origin_is_told_and_changes_nothing_else() -> None:
    seen = [sighting("m1", "photo", 5, stated=("elsewhere", "m9")), sighting("m2", "photo", 6, "b", "q")]
    cascade = trace(seen, origins={("hq", "elsewhere", "m9"): ("elsewhere", "inc_2")})
    (lost,) = cascade.unseen
    assert (lost.standing, lost.incident) == ("elsewhere", "inc_2")
    assert (cascade.origin_of("m1"), cascade.origin_of("m2")) == (lost, None)
    assert (cascade.first, cascade.firsts, cascade.beginnings) == (None, trace(seen).firsts, trace(seen).beginnings)


def test_origins_that_were_not_seen_are_as_many_as_are_named() -> None:
    seen = [sighting("m1", "photo", 5, stated=("a/b", "c")), sighting("m2", "photo", 6, "b", "q", stated=("a", "b/c"))]
    cascade = trace(seen)
    assert {(one.channel_id, one.message_id) for one in cascade.unseen} == {("a/b", "c"), ("a", "b/c")}
    assert len({edge.parent for edge in cascade.edges}) == 2


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
    pages = [replace(sighting(f"m0/{n}", file, 0), message_id="m0", place=(n, "")) for n, file in enumerate(("other", "photo"))]
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
    assert parents(trace(seen, {("hq", "b"): {("hq", "r"): BEGIN}})) == {"m1": "m0", "m2": "m1"}


def test_another_picture_begins_another_cascade() -> None:
    cascade = trace([sighting("m0", "photo", 0), sighting("m1", "other", 8, "b", "q")])
    assert cascade.roots == ("m0", "m1")


def test_a_sender_who_is_known_to_be_there_makes_it_likelier() -> None:
    seen = [sighting("m0", "photo", 0, "a", "p"), sighting("m1", "photo", 1, "b", "q"), sighting("m2", "photo", 30, "c", "r")]
    known = {("hq", "a"): {("hq", "r"): BEGIN}}
    edge, unknown = trace(seen, known).parent_of("m2"), trace(seen).parent_of("m2")
    assert edge is not None
    assert unknown is not None
    assert edge.parent == "m0"
    assert "sender_was_there" in edge.reasons
    assert edge.confidence > dict([(unknown.parent, unknown.confidence), *unknown.others])["m0"]


def test_what_somebody_posts_later_tells_nothing_of_where_they_had_it_from() -> None:
    seen = [sighting("m0", "photo", 0, "a", "p"), sighting("m1", "photo", 1, "b", "q"), sighting("m2", "photo", 30, "c", "r")]
    plain = trace(seen)
    assert told(trace(seen, {("hq", "a"): {("hq", "r"): BEGIN + timedelta(minutes=30)}})) == told(plain)
    later = trace([*seen, sighting("m3", "photo", 31, "a", "r")])
    assert later.parent_of("m2") == plain.parent_of("m2")


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
