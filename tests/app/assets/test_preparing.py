"""Fingerprinting for registration: whose fault a failure is."""

import asyncio
from pathlib import Path

import pytest

from app.assets.schemas import AssetSpec
from app.assets.service import Prepared, prepare
from app.blobs.folder import BlobFolder
from app.errors import Unavailable
from app.ingest.jobs import Fingerprint, Fingerprinted, JobError, LaneError, Part
from app.uploads import Upload

MADE = Fingerprinted((Part("", "d", {}, {}),))


class Losing:
    """Fingerprints, once the lane was lost so many times."""

    def __init__(self, times: int, error: Exception) -> None:
        self.left, self.error = times, error

    async def __call__(self, job: Fingerprint) -> Fingerprinted:
        if self.left:
            self.left -= 1
            raise self.error
        return MADE


def prepared(run: Losing, folder: Path) -> list[Prepared]:
    upload = Upload("plan.jpg", "image/jpeg", folder / "0", 1, "d")
    return asyncio.run(prepare(AssetSpec(title="Plan"), [upload], run, BlobFolder(folder)))


def test_a_lost_lane_is_tried_once_more(tmp_path: Path) -> None:
    assert prepared(Losing(1, LaneError("crashed", "it ended")), tmp_path) == [Prepared("plan.jpg", MADE)]


@pytest.mark.parametrize("error", [LaneError("timeout", "it took too long"), JobError("internal", "MemoryError")])
def test_what_fails_again_is_not_the_caller_s_fault(error: JobError | LaneError, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        prepared(Losing(2, error), tmp_path)
    assert caught.value.more == {"file": "plan.jpg", "reason": error.code}
    assert "plan.jpg" in caught.value.detail
