"""What was held against an asset by mistake: the pictures and texts themselves, in a snapshot of their own.

Kept apart from what is registered, so that a mistake can never be matched, and taking one back leaves the registry as it was.
"""

from collections.abc import Iterable

from detectors.types import Mistake
from fingerprints.saved import Loader, Saver
from fingerprints.snapshot import Snapshot
from fingerprints.types import Change, Fingerprints, Key


class Memory:
    """Mistakes by the asset they are about. Not thread-safe; one process owns one."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self._about: dict[str, dict[Key, Mistake]] = {}

    def __len__(self) -> int:
        return sum(len(mistakes) for mistakes in self._about.values())

    def about(self, asset_id: str, reference: Key) -> list[Mistake]:
        """The mistakes that may excuse a match of this reference."""
        return [one for one in self._about.get(asset_id, {}).values() if reference in one.references]

    def apply(self, checkpoint: int, asset_id: str, mistakes: Iterable[tuple[Mistake, Fingerprints]]) -> None:
        """Bring the mistakes about one asset to their present state. Idempotent: fingerprints already there are left alone, but
        for those of what was read only after it was found to be a mistake.
        """
        present = {mistake.key: (mistake, prints) for mistake, prints in mistakes}
        known = self._about.pop(asset_id, {})
        put = {key: prints for key, (_, prints) in sorted(present.items()) if key not in known or self._more(key, prints)}
        self.snapshot.apply(Change(checkpoint, remove=tuple(sorted(known.keys() - present.keys())), put=put))
        if present:
            self._about[asset_id] = {key: mistake for key, (mistake, _) in present.items()}

    def _more(self, key: Key, prints: Fingerprints) -> bool:
        """Whether they say of a known mistake what is written there, and nothing did before."""
        return prints.shingles is not None and self.snapshot.text.get(key) is None

    def write(self, to: Saver) -> None:
        self.snapshot.write(to.inside("snapshot"))
        told = [
            (asset_id, one.key, sorted(one.references), one.alert_id)
            for asset_id, mistakes in self._about.items()
            for one in mistakes.values()
        ]
        to.words("mistakes", told)

    @classmethod
    def read(cls, source: Loader) -> "Memory":
        memory = cls()
        memory.snapshot = Snapshot.read(source.inside("snapshot"))
        for asset_id, key, references, alert_id in source.words("mistakes"):
            memory._about.setdefault(asset_id, {})[key] = Mistake(key, frozenset(references), alert_id)
        return memory
