"""The real pipeline, in this process."""

from detectors.pipeline import Inspector
from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Attachment, Level, Message, Reference
from fingerprints import codec
from fingerprints.extraction import Extractor
from fingerprints.types import Reader
from tests.benchmarks.systems import Outcome


class Pipeline:
    """``detectors.pipeline`` over a live registry. Owners and gateways have an extractor each, so nothing is known beforehand."""

    def __init__(self, owners: Reader, gateway: Reader) -> None:
        self._owners = Extractor(owners)
        self._inspector = Inspector(Extractor(gateway))
        self._registry = Registry()

    def register(self, title: str, kind: str, data: bytes) -> str:
        asset_id = f"a{len(self._registry.assets)}"
        made = self._owners.fingerprint(data, "picture")
        stored = [(part.label, part.fingerprints.digest, codec.dump(part.fingerprints)) for part in made.parts]
        references = tuple(
            (Reference(f"{asset_id}/{number}", asset_id, label), codec.load(digest, kinds))
            for number, (label, digest, kinds) in enumerate(stored)
        )
        asset = Asset(asset_id, title, AssetKind(kind), Level.SECRET)
        self._registry.apply(AssetChange(self._registry.checkpoint + 1, asset_id, asset, references))
        return asset_id

    def inspect(self, data: bytes) -> Outcome:
        message = Message("bench", "m", None, "c", "s", attachments=(Attachment("picture", "application/octet-stream", data),))
        verdict = self._inspector.inspect(message, self._registry)
        assets = dict.fromkeys(match.asset_id for match in verdict.matches if match.asset_id is not None)
        return Outcome(verdict.verdict.value, tuple(assets), tuple(match.detector for match in verdict.matches))
