"""A change brings an asset to its present state, whatever it was before."""

from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Level, Reference
from fingerprints.types import Fingerprints

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
