"""A real browser, Debian's Chromium, on the real server."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.app.conftest import Server, own_database, quick_hashes, server

__all__ = ["own_database", "quick_hashes", "server"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--renderer-process-limit=1", "--in-process-gpu"]
"""One process draws all pages: starting another for each test takes longer than most tests."""
BROWSERS = "chromium-headless-shell", "chromium"
"""The first that is there: the same engine, but without the windows that nobody sees, in a third of the time."""


expect.set_options(timeout=30_000)  # as long as clicks wait: other work on the machine fails no test


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file: while it is there an event loop runs in this thread, and no other test can have one."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: deploy/test-packages installs it")
        pytest.skip("Chromium is missing: deploy/test-packages installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a fresh profile; nothing it logs may be an error."""
    context = browser.new_context(base_url=server.url, java_script_enabled=request.param)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert problems == []
