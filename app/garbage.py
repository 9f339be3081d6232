"""Python's collector of objects that refer to each other, for processes that run for months.

Its full run waits until a quarter as many objects came as the last one left. Our libraries alone are 150,000, so it came once in
ten minutes or more, and memory grew in a straight line until then (``tests/benchmarks/results/soak.md``).
"""

import gc


def spare_what_stays() -> None:
    """Look no more at what is there by now: call it when everything is loaded, in a process of one's own.

    The second run is the one whose leavings are counted from then on.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
