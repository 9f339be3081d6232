"""Counting: an index of exact bytes finds what is registered, nothing attacked, and whatever it is told to confuse."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

from app.demo import ordinary
from app.demo.camera import jpeg
from tests.benchmarks import looks
from tests.benchmarks.attacks import FEW
from tests.benchmarks.inprocess import Pipeline
from tests.benchmarks.kept import Kept
from tests.benchmarks.looks import Accusation, Look
from tests.benchmarks.measure import SIBLING_ATTACKS, Plan, Results, inspect, pixels, register, to_first_match
from tests.benchmarks.samples import Corpus, Sample
from tests.benchmarks.served import served
from tests.benchmarks.systems import Considered, Named, Outcome
from tests.benchmarks.tables import report
from tests.benchmarks.targets import targets
from tests.detectors.scenes import scene
from tests.fingerprints.test_extraction import CountingReader

MEASURED = (*FEW, "crop20")


@cache
def small(number: int) -> bytes:
    return jpeg(ordinary.cat(number)[::5, ::5], 85)


def sample(number: int, group: str, kind: str = "equipment", form: str = "cat") -> Sample:
    return Sample(f"{group}/{number}", group, "drawn", kind, lambda: small(number), form)


CORPUS = Corpus(
    "small",
    references=(sample(1, "one"), sample(2, "two", "document")),
    sources=(sample(1, "one"), sample(2, "two", "document")),
    queries=(sample(1, "one"), sample(2, "one")),
    benign=(sample(3, "three"), sample(4, "four"), sample(5, "five", form="tom")),
    siblings=(sample(2, "two again", "document"), sample(6, "six", "document")),
)


@dataclass
class ExactBytes:
    """Knows a file by its SHA-256; ``suspicious``: accuses everything else without naming an asset."""

    suspicious: bool = False
    known: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)

    def register(self, title: str, kind: str, data: bytes) -> str:
        self.titles.append(f"{title} {kind}")
        return self.known.setdefault(hashlib.sha256(data).hexdigest(), f"a{len(self.known)}")

    def inspect(self, data: bytes) -> Outcome:
        asset = self.known.get(hashlib.sha256(data).hexdigest())
        if asset:
            return Outcome("leak", (Named(asset, "page_copy", 0.9),))
        return Outcome("review" if self.suspicious else "clear")

    def considered(self) -> Sequence[Considered]:
        return [Considered("a0", {"inliers": 3.0})]


def quiet(stage: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("copies"))


def run(system: ExactBytes, copies: Kept, seeds: tuple[int, ...] = (0,), attacks: Sequence[str] = MEASURED) -> Results:
    owners = register(system, CORPUS, quiet)
    plan = Plan(attacks, 10, 2, 2, 1, copies)
    return Results([look for seed in seeds for look in inspect(system, owners, CORPUS, plan, seed, quiet, seed == 0)])


@pytest.fixture(scope="module")
def exact(copies: Kept) -> tuple[ExactBytes, Results]:
    system = ExactBytes()
    return system, run(system, copies)


def test_every_row_is_measured_and_own_and_other_assets_are_told_apart(exact: tuple[ExactBytes, Results]) -> None:
    results = exact[1]
    assert len(results.looks) == len(MEASURED) * 2 + 1 + 2 + 2 * (1 + len(SIBLING_ATTACKS)) + 2
    assert not any(look.right or look.wrong for name in MEASURED for look in results.of(name))
    as_is = {look.name: (look.right, look.wrong) for look in results.of("as it is: drawn")}
    assert as_is == {"one/1": (True, False), "one/2": (False, True)}


def test_names_of_the_corpus_never_reach_the_system(exact: tuple[ExactBytes, Results]) -> None:
    assert exact[0].titles
    assert not any(word in title for title in exact[0].titles for word in ("one", "two", "drawn"))


def test_an_accusation_needs_no_asset(exact: tuple[ExactBytes, Results], copies: Kept) -> None:
    page = report(CORPUS, run(ExactBytes(suspicious=True), copies))
    assert "| all | 2 | 2 | 100.00% | 0 | – |" in page
    assert "| benign pictures accused | 2 | ≤ 0.00 | 1.000 (2/2) | **no** |" in page
    assert "| all | 2 | 0 | 0.00% | 0 | – |" in report(CORPUS, exact[1])


def test_a_sibling_taken_for_a_registered_page_is_counted_and_named(exact: tuple[ExactBytes, Results]) -> None:
    page = report(CORPUS, exact[1])
    assert "| sibling: as it is | 2 | 1 | 50.00% | 1 | page_copy 1 |" in page
    assert "| sibling: oblique | 2 | 0 | 0.00% | 0 | – |" in page
    assert (
        "| unregistered pages of a registered template taken for a registered page | 10 | ≤ 0.01 | 0.100 (1/10) | **no** |"
        in page
    )
    assert "| nothing registered: sibling: as it is, cat | two | page_copy | 1 |" in page
    assert "| one | two | page_copy | 1 |" in page


def test_confidence_is_held_against_what_was_right(exact: tuple[ExactBytes, Results]) -> None:
    assert "| 0.9 to 0.95 | 3 | 0.900 | 0.333 | 0.400 | 2 |" in report(CORPUS, exact[1])


def test_families_of_which_more_than_one_was_measured_have_a_row(exact: tuple[ExactBytes, Results]) -> None:
    rows = [line.split(" | ")[0] for line in report(CORPUS, exact[1]).splitlines() if line.startswith("| all of:")]
    assert rows == ["| all of: crop"]


def test_a_picture_of_two_leaks_is_found_when_both_are() -> None:
    both = tuple(Accusation(group, "equipment_photo", 0.8, right=True) for group in ("one", "two"))
    look = Look(0, "two leaks", "n", "equipment", "", ("one", "two"), "leak", both, (), 1.0, 1.0)
    assert look.right
    assert not look.right_by("page_copy")
    assert not replace(look, matches=both[:1]).right


def test_targets_count_pages_by_page_copy_alone() -> None:
    page = Look(
        0, "crop20", "n", "document", "", ("one",), "leak", (Accusation("one", "document_text", 0.9, right=True),), (), 1, 1
    )
    photo = replace(page, kind="equipment", seed=1)
    told = targets([page, photo])
    assert "| crop to 20 % | 2 | ≥ 0.93 | 1.000 [1.000–1.000] (2/2) | yes |" in told
    assert "| pages by `page_copy` alone: crop to 20 % | 1 | ≥ 0.80 | 0.000 (0/1) | **no** |" in told


def test_what_no_seed_changes_is_posted_once_and_the_median_of_seeds_is_shown(copies: Kept) -> None:
    results = run(ExactBytes(), copies, (0, 1, 2), ("recompress",))
    assert len(results.of("recompress")) == 3 * 2
    assert len(results.of("benign")) == 2
    assert "| recompress | 6 | 0.000 [0.000–0.000] (0/6) |" in report(CORPUS, results)


def test_looks_are_written_down_whole(exact: tuple[ExactBytes, Results], tmp_path: Path) -> None:
    path = tmp_path / "looks.jsonl"
    path.write_text(looks.dump(exact[1].looks), encoding="utf-8")
    assert looks.load(path) == exact[1].looks
    assert exact[1].looks[0].weighed[0].values == {"inliers": 3.0}
    assert exact[1].looks[0].weighed[0].group == "one"


def test_a_copy_that_is_never_matched_has_no_time_to_first_match() -> None:
    assert to_first_match(ExactBytes(), CORPUS) == [None] * 3


def test_a_system_that_changes_its_mind_is_not_measured(copies: Kept) -> None:
    class Fickle(ExactBytes):
        def inspect(self, data: bytes) -> Outcome:
            self.suspicious = not self.suspicious
            return super().inspect(data)

    with pytest.raises(AssertionError, match="when repeated"):
        run(Fickle(), copies)


def test_the_report_names_machine_and_counts_but_no_date(exact: tuple[ExactBytes, Results]) -> None:
    page = report(CORPUS, exact[1])
    assert "2 references registered, 27 messages, seed 0" in page
    assert "| recompress | 2 | 0.000 (0/2) | 0.000 (0/1) | 0.000 (0/1) | 0.000 (0/1) | 0 |" in page
    assert "202" not in page.split("## Must")[0].replace("x86", "")


def test_only_files_with_pictures_have_pixels() -> None:
    assert pixels(sample(1, "one").load()).shape == (180, 240, 3)
    with pytest.raises(ValueError, match="no picture"):
        pixels(b"plain words")


def test_the_service_begins_with_what_was_registered_though_it_has_flaws() -> None:
    system = Pipeline(CountingReader(), CountingReader())
    system.register("dull", "equipment", jpeg(scene(1, 120, 90)))
    with served(system.registered) as server:
        known = server.register("new", "equipment", jpeg(scene(2)))
        assert server.inspect(jpeg(scene(2), 60)).assets == (known,)
