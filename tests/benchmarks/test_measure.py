"""Counting: an index of exact bytes finds what is registered, nothing attacked, and whatever it is told to confuse."""

import hashlib
from dataclasses import dataclass, field

import pytest

from app.demo import ordinary
from app.demo.camera import jpeg
from tests.benchmarks.attacks import FEW
from tests.benchmarks.corpus import Corpus, Sample
from tests.benchmarks.measure import Results, measure, pixels, to_first_match
from tests.benchmarks.systems import Outcome
from tests.benchmarks.tables import report

MEASURED = (*FEW, "crop20")


def sample(number: int, group: str, kind: str = "equipment") -> Sample:
    return Sample(f"{group}/{number}", group, "drawn", kind, lambda: jpeg(ordinary.cat(number)[::5, ::5], 85))


CORPUS = Corpus(
    "small",
    references=(sample(1, "one"), sample(2, "two", "document")),
    sources=(sample(1, "one"), sample(2, "two", "document")),
    queries=(sample(1, "one"), sample(2, "one")),
    benign=(sample(3, "three"), sample(4, "four"), sample(5, "five")),
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
            return Outcome("leak", (asset,), ("page_copy",))
        return Outcome("review" if self.suspicious else "clear", ())


def run(system: ExactBytes, benign: int = 2) -> Results:
    return measure(system, CORPUS, MEASURED, 10, benign, 0, lambda stage, done, total: None)


@pytest.fixture(scope="module")
def exact() -> tuple[ExactBytes, Results]:
    system = ExactBytes()
    return system, run(system)


def test_every_row_is_measured_and_own_and_other_assets_are_told_apart(exact: tuple[ExactBytes, Results]) -> None:
    results = exact[1]
    assert len(results.looks) == len(MEASURED) * 2 + 2 + 2
    assert not any(look.right or look.wrong for name in MEASURED for look in results.of(name))
    as_is = {look.sample.name: (look.right, look.wrong) for look in results.of("as it is: drawn")}
    assert as_is == {"one/1": (True, False), "one/2": (False, True)}


def test_names_of_the_corpus_never_reach_the_system(exact: tuple[ExactBytes, Results]) -> None:
    assert exact[0].titles
    assert not any(word in title for title in exact[0].titles for word in ("one", "two", "drawn"))


def test_an_accusation_needs_no_asset(exact: tuple[ExactBytes, Results]) -> None:
    page = report(CORPUS, run(ExactBytes(suspicious=True)), 0)
    assert "| all | 2 | 2 | 100.00% | – |" in page
    assert "| all | 2 | 0 | 0.00% | – |" in report(CORPUS, exact[1], 0)


def test_families_of_which_more_than_one_was_measured_have_a_row(exact: tuple[ExactBytes, Results]) -> None:
    rows = [line.split(" | ")[0] for line in report(CORPUS, exact[1], 0).splitlines() if line.startswith("| all of")]
    assert rows == ["| all of: crop"]


def test_a_copy_that_is_never_matched_has_no_time_to_first_match() -> None:
    assert to_first_match(ExactBytes(), CORPUS, 2) == [None]


def test_a_system_that_changes_its_mind_is_not_measured() -> None:
    class Fickle(ExactBytes):
        def inspect(self, data: bytes) -> Outcome:
            self.suspicious = not self.suspicious
            return super().inspect(data)

    with pytest.raises(AssertionError, match="when repeated"):
        run(Fickle())


def test_the_report_names_machine_and_counts_but_no_date(exact: tuple[ExactBytes, Results]) -> None:
    page = report(CORPUS, exact[1], 7)
    assert "2 references registered, 16 messages, seed 7" in page
    assert "| recompress | 2 | 0.000 (0/2) | 0.000 (0/1) | 0.000 (0/1) | 0 |" in page
    assert "202" not in page.split("## Found")[0].replace("x86", "")


def test_only_files_with_pictures_have_pixels() -> None:
    assert pixels(sample(1, "one").load()).shape == (180, 240, 3)
    with pytest.raises(ValueError, match="no picture"):
        pixels(b"plain words")
