"""Libraries that would take every core get one thread, as in a detection process: on a busy machine they wait for each other."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

pytest_plugins = ["tests.services.fixtures"]
