"""What stops bots, in a real browser: kill switch, holds, limits, whose orders lock what; also on a narrow screen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages import CHROMIUM, NO_CHROMIUM, amount, card, sign_in
from tests.e2e.running_demo import RunningDemo, start_demo, until
from tests.e2e.taker import a_taker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.process,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]

SHARP, ETH = "SHARP-SB-Coinstore", "ETH-SB-Coinstore"
CLIENT_PAGE = "/app/clients/client_sharp"
KILL_PANEL = "/app/controls?panel=kill&subject=platform"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    state: Path = tmp_path_factory.mktemp("control") / "data"
    running = start_demo(state)
    yield running
    running.end()


def standing(demo: RunningDemo) -> list[dict[str, Any]]:
    """Open orders of the client, as its exchange has them."""
    found: list[dict[str, Any]] = demo.sandbox("GET", "/orders?account=client_sharp&state=open")["orders"]
    return found


def gives_reason(place: Locator, button: str, reason: str) -> None:
    place.get_by_test_id(button).click()
    form = place.get_by_test_id(f"{button}-form")
    expect(form.locator("button[type=submit]")).to_be_disabled()
    form.get_by_label("Reason").fill(reason)
    form.locator("button[type=submit]").click()


def test_a_kill_under_an_outage_is_done_only_once_the_exchange_says_so(page: Page, stage: RunningDemo) -> None:
    demo = stage
    sign_in(page, demo)
    page.goto(f"{demo.address}{CLIENT_PAGE}")
    place = card(page, SHARP)
    expect(place.get_by_test_id("state")).to_contain_text("Trading", timeout=60_000)
    until(lambda: True if len(standing(demo)) >= 4 else None, within_s=90, what="both bots have orders in the book")

    demo.sandbox("POST", "/faults", {"kind": "maintenance", "account": "client_sharp"})
    page.get_by_test_id("kill-button").first.click()
    expect(page.get_by_label("Reason (optional)")).to_be_focused()
    page.keyboard.press("Enter")
    kill = page.get_by_test_id("kill")
    expect(kill.get_by_test_id("kill-progress")).to_contain_text("Not done yet", timeout=60_000)
    expect(kill.get_by_test_id("kill-waits")).to_contain_text("Waits for coinstore", timeout=60_000)
    expect(place.get_by_test_id("state")).to_contain_text("Killed", timeout=60_000)
    page.wait_for_timeout(3_000)
    assert standing(demo), "the exchange could not take a cancel"
    expect(kill.get_by_test_id("kill-progress")).to_contain_text("Not done yet")

    demo.sandbox("POST", "/faults/clear", {})
    expect(kill.get_by_test_id("kill-progress")).to_contain_text("Done", timeout=60_000)
    assert standing(demo) == []

    gives_reason(kill, "rearm", "the maintenance is over")
    expect(kill).to_have_count(0, timeout=60_000)
    expect(place.get_by_test_id("state")).to_contain_text("Trading", timeout=60_000)
    page.goto(f"{demo.address}/app/controls")
    expect(page.get_by_test_id("kill-row").first).to_contain_text("the maintenance is over")


def test_a_bot_is_held_with_its_orders_left_and_goes_on_when_the_hold_is_lifted(page: Page, stage: RunningDemo) -> None:
    demo = stage
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/bots/{demo.bots()[ETH]}")
    state = card(page, ETH).get_by_test_id("state")
    expect(state).to_contain_text("Trading", timeout=60_000)

    page.get_by_test_id("hold-button").click()
    form = page.get_by_test_id("hold-form")
    form.get_by_label("Reason").fill("a look at the market first")
    form.get_by_label("Open orders").select_option("keep")
    form.locator("button[type=submit]").click()
    hold = page.get_by_test_id("hold")
    expect(hold).to_contain_text("Open orders are left as they are", timeout=60_000)
    expect(state).to_contain_text("Held", timeout=60_000)
    gives_reason(hold, "lift", "looked at")
    expect(hold).to_have_count(0, timeout=60_000)
    expect(state).to_contain_text("Trading", timeout=60_000)


def test_a_hold_is_planned_and_called_off(page: Page, stage: RunningDemo) -> None:
    demo = stage
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/controls")
    page.get_by_test_id("hold-button").click()
    form = page.get_by_test_id("hold-form")
    form.get_by_label("What is held").select_option("Market SHARP/USDT at coinstore")
    form.get_by_label("Reason").fill("token migration")
    form.get_by_label("Starts").fill("2099-01-02T10:00")
    form.get_by_label("Ends").fill("2099-01-02T12:30")
    form.locator("button[type=submit]").click()
    row = page.get_by_test_id("hold-row").filter(has_text="Planned")
    expect(row).to_contain_text("Market SHARP/USDT", timeout=60_000)
    expect(page.get_by_test_id("hold")).to_have_count(0)
    gives_reason(row, "call-off", "it moved")
    expect(page.get_by_test_id("hold-row").filter(has_text="Called off")).to_contain_text("it moved", timeout=60_000)


def test_a_limit_is_set_and_one_that_allows_much_more_is_asked_about(page: Page, stage: RunningDemo) -> None:
    demo = stage
    bot = demo.bots()[ETH]
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/bots/{bot}?tab=limits")
    expect(page.get_by_test_id("counter-execution_loss")).to_contain_text("USDT", timeout=60_000)
    page.get_by_test_id("edit-limits").click()
    form = page.get_by_test_id("limit-form")
    form.locator('[name="fee_share"]').fill("1.5")
    form.locator('[name="max_open_orders"]').fill("200")
    form.locator("button[type=submit]").click()
    expect(form).to_contain_text("10 times as much", timeout=60_000)
    form.get_by_test_id("confirm-limits").click()
    expect(page.get_by_test_id("limit-max_open_orders")).to_contain_text("Set for this bot", timeout=60_000)
    expect(page.get_by_test_id("limit-fee_share")).to_contain_text("1.5 %")
    held = {one["name"]: one["value"] for one in demo.get(f"/api/limits/bot/{bot}")["limits"]}
    assert (held["fee_share"], held["max_open_orders"]) == ("0.015", "200")


def test_a_bot_that_a_limit_halted_is_resumed_with_a_reason(page: Page, stage: RunningDemo) -> None:
    demo = stage
    bot = demo.bots()[ETH]
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/bots/{bot}?tab=limits")
    state = card(page, ETH).get_by_test_id("state")
    expect(state).to_contain_text("Trading", timeout=60_000)
    assert demo.call("PUT", f"/bots/{bot}", {"budget": {"base": "0.5", "quote": "1500"}}).status == 200
    assert demo.call("PUT", f"/api/limits/bot/{bot}", {"limits": {"fee_share": "0.0001"}}).status == 200
    taker = a_taker(demo)

    def halted() -> bool | None:
        if demo.get(f"/bots/{bot}")["state"]["code"] == "halted":
            return True
        taker.reach(ETH)
        return None

    until(halted, within_s=90, every_s=1, what="its fees are more than the limit")
    expect(state).to_contain_text("Halted", timeout=60_000)
    expect(page.get_by_test_id("halt")).to_contain_text("A person must resume it", timeout=60_000)

    assert demo.call("PUT", f"/api/limits/bot/{bot}", {"limits": {"fee_share": None}}).status == 200
    gives_reason(card(page, ETH), "resume", "the limit was meant for another bot")
    expect(state).to_contain_text("Trading", timeout=60_000)
    expect(page.get_by_test_id("resume")).to_have_count(0)


def test_what_is_locked_is_told_by_whose_orders_hold_it(page: Page, stage: RunningDemo) -> None:
    demo = stage
    bot = demo.bots()[SHARP]
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/bots/{bot}")
    expect(page.get_by_test_id("locked-by")).to_be_visible(timeout=60_000)
    demo.sandbox("POST", "/flow/pause", {})
    try:

        def agree() -> bool | None:
            told = demo.get(f"/bots/{bot}/balance-and-volume")["locked_by"]
            shown = {
                part: {
                    currency: amount(page.locator("body"), f"locked-by-{part}-{currency}") for currency in told[part]
                }
                for part in ("this_bot", "other_bots", "by_hand")
            }
            return True if shown == told else None

        until(agree, within_s=90, what="page and API show the same digits")
    finally:
        demo.sandbox("POST", "/flow/resume", {})


def test_money_that_left_holds_orders_until_a_person_says_what_it_was(page: Page, stage: RunningDemo) -> None:
    demo = stage
    sign_in(page, demo)
    page.goto(f"{demo.address}{CLIENT_PAGE}")
    state = card(page, SHARP).get_by_test_id("state")
    expect(state).to_contain_text("Trading", timeout=60_000)
    demo.sandbox("POST", "/deposits", {"account": "client_sharp", "currency": "USDT", "amount": "500"})
    demo.sandbox("POST", "/withdrawals", {"account": "client_sharp", "currency": "USDT", "amount": "70.5"})
    expect(state).to_contain_text("money left the account", timeout=60_000)

    card(page, SHARP).get_by_test_id("to-funds").click()
    left = page.get_by_test_id("transfer").filter(has=page.get_by_test_id("label-form"))
    expect(left).to_contain_text("Left -70.5 USDT", timeout=60_000)
    expect(page.get_by_test_id("transfer").filter(has_text="500 USDT")).to_contain_text("Deposit", timeout=60_000)
    left.get_by_label("What it was").select_option("Withdrawal")
    left.get_by_label("Note (optional)").fill("to the treasury")
    left.locator("button[type=submit]").click()
    said = page.get_by_test_id("transfer").filter(has_text="to the treasury")
    expect(said).to_contain_text("Withdrawal, says", timeout=60_000)
    expect(left).to_have_count(0)
    page.goto(f"{demo.address}{CLIENT_PAGE}")
    expect(state).to_contain_text("Trading", timeout=60_000)


@pytest.mark.parametrize(
    "path",
    [
        "/app/",
        "/app/controls",
        CLIENT_PAGE,
        f"{CLIENT_PAGE}/funds",
        f"{CLIENT_PAGE}/limits",
        KILL_PANEL,
    ],
)
def test_a_phone_shows_each_page_whole(page: Page, stage: RunningDemo, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, stage)
    page.goto(f"{stage.address}{path}")
    expect(page.locator("h1")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1_500)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_test_id("problem")).to_have_count(0)
    if path == KILL_PANEL:
        expect(page.get_by_test_id("kill-now")).to_be_in_viewport()
