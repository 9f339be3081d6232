"""Trying files against the registry, for an owner who wants to know what would be caught. Nothing is recorded."""

from collections.abc import Iterable

from app.assets.schemas import TestedFile
from app.errors import Unavailable
from app.ingest.jobs import File, Inspect, JobError, LaneError, Priority
from app.ingest.lanes import Lanes
from app.uploads import Upload

NOBODY = {"gateway": "", "message_id": "", "channel": {"id": ""}, "sender": {"id": ""}}


async def inspect(lanes: Lanes, upload: Upload) -> TestedFile:
    """Raises Unavailable."""
    job = Inspect(NOBODY, (File(str(upload.path), upload.name, upload.content_type),))
    try:
        found = await lanes.run(job, Priority.INTERACTIVE)
    except (JobError, LaneError) as error:
        raise Unavailable(f"“{upload.name}” could not be inspected: {error.detail}.", "inspection_failed") from None
    return TestedFile.model_validate({**found.verdict, "file": upload.name})


def assets_of(results: Iterable[TestedFile]) -> set[str]:
    return {match.asset_id for result in results for match in result.matches if match.asset_id}


def limited(result: TestedFile, own: set[str]) -> TestedFile:
    """Without the matches on assets of others; the conclusion is drawn from what is left."""
    left = [match for match in result.matches if match.asset_id is None or match.asset_id in own]
    if len(left) == len(result.matches):
        return result
    cleared = {} if left else {"verdict": "clear", "severity": "none"}
    return result.model_copy(update={"matches": left, **cleared})
