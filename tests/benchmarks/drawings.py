"""Pictures drawn for the benchmark: pages of five templates, machines from several sides, everyday photographs.

A number stands for what is drawn; the same number gives the same picture everywhere.
"""

from collections.abc import Callable
from functools import partial

from app.demo import blueprints, ordinary, pages
from app.demo.camera import jpeg
from app.demo.equipment import photograph
from app.demo.pages import Page
from fingerprints.types import U8
from tests.benchmarks.kept import Kept, source
from tests.benchmarks.samples import Sample

TEMPLATES: dict[str, Callable[[int], Page]] = {
    "official": pages.official,
    "memo": pages.memo,
    "mixed": pages.mixed,
    "table": pages.table,
    "drawing": blueprints.drawing,
}
_PHOTOS: dict[str, Callable[[int], U8]] = {"lunch": ordinary.lunch, "landscape": ordinary.landscape}
_ORDINARY = {**_PHOTOS, "cat": ordinary.cat, "meme": ordinary.meme, "notice": ordinary.notice}


def known(number: int, kept: Kept) -> list[Sample]:
    """What is registered: of eight numbers five are pages, two are machines seen from two sides, one is a photograph."""
    if number % 8 < len(TEMPLATES):
        return [page(list(TEMPLATES)[number % 8], number, kept)]
    if number % 8 < 7:
        return [machine(number, azimuth, 12, kept) for azimuth in (-18.0, 24.0)]
    return [_photo(list(_PHOTOS)[number // 8 % 2], number, kept)]


def strange(number: int, kept: Kept) -> Sample:
    """What is not registered, of the same kinds and some others."""
    if number % 8 < len(TEMPLATES):
        return page(list(TEMPLATES)[number % 8], number, kept)
    return machine(number, 10.0, 15, kept) if number % 8 == 5 else _photo(list(_ORDINARY)[number % 5], number, kept)


def page(template: str, number: int, kept: Kept) -> Sample:
    """A page of a template."""
    return _sample(
        f"{template}-{number}", template, "pages", "document", lambda: jpeg(TEMPLATES[template](number).pixels, 92), kept
    )


def machine(number: int, azimuth: float, elevation: float, kept: Kept) -> Sample:
    """A machine from a side; every number that is given a machine has one of its own."""
    draw = partial(photograph, number // 8 * 2 + number % 8 % 5, azimuth, elevation, background_seed=number % 5)
    return _sample(f"machine-{number}@{azimuth:g}", "machine", "machines", "equipment", lambda: jpeg(draw(), 90), kept)


def _photo(subject: str, number: int, kept: Kept) -> Sample:
    return _sample(f"{subject}-{number}", subject, "ordinary", "equipment", lambda: jpeg(_ORDINARY[subject](number), 90), kept)


def _sample(name: str, form: str, collection: str, kind: str, draw: Callable[[], bytes], kept: Kept) -> Sample:
    load = partial(kept.get, draw, "drawn", name, source("app/demo/*.py"))
    return Sample(name, name.partition("@")[0], collection, kind, load, form)
