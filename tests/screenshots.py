"""Pictures of the console's pages, drawn from the staged demo: ``python -m tests.screenshots FOLDER`` draws every page in both
languages and themes to look at; ``--readme`` draws those that the README shows.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.console.routes import LANGUAGE, THEME
from app.console.speech import LANGUAGES

ROOT = Path(__file__).parent.parent
SHOWN = ROOT / "deploy" / "screenshots"
README = {"queue": "light", "alert": "dark", "caught": "light"}
"""What the README shows, and in which theme; English."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, TALL = 1440, 900


@dataclass(frozen=True, slots=True)
class Shown:
    """A demo that serves, and who can sign in there."""

    address: str
    analyst: str
    office: str


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
            if address is None or len(tokens) < 2:
                raise SystemExit(f"The demo did not say where it is:\n{said}")
            yield Shown(address[0], *tokens[:2])
        finally:
            process.terminate()


def signed_in(browser: Browser, shown: Shown, token: str, language: str, theme: str) -> BrowserContext:
    context = browser.new_context(base_url=shown.address, viewport={"width": WIDE, "height": TALL}, device_scale_factor=1)
    context.add_cookies([{"name": n, "value": v, "url": shown.address} for n, v in ((LANGUAGE, language), (THEME, theme))])
    if token:
        context.request.post("/sign-in", form={"token": token}, max_redirects=0)
    return context


def first(page: Page, where: str, link: str) -> str:
    """The address of the first link of a page that leads to one of its things."""
    page.goto(where)
    return page.locator(link).first.get_attribute("href") or where


def addresses(page: Page, role: str) -> dict[str, str]:
    """Pages by name, as somebody finds them."""
    if role == "stranger":
        return {"sign-in": "/sign-in"}
    if role == "analyst":
        return {"queue": "/alerts", "alert": first(page, "/alerts", 'a[href^="/alerts/alr"]'), "mistakes": "/mistakes"}
    asset = first(page, "/assets", 'a[href^="/assets/ast"]')
    return {"assets": "/assets", "asset": asset, "new": "/assets/new"}


def draw(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    path.write_bytes(_small(page.screenshot()))


def _small(png: bytes) -> bytes:
    """With a palette: a third of the bytes."""
    target = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
    return target.getvalue()


def every_page(browser: Browser, shown: Shown, folder: Path) -> None:
    for role, token in (("stranger", ""), ("analyst", shown.analyst), ("office", shown.office)):
        for language in LANGUAGES:
            for theme in ("light", "dark"):
                context = signed_in(browser, shown, token, language, theme)
                page = context.new_page()
                for name, address in addresses(page, role).items():
                    draw(page, address, folder / f"{name}-{language}-{theme}.png")
                context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHOWN)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with playing() as shown, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        every_page(browser, shown, folder)
        browser.close()


if __name__ == "__main__":
    main()
