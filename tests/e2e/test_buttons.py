"""Buttons are read at a glance: no word in them is broken, however narrow their place."""

import pytest
from playwright.sync_api import Browser

from tests.app.conftest import Server
from tests.app.incidents.test_api import leak
from tests.e2e.test_journeys import sign_in


@pytest.mark.parametrize("width", [1300, 390])
def test_undoing_a_move_is_one_word_in_one_line(browser: Browser, server: Server, width: int) -> None:
    incident, alerts = leak(server)
    server["analyst"].post(f"/incidents/{incident}/split", json={"alerts": alerts[:1]}).raise_for_status()
    context = browser.new_context(base_url=server.url, viewport={"width": width, "height": 900})
    page = context.new_page()
    sign_in(page, server, "analyst")
    page.goto(f"/incidents/{incident}")
    lines = page.locator(".move button").evaluate("""button => {
        const range = document.createRange();
        range.selectNodeContents(button);
        return range.getClientRects().length;
    }""")
    context.close()
    assert lines == 1
