"""What inspected parts leave behind, whatever was found in them: taken in passing from what inspecting has computed.

Of the registered file itself nothing was computed: its bytes were enough. A picture sent by itself is fingerprinted even then:
it may be the first of many copies, which will be compared with it. Pages of a document are not: whoever needs their fingerprints
has those of the reference with the same digest.
"""

from app.ingest.jobs import Sighted
from detectors.subject import Subject
from detectors.types import Message
from fingerprints import kept, lineage
from fingerprints.errors import Unreadable
from fingerprints.extraction import Observation
from fingerprints.sieve import packed
from fingerprints.sketches import details, phrases
from fingerprints.text import shingles
from fingerprints.types import Fingerprints, PerceptualHash, Shingles

MOST = 500
"""Parts of one message that leave more than their digest."""
_OURS = object()


class Sightings:
    """Of one message; ``None``: nobody wants any."""

    def __init__(self, message: Message | None) -> None:
        self.found: list[Sighted] = []
        self._message = message

    def add(self, subject: Subject) -> None:
        """One more part that was inspected; not the message's own text."""
        if self._message is None or subject.attachment is None:
            return
        data, seen = self._message.attachments[subject.attachment].data, subject.seen
        wanted = len(self.found) < MOST and (seen.knows("keypoints") or not seen.has_picture or not seen.label)
        made = seen.found("sighted", _OURS, lambda: _made(seen, data)) if wanted else Sighted(0, "", seen.digest, 0)
        place = subject.attachment, seen.label, seen.digest, len(data)
        self.found.append(Sighted(*place, made.perceptual, made.details, made.phrases, made.kinds))


def _made(seen: Observation, data: bytes) -> Sighted:
    """Its fingerprints, wherever they are to go. ``data``: the attachment's bytes."""
    try:
        prints, look = _prints(seen), _look(seen, data)
    except Unreadable:
        return Sighted(0, "", seen.digest, 0)
    return Sighted(
        attachment=0,
        part="",
        digest=seen.digest,
        size=0,
        perceptual=None if prints.perceptual is None else _number(prints.perceptual),
        details=b"" if prints.keypoints is None else packed(details(prints.keypoints)),
        phrases=b"" if prints.shingles is None else packed(phrases(prints.shingles)),
        kinds={**kept.dump(prints), **look},
    )


def _prints(seen: Observation) -> Fingerprints:
    if not seen.has_picture:
        return Fingerprints(seen.digest, shingles=seen.shingles)
    return Fingerprints(seen.digest, seen.perceptual, seen.keypoints, _read(seen))


def _look(seen: Observation, data: bytes) -> dict[str, bytes]:
    """By which copies are put in order; of a part of a file without the file's own compression."""
    if not seen.has_picture:
        return {}
    return {lineage.KIND: lineage.dump_look(lineage.look_of(seen.picture, b"" if seen.label else data))}


def _read(seen: Observation) -> Shingles | None:
    """Of the part's own text, or of what was read of it anyway, be it a glimpse."""
    if seen.text is not None or seen.was_read:
        return seen.shingles
    return shingles(seen.glimpse.text) if seen.knows("glimpse") else None


def _number(whole: PerceptualHash) -> int:
    return int.from_bytes(whole.bits[0].tobytes(), "little", signed=True)
