"""The benchmark of searches backwards runs; not how fast they are."""

from pathlib import Path

import pytest

from tests.benchmarks import hunting


def test_it_measures_and_writes_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hunting.main(["--quick", "--sightings", "300", "--databases", "SQLite", "--output", str(tmp_path)])
    page = (tmp_path / "hunt.md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out
    assert page.startswith("# Was it seen before? 300 sightings")
    references, every = hunting.QUICKLY
    [one, more, form] = [line for line in page.splitlines() if "| SQLite |" in line]
    assert one.startswith("| 1 |")
    assert more.startswith(f"| {references} |")
    planted = len(hunting.PLANTED[::every])
    assert all(int(line.split("|")[4].split("/")[0]) >= planted - 1 for line in (one, more)), "copies are found"
    assert form.startswith("| SQLite |")
    assert int(form.split("|")[3].split("/")[0]) >= len(hunting.PAGES[::every]) / 2, "copies among pages of their form"
