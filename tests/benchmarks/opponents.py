"""What others pay to look a picture up: python-threatexchange's PDQ, and imagehash with a brute-force scan."""

import io
from collections.abc import Callable

import imagehash
import numpy as np
from PIL import Image
from threatexchange.signal_type.pdq.pdq_index import PDQIndex
from threatexchange.signal_type.pdq.signal import PdqSignal


def pdq(entries: int, seed: int = 0) -> Callable[[bytes], object]:
    """Hash from bytes and look-up among ``entries`` hashes; a picture PDQ thinks too plain is hashed and not looked up."""
    rng = np.random.default_rng(seed)
    index: PDQIndex[int] = PDQIndex([(rng.bytes(32).hex(), number) for number in range(entries)])

    def path(data: bytes) -> object:
        signal = PdqSignal.hash_from_bytes(data)
        return index.query(signal) if signal else ()

    return path


def phash(entries: int, seed: int = 0) -> Callable[[bytes], object]:
    """imagehash.phash from bytes, and its distance to every one of ``entries`` hashes."""
    rng = np.random.default_rng(seed)
    known = [imagehash.ImageHash(rng.random((8, 8)) < 0.5) for _ in range(entries)]

    def path(data: bytes) -> object:
        shown = imagehash.phash(Image.open(io.BytesIO(data)))
        return min(shown - one for one in known)

    return path
