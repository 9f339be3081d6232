"""A change brings an asset to its present state, whatever it was before."""

from pathlib import Path

import pytest

from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Level, Mistake, Reference
from fingerprints.snapshot import Snapshot
from fingerprints.types import Fingerprints
from tests.fingerprints.small import small

ASSET = Asset("a", "A", AssetKind.DOCUMENT, Level.SECRET)


def change(checkpoint: int, **digests: str) -> AssetChange:
    """The asset with these references, each a file of that digest."""
    references = tuple((Reference(key, "a", key), Fingerprints(digest)) for key, digest in digests.items())
    return AssetChange(checkpoint, "a", ASSET, references)


def test_references_that_are_gone_are_not_found_and_the_others_are() -> None:
    registry = Registry()
    registry.apply(change(1, one="1", two="2"))
    registry.apply(change(2, two="2", three="3"))
    found = [registry.snapshot.exact.search(digest) for digest in "123"]
    assert found == [[], ["two"], ["three"]]
    assert (len(registry), registry.checkpoint) == (2, 2)


def test_references_already_there_are_left_alone() -> None:
    registry = Registry()
    registry.apply(change(1, one="1"))
    registry.apply(change(2, one="other fingerprints under a key that never changes"))
    assert registry.snapshot.exact.search("1") == ["one"]


def test_the_same_change_twice_is_as_once() -> None:
    registry = Registry()
    for _ in range(2):
        registry.apply(change(1, one="1"))
    assert (len(registry), len(registry.snapshot.exact)) == (1, 1)
    for _ in range(2):
        registry.apply(AssetChange(2, "a", None))
    assert (len(registry), len(registry.snapshot.exact), registry.assets) == (0, 0, {})


def remembered() -> Registry:
    """Two assets, one with words and one with a mistake about it."""
    registry = Registry()
    words = Asset("w", "W", AssetKind.TEXT, Level.INTERNAL, ("orchid",), ("AX-7",))
    registry.apply(AssetChange(1, "w", words))
    mistake = Mistake("m", frozenset({"one", "two"}), "alert")
    references = ((Reference("one", "a", "page 1", "what it says"), small(1)), (Reference("two", "a", "page 2"), small(2)))
    registry.apply(AssetChange(2, "a", ASSET, references, ((mistake, small(3)),)))
    return registry


def told(registry: Registry) -> list[object]:
    """Everything a registry tells of itself, and what its snapshots find."""
    about = [registry.memory.about("a", key) for key in ("one", "two", "three")]
    of_keys = [(registry.reference(key), registry.asset_of(key)) for key in sorted(registry.keys_of("a"))]
    exact = [
        (one.exact.search(small(seed).digest), one.checkpoint)
        for one in (registry.snapshot, registry.memory.snapshot)
        for seed in range(4)
    ]
    words = registry.snapshot.terms.search("orchid AX-7", noisy=False)
    return [registry.checkpoint, len(registry), registry.assets, registry.keys_of("w"), about, of_keys, exact, words]


def test_saved_and_loaded_it_is_what_it_was_and_changes_likewise(tmp_path: Path) -> None:
    registry = remembered()
    registry.save(tmp_path / "it")
    loaded = Registry.load(tmp_path / "it")
    assert told(loaded) == told(registry)
    for one in (registry, loaded):
        one.apply(
            AssetChange(3, "a", ASSET, ((Reference("two", "a", "page 2"), small(2)), (Reference("three", "a", "3"), small(4))))
        )
    assert told(loaded) == told(registry)
    assert registry.keys_of("a") == {"two", "three"}


def test_a_snapshot_alone_is_no_registry(tmp_path: Path) -> None:
    Snapshot().save(tmp_path / "it")
    with pytest.raises(ValueError, match="made otherwise"):
        Registry.load(tmp_path / "it")
