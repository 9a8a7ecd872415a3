"""Exchanges kept apart in one sandbox: what happens at one is neither seen nor felt at another."""

import json

import pytest

from tests.binance_wire import BareBinance, refusal
from tests.sandbox_exchange import TOKEN, Answer, SandboxExchange
from trading_bridge.clock import ManualClock
from trading_bridge.core.order import Side
from trading_bridge.sandbox.app import PREFIXES, app_of
from trading_bridge.sandbox.venue import Venue

PLACE = "/trade/order/place"
ORDER = {"symbol": "SHARPUSDT", "side": "BUY", "ordType": "LIMIT", "ordPrice": "0.025", "ordQty": "100"}


def apart() -> dict[str, SandboxExchange]:
    """Exchange -> its venue; each answers for all of them."""
    clock = ManualClock()
    made = {name: SandboxExchange(clock=clock) for name in PREFIXES}
    venues = {name: Venue(engine=one.engine, flow=one.flow, faults=one.faults) for name, one in made.items()}
    app = app_of(venues, control_token=TOKEN, clock=clock)
    for one in made.values():
        one.app = app
    return made


@pytest.fixture
def exchanges() -> dict[str, SandboxExchange]:
    return apart()


async def control(one: SandboxExchange, method: str, path: str, fields: dict[str, object] | None = None) -> Answer:
    body = "" if fields is None else json.dumps(fields)
    return await one.send(method, f"/control{path}", body=body, headers={"Authorization": f"Bearer {TOKEN}"})


async def test_a_key_opens_its_own_exchange_only(exchanges: dict[str, SandboxExchange]) -> None:
    coinstore, binance = exchanges["coinstore"], exchanges["binance"]
    for one in (coinstore, binance):
        one.account("alice", USDT="1000")
    at_coinstore, at_binance = coinstore.key(api_key="one"), binance.key(api_key="two")
    assert (await coinstore.signed(at_coinstore, "POST", "/spot/accountList")).data
    assert (await coinstore.signed(at_binance, "POST", "/spot/accountList")).status == 401
    assert (await BareBinance(binance, at_binance).call("GET", "/api/v3/account")).status == 200
    refused = await BareBinance(binance, at_coinstore).call("GET", "/api/v3/account")
    assert refusal(refused)[:2] == (401, -2015)


async def test_orders_and_books_are_seen_at_their_exchange_only(exchanges: dict[str, SandboxExchange]) -> None:
    coinstore, binance = exchanges["coinstore"], exchanges["binance"]
    for one in (coinstore, binance):
        one.account("alice", USDT="1000", SHARP="1000")
    buyer, seller = coinstore.key(), BareBinance(binance, binance.key())
    assert (await coinstore.signed(buyer, "POST", PLACE, ORDER)).data
    sold = (await seller.place(side="SELL", price="0.02")).json
    assert (sold["status"], sold["executedQty"]) == ("NEW", "0.00000000"), "on one book it would have met the buyer"
    assert [order.side for order in coinstore.engine.open_orders("alice")] == [Side.BUY]
    assert [order.side for order in binance.engine.open_orders("alice")] == [Side.SELL]
    bids = (await coinstore.send("GET", "/api/v1/market/depth/SHARPUSDT")).data["b"]
    asks = (await seller.public("/api/v3/depth", symbol="SHARPUSDT")).json["asks"]
    assert (len(bids), len(asks)) == (1, 1)
    assert (await coinstore.send("GET", "/api/v1/market/depth/SHARPUSDT")).data["a"] == []


async def test_control_wants_the_exchange_and_acts_on_it_alone(exchanges: dict[str, SandboxExchange]) -> None:
    any_one = exchanges["coinstore"]
    assert (await control(any_one, "GET", "/exchanges")).json == {
        "apart": True,
        "exchanges": [
            {"exchange": name, "path": prefix, "control": f"/control/{name}"} for name, prefix in PREFIXES.items()
        ],
    }
    unnamed = await control(any_one, "GET", "/accounts")
    assert (unnamed.status, unnamed.json["code"]) == (404, "control.path")
    assert "/control/binance" in unnamed.json["message"]
    assert (await any_one.send("GET", "/control/exchanges")).status == 401
    assert (await any_one.send("GET", "/control/binance/accounts")).status == 401

    made = await control(any_one, "POST", "/binance/accounts", {"account": "alice"})
    assert made.status == 200
    assert [one.name for one in exchanges["binance"].engine.directory.accounts()][-1] == "alice"
    assert "alice" not in [one.name for one in exchanges["coinstore"].engine.directory.accounts()]
    await control(any_one, "POST", "/binance/flow/pause", {})
    assert {name: one.flow.paused for name, one in exchanges.items()} == {
        "coinstore": False,
        "bitmart": False,
        "binance": True,
    }


async def test_a_fault_hits_its_exchange_alone(exchanges: dict[str, SandboxExchange]) -> None:
    coinstore, binance = exchanges["coinstore"], exchanges["binance"]
    added = await control(coinstore, "POST", "/binance/faults", {"kind": "maintenance"})
    assert added.status == 200
    assert (await binance.send("GET", "/binance/api/v3/depth", "symbol=SHARPUSDT")).status == 503
    assert (await coinstore.send("GET", "/api/v1/market/depth/SHARPUSDT")).status == 200
    assert (await coinstore.send("GET", "/bitmart/system/time")).status == 200
    elsewhere = await control(coinstore, "POST", "/binance/faults", {"kind": "hung", "endpoint": f"/api{PLACE}"})
    assert (elsewhere.status, elsewhere.json["code"]) == (400, "endpoint.unknown")


async def test_where_all_are_one_each_name_means_the_same() -> None:
    shared = SandboxExchange()
    shared.account("alice")
    assert (await control(shared, "GET", "/exchanges")).json["apart"] is False
    asked = [await control(shared, "GET", f"{name}/accounts") for name in ("", *(f"/{name}" for name in PREFIXES))]
    assert [one.status for one in asked] == [200] * 4
    assert len({one.text for one in asked}) == 1
    assert '"alice"' in asked[0].text
