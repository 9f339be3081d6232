"""Was it seen before? A million sightings searched for an asset that is registered too late, on SQLite and on PostgreSQL; and how
much of what all details would find the coarse sieve lets through, attack by attack.

A real server: the hunt is the one its registration begins. The million are sketches of drawn pictures, their details drawn anew
out of those of all, so that crowded cells are as crowded; the copies among them are attacked pictures with all of their
fingerprints. What the sieve lets through of the others has the fingerprints of some drawn picture, so that refusing it costs what
it costs.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, text

from app.db import Database
from app.db.ids import new_id
from app.db.models import SeenFingerprintRow, SeenPartRow, SeenSketchRow, SightingRow, now
from app.db.upgrading import bring_up_to_date
from app.settings import Settings
from detectors.thresholds import DEFAULT
from fingerprints import geometry, kept, lineage
from fingerprints.images import decode
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.perceptual import PerceptualFingerprinter
from fingerprints.sieve import Sieve, packed
from fingerprints.sketches import DETAILS, NEAREST, details, wanted
from fingerprints.types import Fingerprints, Keypoints, Limits, PerceptualHash
from fingerprints.views import mirrored
from tests.app.conftest import Server, running
from tests.benchmarks.attacks import ATTACKS, seed_of
from tests.benchmarks.drawings import known, strange
from tests.benchmarks.kept import FOLDER, Kept
from tests.benchmarks.markdown import table
from tests.benchmarks.run import RESULTS
from tests.benchmarks.samples import Sample
from tests.benchmarks.tables import machine
from tests.services.postgres import PostgreSQL

BATCH = 4000
STRANGERS, FEW = 160, 12
"""Drawn pictures that the million are made of; and that a quick run is."""
PLANTED = ("recompress", "crop40", "rotate90", "mirror", "chat_screenshot", "inset", "screen_photo", "oblique")
PAGES = ("recompress", "crop40", "rotate90", "chat_screenshot", "inset", "screen_photo", "print_photo", "caption")
"""Attacks on the copies of a page of a common form."""
QUICKLY = 3, 3
"""References of the larger asset in a quick run, and of so many attacks one."""
EVERY = 20
FORMS = {"official", "memo", "mixed", "table", "drawing"}
"""Drawn pages; others of each form are among the strangers."""
FOUND = 12
"""Inliers with which brute force finds a copy: the operating point of a match."""
LIMITS = Limits()
Prints = tuple[PerceptualHash | None, Keypoints]


@dataclass(frozen=True, slots=True)
class Recall:
    """Of copies by one attack: how many brute force finds, and how many of them the sieve lets through; how many of those found
    are pages, and how many of these agree as evenly as a page must that cannot be read.
    """

    attack: str
    found: int
    through: int
    pages: int
    even: int


@dataclass(frozen=True, slots=True)
class Hunted:
    """One hunt for an asset of so many ``references``: seconds from asking to its end, copies there were, those that raised an
    alert, and alerts about anything else.
    """

    database: str
    references: int
    seconds: float
    planted: int
    found: int
    others: int
    left_out: int = 0


def prints_of(data: bytes) -> Prints | None:
    """As a posted picture leaves them."""
    picture = decode(data, LIMITS)
    found = KeypointFingerprinter().fingerprint(picture)
    return None if found is None else (PerceptualFingerprinter().fingerprint(picture), found)


def recalls(samples: Sequence[Sample], strangers: Sequence[Prints], attacks: Iterable[str]) -> tuple[list[Recall], float]:
    """By attack; and the share of strangers that are let through, of one reference."""
    sieves = {sample.name: _sieve([sample]) for sample in samples}
    found = [_recall(samples, sieves, attack) for attack in attacks]
    sketches = [packed(details(one)) for _, one in strangers]
    wholes = [number_of(whole) for whole, _ in strangers]
    through = [len(sieve.suspects(sketches, wholes, [b""] * len(sketches))) for sieve in sieves.values()]
    return found, sum(through) / (len(through) * len(sketches))


def _recall(samples: Sequence[Sample], sieves: dict[str, Sieve], attack: str) -> Recall:
    found = through = pages = even = 0
    for sample in samples:
        pixels = decode(sample.load(), LIMITS).pixels
        prints = prints_of(ATTACKS[attack](pixels, seed_of(0, attack, sample.name)))
        agreeing = None if prints is None else _by_brute_force(sample, prints[1])
        if prints is None or agreeing is None:
            continue
        found += 1
        through += bool(sieves[sample.name].suspects([packed(details(prints[1]))], [number_of(prints[0])], [b""]))
        pages += _form(sample.name) in FORMS
        even += _form(sample.name) in FORMS and agreeing >= DEFAULT.agreement_unread
    return Recall(attack, found, through, pages, even)


def forms(samples: Sequence[Sample], named: Mapping[str, Prints]) -> tuple[int, int]:
    """Of other pages of registered pages' forms: how many there are, and how many agree so evenly. ``named``: strangers."""
    pairs = [(one, prints) for one in samples for name, prints in named.items() if _form(one.name) in FORMS & {_form(name)}]
    return len(pairs), sum((_by_brute_force(one, seen) or 0.0) >= DEFAULT.agreement_unread for one, (_, seen) in pairs)


