"""The mistakes about an asset are brought to their present state, whatever it was before."""

from dataclasses import replace

from detectors.memory import Memory
from detectors.types import Mistake
from fingerprints.text import shingles
from fingerprints.types import Fingerprints
from tests.detectors.scenes import sentences


def mistakes(**digests: str) -> list[tuple[Mistake, Fingerprints]]:
    """About one reference, each a file of that digest."""
    return [(Mistake(key, frozenset({"page"}), "alert"), Fingerprints(digest)) for key, digest in digests.items()]


def about(memory: Memory, asset_id: str = "a", reference: str = "page") -> list[str]:
    return [one.key for one in memory.about(asset_id, reference)]


def test_what_is_gone_is_forgotten_and_the_rest_is_kept() -> None:
    memory = Memory()
    memory.apply(1, "a", mistakes(one="1", two="2"))
    memory.apply(2, "a", mistakes(two="2", three="3"))
    assert sorted(about(memory)) == ["three", "two"]
    assert [memory.snapshot.exact.search(digest) for digest in "123"] == [[], ["two"], ["three"]]
    memory.apply(3, "a", [])
    assert (len(memory), about(memory), len(memory.snapshot.exact)) == (0, [], 0)


def test_the_same_twice_is_as_once() -> None:
    memory = Memory()
    for _ in range(2):
        memory.apply(1, "a", mistakes(one="1"))
    assert (len(memory), len(memory.snapshot.exact)) == (1, 1)


def test_what_was_read_afterwards_is_learnt_and_what_is_there_already_is_left_alone() -> None:
    memory, [(mistake, seen)] = Memory(), mistakes(one="1")
    first, second = shingles(" ".join(sentences(1))), shingles(" ".join(sentences(2)))
    for prints in (seen, replace(seen, shingles=first), replace(seen, shingles=second), seen):
        memory.apply(1, "a", [(mistake, prints)])
    assert first is not None
    assert (len(memory), memory.snapshot.exact.search("1")) == (1, ["one"])
    known = memory.snapshot.text.get("one")
    assert known is not None
    assert known.hashes.tolist() == first.hashes.tolist()


def test_a_mistake_is_about_its_asset_and_its_references() -> None:
    memory = Memory()
    memory.apply(1, "a", mistakes(one="1"))
    memory.apply(2, "b", mistakes(other="1"))
    assert (about(memory), about(memory, "b"), about(memory, "c"), about(memory, "a", "page 2")) == (["one"], ["other"], [], [])
    memory.apply(3, "b", [])
    assert about(memory) == ["one"]
