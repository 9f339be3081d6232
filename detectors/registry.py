"""What is registered, live: every asset with its references, beside the snapshot of their fingerprints."""

from dataclasses import astuple, dataclass
from pathlib import Path

from detectors.memory import Memory
from detectors.types import Asset, AssetKind, Level, Mistake, Reference
from fingerprints.saved import Loader, reading, writing
from fingerprints.snapshot import Snapshot, made
from fingerprints.types import Change, Fingerprints, Key, Terms


@dataclass(frozen=True, slots=True)
class AssetChange:
    """The whole present state of one asset at a checkpoint; ``asset`` is ``None`` once it is gone."""

    checkpoint: int
    asset_id: str
    asset: Asset | None
    references: tuple[tuple[Reference, Fingerprints], ...] = ()
    mistakes: tuple[tuple[Mistake, Fingerprints], ...] = ()


class Registry:
    """Assets, references, mistakes and snapshot at one checkpoint. Not thread-safe; one process owns one."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.memory = Memory()
        self.assets: dict[str, Asset] = {}
        self._references: dict[Key, Reference] = {}
        self._keys: dict[str, set[Key]] = {}

    @property
    def checkpoint(self) -> int:
        return self.snapshot.checkpoint

    def __len__(self) -> int:
        return len(self._references)

    def reference(self, key: Key) -> Reference:
        """Raises KeyError for a key that is not registered."""
        return self._references[key]

    def asset_of(self, key: Key) -> Asset:
        """The asset a reference belongs to. Raises KeyError."""
        return self.assets[self._references[key].asset_id]

    def keys_of(self, asset_id: str) -> set[Key]:
        """The keys of an asset's references."""
        return set(self._keys.get(asset_id, ()))

    def apply(self, change: AssetChange) -> None:
        """Bring one asset to its present state. Idempotent: references already there are left alone."""
        present = {reference.key: (reference, prints) for reference, prints in change.references}
        known = self._keys.get(change.asset_id, set())
        fresh = present.keys() - known
        asset = change.asset
        gone = known - present.keys() if asset else known | {change.asset_id}
        terms = {change.asset_id: Terms(asset.terms, asset.tags)} if asset else {}
        put = {key: present[key][1] for key in sorted(fresh)}
        self.snapshot.apply(Change(change.checkpoint, remove=tuple(sorted(gone)), put=put, put_terms=terms))
        self._record(change.asset_id, asset, {key: reference for key, (reference, _) in present.items()}, gone)
        self.memory.apply(change.checkpoint, change.asset_id, change.mistakes)

    def save(self, folder: Path) -> None:
        """Into a folder that must not be there, or be empty; it appears whole. Raises OSError."""
        with writing(folder, {**made(), "holds": "registry", "checkpoint": self.checkpoint}) as to:
            self.snapshot.write(to.inside("snapshot"))
            self.memory.write(to.inside("memory"))
            to.words("assets", [astuple(asset) for asset in self.assets.values()])
            to.words("references", [astuple(reference) for reference in self._references.values()])

    @classmethod
    def load(cls, folder: Path) -> "Registry":
        """Raises ValueError for one that is damaged, or was made with other tables."""
        with reading(folder, {**made(), "holds": "registry"}) as source:
            return cls._read(source)

    @classmethod
    def _read(cls, source: Loader) -> "Registry":
        registry = cls()
        registry.snapshot = Snapshot.read(source.inside("snapshot"))
        registry.memory = Memory.read(source.inside("memory"))
        for asset_id, title, kind, level, terms, tags in source.words("assets"):
            registry.assets[asset_id] = Asset(asset_id, title, AssetKind(kind), Level(level), tuple(terms), tuple(tags))
            registry._keys[asset_id] = set()
        for reference in (Reference(*fields) for fields in source.words("references")):
            registry._references[reference.key] = reference
            registry._keys[reference.asset_id].add(reference.key)
        return registry

    def _record(self, asset_id: str, asset: Asset | None, references: dict[Key, Reference], gone: set[Key]) -> None:
        for key in gone:
            self._references.pop(key, None)
        if asset is None:
            self.assets.pop(asset_id, None)
            self._keys.pop(asset_id, None)
            return
        self.assets[asset_id] = asset
        self._references.update(references)
        self._keys[asset_id] = set(references)
