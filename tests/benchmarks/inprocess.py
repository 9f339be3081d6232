"""The real pipeline, in this process."""

from dataclasses import asdict

from app.assets.schemas import AssetSpec
from app.ingest.jobs import Fingerprinted, Part
from detectors.pipeline import Inspector
from detectors.registry import AssetChange, Registry
from detectors.types import Asset, AssetKind, Attachment, Level, Message, Reference
from fingerprints import codec
from fingerprints.extraction import Extractor
from fingerprints.types import Reader
from tests.benchmarks.systems import Outcome


class Pipeline:
    """``detectors.pipeline`` over a live registry. Owners and gateways have an extractor each, so nothing is known beforehand.

    ``registered``: every asset with its fingerprints, as the application would store them.
    """

    def __init__(self, owners: Reader, gateway: Reader) -> None:
        self._owners = Extractor(owners)
        self._inspector = Inspector(Extractor(gateway))
        self._registry = Registry()
        self.registered: list[tuple[AssetSpec, Fingerprinted]] = []

    def register(self, title: str, kind: str, data: bytes) -> str:
        asset_id = f"a{len(self._registry.assets)}"
        made = self._owners.fingerprint(data, "picture")
        parts = [
            Part(one.label, one.fingerprints.digest, codec.dump(one.fingerprints), asdict(one.distinctiveness))
            for one in made.parts
        ]
        references = tuple(
            (Reference(f"{asset_id}/{number}", asset_id, part.label), codec.load(part.digest, part.kinds))
            for number, part in enumerate(parts)
        )
        self.registered.append((AssetSpec.model_validate({"title": title, "kind": kind}), Fingerprinted(tuple(parts))))
        asset = Asset(asset_id, title, AssetKind(kind), Level.SECRET)
        self._registry.apply(AssetChange(self._registry.checkpoint + 1, asset_id, asset, references))
        return asset_id

    def inspect(self, data: bytes) -> Outcome:
        message = Message("bench", "m", None, "c", "s", attachments=(Attachment("picture", "application/octet-stream", data),))
        verdict = self._inspector.inspect(message, self._registry)
        assets = dict.fromkeys(match.asset_id for match in verdict.matches if match.asset_id is not None)
        return Outcome(verdict.verdict.value, tuple(assets), tuple(match.detector for match in verdict.matches))
