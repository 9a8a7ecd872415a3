"""Faults as the Binance dialect answers them; what kinds there are, and whom they hit, is tested with Coinstore's."""

from decimal import Decimal

import aiohttp
import pytest

from tests.binance_wire import OPEN_ORDERS, ORDER, BareBinance, refusal
from tests.sandbox_exchange import Answer, SandboxExchange
from trading_bridge.core.order import Side
from trading_bridge.sandbox.faults import Fault, FaultKind, Form

BUY, SELL = Side.BUY, Side.SELL
ACCOUNT = "/api/v3/account"
SYMBOL = {"symbol": "SHARPUSDT"}
REFUSED = (401, -2015)


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000", SHARP="1000")
    return made


@pytest.fixture
def client(exchange: SandboxExchange) -> BareBinance:
    return BareBinance(exchange, exchange.key("alice"))


def on(exchange: SandboxExchange, kind: FaultKind, **how: object) -> int:
    return exchange.faults.add(Fault(kind=kind, **how))  # type: ignore[arg-type]


async def asked(client: BareBinance) -> Answer:
    return await client.call("GET", ACCOUNT)


def told(answer: Answer) -> tuple[int, object]:
    return (answer.status, answer.json["code"] if answer.status != 200 else None)


@pytest.mark.parametrize(
    ("kind", "reads", "places"),
    [
        (FaultKind.ADDRESS_REFUSED, REFUSED, REFUSED),
        (FaultKind.READ_MISSING, REFUSED, (200, None)),
        (FaultKind.TRADE_MISSING, (200, None), REFUSED),
        (FaultKind.KEY_DELETED, REFUSED, REFUSED),
        (FaultKind.SECRET_WRONG, (400, -1022), (400, -1022)),
        (FaultKind.MAINTENANCE, (503, -1016), (503, -1016)),
        (FaultKind.RATE_LIMITED, (429, -1003), (429, -1003)),
        (FaultKind.SERVER_ERROR, (500, -1001), (500, -1001)),
    ],
)
async def test_refusals(
    exchange: SandboxExchange, client: BareBinance, kind: FaultKind, reads: tuple, places: tuple
) -> None:
    fault = on(exchange, kind)
    assert told(await asked(client)) == reads
    assert told(await client.place()) == places
    exchange.faults.clear(fault)
    assert told(await asked(client)) == (200, None)
    assert len((await client.call("GET", OPEN_ORDERS)).json) == (places[0] == 200)


async def test_a_wrong_clock(exchange: SandboxExchange, client: BareBinance) -> None:
    on(exchange, FaultKind.CLOCK_SKEW, seconds_off=60)
    now_ms = exchange.engine.now_ms()
    answer = await client.public("/api/v3/time")
    assert answer.json["serverTime"] == now_ms + 60_000
    assert answer.headers["date"] == "Thu, 01 Jan 2026 00:01:00 GMT"
    assert told(await asked(client)) == (400, -1021)
    assert told(await client.call("GET", ACCOUNT, skew_ms=60_000)) == (200, None)


async def test_answers_that_do_not_come(exchange: SandboxExchange, client: BareBinance) -> None:
    fault = on(exchange, FaultKind.DROPPED, endpoint="/binance/api/v3/order")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.place(newClientOrderId="lost")
    exchange.faults.clear(fault)
    assert (await client.call("GET", ORDER, **SYMBOL, origClientOrderId="lost")).json["status"] == "NEW"
    again = await client.place(newClientOrderId="lost")
    assert refusal(again) == (400, -2010, "Duplicate order sent.")
    fault = on(exchange, FaultKind.DROPPED, endpoint="/binance/api/v3/order", carried_out=False)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.place(newClientOrderId="never")
    exchange.faults.clear(fault)
    assert (await client.call("GET", ORDER, **SYMBOL, origClientOrderId="never")).json["code"] == -2013
    on(exchange, FaultKind.SERVER_ERROR, status=502, carried_out=True)
    assert (await client.place(newClientOrderId="done")).status == 502
    exchange.faults.clear()
    assert (await client.call("GET", ORDER, **SYMBOL, origClientOrderId="done")).status == 200


async def test_bodies_that_are_no_json(exchange: SandboxExchange, client: BareBinance) -> None:
    fault = on(exchange, FaultKind.EMPTY_BODY)
    assert (await asked(client)).text == ""
    exchange.faults.clear(fault)
    fault = on(exchange, FaultKind.HTML_BODY, status=403)
    assert (await asked(client)).text.startswith("<!DOCTYPE html>")
    exchange.faults.clear(fault)
    on(exchange, FaultKind.MAINTENANCE, form=Form.HTML)
    assert (await asked(client)).headers["content-type"].startswith("text/html")


