"""What people see: the pages in a real browser, against the running demo."""

import os
import re
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages import CHROMIUM, NO_CHROMIUM, amount, card, sign_in
from tests.e2e.running_demo import RunningDemo, until
from tests.e2e.shown import at_rest
from tests.e2e.taker import with_trades

#: where `make picture` wants the dashboard's picture
PICTURE = os.environ.get("DASHBOARD_PICTURE")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.process,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]

SHARP, ETH, SHARP_AT_BINANCE = "SHARP-SB-Coinstore", "ETH-SB-Coinstore", "SHARP-SB-Binance"


def traded(place: Locator, base: str, more_than: Decimal) -> Decimal | None:
    """The volume on the card, once every other figure is there and it is larger."""
    shown = [amount(place, f"{kind}-{of}") for kind in ("available", "locked") for of in (base, "USDT")]
    volume = amount(place, "volume-total")
    if volume is None or any(one is None or Decimal(one) <= 0 for one in shown):
        return None
    return Decimal(volume) if Decimal(volume) > more_than else None


def test_a_client_sees_available_locked_and_a_growing_volume(page: Page, demo: RunningDemo) -> None:
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/clients/client_sharp")
    for name, base in ((SHARP, "SHARP"), (ETH, "ETH"), (SHARP_AT_BINANCE, "SHARP")):
        place = card(page, name)
        expect(place).to_be_visible(timeout=60_000)

        with_trades(demo, name)
        volume = until(partial(traded, place, base, Decimal(0)), within_s=90, what=f"{name} shows every figure")
        trades = demo.get(f"/bots/{demo.bots()[name]}/balance-and-volume")["volume"]["trades"]
        with_trades(demo, name, trades=trades + 1)
        until(partial(traded, place, base, volume), within_s=90, what=f"the volume of {name} grows on the page")
        expect(place.get_by_test_id("age")).to_contain_text(re.compile("ago|just now"))
        expect(place.get_by_test_id("state")).to_contain_text("Trading")
        expect(place.get_by_test_id("chart")).to_be_visible()
        expect(place.get_by_test_id("trade").first).to_be_visible()
    expect(page.get_by_test_id("sandbox-banner")).to_contain_text("no real money")
    expect(card(page, SHARP).get_by_test_id("note")).to_contain_text("synthetic order flow")
    expect(card(page, ETH).get_by_test_id("note")).to_contain_text("recorded")
    expect(card(page, SHARP_AT_BINANCE)).to_contain_text("Binance")
    bitmart = page.locator('[data-testid="connector-row"][data-connector="bitmart"]')
    expect(bitmart.locator('[data-testid="finding"][data-code^="exchange.clos"]')).to_be_visible()
    known = demo.connectors()["bitmart"]
    path = f"/clients/{known['client_id']}/connectors/{known['id']}/balances"
    for currency, lying in demo.get(path)["balances"].items():
        assert Decimal(lying["available"]) > 0
        assert amount(bitmart, f"available-{currency}") == lying["available"]
    if PICTURE is not None:
        # a chart off screen stands still
        page.set_viewport_size({"width": 1360, "height": 3200})
        page.wait_for_timeout(30_000)
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=PICTURE, full_page=True)


def test_page_api_and_ledger_agree_to_the_last_digit(page: Page, demo: RunningDemo) -> None:
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/clients/client_sharp")
    place = card(page, SHARP)
    expect(place).to_be_visible(timeout=60_000)
    demo.sandbox("POST", "/flow/pause", {})
    try:

        def agree() -> bool | None:
            place.get_by_test_id("refresh").click()
            page.wait_for_timeout(300)
            body: dict[str, Any] = demo.get(f"/bots/{demo.bots()[SHARP]}/balance-and-volume?refresh=true")
            ledger = demo.sandbox("GET", "/ledger?account=client_sharp")["balances"]
            for currency in ("SHARP", "USDT"):
                for kind, word in (("available", "free"), ("locked", "used")):
                    shown = amount(place, f"{kind}-{currency}")
                    if shown != body[kind][currency] or Decimal(shown) != Decimal(ledger[currency][word]):
                        return None
            return True if amount(place, "volume-total") == body["volume"]["total"] else None

        until(agree, within_s=90, what="page, API and ledger show the same digits")
    finally:
        demo.sandbox("POST", "/flow/resume", {})


