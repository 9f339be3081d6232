"""A clock that steps: what a machine's programs are told the time is, changed while they run (libfaketime)."""

from collections.abc import Mapping
from pathlib import Path

from tests.services.children import Unavailable


class Clock:
    """One machine's. Monotonic clocks go on undisturbed, as they do when a real one is set."""

    def __init__(self, file: Path) -> None:
        """Raises Unavailable without libfaketime."""
        self._file, self.ahead = file, 0
        self._library = library()
        self.step(0)

    @property
    def environment(self) -> Mapping[str, str]:
        """Of a program that goes by this clock."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # as later releases call it
        }

    def step(self, seconds: int) -> None:
        """From where it stands, for every program within a second."""
        self.ahead += seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{self.ahead:+d}\n")
        new.replace(self._file)


def library() -> Path:
    """Raises Unavailable."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise Unavailable("there is no libfaketime here: `make test`, or deploy/test-packages, installs it")
    return found[0]
