"""The fingerprints of what a message was accused by, as they were when it was: what an analyst's decision is about.

They are taken while they lie ready, not when the decision falls: by then the file may be gone. Nobody waits for what does not
lie ready: a page that is proved is read no further, and marked as ``UNREAD``. Whether its text is ever needed the decision says.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from app.ingest.jobs import UNREAD, Accused, Place
from detectors.types import Match, Message
from fingerprints import codec
from fingerprints.extraction import Extractor, Observation
from fingerprints.types import Fingerprints


def accused_parts(
    extractor: Extractor, message: Message, matches: Iterable[Match], pictures: Container[Place]
) -> Iterator[Accused]:
    """Parts matched to a reference, other than the registered file itself. ``pictures``: of these there is one to look at."""
    labels: defaultdict[int | None, set[str]] = defaultdict(set)
    for match in matches:
        if match.reference_key is not None and "sha256" not in match.evidence:
            labels[match.attachment].add(match.part)
    for index, wanted in labels.items():
        for part in _parts(extractor, message, index):
            if part.label in wanted:
                seen = index is None or not part.has_picture or (index, part.label) in pictures
                yield Accused(index, part.label, part.digest, _kinds(part) if seen else {})


def _parts(extractor: Extractor, message: Message, index: int | None) -> tuple[Observation, ...]:
    if index is None:
        return (extractor.text(message.text),)
    attachment = message.attachments[index]
    return extractor.open(attachment.data, attachment.name).parts


def _kinds(part: Observation) -> dict[str, bytes]:
    if not part.has_picture:
        return codec.dump(Fingerprints(part.digest, shingles=part.shingles))
    if _is_read(part):
        return codec.dump(Fingerprints(part.digest, part.perceptual, part.keypoints, part.shingles))
    return {**codec.dump(Fingerprints(part.digest, part.perceptual, part.keypoints)), UNREAD: b""}


def _is_read(part: Observation) -> bool:
    """In full: it has a text of its own, or every line of the picture was read. A glimpse, strips, or what stands beside a proved
    page are no text to compare copies with: they would seem to say something else.
    """
    return part.text is not None or part.was_read
