"""The drawing is well-formed, breaks no strict policy, says what it shows, and stays readable however much there is."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import get_args

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from app.incidents.drawing import WORDS, Leads, draw, pieces
from app.incidents.lanes import FIRST, MOST_LANES, Lane, lanes
from app.incidents.marks import Mark, Thread, marks
from app.incidents.timeline import Timeline
from app.turning import CHARACTERS
from detectors.spread.cascade import Cascade, Edge, Seen, Standing
from detectors.spread.tracing import trace
from fingerprints.descent import Relation
from tests.detectors.spread.copies import BEGIN, cascades, sighting

NS = "{http://www.w3.org/2000/svg}"


def example() -> list[Seen]:
    return [
        replace(sighting("m0", "photo", 0), channel_name="Family", external=True),
        replace(sighting("m1", "photo", 8, "b", "q", stated=("a", "m0")), deleted_at=BEGIN + timedelta(hours=1)),
        sighting("m2", "photo", 40, "c", "r", stated=("x", "m9")),
    ]


def many(count: int, channels: int) -> Cascade:
    """Bytes alone, in bursts."""
    return trace(
        replace(
            sighting(f"m{n}", "photo", (n % 50) * 3 + n / 40, f"c{n * 7 % channels}", f"p{n % 90}", pixels=False),
            external=n * 7 % channels % 3 == 0,
            channel_name=f"Channel {n * 7 % channels}",
            members=5 + n * 7 % channels,
        )
        for n in range(count)
    )


def texts(svg: str, tag: str) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{NS}{tag}")]


@settings(max_examples=60)
@given(cascades(pixels=False), st.text(max_size=20))
def test_it_is_well_formed_and_harmless_whatever_people_are_called(seen: list[Seen], name: str) -> None:
    named = [replace(one, channel_name=name, sender_name=name) for one in seen]
    leads = Leads({one.id: f"/alerts/{name}" for one in named}, f"/{name}", f"/{name}")
    apart = pieces(trace(named), leads=leads)
    samples = [sample for sample, _ in apart.legend]
    for svg in (draw(trace(named), leads=leads), apart.time, apart.names, apart.body, *samples):
        for element in ElementTree.fromstring(svg).iter():
            assert element.tag.removeprefix(NS) not in {"script", "style", "foreignObject", "image", "use"}
            assert not {name for name in element.attrib if name == "style" or name.startswith("on")}


def test_it_names_itself_and_sums_up() -> None:
    svg = draw(trace(example()))
    root = ElementTree.fromstring(svg)
    ids = {element.get("id"): "".join(element.itertext()) for element in root.iter() if element.get("id")}
    assert [ids[name] for name in root.get("aria-labelledby", "").split()] == [WORDS["title"], ids["cascade-summary"]]
    assert ids["cascade-summary"] == "Sightings: 3, channels: 3, of these external: 1, within 40 min."


def test_every_sighting_says_when_where_and_who() -> None:
    titles = texts(draw(trace(example())), "title")
    assert "2026-03-02 09:30:00 · Family · p" in titles
    assert "2026-03-02 09:38:00 · b · q · deleted 10:30" in titles
    assert "An origin that the gateway names: a message that was not seen" in titles


@pytest.mark.parametrize("standing", get_args(Standing))
def test_an_origin_is_drawn_as_what_is_known_of_it(standing: Standing) -> None:
    svg = draw(trace(example(), origins={("hq", "x", "m9"): (standing, "")}))
    assert f"An origin that the gateway names: {WORDS[f'origin_{standing}']}" in texts(svg, "title")
    assert (WORDS["unseen"] in texts(svg, "text")) == (standing == "unseen")


def test_stated_inferred_and_deleted_look_different() -> None:
    svg = draw(trace([*example(), sighting("m4", "again", 50, "c", "r")]))
    assert svg.count('class="stated"') == 2
    assert len(re.findall(r'<g [^>]*stroke-dasharray[^>]*><path class="(inferred|unconfirmed)"', svg)) == 1
    assert len(re.findall(r'<g [^>]*stroke-dasharray[^>]*><path class="stated"', svg)) == 0
    assert 'class="deleted"' in svg
    assert texts(svg, "text").count(WORDS["first"]) == 0, "it has several beginnings"
    assert texts(draw(trace(example()[:2])), "text").count(WORDS["first"]) == 1


def test_words_are_the_readers() -> None:
    words = {key: f"«{word}»" for key, word in WORDS.items()}
    svg = draw(trace(example()), words)
    assert not [word for key in ("title", "stated", "deleted", "external") if f">{(word := WORDS[key])}<" in svg]
    assert "«Where it went»" in svg


def test_a_sighting_leads_where_it_is_told() -> None:
    svg = draw(trace(example()), leads=Leads({"m1": "/alerts/1?a=b&c=d"}))
    assert [a.get("href") for a in ElementTree.fromstring(svg).iter(f"{NS}a")] == ["/alerts/1?a=b&c=d"]


@pytest.mark.parametrize(("count", "channels"), [(1, 1), (10, 4), (100, 25), (500, 125)])
def test_nothing_is_left_out_and_it_stays_readable(count: int, channels: int) -> None:
    cascade = many(count, channels)
    places = lanes(cascade)
    assert len(places) <= MOST_LANES
    assert sum(lane.sightings for lane in places) == count
    assert len({channel for lane in places for channel in lane.channels}) == cascade.reach.channels
    line = Timeline.of([one.at for one in cascade.seen], 200, 800)
    drawn = list(dict.fromkeys(marks(cascade, places, line).values()))
    assert sum(mark.count for mark in drawn) == count
    for lane in places:
        row = [mark.middle for mark in drawn if mark.lane is lane]
        assert lane.shared or all(b - a >= 10 for a, b in pairwise(row))
    height = float(ElementTree.fromstring(draw(cascade)).get("height", "0"))
    assert height <= 1000
    assert max(len(draw(cascade, every=every).encode()) for every in (False, True)) <= 300_000


def test_the_first_channels_that_had_it_keep_their_names() -> None:
    cascade = many(500, 125)
    named = [lane.channels[0] for lane in lanes(cascade) if lane.name]
    reached = list(dict.fromkeys(one.channel for one in cascade.seen))
    assert named[:FIRST] == reached[:FIRST]


def test_a_thread_is_no_surer_than_the_least_sure_of_its_edges() -> None:
    lane = Lane(0, "a", (("hq", "a"),), False, None, 1)
    edges = {
        "stated": Edge("a", "b", "stated", Relation.SAME, 1.0),
        "inferred": Edge("a", "c", "inferred", Relation.SAME, 0.8),
        "unconfirmed": Edge("a", "d", "inferred", Relation.SAME, 0.2),
    }
    for some, form in {("stated",): "stated", ("stated", "inferred"): "inferred", tuple(edges): "unconfirmed"}.items():
        thread = Thread(Mark(lane, 0), Mark(lane, 50), tuple(edges[one] for one in some))
        assert (thread.form, thread.confidence) == (form, edges[some[-1]].confidence)


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=40))
def test_the_line_keeps_the_order_and_its_length(seconds: list[int]) -> None:
    moments = [BEGIN + timedelta(seconds=value) for value in seconds]
    line = Timeline.of(moments, 100, 500)
    places = [line.x(at) for at in sorted(moments)]
    assert places == sorted(places)
    assert places[0] == 100
    assert places[-1] == pytest.approx(600 if len(set(seconds)) > 1 else 100)
    marked = [x for x, _ in line.marks()]
    assert all(b - a > 50 for a, b in pairwise(marked))


def test_a_long_silence_is_shortened_and_shown() -> None:
    minutes = [*range(0, 20, 2), *range(5000, 5020, 2)]
    line = Timeline.of([BEGIN + timedelta(minutes=value) for value in minutes], 0, 1000)
    ((begin, end, lasted),) = line.silences()
    assert lasted == timedelta(minutes=4982)
    assert end - begin <= 200


def test_a_way_says_from_where_to_where_and_how_sure() -> None:
    assert "Family, p → b, q: stated by the gateway · the same file" in texts(draw(trace(example())), "title")


def test_a_shared_lane_says_what_is_in_it_and_leads_to_every_channel() -> None:
    cascade = many(500, 125)
    svg = draw(cascade, leads=Leads(every="/whole?lanes=all"))
    said = texts(svg, "text")
    for lane in (lane for lane in lanes(cascade) if lane.shared):
        word = "more external channels" if lane.outside else "more channels"
        assert f"{len(lane.channels)} {word}" in said
        assert f"{lane.sightings} sightings · {lane.members:,} members" in said
    assert said.count("Show every channel →") == 2
    assert [a.get("href") for a in ElementTree.fromstring(svg).iter(f"{NS}a")] == ["/whole?lanes=all"] * 2


@pytest.mark.parametrize("every", [False, True])
def test_every_sighting_is_told_with_channel_and_person_wherever_it_stands(every: bool) -> None:
    cascade = many(500, 125)
    told = {line for title in texts(draw(cascade, every=every), "title") for line in title.split("\n")}
    for one in cascade.seen:
        assert f"{one.at:%Y-%m-%d %H:%M:%S} · {one.channel_name} · {one.sender_id}" in told


def test_in_a_shared_lane_nothing_stands_on_anything_else_even_if_all_came_at_once() -> None:
    seen = [replace(one, at=BEGIN, members=3) for one in many(300, 100).seen]
    cascade = trace(seen)
    places = lanes(cascade)
    line = Timeline.of([BEGIN, BEGIN + timedelta(hours=1)], 200, 800)
    stand = [(mark.lane.number, mark.x, mark.row) for mark in marks(cascade, places, line).values() if mark.lane.shared]
    assert len(stand) == sum(lane.sightings for lane in places if lane.shared)
    assert len(set(stand)) == len(stand)


def test_of_every_channel_each_has_a_named_lane() -> None:
    cascade = many(500, 125)
    places = lanes(cascade, every=True)
    assert {channel for lane in places for channel in lane.channels} == {one.channel for one in cascade.seen}
    assert all(len(lane.channels) == 1 and lane.name for lane in places)
    names = texts(pieces(cascade).names, "text")
    assert {lane.name for lane in places} <= set(names)


def test_where_ways_are_many_those_into_new_channels_stand_out() -> None:
    svg = draw(many(500, 125))
    assert WORDS["again"] in texts(svg, "text")
    assert WORDS["again"] not in texts(draw(trace(example())), "text")


@pytest.mark.parametrize("every", [False, True])
def test_a_name_turns_nothing_around_itself(every: bool) -> None:
    seen = [replace(one, channel_name="a\u202egpj", sender_name="b\u2067c", gateway="g\u200f") for one in example()[:1]]
    svg = draw(trace(seen), every=every)
    assert not set(svg) & set(CHARACTERS)
    told = " ".join(texts(svg, "title"))
    assert "a[U+202E]gpj" in told
    assert "b[U+2067]c" in told
    assert "g[U+200F]" in told
