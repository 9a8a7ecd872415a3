"""The main job as its users meet it: a bot that really trades, and true figures about it."""

import re
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.running_demo import RunningDemo, until
from tests.e2e.shown import BOTS, EXCHANGES, exchange_of, figures, ledger_of, open_orders, positive
from tests.e2e.taker import with_trades

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]


def test_the_printed_lines_are_what_a_script_can_read(demo: RunningDemo) -> None:
    ready = demo.lines.index("ready")
    assert [line.split(":")[0] for line in demo.lines[ready - 3 : ready]] == ["Address", "E-mail", "Password"]
    assert re.fullmatch(r"[A-Za-z0-9]{20}", demo.password)
    earlier = " ".join(demo.lines[: ready - 3]).lower()
    for word in ("address", "e-mail", "password", "ready"):
        assert word not in earlier
    assert oct((demo.state / "demo.json").stat().st_mode & 0o777) == "0o600"


#: of the demo's own flow: of bots that quote without a break, one in 80 waits more than 90 s for its first trade,
#: one in 1,500 more than 180 s
TRADES_WITHIN_S = 300


@pytest.mark.timeout(3 * TRADES_WITHIN_S)
@pytest.mark.parametrize("name", BOTS)
def test_by_the_flow_alone_a_bot_has_available_locked_and_growing_volume(demo: RunningDemo, name: str) -> None:
    bot_id = demo.bots()[name]

    def grown_from(before: Decimal) -> Decimal | None:
        body = figures(demo, bot_id)
        if body["status"] != "ok" or body["volume"]["status"] != "ok":
            return None
        total = Decimal(body["volume"]["total"])
        return total if positive(body["available"]) and positive(body["locked"]) and total > before else None

    first = until(lambda: grown_from(Decimal(0)), within_s=TRADES_WITHIN_S, what=f"{name} has traded")
    until(lambda: grown_from(first), within_s=TRADES_WITHIN_S, what=f"the volume of {name} grows")
    state = demo.get(f"/bots/{bot_id}")["state"]
    assert state["code"] == "trading", state


@pytest.mark.parametrize("name", ["SHARP-SB-Coinstore", "SHARP-SB-Binance"])
def test_every_number_equals_the_ledger(demo: RunningDemo, name: str) -> None:
    """Unpaused, at the sequence number of the answer that a number came from; paused, to the last digit."""
    bot_id, exchange = demo.bots()[name], exchange_of(name)

    def compared() -> bool | None:
        body = figures(demo, bot_id)
        sessions = {one["key"]: one for one in demo.get(f"/bots/{bot_id}/balance-debug")["sessions"]}
        read = sessions[exchange]["last_read"]
        if read["as_of"] != body["as_of"]:
            return None
        path = f"/ledger?account=client_sharp&until_sequence={read['request_id']}"
        _same(body, demo.sandbox("GET", path, exchange=exchange)["balances"])
        return True

    for _ in range(5):
        until(compared, within_s=90, what="a read and its evidence of one time")

    demo.sandbox("POST", "/flow/pause", {}, exchange=exchange)
    try:

        def settled() -> bool | None:
            body = figures(demo, bot_id, refresh=True)
            ledger = demo.sandbox("GET", "/ledger?account=client_sharp", exchange=exchange)
            return True if body["status"] == "ok" and _equal(body, ledger["balances"]) else None

        until(settled, within_s=90, what="page, API and ledger agree while the flow is paused")
        _volume_equals_trades(demo, bot_id)
    finally:
        demo.sandbox("POST", "/flow/resume", {}, exchange=exchange)


def _volume_equals_trades(demo: RunningDemo, bot_id: str) -> None:
    traded, cursor = [], ""
    while True:
        page = demo.get(f"/bots/{bot_id}/trades{cursor}")
        traded += page["trades"]
        if page["next"] is None:
            break
        cursor = f"?cursor={page['next']}"
    volume = figures(demo, bot_id)["volume"]
    assert volume["trades"] == len(traded)
    assert Decimal(volume["total"]) == sum((Decimal(trade["cost"]) for trade in traded), Decimal(0))


def _equal(body: dict[str, Any], ledger: dict[str, dict[str, str]]) -> bool:
    return all(
        Decimal(body[ours][currency]) == Decimal(ledger[currency][theirs])
        for ours, theirs in (("available", "free"), ("locked", "used"))
        for currency in body["available"]
    )


