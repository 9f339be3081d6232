"""The measurements: what was found, who was accused, what it cost."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from fingerprints.contents import open_file
from fingerprints.types import U8, Limits
from tests.benchmarks.attacks import ATTACKS, seed_of
from tests.benchmarks.corpus import Corpus, Sample
from tests.benchmarks.systems import Outcome, System

Progress = Callable[[str, int, int], None]
FRESH = 10
"""How many pictures nobody registered before are registered to see how soon they are matched."""


@dataclass(frozen=True, slots=True)
class Look:
    """One inspected message. ``right``: its own asset is among the matched, ``wrong``: so is another."""

    sample: Sample
    row: str
    outcome: Outcome
    right: bool
    wrong: bool
    first_ms: float
    repeated_ms: float


@dataclass(slots=True)
class Results:
    """Everything measured in one run."""

    looks: list[Look] = field(default_factory=list)
    register_ms: list[float] = field(default_factory=list)
    to_first_match_ms: list[float | None] = field(default_factory=list)

    def of(self, row: str) -> list[Look]:
        """The looks of one row."""
        return [look for look in self.looks if look.row == row]


def measure(
    system: System, corpus: Corpus, attacks: Sequence[str], queries: int, benign: int, seed: int, progress: Progress
) -> Results:
    """Register the references, then inspect attacked copies, the corpus's own queries, and benign pictures."""
    results = Results()
    owners = _register(system, corpus.references, results, progress)
    messages = list(_messages(corpus, attacks, queries, benign, seed))
    for done, (row, sample, make) in enumerate(messages):
        progress("inspecting", done, len(messages))
        results.looks.append(_look(system, row, sample, make(), owners))
    return results


def to_first_match(system: System, corpus: Corpus, benign: int) -> list[float | None]:
    """Wall milliseconds from an owner's registering a picture to the verdict on a recompressed copy of it; ``None``: missed."""
    return [_to_first_match(system, sample) for sample in corpus.benign[benign : benign + FRESH] or corpus.benign[-FRESH:]]


def _register(system: System, references: Iterable[Sample], results: Results, progress: Progress) -> dict[str, str]:
    """Asset id to group."""
    samples, owners = list(references), {}
    for done, sample in enumerate(samples):
        progress("registering", done, len(samples))
        data, began = sample.load(), time.process_time()
        owners[system.register(f"asset {done}", sample.kind, data)] = sample.group
        results.register_ms.append((time.process_time() - began) * 1000)
    return owners


def _messages(
    corpus: Corpus, attacks: Sequence[str], queries: int, benign: int, seed: int
) -> Iterator[tuple[str, Sample, Callable[[], bytes]]]:
    """Row, sample and what makes the message's bytes, in an order mixed as traffic is."""
    rng = np.random.default_rng([seed, 1])
    sources = [corpus.sources[index] for index in rng.permutation(len(corpus.sources))[:queries]]
    found = [corpus.queries[index] for index in rng.permutation(len(corpus.queries))[:queries]]
    planned = [(name, sample, _attacked(name, sample, seed)) for name in attacks for sample in sources]
    planned += [(f"as it is: {sample.collection}", sample, sample.load) for sample in found]
    planned += [("benign", sample, sample.load) for sample in corpus.benign[:benign]]
    return (planned[index] for index in rng.permutation(len(planned)))


def _attacked(name: str, sample: Sample, seed: int) -> Callable[[], bytes]:
    return lambda: ATTACKS[name](pixels(sample.load()), seed_of(seed, name, sample.name))


def pixels(data: bytes) -> U8:
    """The first picture of a file, upright. Raises ValueError where there is none."""
    for part in open_file(data, "picture", Limits()).parts:
        if part.load is not None:
            return part.load().pixels
    raise ValueError("no picture in this file")


def _look(system: System, row: str, sample: Sample, data: bytes, owners: dict[str, str]) -> Look:
    outcome, first = _timed(system, data)
    again, repeated = _timed(system, data)
    if again != outcome:
        raise AssertionError(f"{row} {sample.name}: {outcome} at first sight, {again} when repeated")
    groups = [owners.get(asset, "") for asset in outcome.assets]
    own = sample.group if row != "benign" else None
    return Look(sample, row, outcome, own in groups, any(group != own for group in groups), first, repeated)


def _timed(system: System, data: bytes) -> tuple[Outcome, float]:
    """CPU milliseconds of all this process's threads."""
    began = time.process_time()
    outcome = system.inspect(data)
    return outcome, (time.process_time() - began) * 1000


def _to_first_match(system: System, sample: Sample) -> float | None:
    data = sample.load()
    copy = ATTACKS["recompress"](pixels(data), 0)
    began = time.perf_counter()
    asset = system.register("fresh", sample.kind, data)
    matched = asset in system.inspect(copy).assets
    return (time.perf_counter() - began) * 1000 if matched else None
