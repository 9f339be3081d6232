"""A text passed on piece by piece: no message of it says enough, the sender's last messages together do.

Only what reaches into the message at hand counts, so that what was said before is not held against every message after it, and
only where the message by itself quotes nothing of that asset.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from detectors.document_text import DocumentText
from detectors.registry import Registry
from detectors.subject import Subject
from detectors.thresholds import Thresholds
from detectors.types import Match, Message
from fingerprints.extraction import Extractor


def pieced_together(
    extractor: Extractor, message: Message, registry: Registry, thresholds: Thresholds, matches: Iterable[Match]
) -> list[Match]:
    """What the message quotes together with ``message.earlier``. ``matches``: what it was found to quote alone."""
    if not message.text or not message.earlier:
        return []
    before = "".join(f"{text}\n" for text in message.earlier)
    known = {match.asset_id for match in matches if match.attachment is None}
    subject = Subject(None, extractor.text(before + message.text), registry, thresholds)
    found = (match for match in DocumentText().detect(subject) if match.asset_id not in known)
    return [_told(match, message) for match in found if _reaches(match, len(before))]


def _reaches(match: Match, start: int) -> bool:
    return any(passage["end"] > start for passage in match.evidence["text"]["passages"])


def _told(match: Match, message: Message) -> Match:
    count = len(message.earlier)
    part = f"with {count} {'message' if count == 1 else 'messages'} before it"
    evidence: dict[str, Any] = {**match.evidence, "summary": f"Together {part}: {match.evidence['summary']}"}
    return replace(match, part=part, evidence=evidence)
