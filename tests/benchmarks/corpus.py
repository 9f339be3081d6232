"""The pictures to measure on: a folder with a manifest, or drawn ones.

``manifest.csv`` has the columns ``set,group,role,path,notes``; a ``query`` must match a ``register`` picture of its own group
and no other group, a ``benign`` picture nothing. A group is what an asset is; ``diff=easy`` in the notes tells how hard another
view of it is. Neither group nor path reaches the system.
"""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from app.demo import blueprints, ordinary, pages
from app.demo.camera import jpeg
from app.demo.equipment import photograph
from app.demo.pages import Page
from fingerprints.types import U8


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture. ``collection``: the manifest's set, and how hard it is. ``kind``: what it would be registered as."""

    name: str
    group: str
    collection: str
    kind: str
    load: Callable[[], bytes] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Corpus:
    """``references`` are registered; ``sources`` are those of them to attack; ``queries`` are to be found as they are."""

    name: str
    references: tuple[Sample, ...]
    sources: tuple[Sample, ...]
    queries: tuple[Sample, ...]
    benign: tuple[Sample, ...]


def read(folder: Path, references: int, seed: int) -> Corpus:
    """A corpus folder. All ``register`` rows are references (a seeded choice, if there are more), benign ones fill up."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    samples = {role: [_sample(folder, row) for row in rows if row["role"] == role] for role in ("register", "query", "benign")}
    rng = np.random.default_rng(seed)
    register, benign = chosen(samples["register"], references, rng), chosen(samples["benign"], len(samples["benign"]), rng)
    fill = references - len(register)
    groups = {sample.group for sample in register}
    queries = tuple(sample for sample in samples["query"] if sample.group in groups)
    return Corpus(folder.name, (*register, *benign[:fill]), register, queries, benign[fill:])


def chosen(samples: Sequence[Sample], count: int, rng: np.random.Generator) -> tuple[Sample, ...]:
    """``count`` samples in random order."""
    return tuple(samples[index] for index in rng.permutation(len(samples))[:count])


def _sample(folder: Path, row: dict[str, str]) -> Sample:
    is_page = row["set"].startswith("D_") or any(word in row["path"] for word in ("receipt", "appshot", "chatshot", "screenshot"))
    kind = "document" if is_page else "equipment"
    hard = re.search(r"\bdiff=(\w+)", row["notes"])
    collection = f"{row['set']}, {hard[1]}" if hard else row["set"]
    return Sample(row["path"], row["group"], collection, kind, (folder / row["path"]).read_bytes)


_PAGES: dict[str, Callable[[int], Page]] = {
    "official": pages.official,
    "memo": pages.memo,
    "mixed": pages.mixed,
    "table": pages.table,
    "drawing": blueprints.drawing,
}
_PHOTOS: dict[str, Callable[[int], U8]] = {"lunch": ordinary.lunch, "landscape": ordinary.landscape}
_ORDINARY = {**_PHOTOS, "cat": ordinary.cat, "meme": ordinary.meme, "notice": ordinary.notice}


def drawn(references: int, benign: int, seed: int) -> Corpus:
    """Pages of five templates, machines seen from two sides, ordinary pictures; benign are their unregistered siblings.

    Each machine's third view is a query.
    """
    numbers = range(seed * 1_000_000, seed * 1_000_000 + references + benign)
    known = [sample for number in numbers[:references] for sample in _known(number)][:references]
    machines = dict.fromkeys(sample.group for sample in known if sample.collection == "machines")
    queries = tuple(_machine(int(group.split("-")[1]), 4.0, 18) for group in machines)
    strange = [_strange(number) for number in numbers[references:]]
    return Corpus("drawn", tuple(known), tuple(known), queries, tuple(strange))


def _known(number: int) -> list[Sample]:
    if number % 8 < 5:
        return [_page(list(_PAGES)[number % 8], number)]
    if number % 8 < 7:
        return [_machine(number, azimuth, 12) for azimuth in (-18.0, 24.0)]
    return [_photo(list(_PHOTOS)[number // 8 % 2], number)]


def _strange(number: int) -> Sample:
    if number % 8 < 5:
        return _page(list(_PAGES)[number % 8], number)
    return _machine(number, 10.0, 15) if number % 8 == 5 else _photo(list(_ORDINARY)[number % 5], number)


def _page(template: str, number: int) -> Sample:
    return Sample(
        f"{template}-{number}", f"{template}-{number}", "pages", "document", lambda: jpeg(_PAGES[template](number).pixels, 92)
    )


def _machine(number: int, azimuth: float, elevation: float) -> Sample:
    machine_seed = number // 8 * 2 + number % 8 % 5  # every number that is given a machine has one of its own
    draw = partial(photograph, machine_seed, azimuth, elevation, background_seed=number % 5)
    return Sample(f"machine-{number}@{azimuth:g}", f"machine-{number}", "machines", "equipment", lambda: jpeg(draw(), 90))


def _photo(subject: str, number: int) -> Sample:
    return Sample(
        f"{subject}-{number}", f"{subject}-{number}", "ordinary", "equipment", lambda: jpeg(_ORDINARY[subject](number), 90)
    )
