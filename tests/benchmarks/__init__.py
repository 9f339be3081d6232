"""Measures what leakwatch finds, whom it accuses wrongly, and what a message costs. ``python -m tests.benchmarks.run --help``.

Libraries that would take every core get one thread, as in a detection process: CPU time is then what one picture costs.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
