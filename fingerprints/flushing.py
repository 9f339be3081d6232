"""Numbers too small to be kept exactly count as zero while a network runs.

A processor multiplies subnormal numbers (float32: below 1.2e-38) a hundred times more slowly than others, and activations that
fade out, as after a GELU, are full of them: two of sixty layers took two thirds of the time a photograph was looked at. What is
read is the same to the last bit. Only this thread is concerned, and only meanwhile: elsewhere numbers stay what they are.
"""

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_AT, _WORDS = 7, 8  # of fenv_t in the x86-64 ABI of Linux: 28 bytes of the old unit, then the control register of the vector unit
_BITS = 0x8040  # flush to zero, denormals are zero: Intel 64 manual, volume 1, 10.2.3


@contextmanager
def flushed() -> Iterator[None]:
    """On other processors than x86-64, whose subnormal numbers cost less, and other systems than Linux nothing happens."""
    library = _library()
    if library is None:
        yield
        return
    before = _set(library, _BITS)
    try:
        yield
    finally:
        _set(library, before)


def _set(library: ctypes.CDLL, bits: int) -> int:
    """Those two bits; returns what they were."""
    environment = (ctypes.c_uint32 * _WORDS)()
    library.fegetenv(environment)
    before = environment[_AT] & _BITS
    environment[_AT] = environment[_AT] & ~_BITS | bits
    library.fesetenv(environment)
    return int(before)


@cache
def _library() -> ctypes.CDLL | None:
    """The C library's arithmetic, where its layout is known."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return None
    try:
        library = ctypes.CDLL("libm.so.6")
        library.fegetenv, library.fesetenv  # noqa: B018 (both must be there)
    except (OSError, AttributeError):
        return None
    return library
