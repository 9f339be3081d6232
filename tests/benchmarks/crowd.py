"""Any number of synthetic references whose details look like those of real pictures, for measuring how an index grows.

Each detail lies between one of a real picture and one of those most like it, a little off: so details crowd where real ones do,
and no two references hold the same. Where they lie in the picture is drawn evenly, so that no stranger agrees in geometry.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import faiss
import numpy as np
import numpy.typing as npt

from fingerprints.types import U8, Fingerprints, Keypoints, PerceptualHash, Shingles

_ALIKE = 6
_NOISE = 8.0  # of each of 128 numbers, where a descriptor's length is 512
_SHINGLES = 200
_FORM = 20_000  # shingles that forms share; half of every text comes from them


class Crowd:
    """Seeded. ``pool``: the details to draw from, of some dozens of pictures."""

    def __init__(self, pool: Sequence[Keypoints], seed: int = 0) -> None:
        self._pool = {
            field.name: np.concatenate([getattr(one, field.name) for one in pool])
            for field in fields(Keypoints)
            if isinstance(getattr(pool[0], field.name), np.ndarray)
        }
        self._counts = [len(one) for one in pool]
        self._aspect = pool[0].aspect
        self._rng = np.random.default_rng(seed)
        self._alike = _nearest(self._pool["descriptors"])

    def keypoints(self) -> Keypoints:
        """As many details as some picture of the pool has."""
        count = int(self._rng.choice(self._counts))
        chosen = self._rng.integers(len(self._alike), size=count)
        other = self._alike[chosen, self._rng.integers(1, self._alike.shape[1], size=count)]
        ends = self._pool["descriptors"][chosen].astype(np.float32), self._pool["descriptors"][other].astype(np.float32)
        share = self._rng.random((count, 1), dtype=np.float32)
        noise = self._rng.standard_normal((count, 128), dtype=np.float32) * np.float32(_NOISE)
        drawn = {name: values[chosen] for name, values in self._pool.items()}
        drawn["descriptors"] = np.clip(ends[0] * (1 - share) + ends[1] * share + noise, 0, 255).astype(np.uint8)
        drawn["xy"] = self._rng.random((count, 2), dtype=np.float32)
        return Keypoints(**drawn, aspect=self._aspect)

    def perceptual(self) -> PerceptualHash:
        """Even bits."""
        return PerceptualHash(self._rng.integers(0, 256, (8, 8), dtype=np.uint8))

    def shingles(self) -> Shingles:
        """Half of them stand on many forms, the more common the more, half of them nowhere else."""
        common = (_FORM * self._rng.random(_SHINGLES // 2) ** 3).astype(np.uint32)
        own = self._rng.integers(1 << 20, 1 << 32, _SHINGLES - len(common), dtype=np.uint32)
        hashes = self._rng.permutation(np.concatenate([common, own]))
        starts = np.arange(_SHINGLES, dtype=np.uint32) * np.uint32(3)
        return Shingles(hashes, starts, starts + np.uint32(8), 3 * _SHINGLES + 8, 3 * _SHINGLES + 8)

    def fingerprints(self, count: int) -> Iterator[Fingerprints]:
        """``count`` references with details and a hash, made as they are asked for."""
        for _ in range(count):
            number = self._rng.integers(1 << 62)
            yield Fingerprints(f"{number:064x}", self.perceptual(), self.keypoints())

    def copy(self, keypoints: Keypoints) -> Keypoints:
        """The same details as another photo shows them: three fifths of them, each a little off."""
        count = max(1, len(keypoints) * 3 // 5)
        chosen = self._rng.permutation(len(keypoints))[:count]
        drawn = {name: getattr(keypoints, name)[chosen] for name in self._pool}
        noise = self._rng.standard_normal((count, 128)) * _NOISE
        drawn["descriptors"] = np.clip(drawn["descriptors"] + noise, 0, 255).astype(np.uint8)
        return replace(keypoints, **drawn)


def _nearest(descriptors: U8) -> npt.NDArray[np.int64]:
    """(n, _ALIKE): each one's nearest, itself first."""
    values = descriptors.astype(np.float32)
    index = faiss.IndexFlatL2(values.shape[1])
    index.add(values)
    found: npt.NDArray[np.int64] = index.search(values, min(_ALIKE, len(values)))[1]
    return found
