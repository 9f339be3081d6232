"""Reading a posted picture in full because an analyst asks: inspecting it reads no further than it takes."""

from app.alerts import service
from app.alerts.schemas import ReadingOut
from app.blobs.reading import at_hand
from app.blobs.types import Blobs
from app.db import Database
from app.errors import NotFound, Unavailable
from app.ingest.jobs import File, JobError, LaneError, Priority, Read
from app.ingest.lanes import Lanes


async def read(database: Database, blobs: Blobs, lanes: Lanes, alert_id: str, index: int, part: str = "") -> ReadingOut:
    """``index``, ``part``: which attachment, and which part of it. Raises NotFound, Unavailable."""
    async with database.reading() as session:
        key = await service.kept_picture(session, alert_id, index, part)
    if key is None:
        raise NotFound("No picture of this part is kept.", "unknown_picture")
    try:
        async with at_hand(blobs, [key]) as [path]:
            job = Read(File(str(path), "picture.jpg", "image/jpeg"))
            return ReadingOut(lines=list(await lanes.run(job, Priority.INTERACTIVE)))
    except FileNotFoundError:
        raise NotFound("No picture of this part is kept any more.", "unknown_picture") from None
    except (JobError, LaneError) as error:
        raise Unavailable(f"The picture could not be read: {error.detail}.", "reading_failed") from None