def test_a_revoked_key_turns_the_card_and_no_zero_stands_for_it(page: Page, own_demo: RunningDemo) -> None:
    demo = own_demo
    sign_in(page, demo)
    page.goto(f"{demo.address}/app/clients/client_sharp")
    place = card(page, SHARP)
    until(
        lambda: True if (shown := amount(place, "locked-SHARP")) is not None and Decimal(shown) > 0 else None,
        within_s=90,
        what="the page shows locked money",
    )
    (key,) = demo.sandbox("GET", "/keys?account=client_sharp")["keys"]
    with at_rest(demo):
        demo.sandbox("POST", "/keys/revoke", {"api_key": key["api_key"]})
    told = place.get_by_test_id("stale").or_(place.get_by_test_id("unknown"))
    expect(told.first).to_be_visible(timeout=60_000)
    expect(place.get_by_test_id("finding").first).to_contain_text("does not accept")
    expect(place.get_by_test_id("state")).to_contain_text("Blocked", timeout=60_000)
    for kind in ("available", "locked"):
        for currency in ("SHARP", "USDT"):
            shown = amount(place, f"{kind}-{currency}")
            assert shown is None or Decimal(shown) > 0


def test_an_operator_makes_client_key_and_bot_and_starts_it(page: Page, own_demo: RunningDemo) -> None:
    demo = own_demo
    sign_in(page, demo)
    eth = demo.bots()[ETH]
    demo.call("POST", f"/bots/{eth}/stop")
    until(
        lambda: True if demo.get(f"/bots/{eth}")["state"]["code"] == "stopped" else None,
        within_s=90,
        what="the market is free",
    )
    assert demo.call("DELETE", f"/bots/{eth}").status == 200
    demo.sandbox("POST", "/accounts", {"account": "moon"})
    demo.sandbox("POST", "/deposits", {"account": "moon", "currency": "ETH", "amount": "5"})
    demo.sandbox("POST", "/deposits", {"account": "moon", "currency": "USDT", "amount": "9000"})
    key = demo.sandbox("POST", "/keys", {"account": "moon", "permissions": ["read", "trade"]})
    connector = demo.connectors()["coinstore"]

    page.goto(f"{demo.address}/app/clients")
    page.get_by_test_id("new-client").click()
    form = page.get_by_test_id("client-form")
    form.get_by_label("Name").fill("Moon")
    form.get_by_label("Account").fill("client_moon")
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden(timeout=60_000)

    page.goto(f"{demo.address}/app/clients/client_moon")
    page.get_by_test_id("new-connector").click()
    form = page.get_by_test_id("connector-form")
    form.get_by_label("API key").fill(f" {key['api_key']} ")
    form.get_by_label("API secret").fill(key["secret"])
    if not form.get_by_label("Base URL").is_visible():
        form.locator("summary").click()
    form.get_by_label("Base URL").fill(connector["base_url"])
    form.locator("button[type=submit]").click()
    expect(page.get_by_test_id("connector-row")).to_contain_text("Reads", timeout=60_000)

    page.get_by_test_id("new-bot").first.click()
    form = page.get_by_test_id("bot-form")
    form.get_by_label("Name").fill("MOON-SB")
    form.get_by_label("Connector").select_option("coinstore")
    form.get_by_label("Pair").fill("ETH/USDT")
    form.locator("button[type=submit]").click()
    place = card(page, "MOON-SB")
    expect(place).to_be_visible(timeout=60_000)
    until(lambda: amount(place, "available-ETH"), within_s=90, what="a stopped bot shows its balance")
    assert amount(place, "available-ETH") == "5"
    place.get_by_test_id("start-button").click()
    expect(place.get_by_test_id("state")).to_contain_text("Trading", timeout=60_000)
    until(
        lambda: True if (shown := amount(place, "locked-USDT")) is not None and Decimal(shown) > 0 else None,
        within_s=90,
        what="its orders lock money",
    )
    place.get_by_test_id("stop-button").click()
    expect(place.get_by_test_id("state")).to_contain_text("Stopped", timeout=60_000)


def test_a_wrong_password_is_told_in_words(page: Page, demo: RunningDemo) -> None:
    page.goto(demo.address)
    page.get_by_label("E-mail").fill(demo.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_test_id("problem")).to_contain_text("wrong", timeout=60_000)
