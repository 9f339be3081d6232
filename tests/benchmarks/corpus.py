"""The pictures to measure on: a folder with a manifest, filled up with drawn ones, or drawn ones alone.

``manifest.csv`` has the columns ``set,group,role,path,notes``; a ``query`` must match a ``register`` picture of its own group
and no other group, a ``benign`` picture nothing. A group is what an asset is; ``diff=easy`` in the notes tells how hard another
view of it is, ``company=X`` that the picture is a form of that company's, ``shows=GROUP`` that a benign picture shows what is
registered after all, if it is: then it is a query. Neither group nor path reaches the system.
"""

import csv
import re
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from tests.benchmarks import drawings
from tests.benchmarks.kept import Kept
from tests.benchmarks.samples import Corpus, Sample, chosen

_SIBLINGS = 1_000_000
"""The numbers from here on are drawn for siblings of what is drawn to fill up the references."""
_SHOWS = {"C_benign/appshot/0207.jpg": "presidio_cla"}
"""What a manifest does not say, by looking at the pictures: a web page on which the registered page is shown, legibly."""
_SCREENS = ("receipt", "appshot", "chatshot", "screenshot")


def read(folder: Path, references: int, seed: int, siblings: int = 0, kept: Kept | None = None) -> Corpus:
    """A corpus folder. All ``register`` rows are references (a seeded choice, if there are more), drawn pictures fill up.

    ``siblings``: so many, half of them drawn if so many drawn pages are registered, the others from the folder if it has them.
    """
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    chosen_rows = chosen([row for row in rows if row["role"] == "register"], references, np.random.default_rng(seed))
    register = tuple(_sample(folder, row) for row in chosen_rows)
    groups = {sample.group for sample in register}
    rows = [_corrected(row, groups) for row in rows]
    samples = {role: [_sample(folder, row) for row in rows if row["role"] == role] for role in ("query", "benign")}
    queries = tuple(sample for sample in samples["query"] if sample.group in groups)
    filled = _filling(references - len(register), kept or Kept(None))
    own = _of_a_registered_form(register, samples["benign"], siblings - siblings // 2, seed)
    drawn_ones = _drawn_siblings(filled, siblings - len(own), kept or Kept(None))
    return Corpus(folder.name, (*register, *filled), register, queries, tuple(samples["benign"]), (*own, *drawn_ones))


def _corrected(row: dict[str, str], registered: set[str]) -> dict[str, str]:
    told = re.search(r"\bshows=(\w+)", row["notes"])
    shown = told[1] if told else _SHOWS.get(row["path"])
    return {**row, "role": "query", "group": shown} if row["role"] == "benign" and shown in registered else row


def _sample(folder: Path, row: dict[str, str]) -> Sample:
    is_page = row["set"].startswith("D_") or any(word in row["path"] for word in _SCREENS)
    hard, company = (re.search(rf"\b{name}=(\w+)", row["notes"]) for name in ("diff", "company"))
    collection = f"{row['set']}, {hard[1]}" if hard else row["set"]
    form = company[1] if company else row["group"].rstrip("0123456789").rstrip("_-")
    load = partial((folder / row["path"]).read_bytes)
    return Sample(row["path"], row["group"], collection, "document" if is_page else "equipment", load, form)


def _filling(count: int, kept: Kept) -> tuple[Sample, ...]:
    """``count`` drawn pictures, the same ones whatever the seed: to read them costs more than anything else."""
    numbers = range(max(0, count))
    return tuple(islice(chain.from_iterable(drawings.known(number, kept) for number in numbers), max(0, count)))


def _of_a_registered_form(register: tuple[Sample, ...], benign: list[Sample], count: int, seed: int) -> tuple[Sample, ...]:
    forms = {sample.form for sample in register}
    return chosen([sample for sample in benign if sample.form in forms], count, np.random.default_rng([seed, 2]))


def _drawn_siblings(filled: tuple[Sample, ...], count: int, kept: Kept) -> tuple[Sample, ...]:
    templates = [name for name in drawings.TEMPLATES if any(sample.form == name for sample in filled)]
    return tuple(
        drawings.page(templates[number % len(templates)], _SIBLINGS + number, kept) for number in range(count if templates else 0)
    )


def drawn(references: int, benign: int, seed: int, kept: Kept | None = None) -> Corpus:
    """Pages of five templates, machines seen from two sides, ordinary pictures; benign are their unregistered siblings.

    Each machine's third view is a query.
    """
    keep = kept or Kept(None)
    numbers = range(seed * _SIBLINGS, seed * _SIBLINGS + references + benign)
    known = tuple(islice(chain.from_iterable(drawings.known(number, keep) for number in numbers[:references]), references))
    machines = dict.fromkeys(sample.group for sample in known if sample.collection == "machines")
    queries = tuple(drawings.machine(int(group.split("-")[1]), 4.0, 18, keep) for group in machines)
    strange = tuple(drawings.strange(number, keep) for number in numbers[references:])
    forms = {sample.form for sample in known}
    siblings = tuple(sample for sample in strange if sample.collection == "pages" and sample.form in forms)
    return Corpus("drawn", known, known, queries, strange, siblings)
