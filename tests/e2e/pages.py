"""The pages in a real browser: found, signed in to, and read."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.running_demo import RunningDemo

CHROMIUM = shutil.which("chromium")
NO_CHROMIUM = "no chromium on this machine (Debian: apt-get install chromium)"


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield running
        running.close()


@contextmanager
def open_page(browser: Browser) -> Iterator[Page]:
    """A page of its own session; a script that fails on it fails the test."""
    context = browser.new_context(viewport={"width": 1360, "height": 1000}, device_scale_factor=1)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def sign_in(page: Page, demo: RunningDemo) -> None:
    page.goto(demo.address)
    page.get_by_label("E-mail").fill(demo.email)
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_test_id("live")).to_be_visible(timeout=60_000)


def card(page: Page, name: str) -> Locator:
    return page.get_by_test_id("bot-card").filter(has_text=name)


def amount(place: Locator, test_id: str) -> str | None:
    """The decimal string that is shown there; None: no number is."""
    shown = place.get_by_test_id(test_id).locator("[data-amount]")
    return shown.first.get_attribute("data-amount", timeout=500) if shown.count() else None
