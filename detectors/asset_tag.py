"""Serial and asset numbers: on a label, in a code, or in somebody's words."""

from detectors.subject import Subject
from detectors.types import Match
from detectors.words import matches


class AssetTag:
    """A registered number, as a whole token; characters that OCR confuses count as equal when read from a picture."""

    name = "asset_tag"

    def detect(self, subject: Subject) -> list[Match]:
        return matches(subject, "tag", self.name, "serial or asset number")
