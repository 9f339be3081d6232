"""Signing in with a password, another password, and what an auditor sees of it, in a real browser."""

from playwright.sync_api import Page, expect

from app import administration
from tests.app.conftest import Server, fresh

PASSWORD, NEW = "violin river mint seven", "nine trout climb a ladder"


def sign_in(page: Page, name: str, password: str) -> None:
    """By keyboard only."""
    page.goto("/sign-in")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_somebody_changes_their_password_and_an_auditor_reads_of_it(page: Page, server: Server) -> None:
    name, auditor = fresh("zhang"), fresh("auditor")
    for who, role in ((name, "analyst"), (auditor, "auditor")):
        server.run(administration.create_account(server.settings, who, role, PASSWORD))
    sign_in(page, name, PASSWORD)
    page.wait_for_url("**/alerts")
    page.locator("details.who summary").click()
    page.get_by_role("link", name="Sessions and password").click()
    expect(page.get_by_role("heading", name="1 session")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("The new one", exact=True).fill(NEW)
    page.get_by_label("The new one again").fill(NEW)
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is another now")
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url("**/sign-in")

    sign_in(page, auditor, PASSWORD)
    page.wait_for_url("**/audit")
    page.get_by_label("Who", exact=True).fill(name)
    page.get_by_role("button", name="Show").click()
    rows = page.get_by_role("row").filter(has_text=name)
    expect(rows).to_have_count(3)
    for row, did in zip(
        rows.all(), ("signed out everywhere", f"gave {name} a new password", "signed in with a password"), strict=True
    ):
        expect(row).to_contain_text(did)
    rows.first.get_by_text("signed out everywhere").click()
    expect(rows.first).to_contain_text("hash before")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    end = page.locator(".place-of").inner_text()
    page.get_by_label("An end written down earlier").fill(end)
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("The record holds.")).to_be_visible()
