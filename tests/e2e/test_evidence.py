"""Evidence is taken in a real browser, checked elsewhere by a bare Python, tampered with, and the tampering named."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.app.conftest import Server
from tests.app.evidence.made import contents, zipped
from tests.app.pictures import jpeg
from tests.e2e.test_journeys import sign_in


def test_an_analyst_takes_evidence_and_somebody_elsewhere_checks_it(page: Page, server: Server, tmp_path: Path) -> None:
    server.register({"a.jpg": jpeg(9701)}, title="Reactor hall", kind="equipment", level="secret").raise_for_status()
    alert = server.verdict(server.post("", {"IMG_1.jpg": jpeg(9701, 60)}))["alert_id"]
    sign_in(page, server, "analyst")
    page.goto(f"/alerts/{alert}")
    page.get_by_role("link", name="Export evidence").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Export evidence")
    fingerprint = page.locator("code").inner_text()
    page.get_by_label("What for").select_option("other")
    page.get_by_label("In words").fill("case 12")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    assert download.value.suggested_filename == f"evidence-{alert}.zip"

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    download.value.save_as(elsewhere / "bundle.zip")
    (elsewhere / "verify.py").write_bytes(contents((elsewhere / "bundle.zip").read_bytes())["verify.py"])

    def check() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-I", "verify.py", "bundle.zip", "--key", fingerprint]
        return subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)

    held = check()
    assert held.returncode == 0, held.stdout
    assert "case 12" in held.stdout
    files = contents((elsewhere / "bundle.zip").read_bytes())
    (elsewhere / "bundle.zip").write_bytes(zipped({**files, "alerts/0001/posted/01-IMG_1.jpg": jpeg(9702)}))
    broken = check()
    assert broken.returncode == 1
    assert "alerts/0001/posted/01-IMG_1.jpg was changed" in broken.stdout

    page.goto(f"/alerts/{alert}")
    expect(page.locator(".history").last).to_contain_text("took the evidence out")
