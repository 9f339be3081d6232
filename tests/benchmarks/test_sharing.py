"""The sharing benchmark still runs; not how much is shared: that loading copies nothing is tested with saved snapshots."""

from pathlib import Path

import cv2
import pytest

from tests.benchmarks import sharing


def test_quick_run_writes_both_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It raises where a query is answered otherwise by what is copied than by what is mapped."""
    threads = cv2.getNumThreads()
    try:
        sharing.main(["--quick", "--output", str(tmp_path)])
    finally:
        cv2.setNumThreads(threads)
    page = (tmp_path / "sharing.md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out
    rows = {
        cells[0]: cells[1:] for cells in ([one.strip() for one in line.split("|")[1:-1]] for line in page.splitlines()) if cells
    }
    assert {"nothing loaded", "copied, 2", "mapped, 2", "as saved", "2 more, 2 replaced"} < rows.keys()
    for how in ("copied, 2", "mapped, 2"):
        _, resident, proportional, unique, together = (float(cell.replace(",", "")) for cell in rows[how])
        assert resident >= proportional >= unique > 0
        assert together >= 2 * unique
