"""Trying files against the registry, for an owner who wants to know what would be caught. Nothing is recorded."""

from app.assets.schemas import TestedFile
from app.errors import Unavailable
from app.ingest.jobs import File, Inspect, JobError, LaneError, Priority
from app.ingest.lanes import Lanes
from app.ingest.trials import Tried, Try
from app.uploads import Upload

NOBODY = {"gateway": "", "message_id": "", "channel": {"id": ""}, "sender": {"id": ""}}


async def inspect(lanes: Lanes, upload: Upload, own: frozenset[str] | None) -> TestedFile:
    """``own``: the only assets that may be told of, ``None``: all. Raises Unavailable."""
    job = Inspect(NOBODY, (File(str(upload.path), upload.name, upload.content_type),), own)
    try:
        found = await lanes.run(job, Priority.INTERACTIVE)
    except (JobError, LaneError) as error:
        raise _failed(upload, error) from None
    return TestedFile.model_validate({**found.verdict, "file": upload.name})


async def tried(lanes: Lanes, upload: Upload, own: frozenset[str] | None) -> Tried:
    """The same for somebody who looks at it: also what came nearest, and that others' assets are meant. Raises Unavailable."""
    try:
        return await lanes.run(Try(File(str(upload.path), upload.name, upload.content_type), own), Priority.INTERACTIVE)
    except (JobError, LaneError) as error:
        raise _failed(upload, error) from None


def _failed(upload: Upload, error: JobError | LaneError) -> Unavailable:
    return Unavailable(
        f"“{upload.name}” could not be inspected: {error.detail}.", "inspection_failed", file=upload.name, reason=error.code
    )
