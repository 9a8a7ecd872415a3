"""What people see when something is wrong: the same finding on every page, and a key that fails its check."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages import CHROMIUM, NO_CHROMIUM, amount, card, sign_in
from tests.e2e.running_demo import RunningDemo, start_demo, until
from tests.e2e.shown import at_rest
from tests.e2e.taker import with_trades

pytestmark = [
    pytest.mark.browser,
    pytest.mark.process,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]

SHARP = "SHARP-SB-Coinstore"
CLIENT_PAGE = "/app/clients/client_sharp"
FIGURES = ("available-SHARP", "available-USDT", "locked-SHARP", "locked-USDT", "volume-total")


@pytest.fixture(scope="module")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    state: Path = tmp_path_factory.mktemp("trouble") / "data"
    running = start_demo(state)
    yield running
    running.end()


@pytest.fixture(autouse=True)
def no_fault_is_left(trouble: RunningDemo) -> Iterator[None]:
    yield
    trouble.sandbox("POST", "/faults/clear", {})


def figures(place: Locator) -> list[str | None]:
    return [amount(place, figure) for figure in FIGURES]


def all_there(place: Locator) -> bool | None:
    """Whether every figure is a number above 0; None: not yet."""
    return True if all(shown is not None and Decimal(shown) > 0 for shown in figures(place)) else None


def holds(demo: RunningDemo, code: str) -> dict[str, Any] | None:
    found = demo.get("/api/findings")["findings"]
    return next((one["finding"] for one in found if one["finding"]["code"] == code), None)


def tells_only_of_the_closing(attention: Locator) -> None:
    """All is well but for the exchange that closes."""
    rows = attention.get_by_test_id("finding-row")
    expect(rows).to_have_count(1, timeout=60_000)
    expect(rows).to_have_attribute("data-code", re.compile("exchange.clos"))


def stays_above_zero(page: Page, place: Locator) -> bool:
    """Whether for two seconds no figure is 0: each is a number above it, or told as unknown."""
    for _ in range(20):
        if any(shown is not None and Decimal(shown) <= 0 for shown in figures(place)):
            return False
        page.wait_for_timeout(100)
    return True


def test_one_finding_stands_on_card_and_overview_and_goes_by_itself(page: Page, trouble: RunningDemo) -> None:
    demo, code = trouble, "permission.read_missing"
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/")
    attention = page.get_by_test_id("attention")
    tells_only_of_the_closing(attention)
    page.goto(f"{demo.address}{CLIENT_PAGE}")
    place = card(page, SHARP)
    with_trades(demo, SHARP)
    until(partial(all_there, place), within_s=90, what="every figure is on the card")

    with at_rest(demo):
        until(partial(all_there, place), within_s=90, what="the card shows what they lock")
        demo.sandbox("POST", "/faults", {"kind": "read_missing", "account": "client_sharp"})
        told = until(partial(holds, demo, code), within_s=90, what="the finding is open")
    words = told["title"][0].upper() + told["title"][1:]

    note = place.locator(f'[data-testid="finding"][data-code="{code}"]').first
    expect(note).to_contain_text(words, timeout=60_000)
    expect(note).to_contain_text(told["fix"])
    expect(place.get_by_test_id("state")).to_contain_text("Blocked", timeout=60_000)
    assert stays_above_zero(page, place)

    page.get_by_role("link", name="Bots", exact=True).click()
    row = attention.locator(f'[data-testid="finding-row"][data-code="{code}"]')
    expect(row).to_contain_text(words, timeout=60_000)
    row.get_by_test_id("finding-details").click()
    expect(row).to_contain_text(told["fix"])
    expect(page.get_by_test_id("finding-count").first).not_to_contain_text("1 open")

    demo.sandbox("POST", "/faults/clear", {})
    expect(row).to_have_count(0, timeout=60_000)
    tells_only_of_the_closing(attention)
    expect(page.get_by_test_id("finding-count").first).to_contain_text("1 open")
    page.goto(f"{demo.address}{CLIENT_PAGE}")
    expect(place.get_by_test_id("state")).to_contain_text("Trading", timeout=60_000)
    expect(place.get_by_test_id("finding")).to_have_count(0, timeout=60_000)

    page.goto(f"{demo.address}/app/findings?state=resolved")
    over = page.locator(f'[data-testid="finding-row"][data-code="{code}"]')
    expect(over.first).to_have_attribute("data-resolved", "true", timeout=60_000)


def test_a_bot_says_why_and_from_where_its_numbers_come(page: Page, trouble: RunningDemo) -> None:
    demo = trouble
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/bots/{demo.bots()[SHARP]}")
    why = page.get_by_test_id("why")
    expect(why.get_by_test_id("decision-reason")).to_have_attribute("data-reason", "quoting", timeout=60_000)
    expect(why.get_by_test_id("wanted").locator("li")).to_have_count(2, timeout=60_000)
    expect(why.get_by_test_id("open-orders")).not_to_contain_text("unknown", timeout=60_000)
    page.get_by_test_id("tab-decisions").click()
    expect(page.get_by_test_id("decision").first).to_contain_text("still", timeout=60_000)
    page.get_by_test_id("tab-balance").click()
    check = page.get_by_test_id("balance-check")
    expect(check.get_by_test_id("match")).to_contain_text("yes", timeout=60_000)
    expect(check.get_by_test_id("ladder")).to_have_attribute("data-passed", "true")
    expect(check.get_by_test_id("stored-connectors")).to_contain_text("can be decrypted")
    expect(check.get_by_test_id("calls").locator("tbody tr").first).to_be_visible()


def test_a_wrong_key_shows_every_step_and_is_saved_only_on_purpose(page: Page, trouble: RunningDemo) -> None:
    demo = trouble
    before = demo.connectors()
    working = before["coinstore"]
    sign_in(page, demo)
    page.goto(f"{demo.address}{CLIENT_PAGE}")
    page.get_by_test_id("new-connector").click()
    form = page.get_by_test_id("connector-form")
    form.get_by_label("Name").fill("second")
    form.get_by_label("API key").fill("no-such-key-0000000000x9k2")
    form.get_by_label("API secret").fill("no-such-secret")
    form.get_by_label("What the key is called").fill("bridge 2026")
    form.get_by_label("Base URL").fill(working["base_url"])
    form.locator("button[type=submit]").click()

    failed = form.get_by_test_id("check-failed")
    expect(failed.get_by_test_id("finding").first).to_be_visible(timeout=60_000)
    expect(failed.locator('[data-testid="step"][data-outcome="fail"]').first).to_contain_text("failed")
    expect(failed.locator('[data-testid="step"][data-outcome="pass"]').first).to_be_attached()
    expect(form.get_by_label("API secret")).to_have_value("no-such-secret")
    assert demo.connectors().keys() == before.keys()

    failed.get_by_test_id("save-anyway").click()
    row = page.locator('[data-testid="connector-row"][data-connector="second"]')
    expect(row).to_contain_text("x9k2", timeout=60_000)
    expect(row).to_contain_text("bridge 2026")
    expect(row).to_contain_text("never yet")
    expect(row.get_by_test_id("connector-check")).to_have_attribute("data-passed", "false")
    expect(form).to_have_count(0)

    good = page.locator('[data-testid="connector-row"][data-connector="coinstore"]')
    good.get_by_test_id("check-connector").click()
    expect(good.get_by_test_id("connector-check")).to_have_attribute("data-passed", "true", timeout=60_000)
    expect(good.get_by_test_id("check-line")).to_contain_text("passed")
