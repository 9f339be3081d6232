"""A part of a core for each worker, as if each had a machine of its own, so that two and all they need fit on one machine.

Linux's control groups do it (CFS bandwidth control; cgroup v1 ``cpu.cfs_quota_us``, v2 ``cpu.max``), for who may make some.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.children import Unavailable

PERIOD = 10_000
"""Microseconds after which a share begins anew."""
_ROOT = Path("/sys/fs/cgroup")


@contextmanager
def share(name: str, cores: float) -> Iterator[tuple[str, ...]]:
    """What goes before a command, so that it and all that it starts have so many cores together; nothing for 0.

    It has ended when the block does. Raises Unavailable.
    """
    if not cores:
        yield ()
        return
    unified = (_ROOT / "cgroup.controllers").exists()
    place = (_ROOT if unified else _ROOT / "cpu") / f"leakwatch-{os.getpid()}-{name}"
    quota = str(round(cores * PERIOD))
    told = {"cpu.max": f"{quota} {PERIOD}"} if unified else {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": quota}
    try:
        place.mkdir()
        for file, value in told.items():
            (place / file).write_text(value)
    except OSError as error:
        raise Unavailable(f"no control group can be made here ({error}): measure as root, on Linux") from error
    try:
        yield "sh", "-c", 'echo $$ > "$0"; exec "$@"', str(place / "cgroup.procs")
    finally:
        place.rmdir()
