"""What processes use, as Linux tells it: CPU, memory, and how busy the machine is with others."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                found += family(int(child))
    return found


def cpu(pids: Iterable[int]) -> float:
    """Seconds of CPU they have used; those that are gone count nothing."""
    return sum(_cpu(pid) for pid in pids)


def _cpu(pid: int) -> float:
    with suppress(OSError):
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / TICK
    return 0.0


def memory(pid: int) -> int:
    """Bytes that would be free without it: what it shares is divided by those it shares it with. 0: it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def command(pid: int) -> str:
    """What it was started as."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


class Busy:
    """How much of the machine was at work since this was made: in cores."""

    def __init__(self) -> None:
        self._began = _jiffies()

    def cores(self) -> float:
        busy, total = (now - then for now, then in zip(_jiffies(), self._began, strict=True))
        return busy / max(total, 1) * (os.cpu_count() or 1)


def _jiffies() -> tuple[int, int]:
    told = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(told) - told[3] - told[4], sum(told)


def loads() -> str:
    """Of the last 1, 5 and 15 minutes."""
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())
