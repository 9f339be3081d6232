"""The real pipeline, in this process. The only module here that knows how the pipeline looks inside."""

from collections.abc import Iterator
from dataclasses import asdict, fields

from app.assets.schemas import AssetSpec
from app.ingest.bench import distinctiveness
from app.ingest.jobs import Fingerprinted, Part
from detectors.comparison import compare, lines_on
from detectors.pipeline import Inspector
from detectors.registry import AssetChange, Registry
from detectors.subject import Likeness, Subject
from detectors.types import Asset, AssetKind, Attachment, Level, Message, Reference, UnreadPart
from fingerprints import codec
from fingerprints.extraction import Extractor
from fingerprints.types import Reader
from tests.benchmarks.systems import Considered, Named, Outcome


class Pipeline:
    """``detectors.pipeline`` over a live registry. Owners and gateways have an extractor each, so nothing is known beforehand.

    ``registered``: every asset with its fingerprints, as the application would store them.
    """

    def __init__(self, owners: Reader, gateway: Reader) -> None:
        self._owners = Extractor(owners)
        self._inspector = _Watched(Extractor(gateway))
        self.registry = Registry()
        self.registered: list[tuple[AssetSpec, Fingerprinted]] = []

    def register(self, title: str, kind: str, data: bytes) -> str:
        asset_id = f"a{len(self.registry.assets)}"
        made = self._owners.fingerprint(data, "picture")
        parts = [
            Part(one.label, one.fingerprints.digest, codec.dump(one.fingerprints), distinctiveness(one.distinctiveness))
            for one in made.parts
        ]
        references = tuple(
            (Reference(f"{asset_id}/{number}", asset_id, part.label), codec.load(part.digest, part.kinds))
            for number, part in enumerate(parts)
        )
        self.registered.append((AssetSpec.model_validate({"title": title, "kind": kind}), Fingerprinted(tuple(parts))))
        asset = Asset(asset_id, title, AssetKind(kind), Level.SECRET)
        self.registry.apply(AssetChange(self.registry.checkpoint + 1, asset_id, asset, references))
        return asset_id

    def inspect(self, data: bytes) -> Outcome:
        self._inspector.subjects.clear()
        message = Message("bench", "m", None, "c", "s", attachments=(Attachment("picture", "application/octet-stream", data),))
        verdict = self._inspector.inspect(message, self.registry)
        named = (Named(match.asset_id, match.detector, match.confidence) for match in verdict.matches)
        return Outcome(verdict.verdict.value, tuple(named))

    def considered(self) -> list[Considered]:
        return [
            Considered(likeness.asset.id, _values(subject, likeness))
            for subject in self._inspector.subjects
            for likeness in vars(subject).get("likenesses", ())
        ]


class _Watched(Inspector):
    """Remembers the subjects of the last message."""

    def __init__(self, extractor: Extractor) -> None:
        super().__init__(extractor)
        self.subjects: list[Subject] = []

    def _subjects(self, message: Message, registry: Registry, unread: list[UnreadPart]) -> Iterator[Subject]:
        for subject in super()._subjects(message, registry, unread):
            self.subjects.append(subject)
            yield subject


def _values(subject: Subject, likeness: Likeness) -> dict[str, float]:
    """Every number of the likeness, and of the text comparison where the picture was read."""
    values: dict[str, float] = {}
    if likeness.perceptual is not None:
        values["perceptual"] = float(likeness.perceptual.distance)
    if likeness.geometry is not None:
        named = {field.name: getattr(likeness.geometry, field.name) for field in fields(likeness.geometry)}
        values |= {name: float(value) for name, value in named.items() if isinstance(value, bool | int | float)}
    return values | _text(subject, likeness)


def _text(subject: Subject, likeness: Likeness) -> dict[str, float]:
    reference = subject.registry.snapshot.text.get(likeness.reference.key)
    was_read = "reading" in subject.seen._facts.values
    if likeness.geometry is None or reference is None or not was_read:
        return {}
    found = compare(lines_on(subject.seen.reading, likeness.geometry), reference, subject.other_texts(likeness.asset, reference))
    return {f"text_{name}": float(value) for name, value in asdict(found).items()}
