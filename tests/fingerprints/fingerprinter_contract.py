"""What every fingerprinter owes its callers: a test class inherits this, makes one and pictures for it, and is held to it."""

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any, Generic, TypeVar

import numpy as np
import pytest

from fingerprints.types import Fingerprinter, Picture

F = TypeVar("F")


def values_of(fingerprint: Any) -> list[Any]:
    return [np.asarray(getattr(fingerprint, field.name)) for field in fields(fingerprint)]


class FingerprinterContract(ABC, Generic[F]):
    """Inherit, name the class ``Test…``, and fill in the kind and the two makers."""

    kind: str
    """As stored data has it: never renamed."""

    @abstractmethod
    def make_fingerprinter(self) -> Fingerprinter[F]:
        """One that has seen nothing yet."""

    @abstractmethod
    def make_picture(self, seed: int) -> Picture:
        """Another picture for another seed, the same for the same; each with something to recognise."""

    def made(self, seed: int) -> F:
        fingerprint = self.make_fingerprinter().fingerprint(self.make_picture(seed))
        assert fingerprint is not None
        return fingerprint

    def test_its_kind_is_that_of_stored_data(self) -> None:
        assert self.make_fingerprinter().kind == self.kind

    def test_the_same_picture_has_the_same_fingerprint_and_another_another(self) -> None:
        maker = self.make_fingerprinter()
        one, again, other = (maker.fingerprint(self.make_picture(seed)) for seed in (1, 1, 2))
        assert one is not None
        assert again is not None
        assert other is not None
        assert maker.dump(one) == maker.dump(again) == maker.dump(self.made(1))
        assert maker.dump(one) != maker.dump(other)

    def test_a_blank_picture_has_none(self) -> None:
        blank = Picture(np.full((300, 400, 3), 255, np.uint8), 400, 300)
        assert self.make_fingerprinter().fingerprint(blank) is None

    def test_what_is_dumped_is_loaded(self) -> None:
        one = self.made(1)
        again = self.make_fingerprinter().load(self.make_fingerprinter().dump(one))
        assert type(again) is type(one)
        for value, loaded in zip(values_of(one), values_of(again), strict=True):
            assert (value.dtype, value.shape) == (loaded.dtype, loaded.shape)
            np.testing.assert_allclose(value, loaded, rtol=1e-6)

    @pytest.mark.parametrize("damage", ["nothing", "half", "all but a byte", "a byte more", "other bytes"])
    def test_anything_else_is_refused(self, damage: str) -> None:
        data = self.make_fingerprinter().dump(self.made(1))
        damaged = {
            "nothing": b"",
            "half": data[: len(data) // 2],
            "all but a byte": data[:-1],
            "a byte more": data + b"\0",
            "other bytes": b"\x89PNG\r\n\x1a\n" * 40,
        }[damage]
        with pytest.raises(ValueError, match=self.kind):
            self.make_fingerprinter().load(damaged)
