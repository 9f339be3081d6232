"""The measurements: what was found, who was accused, what it cost."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from fingerprints.contents.opening import open_file
from fingerprints.types import U8, Limits
from tests.benchmarks.attacks import ATTACKS, seed_of, two_leaks
from tests.benchmarks.kept import Kept, source
from tests.benchmarks.looks import BENIGN, SIBLING, TWO_LEAKS, Look, Weighed, judged
from tests.benchmarks.samples import Corpus, Sample, chosen
from tests.benchmarks.systems import System

Progress = Callable[[str, int, int], None]
FRESH = 10
"""How many pictures nobody registered before are registered to see how soon they are matched."""
SIBLING_ATTACKS = ("recompress", "print_photo", "screen_photo", "oblique")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to post. ``queries``: sources to attack; ``pairs``: of sources, two in one picture; ``benign``: ``None`` is all.

    ``copies``: where attacked pictures are kept.
    """

    attacks: Sequence[str]
    queries: int = 60
    benign: int | None = None
    siblings: int = 60
    pairs: int = 30
    copies: Kept = field(default_factory=lambda: Kept(None))


@dataclass(slots=True)
class Results:
    """Everything measured in one run."""

    looks: list[Look] = field(default_factory=list)
    to_first_match_ms: list[float | None] = field(default_factory=list)

    def of(self, row: str) -> list[Look]:
        """The looks of one row."""
        return [look for look in self.looks if look.row == row]


@dataclass(frozen=True, slots=True)
class _Post:
    """One message to come: which samples it shows, and what makes its bytes. ``own``: groups that must be found."""

    row: str
    samples: tuple[Sample, ...]
    own: tuple[str, ...]
    make: Callable[[], bytes]


def register(system: System, corpus: Corpus, progress: Progress) -> dict[str, str]:
    """Register the references; asset id to group."""
    owners = {}
    for done, sample in enumerate(corpus.references):
        progress("registering", done, len(corpus.references))
        owners[system.register(f"asset {done}", sample.kind, sample.load())] = sample.group
    return owners


def inspect(
    system: System, owners: dict[str, str], corpus: Corpus, plan: Plan, seed: int, progress: Progress, once: bool = True
) -> list[Look]:
    """Attacked copies, and ``once`` what no seed changes: the corpus's own queries, siblings and benign pictures."""
    posts = [*_attacks(corpus, plan, seed), *(_as_they_are(corpus, plan, seed) if once else ())]
    order = np.random.default_rng([seed, 1]).permutation(len(posts))
    looks = []
    for done, index in enumerate(order):
        progress(f"seed {seed}: inspecting", done, len(posts))
        looks.append(_look(system, posts[index], owners, seed))
    return looks


def _attacks(corpus: Corpus, plan: Plan, seed: int) -> Iterator[_Post]:
    sources = chosen(corpus.sources, plan.queries, np.random.default_rng([seed, 3]))
    for name in plan.attacks:
        for sample in sources:
            yield _Post(name, (sample,), (sample.group,), _attacked(name, sample, seed, plan.copies))
    for one, other in _pairs(corpus.sources, plan.pairs, seed):
        yield _Post(TWO_LEAKS, (one, other), (one.group, other.group), _together(one, other, seed))


def _as_they_are(corpus: Corpus, plan: Plan, seed: int) -> Iterator[_Post]:
    for sample in corpus.queries:
        yield _Post(f"as it is: {sample.collection}", (sample,), (sample.group,), sample.load)
    for sample in corpus.siblings[: plan.siblings]:
        yield _Post(f"{SIBLING}: as it is", (sample,), (), sample.load)
        for name in SIBLING_ATTACKS:
            yield _Post(f"{SIBLING}: {name}", (sample,), (), _attacked(name, sample, seed, plan.copies))
    for sample in corpus.benign[: plan.benign]:
        yield _Post(BENIGN, (sample,), (), sample.load)


def _pairs(sources: Sequence[Sample], count: int, seed: int) -> list[tuple[Sample, Sample]]:
    """Sources of two assets each."""
    mixed = chosen(sources, 2 * count, np.random.default_rng([seed, 6]))
    pairs = zip(mixed[::2], mixed[1::2], strict=False)
    return [(one, other) for one, other in pairs if one.group != other.group]


def _attacked(name: str, sample: Sample, seed: int, copies: Kept) -> Callable[[], bytes]:
    number = seed_of(seed, name, sample.name)
    made_by = source("tests/benchmarks/attacks.py", "app/demo/*.py")

    def make() -> bytes:
        return ATTACKS[name](pixels(sample.load()), number)

    return lambda: copies.get(make, "attacked", name, str(number), sample.name, made_by)


def _together(one: Sample, other: Sample, seed: int) -> Callable[[], bytes]:
    return lambda: two_leaks(pixels(one.load()), pixels(other.load()), seed_of(seed, TWO_LEAKS, one.name, other.name))


def pixels(data: bytes) -> U8:
    """The first picture of a file, upright. Raises ValueError where there is none."""
    for part in open_file(data, "picture", Limits()).parts:
        if part.load is not None:
            return part.load().pixels
    raise ValueError("no picture in this file")


def _look(system: System, post: _Post, owners: dict[str, str], seed: int) -> Look:
    data = post.make()
    times = []
    for _ in range(2):
        began = time.process_time()
        outcome = system.inspect(data)
        times.append((time.process_time() - began) * 1000)
        if len(times) == 1:
            first = outcome
            weighed = [Weighed(owners.get(one.asset, ""), dict(one.values)) for one in system.considered()]
    name = " + ".join(sample.name for sample in post.samples)
    if first != outcome:
        raise AssertionError(f"{post.row} {name}: {first} at first sight, {outcome} when repeated")
    about = post.samples[0]
    return judged(seed, post.row, name, about.kind, about.form, post.own, outcome, owners, weighed, (times[0], times[1]))


def to_first_match(system: System, corpus: Corpus) -> list[float | None]:
    """Wall milliseconds from an owner's registering a picture to the verdict on a recompressed copy of it; ``None``: missed."""
    return [_to_first_match(system, sample) for sample in corpus.benign[-FRESH:]]


def _to_first_match(system: System, sample: Sample) -> float | None:
    data = sample.load()
    copy = ATTACKS["recompress"](pixels(data), 0)
    began = time.perf_counter()
    asset = system.register("fresh", sample.kind, data)
    matched = asset in system.inspect(copy).assets
    return (time.perf_counter() - began) * 1000 if matched else None
