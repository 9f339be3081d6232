"""Pictures of the console's pages, drawn from the staged demo: those that the README shows, or with a FOLDER every page in both
languages and themes, to look at.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.console.routes import LANGUAGE, THEME
from app.console.speech import LANGUAGES
from tests.e2e.conftest import BROWSERS

ROOT = Path(__file__).parent.parent
SHOWN = ROOT / "deploy" / "screenshots"
TELLING = "Workshop 3 press line"
"""The asset whose alert and attacks are shown."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, TALL = 1440, 900


@dataclass(frozen=True, slots=True)
class Shown:
    """A demo that serves, and who can sign in there."""

    address: str
    analyst: str
    office: str
    auditor: str


@contextmanager
def playing() -> Iterator[Shown]:
    """The staged demo, played to its end and serving."""
    command = [str(Path(sys.executable).parent / "leakwatch"), "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            while "The API:" not in said:
                line = process.stdout.readline() if process.stdout else ""
                if not line:
                    raise SystemExit(f"The demo ended early:\n{said}")
                said += line
            address = re.search(r"http://\S+?(?=/ )", said)
            tokens = re.findall(r"lw_\S+", said)
            if address is None or len(tokens) < 3:
                raise SystemExit(f"The demo did not say where it is:\n{said}")
            yield Shown(address[0], *tokens[:3])
        finally:
            process.terminate()


@contextmanager
def with_a_font() -> Iterator[dict[str, str | float | bool]]:
    """An environment in which a browser finds Chinese letters, those of the demo, whatever the system has."""
    with TemporaryDirectory() as folder, as_file(files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc") as font:
        fonts = Path(folder) / "fonts"
        fonts.mkdir()
        (fonts / "cjk.ttc").symlink_to(font)
        yield {**os.environ, "XDG_DATA_HOME": folder}


def signed_in(browser: Browser, shown: Shown, token: str, language: str, theme: str) -> BrowserContext:
    context = browser.new_context(base_url=shown.address, viewport={"width": WIDE, "height": TALL}, device_scale_factor=1)
    context.add_cookies([{"name": n, "value": v, "url": shown.address} for n, v in ((LANGUAGE, language), (THEME, theme))])
    if token:
        context.request.post("/sign-in", form={"token": token}, max_redirects=0)
    return context


PAGES = {
    "stranger": {"sign-in": "/sign-in"},
    "analyst": {
        "queue": "/alerts",
        "alert": "/alerts/{alert}",
        "match": "/alerts/{alert}/matches/1",
        "reading": "/alerts/{alert}/reading/0",
        "alert-calling": "/alerts/{alert}/calling",
        "alert-history": "/alerts/{alert}/history",
        "alert-entry": "/alerts/{alert}/history/{step}",
        "evidence": "/alerts/{alert}/evidence",
        "sightings": "/sightings?message={message}",
        "incidents": "/incidents",
        "incident": "/incidents/{incident}",
        "drawing": "/incidents/{incident}/drawing",
        "ways": "/incidents/{incident}/ways",
        "story": "/incidents/{incident}/story",
        "tasks": "/incidents/{incident}/tasks",
        "incident-history": "/incidents/{incident}/history",
        "incident-evidence": "/incidents/{incident}/evidence",
        "mistakes": "/mistakes",
        "numbers": "/numbers",
        "test": "/assets/test",
        "account": "/account",
        "api": "/api/docs",
    },
    "office": {
        "assets": "/assets",
        "asset": "/assets/{asset}",
        "about": "/assets/{asset}/about",
        "asset-history": "/assets/{asset}/history",
        "asset-event": "/assets/{asset}/history/{event}",
        "attacks": "/assets/{asset}/gallery?reference={reference}",
        "new": "/assets/new",
        "edit": "/assets/{asset}/edit",
        "edition": "/assets/{asset}/edition",
        "retire": "/assets/{asset}/retire",
        "directory": "/directory",
    },
    "auditor": {"audit": "/audit", "entry": "/audit/{bulk}", "bulk": "/audit/{bulk}/alerts", "check": "/audit/check"},
}
"""Who looks at it, and by name every page there is."""


def first(page: Page, where: str, pattern: str) -> str:
    """What stands in the place of the pattern's group on a page, first of all."""
    page.goto(where)
    found = re.search(pattern, page.content())
    if found is None:
        raise SystemExit(f"{where} has nothing like {pattern}")
    return found[1]


def telling(page: Page, where: str) -> str:
    """The id of the thing on a page that is shown."""
    page.goto(where)
    return (page.get_by_role("link", name=TELLING).first.get_attribute("href") or where).rpartition("/")[2].partition("?")[0]


def addresses(page: Page, role: str) -> dict[str, str]:
    """Pages by name, as somebody finds them."""
    found: dict[str, str] = {}
    if role == "analyst":
        alert = found["alert"] = telling(page, "/alerts")
        page.goto(f"/alerts/{alert}")
        if page.get_by_role("button", name=re.compile("Reveal for triage|显示原图")).count():
            page.keyboard.press("v")
            page.wait_for_timeout(1500)
        found["message"] = first(page, f"/alerts/{alert}", r"/sightings\?message=(msg_\w+)")
        found["step"] = first(page, f"/alerts/{alert}/history", r'id="entry-(\d+)"')
        found["incident"] = first(page, "/incidents", r'href="/incidents/(inc_\w+)"')
    if role == "office":
        asset = found["asset"] = telling(page, "/assets")
        found["reference"] = first(page, f"/assets/{asset}", r"/gallery\?reference=(\w+)")
        found["event"] = first(page, f"/assets/{asset}/history", r'id="event-(\d+)"')
    if role == "auditor":
        found["bulk"] = first(page, "/audit?action=alerts.undone", r'id="entry-(\d+)"')
    return {name: address.format(**found) for name, address in PAGES[role].items()}


def noted_and_taken_back(shown: Shown) -> None:
    """A change of several alerts at once, for pages that tell of one."""
    with httpx.Client(base_url=f"{shown.address}/api/v1", headers={"Authorization": f"Bearer {shown.analyst}"}) as analyst:
        asked = {"filter": {"status": "open"}, "change": {"note": "The plant's security has been called."}}
        done = analyst.post("/alerts/bulk", json=asked).raise_for_status().json()["bulk_id"]
        analyst.post("/alerts/bulk", json={"undo": done}).raise_for_status()


def draw(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    if "/gallery?" in address:
        page.locator(".attacks li:last-child img").wait_for(state="attached", timeout=180_000)  # they come in order
    page.wait_for_timeout(800)
    path.write_bytes(_small(page.screenshot()))


def _small(png: bytes) -> bytes:
    """With a palette: a third of the bytes."""
    target = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
    return target.getvalue()


def every_page(browser: Browser, shown: Shown, folder: Path) -> None:
    noted_and_taken_back(shown)
    people = {"stranger": "", "analyst": shown.analyst, "office": shown.office, "auditor": shown.auditor}
    for role, token in people.items():
        for language in LANGUAGES:
            for theme in ("light", "dark"):
                context = signed_in(browser, shown, token, language, theme)
                page = context.new_page()
                for name, address in addresses(page, role).items():
                    draw(page, address, folder / f"{name}-{language}-{theme}.png")
                context.close()


def those_shown(browser: Browser, shown: Shown, folder: Path) -> None:
    """Those that the README shows, in English."""
    for name, token, theme in (
        ("queue", shown.analyst, "light"),
        ("alert", shown.analyst, "dark"),
        ("attacks", shown.office, "dark"),
    ):
        context = signed_in(browser, shown, token, "en", theme)
        page = context.new_page()
        draw(page, addresses(page, "office" if name == "attacks" else "analyst")[name], folder / f"{name}.png")
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    folder: Path | None = parser.parse_args().folder
    (folder or SHOWN).mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SystemExit("Chromium is missing: deploy/test-packages installs it")
    with playing() as shown, sync_playwright() as playwright, with_a_font() as environment:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, env=environment)
        every_page(browser, shown, folder) if folder else those_shown(browser, shown, SHOWN)
        browser.close()


if __name__ == "__main__":
    main()
