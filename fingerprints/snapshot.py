"""Every index of a registry at one checkpoint.

The only way in is ``apply``: changes arrive in order, each naming the checkpoint it leads to, so any two processes that
applied the same changes answer the same.
"""

from pathlib import Path

from fingerprints.exact import ExactIndex
from fingerprints.keypoint_index import KeypointIndex
from fingerprints.lines import LineStore
from fingerprints.perceptual import PerceptualIndex
from fingerprints.saved import Loader, Saver, reading, writing
from fingerprints.terms import TermIndex
from fingerprints.text import TextIndex
from fingerprints.types import Change, Fingerprints, Key
from fingerprints.vocabulary import tables

_INDEXES = ("exact", "perceptual", "keypoints", "text", "lines", "terms")


def made() -> dict[str, str]:
    """What a saved snapshot must have been made with to be of use."""
    return {"tables": tables()}


class Snapshot:
    """All indexes together. Not thread-safe; one process owns one. ``state``: another object after every change."""

    def __init__(self) -> None:
        self.checkpoint = 0
        self.state = object()
        self.exact = ExactIndex()
        self.perceptual = PerceptualIndex()
        self.keypoints = KeypointIndex()
        self.text = TextIndex()
        self.lines = LineStore()
        self.terms = TermIndex()

    def apply(self, change: Change) -> None:
        """Bring the indexes to ``change.checkpoint``. Idempotent; a change at or before the checkpoint still holds."""
        for key in change.remove:
            self._remove(key)
        for key, fingerprints in change.put.items():
            self._put(key, fingerprints)
        for key, terms in change.put_terms.items():
            self.terms.add(key, terms)
        self.checkpoint = max(self.checkpoint, change.checkpoint)
        self.state = object()

    def save(self, folder: Path) -> None:
        """Into a folder that must not be there, or be empty; it appears whole. Raises OSError."""
        with writing(folder, {**made(), "holds": "snapshot", "checkpoint": self.checkpoint}) as to:
            self.write(to)

    @classmethod
    def load(cls, folder: Path) -> "Snapshot":
        """Answers as the saved one did. Raises ValueError for one that is damaged, or was made with other tables."""
        with reading(folder, {**made(), "holds": "snapshot"}) as source:
            return cls.read(source)

    def write(self, to: Saver) -> None:
        """As a part of something larger."""
        to.words("checkpoint", self.checkpoint)
        for name in _INDEXES:
            getattr(self, name).write(to.inside(name))

    @classmethod
    def read(cls, source: Loader) -> "Snapshot":
        snapshot = cls()
        snapshot.checkpoint = int(source.words("checkpoint"))
        for name in _INDEXES:
            setattr(snapshot, name, type(getattr(snapshot, name)).read(source.inside(name)))
        return snapshot

    def _put(self, key: Key, fingerprints: Fingerprints) -> None:
        self._remove(key)
        self.exact.add(key, fingerprints.digest)
        if fingerprints.perceptual is not None:
            self.perceptual.add(key, fingerprints.perceptual)
        if fingerprints.keypoints is not None:
            self.keypoints.add(key, fingerprints.keypoints)
        if fingerprints.shingles is not None:
            self.text.add(key, fingerprints.shingles)
        if fingerprints.lines is not None:
            self.lines.add(key, fingerprints.lines)

    def _remove(self, key: Key) -> None:
        for name in _INDEXES:
            getattr(self, name).remove(key)