def _same(body: dict[str, Any], ledger: dict[str, dict[str, str]]) -> None:
    assert _equal(body, ledger), (body, ledger)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_free_and_used_are_deposits_plus_trades_minus_fees(demo: RunningDemo, exchange: str) -> None:
    entries, balances = ledger_of(demo, exchange)
    sums: dict[str, Decimal] = {}
    for entry in entries:
        sums[entry["currency"]] = sums.get(entry["currency"], Decimal(0)) + Decimal(entry["amount"])
    for currency, held in balances.items():
        assert Decimal(held["free"]) + Decimal(held["used"]) == sums[currency]


def test_one_token_trades_on_two_exchanges_that_know_nothing_of_each_other(demo: RunningDemo) -> None:
    """One client, one token, two keys: each bot's orders are in its own exchange's record, and in no other's."""
    names = {exchange: f"SHARP-SB-{exchange.title()}" for exchange in EXCHANGES}
    for exchange, name in names.items():
        bot = demo.get(f"/bots/{demo.bots()[name]}")
        assert (bot["account"], bot["pair"], bot["exchange"]) == ("client_sharp", "SHARP/USDT", exchange)
        with_trades(demo, name)
    shown = {
        exchange: {
            one["id"]
            for one in demo.get(f"/bots/{demo.bots()[name]}/orders")["orders"]
            if one["exchange_order_id"] is not None
        }
        for exchange, name in names.items()
    }
    for exchange in EXCHANGES:
        found = demo.sandbox("GET", "/orders?account=client_sharp&limit=1000", exchange=exchange)["orders"]
        there = {one["client_order_id"] for one in found}
        assert {mine for mine, orders in shown.items() if orders & there} == {exchange}
        assert shown[exchange] <= there


def test_what_lies_at_a_closing_exchange_is_shown_with_its_notice_and_no_bot(demo: RunningDemo) -> None:
    bitmart = demo.connectors()["bitmart"]
    assert (bitmart["status"], bitmart["host_label"]) == ("ok", "sandbox")
    assert bitmart["ends"]["code"].startswith("exchange.clos")
    told = {one["finding"]["code"]: one["subject"]["name"] for one in demo.get("/api/findings")["findings"]}
    assert told[bitmart["ends"]["code"]] == "bitmart"
    path = f"/clients/{bitmart['client_id']}/connectors/{bitmart['id']}/balances?refresh=true"
    shown = demo.get(path)
    ledger = demo.sandbox("GET", "/ledger?account=sharp_at_bitmart", exchange="bitmart")["balances"]
    assert shown["status"] == "ok"
    assert {currency: Decimal(one["available"]) for currency, one in shown["balances"].items()} == {
        currency: Decimal(one["free"]) for currency, one in ledger.items()
    }
    assert all(Decimal(one["available"]) > 0 for one in shown["balances"].values())
    assert not [bot for bot in demo.get("/bots")["bots"] if bot["exchange"] == "bitmart"]


def test_the_chart_has_mids_own_orders_and_fills(demo: RunningDemo) -> None:
    bot_id = demo.bots()[BOTS[0]]

    def drawn() -> dict[str, Any] | None:
        chart: dict[str, Any] = demo.get(f"/bots/{bot_id}/chart")
        return chart if len(chart["mids"]) > 5 and chart["orders"] and chart["fills"] else None

    chart = until(drawn, within_s=90, what="a chart with everything")
    assert chart["mids"] == sorted(chart["mids"], key=lambda point: point[0])


def test_stop_cancels_every_order_and_a_stopped_bot_still_shows_its_balance(demo: RunningDemo) -> None:
    bot_id = demo.bots()[BOTS[1]]
    assert demo.call("POST", f"/bots/{bot_id}/stop").status == 200
    until(
        lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "stopped" or None, within_s=90, what="the bot stopped"
    )
    assert not open_orders(demo, "ETH")
    body = figures(demo, bot_id, refresh=True)
    other = figures(demo, demo.bots()[BOTS[0]])
    assert body["status"] == "ok"
    assert Decimal(body["available"]["ETH"]) > 0
    assert body["available"]["USDT"] == other["available"]["USDT"] or body["as_of"] != other["as_of"]
    assert demo.call("POST", f"/bots/{bot_id}/start").status == 200