async def test_one_dialect_alone(exchange: SandboxExchange, client: BareBinance) -> None:
    """By endpoint a fault tells the dialects apart; without one it hits both."""
    on(exchange, FaultKind.SERVER_ERROR, endpoint="/binance")
    assert (await asked(client)).status == 500
    assert (await exchange.signed(client.key, "POST", "/spot/accountList")).status == 200
    exchange.faults.clear()
    on(exchange, FaultKind.SERVER_ERROR, endpoint="/api/spot")
    assert (await asked(client)).status == 200
    assert (await exchange.signed(client.key, "POST", "/spot/accountList")).status == 500
    exchange.faults.clear()
    on(exchange, FaultKind.SERVER_ERROR, account="alice", symbol="SHARP/USDT")
    assert [(await client.public("/api/v3/ping")).status, (await asked(client)).status] == [200, 200]
    assert (await client.place()).status == 500
    assert (await exchange.control("POST", "/faults", {"kind": "slow", "delay_s": 1, "endpoint": "/binance/x"})).json[
        "code"
    ] == "endpoint.unknown"


async def test_a_markets_rules(exchange: SandboxExchange, client: BareBinance) -> None:
    async def symbols() -> dict[str, dict]:
        return {row["symbol"]: row for row in (await client.public("/api/v3/exchangeInfo")).json["symbols"]}

    resting = (await client.place()).json
    fault = on(exchange, FaultKind.MARKET_HALTED, symbol="SHARP/USDT")
    assert (await symbols())["SHARPUSDT"]["status"] == "BREAK"
    assert refusal(await client.place()) == (400, -1013, "Market is closed.")
    exchange.faults.clear(fault)
    fault = on(exchange, FaultKind.PRECISION_CHANGED, symbol="SHARP/USDT", tick_decimals=3)
    assert (await symbols())["SHARPUSDT"]["filters"][0]["tickSize"] == "0.00100000"
    assert refusal(await client.place(price="0.0251")) == (400, -1013, "Filter failure: PRICE_FILTER")
    assert (await client.call("GET", ORDER, **SYMBOL, orderId=resting["orderId"])).json["price"] == "0.02500000"
    exchange.faults.clear(fault)
    fault = on(exchange, FaultKind.MINIMUM_RAISED, symbol="SHARP/USDT", min_amount=Decimal(500))
    assert refusal(await client.place()) == (400, -1013, "Filter failure: LOT_SIZE")
    exchange.faults.clear(fault)
    on(exchange, FaultKind.MARKET_RENAMED, symbol="SHARP/USDT", to="BLUNT/USDT")
    assert set(await symbols()) == {"BLUNTUSDT", "ETHUSDT"}
    assert refusal(await client.place())[1] == -1121
    assert [row["symbol"] for row in (await client.call("GET", OPEN_ORDERS)).json] == ["BLUNTUSDT"]
    assert (await client.place(symbol="BLUNTUSDT")).status == 200


async def test_an_accounts_money(exchange: SandboxExchange, client: BareBinance) -> None:
    async def balances() -> dict[str, str]:
        return {row["asset"]: row["free"] for row in (await asked(client)).json["balances"]}

    fault = on(exchange, FaultKind.CURRENCY_MISSING, currency="SHARP")
    assert set(await balances()) == {"USDT", "ETH"}
    exchange.faults.clear(fault)
    fault = on(exchange, FaultKind.CURRENCY_RENAMED, currency="SHARP", to="BLUNT")
    assert (await balances())["BLUNT"] == "1000.00000000"
    exchange.faults.clear(fault)
    fault = on(exchange, FaultKind.OTHER_WALLET, currency="USDT")
    assert (await balances())["USDT"] == "0.00000000"
    funding = (await client.call("POST", "/sapi/v1/asset/get-funding-asset")).json
    assert [(row["asset"], row["free"]) for row in funding] == [("USDT", "1000.00000000")]
    assert refusal(await client.place()) == (400, -2010, "Account has insufficient balance for requested action.")
    assert (await client.place(side="SELL", price="0.03")).status == 200


async def test_books(exchange: SandboxExchange, client: BareBinance) -> None:
    exchange.quote(SELL, 26_000, 500)
    exchange.quote(BUY, 25_000, 500)
    before = (await client.public("/api/v3/depth", **SYMBOL)).json
    fault = on(exchange, FaultKind.BOOK_EMPTY)
    assert (await client.public("/api/v3/depth", **SYMBOL)).json["bids"] == []
    exchange.faults.clear(fault)
    fault = on(exchange, FaultKind.BOOK_CROSSED, symbol="SHARP/USDT")
    ticker = (await client.public("/api/v3/ticker/bookTicker", **SYMBOL)).json
    assert (ticker["bidPrice"], ticker["askPrice"]) == ("0.02600000", "0.02500000")
    exchange.faults.clear(fault)
    on(exchange, FaultKind.BOOK_FROZEN)
    exchange.take(BUY, 26_000, 500)
    assert (await client.public("/api/v3/depth", **SYMBOL)).json == before
