"""The benchmark of searches backwards runs; not how fast they are."""

from pathlib import Path

import pytest

from tests.benchmarks import hunting


def test_it_measures_and_writes_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hunting.main(["--quick", "--sightings", "300", "--databases", "SQLite", "--output", str(tmp_path)])
    page = (tmp_path / "hunt.md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out
    assert page.startswith("# Was it seen before? 300 sightings")
    [one, ten, form] = [line for line in page.splitlines() if "| SQLite |" in line]
    assert one.startswith("| 1 |")
    assert ten.startswith("| 10 |")
    assert all(int(line.split("|")[4].split("/")[0]) >= len(hunting.PLANTED) - 2 for line in (one, ten)), "copies are found"
    assert form.startswith("| SQLite |")
    assert int(form.split("|")[3].split("/")[0]) >= len(hunting.PAGES) / 2, "copies among pages of their form"
