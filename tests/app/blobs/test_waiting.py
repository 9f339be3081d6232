"""Who waits for a store that is down is told as long as it waits."""

import pytest

from app.blobs.types import BlobsDown
from app.blobs.waiting import FORGOTTEN, Waiting


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waiting(clock: Clock) -> Waiting:
    return Waiting(clock)


def fails(waiting: Waiting, work: str, error: type[Exception] = BlobsDown) -> None:
    with pytest.raises(error), waiting.attempt(work):
        raise error("s3://secret-bucket does not answer")


def test_only_a_store_that_is_down_is_waited_for(waiting: Waiting) -> None:
    with waiting.attempt("m1"):
        pass
    fails(waiting, "m2", ValueError)
    assert waiting.trouble is None


def test_it_is_told_until_the_same_work_gets_further(waiting: Waiting) -> None:
    fails(waiting, "m1")
    fails(waiting, "m2")
    with waiting.attempt("m3"):
        pass
    assert waiting.trouble is not None
    assert "(2)" in waiting.trouble
    assert "secret" not in waiting.trouble
    fails(waiting, "m1", ValueError)
    assert waiting.trouble is not None
    with waiting.attempt("m2"):
        pass
    assert waiting.trouble is None


def test_what_another_process_took_up_is_not_waited_for_for_ever(waiting: Waiting, clock: Clock) -> None:
    fails(waiting, "m1")
    clock.now += FORGOTTEN - 1
    assert waiting.trouble is not None
    told = []

    def silent() -> None:
        with waiting.attempt("m1"):
            clock.now += 10 * FORGOTTEN
            told.append(waiting.trouble)
            raise BlobsDown("after a while")

    with pytest.raises(BlobsDown):
        silent()
    assert told[0] is not None
    assert waiting.trouble is not None
    clock.now += FORGOTTEN
    assert waiting.trouble is None
