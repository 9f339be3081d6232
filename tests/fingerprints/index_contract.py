"""What every index owes its callers: a test class inherits this, makes an index and fingerprints, and is held to it.

Everything is asked of the index as it is, and of one that was saved and loaded on the way.
"""

import random
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import pytest

from fingerprints.saved import Loader, Saver
from fingerprints.types import Index, Key


class HasKey(Protocol):
    """Any hit."""

    @property
    def key(self) -> Key: ...


F = TypeVar("F")
H = TypeVar("H", bound=HasKey)


class IndexContract(ABC, Generic[F, H]):
    """Inherit, name the class ``Test…``, and fill in the two makers."""

    @abstractmethod
    def make_index(self) -> Index[F, H]:
        """An empty index."""

    @abstractmethod
    def make_fingerprint(self, seed: int) -> F:
        """Another fingerprint for another seed, the same for the same; a search for it must find it first."""

    @pytest.fixture(autouse=True, params=["live", "saved"])
    def _way(self, request: pytest.FixtureRequest) -> None:
        self.saved = request.param == "saved"

    def again(self, index: Index[F, H]) -> Index[F, H]:
        """The index, or what comes back when it is saved and loaded."""
        if not self.saved:
            return index
        with tempfile.TemporaryDirectory() as folder:
            index.write(Saver(Path(folder)))
            return type(index).read(Loader(Path(folder)))

    def found(self, index: Index[F, H], seed: int) -> Key | None:
        hits = index.search(self.make_fingerprint(seed))
        return hits[0].key if hits else None

    def filled(self, keys: dict[Key, int]) -> Index[F, H]:
        index = self.make_index()
        for key, seed in keys.items():
            index.add(key, self.make_fingerprint(seed))
        return self.again(index)

    def test_an_empty_index_finds_nothing(self) -> None:
        index = self.again(self.make_index())
        assert len(index) == 0
        assert "a" not in index
        assert list(index.search(self.make_fingerprint(1))) == []

    def test_a_single_reference_is_found(self) -> None:
        index = self.filled({"a": 1})
        assert len(index) == 1
        assert "a" in index
        assert self.found(index, 1) == "a"

    def test_each_of_several_is_found_first(self) -> None:
        index = self.filled({f"k{seed}": seed for seed in range(6)})
        assert [self.found(index, seed) for seed in range(6)] == [f"k{seed}" for seed in range(6)]

    def test_what_is_removed_is_not_found(self) -> None:
        index = self.filled({"a": 1, "b": 2, "c": 3})
        index.remove("a")
        assert "a" not in index
        assert len(index) == 2
        assert "a" not in [hit.key for hit in index.search(self.make_fingerprint(1), limit=100)]
        assert self.found(index, 3) == "c"

    def test_removing_what_is_not_there_does_nothing(self) -> None:
        index = self.filled({"a": 1})
        index.remove("b")
        index.remove("a")
        index.remove("a")
        assert len(index) == 0
        assert list(index.search(self.make_fingerprint(1))) == []

    def test_adding_a_key_again_replaces_it(self) -> None:
        index = self.filled({"a": 1, "b": 2})
        index.add("a", self.make_fingerprint(3))
        assert len(index) == 2
        assert self.found(index, 3) == "a"
        assert self.found(index, 2) == "b"

    def test_the_limit_holds_and_keys_come_once(self) -> None:
        index = self.filled({f"k{i}": 1 for i in range(4)})
        keys = [hit.key for hit in index.search(self.make_fingerprint(1), limit=3)]
        assert len(keys) == len(set(keys)) == 3
        assert len(index.search(self.make_fingerprint(1), limit=1)) == 1

    def test_any_order_of_changes_equals_a_rebuilt_index(self) -> None:
        rng, index, kept = random.Random(7), self.make_index(), dict[Key, int]()
        for _ in range(40):
            key, seed = f"k{rng.randrange(8)}", rng.randrange(10)
            if rng.random() < 0.4:
                index.remove(key)
                kept.pop(key, None)
            else:
                index.add(key, self.make_fingerprint(seed))
                kept[key] = seed
            index = self.again(index) if rng.random() < 0.1 else index
        rebuilt = self.filled(dict(sorted(kept.items())))
        assert len(index) == len(rebuilt) == len(kept)
        for seed in range(10):
            assert self.ranked(index, seed) == self.ranked(rebuilt, seed)

    def ranked(self, index: Index[F, H], seed: int) -> Sequence[Key]:
        return [hit.key for hit in index.search(self.make_fingerprint(seed), limit=3)]