def _form(name: str) -> str:
    return name.partition("-")[0]


def _by_brute_force(sample: Sample, seen: Keypoints) -> float | None:
    """How evenly all details agree; ``None``: too few do."""
    reference = _reference(sample)
    views = (seen, mirrored(seen))
    hits = [(hit, view) for view in views if (hit := geometry.verify("", view, reference)) and hit.inliers >= FOUND]
    return max((geometry.agreement(hit, view, reference) for hit, view in hits), default=None)


@cache
def _reference(sample: Sample) -> Keypoints:
    found = KeypointFingerprinter.of_references().fingerprint(decode(sample.load(), LIMITS))
    assert found is not None, f"{sample.name} has no details"
    return found


def _sieve(samples: Sequence[Sample]) -> Sieve:
    views = [view for sample in samples for view in (_reference(sample), mirrored(_reference(sample)))]
    wholes = [PerceptualFingerprinter().fingerprint(decode(sample.load(), LIMITS)) for sample in samples]
    bits = [one.bits.reshape(-1).view("<i8").tolist() for one in wholes if one is not None]
    return Sieve([packed(wanted(view)) for view in views], [number for some in bits for number in some], nearest=NEAREST)


def number_of(whole: PerceptualHash | None) -> int | None:
    return None if whole is None else int.from_bytes(whole.bits[0].tobytes(), "little", signed=True)


