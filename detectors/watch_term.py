"""Code names and project words of registered assets."""

from detectors.subject import Subject
from detectors.types import Match
from detectors.words import matches


class WatchTerm:
    """A registered word, as a whole token, wherever it is written."""

    name = "watch_term"

    def detect(self, subject: Subject) -> list[Match]:
        return matches(subject, "term", self.name, "code name")
