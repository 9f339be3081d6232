"""The drawing is well-formed, breaks no strict policy, says what it shows, and stays readable however much there is."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from app.incidents.drawing import WORDS, draw
from app.incidents.lanes import FIRST, MOST_LANES, Lane, Mark, Thread, lanes, marks
from app.incidents.timeline import Timeline
from detectors.spread.cascade import Cascade, Edge, Seen
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
        )
        for n in range(count)
    )


def texts(svg: str, tag: str) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{NS}{tag}")]


@settings(max_examples=60)
@given(cascades(pixels=False), st.text(max_size=20))
def test_it_is_well_formed_and_harmless_whatever_people_are_called(seen: list[Seen], name: str) -> None:
    named = [replace(one, channel_name=name, sender_name=name) for one in seen]
    root = ElementTree.fromstring(draw(trace(named), links={one.id: f"/alerts/{name}" for one in named}))
    for element in root.iter():
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
    assert WORDS["unseen_one"] in titles


def test_stated_inferred_and_deleted_look_different() -> None:
    svg = draw(trace([*example(), sighting("m4", "again", 50, "c", "r")]))
    assert svg.count('class="stated"') == 2
    assert len(re.findall(r'class="(inferred|unconfirmed)"[^>]*stroke-dasharray', svg)) == 1
    assert 'class="deleted"' in svg
    assert texts(svg, "text").count(WORDS["first"]) == 1


def test_words_are_the_readers() -> None:
    words = {key: f"«{word}»" for key, word in WORDS.items()}
    svg = draw(trace(example()), words)
    assert not [word for key in ("title", "stated", "deleted", "external") if f">{(word := WORDS[key])}<" in svg]
    assert "«Where it went»" in svg


def test_a_sighting_leads_where_it_is_told() -> None:
    svg = draw(trace(example()), links={"m1": "/alerts/1?a=b&c=d"})
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
        assert all(b - a >= 10 for a, b in pairwise(row))
    height = float(ElementTree.fromstring(draw(cascade)).get("height", "0"))
    assert height <= 1000


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