class Crowd:
    """Sketches of pictures that are nobody's, as many as are wanted."""

    def __init__(self, strangers: Sequence[Prints]) -> None:
        every = (details(one) for _, one in strangers)
        self._pools = [one for one in every if len(one) >= DETAILS // 2]
        self._all = np.concatenate(self._pools)
        self._made = np.random.default_rng(12)

    def sketches(self, count: int) -> list[bytes]:
        """Half of one picture's details and half of everybody's, so that details that go together still do."""
        half = DETAILS // 2
        whose = self._made.integers(0, len(self._pools), count)
        own = np.stack([self._made.permutation(self._pools[who])[:half] for who in whose.tolist()])
        others = self._all[self._made.integers(0, len(self._all), (count, DETAILS - half))]
        return [packed(one) for one in np.hstack([own, others])]

    def wholes(self, count: int) -> list[int]:
        found: list[int] = self._made.integers(-(2**63), 2**63 - 1, count).tolist()
        return found


async def fill(
    database: Database,
    count: int,
    crowd: Crowd,
    copies: Sequence[bytes],
    sieves: Sequence[Sieve],
    decoy: Prints,
    form: Sequence[Prints] = (),
) -> None:
    """So many sightings of the last thirty days, the copies spread among them; one in ``EVERY`` is a page of ``form``, if any."""
    places = dict(zip(_places(count, len(copies)), copies, strict=True))
    pages = [(number_of(whole), packed(details(found)), kept.dump(Fingerprints("", whole, found))) for whole, found in form]
    decoyed = kept.dump(Fingerprints("", *decoy))
    for start in range(1, count + 1, BATCH):
        numbers = range(start, min(start + BATCH, count + 1))
        siblings = [number for number in numbers if pages and number % EVERY == 0 and number - 1 not in places]
        strangers = [number for number in numbers if number - 1 not in places and number not in set(siblings)]
        sketches, wholes = crowd.sketches(len(strangers)), crowd.wholes(len(strangers))
        asked = sketches, wholes, [b""] * len(strangers)
        let = {place for sieve in sieves for place, _ in sieve.suspects(*asked)}
        rows = [
            _row(number, count, whole, sketch, decoyed if place in let else {})
            for place, (number, whole, sketch) in enumerate(zip(strangers, wholes, sketches, strict=True))
        ]
        rows += [_row(number, count, *pages[number // EVERY % len(pages)]) for number in siblings]
        rows += [_copy(number, count, places[number - 1]) for number in numbers if number - 1 in places]
        async with database.writing() as session:
            for index, model in enumerate((SeenPartRow, SeenSketchRow, SightingRow)):
                await session.execute(insert(model), [row[index] for row in rows])
            prints = [one for row in rows for one in row[3]]
            if prints:
                await session.execute(insert(SeenFingerprintRow), prints)
    if database.engine.dialect.name == "postgresql":  # which it does by itself, a minute later
        async with database.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


def _places(count: int, copies: int) -> range:
    """Of so many copies among so many sightings, as far from each other as they can be."""
    apart = count // (copies + 1)
    return range(apart, apart * (copies + 1), apart)


def _copy(number: int, count: int, data: bytes) -> Any:
    whole, found = prints_of(data) or (None, None)
    assert found is not None, "a planted copy has details"
    return _row(number, count, number_of(whole), packed(details(found)), kept.dump(Fingerprints("", whole, found)))


def _row(number: int, count: int, whole: int | None, sketch: bytes, kinds: dict[str, bytes]) -> Any:
    at = now() - timedelta(days=30 * (1 - number / count))
    head: dict[str, Any] = {
        "channel": {"id": f"c{number % 900}", "name": f"Group {number % 900}", "members": 17, "external": False}
    }
    head |= {"sender": {"id": f"u{number % 5000}", "name": "Zhang"}, "forwarded_from": None}
    sighting = {"id": new_id("sgt", at.timestamp()), "message_id": new_id("msg", at.timestamp()), "position": 0, "part": ""}
    sighting |= {"seen": number, "size": 200_000, "gateway": "g1", "external_id": f"m{number}", "received_at": at, "head": head}
    return (
        {"number": number, "digest": f"{number:064x}", "perceptual": whole},
        {"number": number, "perceptual": whole, "details": sketch, "phrases": b""},
        sighting,
        [{"number": number, "kind": kind, "data": data} for kind, data in kinds.items()],
    )


def hunted(name: str, server: Server, samples: Sequence[Sample], planted: Set[str]) -> Hunted:
    """Register an asset, and wait for what its registration begins. ``planted``: messages with copies of it."""
    files = {f"{sample.name}.jpg": sample.load() for sample in samples}
    asset = server.register(files, kind=samples[0].kind, title=samples[0].name).raise_for_status().json()["id"]
    while server["owner"].get(f"/assets/{asset}").json()["status"] != "ready":
        time.sleep(0.1)
    began, hunt = time.perf_counter(), server["owner"].post(f"/assets/{asset}/hunts").json()["id"]
    while (told := server["owner"].get(f"/hunts/{hunt}").json())["status"] not in ("done", "failed"):
        began = time.perf_counter() if told["status"] == "queued" else began  # the one that registering began comes first
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    assert told["status"] == "done", told
    about = set(_alerted(server, asset))
    return Hunted(name, len(samples), seconds, len(planted), len(about & planted), len(about - planted), told["left_out"])


def _alerted(server: Server, asset: str) -> Iterator[str]:
    """Messages with an alert about it, all of them."""
    asked: dict[str, str | int] = {"asset": asset, "limit": 200}
    while True:
        page = server["analyst"].get("/alerts", params=asked).raise_for_status().json()
        yield from (one["message"]["message_id"] for one in page["items"])
        if page["next_cursor"] is None:
            return
        asked["cursor"] = page["next_cursor"]


def measure_form(
    name: str, settings: Settings, count: int, named: Mapping[str, Prints], say: Callable[[str], None], every: int = 1
) -> Iterator[Hunted]:
    """Register a page of whose form one in ``EVERY`` of what was seen is another page. ``every``: of the attacks."""
    [page] = known(0, KEPT)
    form = [prints for one, prints in named.items() if _form(one) == _form(page.name)]
    copies = [_attacked(page, attack) for attack in PAGES[::every]]
    names = {f"m{place + 1}" for place in _places(count, len(copies))}

    async def prepare() -> None:
        database = Database(settings.database)
        await bring_up_to_date(database)
        strangers = list(named.values())
        await fill(database, count, Crowd(strangers), copies, [_sieve([page])], strangers[0], form)
        await database.close()

    say(f"{name}: writing {count:,} sightings, one in {EVERY} of one form")
    asyncio.run(prepare())
    with running(settings) as server:
        found = hunted(name, server, [page], names)
        told = f"{found.seconds:.1f} seconds, {found.found} of {found.planted} found, {found.left_out} left out"
        say(f"{name}: {told}, and {found.others} others")
        yield found


def measure(
    name: str,
    settings: Settings,
    count: int,
    strangers: Sequence[Prints],
    say: Callable[[str], None],
    references: int = 10,
    every: int = 1,
) -> Iterator[Hunted]:
    """Fill a database, then register one asset of one picture, and one of so many. ``every``: of the attacks."""
    machines = [next(s for s in known(number * 8 + 5, KEPT)) for number in range(1 + references)]
    assets, attacks = (machines[:1], machines[1:]), PLANTED[::every]
    copies = [_attacked(sample, attack) for sample in (machines[0], machines[1]) for attack in attacks]
    names = [f"m{place + 1}" for place in _places(count, len(copies))]

    async def prepare() -> None:
        database = Database(settings.database)
        await bring_up_to_date(database)
        await fill(database, count, Crowd(strangers), copies, [_sieve(some) for some in assets], strangers[0])
        await database.close()

    say(f"{name}: writing {count:,} sightings")
    asyncio.run(prepare())
    with running(settings) as server:
        for some, planted in zip(assets, (names[: len(attacks)], names[len(attacks) :]), strict=True):
            say(f"{name}: hunting for {len(some)} references")
            found = hunted(name, server, some, set(planted))
            say(f"{name}: {found.seconds:.1f} seconds, {found.found} of {found.planted} found, and {found.others} others")
            yield found


KEPT = Kept(FOLDER)


def _attacked(sample: Sample, attack: str) -> bytes:
    return ATTACKS[attack](decode(sample.load(), LIMITS).pixels, seed_of(0, attack, sample.name))


@cache
def drawn(count: int) -> dict[str, Prints]:
    """So many pictures that are not registered, by their names."""
    some = [strange(number, KEPT) for number in range(5000, 5000 + count)]
    return {one.name: prints for one in some if (prints := prints_of(one.load())) is not None}


def report(
    count: int,
    hunts: Sequence[Hunted],
    common: tuple[int, Sequence[Hunted]],
    found: Sequence[Recall],
    through: float,
    others: tuple[int, int],
    sizes: dict[str, float],
    spent: dict[str, float],
) -> str:
    """The whole page."""
    rows = [(f"{one.references}", one.database, f"{one.seconds:.1f}", f"{one.found}/{one.planted}", one.others) for one in hunts]
    told = [(one.attack, f"{one.through}/{one.found}", f"{one.even}/{one.pages}") for one in found]
    pages, even = sum(one.pages for one in found), sum(one.even for one in found)
    all_found, all_through = sum(one.found for one in found), sum(one.through for one in found)
    parts = [
        f"# Was it seen before? {count:,} sightings",
        f"- {hunts[0].planted} attacked copies among them; the others are sketches of {STRANGERS} drawn pictures, mixed anew",
        f"{machine()}\n- load average over 15 minutes, at the end: {os.getloadavg()[2]:.1f}",
        "## Seconds\n\nFrom asking for it to its end, in a server with one detection process; copies that raised an alert, and "
        "what else did: drawn machines of one model are each other's likeness.",
        table(("references", "database", "seconds", "found", "others"), rows),
        f"## A common form\n\n{common[0]:,} sightings, one in {EVERY} of them another page of the registered page's form. Those "
        "that share more than the form are judged first; when many were refused the rest is left out, and their number is told.",
        table(
            ("database", "seconds", "found", "others", "left out"),
            [(one.database, f"{one.seconds:.1f}", f"{one.found}/{one.planted}", one.others, one.left_out) for one in common[1]],
        ),
        f"## The sieve\n\nCopies it lets through, of those that all details would find ({FOUND} inliers, every reference tried): "
        f"{all_through}/{all_found}. Of strangers it lets through {through:.3%} a reference: every page of the "
        "same template, which one in eight of them is, and few others.",
        "Pages cannot be read in hindsight, so what is registered must agree all over before a person is asked. "
        f"Of their copies {even}/{pages} do, of others of their forms {others[1]}/{others[0]}.",
        table(("attack", "let through", "pages: agree all over"), told),
        "## What is kept\n\nKilobytes of a picture.",
        table(("what", "KB"), [(what, f"{size / 1000:.1f}") for what, size in sizes.items()]),
        "## What it costs\n\nMilliseconds of processor time of an inspected picture.",
        table(("what", "ms"), [(what, f"{one:.1f}") for what, one in spent.items()]),
    ]
    return "\n\n".join(parts) + "\n"


def costs(count: int = 40) -> dict[str, float]:
    """Milliseconds of processor time of a picture, the median of some."""
    spent: dict[str, list[float]] = {}

    def timed(what: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        done = work()
        spent.setdefault(what, []).append((time.process_time() - began) * 1000)
        return done

    for number in range(5000, 5000 + count):
        data = strange(number, KEPT).load()
        picture, prints = decode(data, LIMITS), timed("what inspecting computes anyway", partial(prints_of, data))
        if prints is not None:
            timed("sketch", lambda: packed(details(prints[1])))  # noqa: B023 (called at once)
            timed("packing", partial(kept.dump, Fingerprints("", *prints)))
            timed("look", lambda: lineage.dump_look(lineage.look_of(picture, data)))  # noqa: B023
    return {what: statistics.median(some) for what, some in spent.items()}


def weights(strangers: Sequence[Prints]) -> dict[str, float]:
    """Bytes, the median of some pictures."""
    kinds = [kept.dump(Fingerprints("", *one)) for one in strangers]
    sketch = statistics.median(len(packed(details(one))) for _, one in strangers)
    return {"sketch": sketch, "whole fingerprints": statistics.median(sum(map(len, one.values())) for one in kinds)}


def main(words: list[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.hunting", description=__doc__)
    parser.add_argument("--sightings", type=int, default=1_000_000)
    parser.add_argument("--form-sightings", type=int, default=200_000, help="among which a page of a common form is sought")
    parser.add_argument("--pictures", type=int, default=40, help="registered pictures that are attacked")
    parser.add_argument("--databases", nargs="*", default=("SQLite", "PostgreSQL"), choices=("SQLite", "PostgreSQL"))
    parser.add_argument("--quick", action="store_true", help="little of everything: that it works, not how well")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the table")
    asked = parser.parse_args(words)
    pictures = 1 if asked.quick else asked.pictures
    samples = [sample for number in range(pictures) for sample in known(number, KEPT)][:pictures]
    named = drawn(FEW if asked.quick else STRANGERS)
    strangers, others = list(named.values()), forms(samples, named)
    found, through = recalls(samples, strangers, PLANTED[:2] if asked.quick else ATTACKS)
    references, every = QUICKLY if asked.quick else (10, 1)
    work = partial(measure, count=asked.sightings, strangers=strangers, references=references, every=every)
    hunts = [one for name in asked.databases for one in _on(name, work)]
    few = asked.sightings if asked.quick else asked.form_sightings
    common = [one for name in asked.databases for one in _on(name, partial(measure_form, count=few, named=named, every=every))]
    asked.output.mkdir(parents=True, exist_ok=True)
    sizes, spent = weights(strangers), costs(2 if asked.quick else 40)
    page = report(asked.sightings, hunts, (few, common), found, through, others, sizes, spent)
    (asked.output / "hunt.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def _on(name: str, work: Callable[..., Iterator[Hunted]]) -> Iterator[Hunted]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(PostgreSQL()).database() if name == "PostgreSQL" else ""
        settings = Settings(data_dir=Path(folder), database_url=url, workers=1)
        yield from work(name, settings, say=lambda said: print(said, file=sys.stderr, flush=True))


if __name__ == "__main__":
    main()
