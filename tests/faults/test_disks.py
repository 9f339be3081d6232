"""A disk that is full takes nothing, and takes everything again afterwards; both ways of filling one."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.faults.disks import Disk, Forbidden, small_disk
from tests.services.children import until

WRITE = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "ab") as file:
            file.write(bytes(100_000))
        print("taken", flush=True)
    except OSError as error:
        print(error.strerror, flush=True)
"""


def forbidden(place: Path, writers: Callable[[], Iterable[int]]) -> Disk:
    return Forbidden(place, writers)


@pytest.mark.parametrize("make", [small_disk, forbidden], ids=["as here", "forbidden"])
def test_nothing_is_written_while_it_is_full(make: Callable[..., Disk], tmp_path: Path) -> None:
    writers: list[int] = []
    disk = make(tmp_path, lambda: writers)
    command = (sys.executable, "-c", WRITE, str(disk.folder / "file"))
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writing:
            writers.append(writing.pid)
            assert _written(writing) == "taken"
            filling = threading.Thread(target=disk.fill, args=(5.0,))
            filling.start()
            assert until(lambda: _written(writing) in ("No space left on device", "File too large"), 5)
            filling.join()
            assert _written(writing) == "taken"
            writing.communicate()
    finally:
        disk.close()


def _written(writing: "subprocess.Popen[str]") -> str:
    assert writing.stdin is not None
    assert writing.stdout is not None
    print(file=writing.stdin, flush=True)
    return writing.stdout.readline().strip()
