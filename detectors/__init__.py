"""Hits to verdicts. Every detector is listed here, in order of cost; the names they store never change."""

from typing import Protocol

from detectors.asset_tag import AssetTag
from detectors.document_text import DocumentText
from detectors.equipment_photo import EquipmentPhoto
from detectors.marking import MarkingOnPage
from detectors.page_copy import PageCopy
from detectors.subject import Subject
from detectors.types import Match
from detectors.watch_term import WatchTerm


class Detector(Protocol):
    """Confirms hits about one part of a message. Pure; raises Unreadable when the picture cannot be decoded."""

    @property
    def name(self) -> str: ...

    def detect(self, subject: Subject) -> list[Match]: ...


DETECTORS: tuple[Detector, ...] = (
    EquipmentPhoto(),
    PageCopy(),
    AssetTag(),
    WatchTerm(),
    DocumentText(),
    MarkingOnPage(),
)
