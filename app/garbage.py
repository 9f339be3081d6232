"""Python's collector of objects that refer to each other: idle while libraries are loaded, then fit for months.

Its full run waits until a quarter as many objects came as the last one left. Our libraries alone are 150,000, so it came once in
ten minutes or more, and memory grew in a straight line until then (``tests/benchmarks/results/soak.md``).
"""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

USUAL = gc.get_threshold()
LOADING = 100_000
"""New objects between two looks while next to nothing is garbage: a sixth less time to load everything."""


def spare_what_comes() -> None:
    """Look seldom: what is made from now on are the libraries."""
    gc.set_threshold(LOADING)


def spare_what_stays() -> None:
    """Look no more at what is there by now: call it when everything is loaded, in a process of one's own.

    The second run is the one whose leavings are counted from then on.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.set_threshold(*USUAL)


def leave(code: int) -> NoReturn:
    """End the process at once, all done: taking the libraries apart takes a third of a second, and some complain of it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it has gone
            stream.flush()
    os._exit(code)
