"""A clock that steps: what a machine's programs are told the time is, changed while they run (see ``clock.c``)."""

import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.services.children import program

SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """One machine's. ``ahead``: seconds by which it is."""

    def __init__(self, folder: Path) -> None:
        """Compiles what programs are given. Raises Unavailable without a compiler."""
        self._file, self._library, self.ahead = folder / "clock", folder / "clock.so", 0
        compiler = program("cc", "`make test`, or deploy/test-packages, installs it")
        subprocess.run((compiler, "-shared", "-fPIC", "-O1", "-o", self._library, SOURCE, "-ldl"), check=True)
        self._file.write_bytes(struct.pack("=q", 0))

    @property
    def environment(self) -> Mapping[str, str]:
        """Of a program that goes by this clock."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_AHEAD": str(self._file)}

    def step(self, seconds: int) -> None:
        """From where it stands, for every program at once."""
        self.ahead += seconds
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", self.ahead))
