"""How soon what refers to itself is thrown away, in a program as large as ours."""

import subprocess
import sys

import pytest

CODE = """
import gc, sys
import app.main, app.streams.kafka.stream
from app.garbage import spare_what_stays
gc.collect()
if sys.argv[1:] == ["spared"]:
    spare_what_stays()
before, kept = gc.get_stats()[2]["collections"], []
for _ in range(400):
    kept = [[[]] for _ in range(300)]  # some live long enough to be called old
    for one in kept:
        one.append(one)
print(gc.get_stats()[2]["collections"] - before)
"""


def runs(*words: str) -> int:
    """Full runs of the collector while 120,000 objects that refer to themselves came and went, few at a time."""
    return int(subprocess.run([sys.executable, "-c", CODE, *words], capture_output=True, check=True).stdout)


@pytest.mark.only("sqlite")
def test_what_stays_does_not_put_off_the_throwing_away() -> None:
    assert runs() == 0, "if Python does better by itself, ours can go"
    assert runs("spared") >= 2
