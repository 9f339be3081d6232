"""Channels as a tree: each once, below the one that it first had it from."""

from hypothesis import given, settings

from app.incidents.branches import parents, twigs
from detectors.spread.cascade import Seen
from detectors.spread.tracing import trace
from tests.detectors.spread.copies import cascades, sighting


@settings(max_examples=60)
@given(cascades(pixels=False))
def test_every_channel_stands_once_and_one_deeper_than_its_parent(seen: list[Seen]) -> None:
    cascade = trace(seen)
    found, above = twigs(cascade), parents(cascade)
    assert sorted(twig.channel for twig in found) == sorted({one.channel for one in seen})
    way: list[tuple[str, str]] = []
    for twig in found:
        del way[twig.depth :]
        assert above[twig.channel] == (way[-1] if way else None)
        way.append(twig.channel)


def test_a_branch_stands_together_the_first_branch_first() -> None:
    seen = [
        sighting("m0", "photo", 0, "a", "p"),
        sighting("m1", "photo", 1, "b", "q", stated=("a", "m0")),
        sighting("m2", "photo", 2, "c", "r", stated=("a", "m0")),
        sighting("m3", "photo", 3, "d", "s", stated=("b", "m1")),
        sighting("m4", "photo", 4, "a", "t", stated=("d", "m3")),
        sighting("m5", "photo", 5, "e", "u", stated=("x", "m9")),
    ]
    assert [(twig.channel[1], twig.depth) for twig in twigs(trace(seen))] == [("a", 0), ("b", 1), ("d", 2), ("c", 1), ("e", 0)]
