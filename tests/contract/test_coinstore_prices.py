"""Tickers, candles and batches of cancels of the Coinstore class: the reference's own answers, and the sandbox's."""

import json
from typing import Any

import pytest
from ccxt.base.errors import BadRequest, BadResponse, ExchangeError

from tests.coinstore_wire import exchange
from tests.sandbox_exchange import SHARP, SandboxExchange
from trading_bridge.core.order import Side
from trading_bridge.exchanges.coinstore import coinstore
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.transport import InProcessSession
from trading_bridge.sandbox.wire.coinstore import CoinstoreOptions

TICKER = {
    "channel": "ticker",
    "bidSize": "454.2",
    "askSize": "542.6",
    "count": 41723,
    "volume": "24121351.85",
    "amount": "1693799.10798965",
    "close": "0.067998",
    "open": "0.071842",
    "high": "0.072453",
    "low": "0.067985",
    "bid": "0.0679",
    "ask": "0.0681",
    "symbol": "SHARPUSDT",
    "instrumentId": 2,
}
CANDLE = {
    "endTime": 1641744059,
    "amount": "98630624.103511453",
    "interval": "week_1",
    "startTime": 1641744000,
    "firstTradeId": 14547884,
    "lastTradeId": 14799534,
    "volume": "2307.742209",
    "close": "43196.0002",
    "open": "41628.2582",
    "high": "52250.3884",
    "low": "39654.039",
}


def answer(data: object) -> str:
    return json.dumps({"data": data, "code": 0})


async def test_a_ticker_of_the_reference() -> None:
    made, _ = exchange(answer([TICKER]))
    ticker = await made.fetch_ticker("SHARP/USDT")
    expected = {
        "symbol": "SHARP/USDT",
        "open": "0.071842",
        "high": "0.072453",
        "low": "0.067985",
        "last": "0.067998",
        "bid": "0.0679",
        "bidVolume": "454.2",
        "ask": "0.0681",
        "askVolume": "542.6",
    }
    assert {name: ticker[name] for name in expected} == expected
    assert (ticker["baseVolume"], ticker["quoteVolume"]) == ("24121351.85", "1693799.10798965")


async def test_a_pair_without_trades_has_no_prices_and_not_zero() -> None:
    nothing = {name: "0" for name in ("open", "high", "low", "close", "bid", "ask", "volume", "amount")}
    made, _ = exchange(answer([{**TICKER, **nothing}]))
    ticker = (await made.fetch_tickers(["SHARP/USDT"]))["SHARP/USDT"]
    assert [ticker[name] for name in ("open", "high", "low", "close", "last", "bid", "ask")] == [None] * 7
    assert ticker["baseVolume"] == "0"


@pytest.mark.parametrize("data", [None, {}, [], [{**TICKER, "symbol": "BTCUSDT"}]])
async def test_no_false_ticker(data: object) -> None:
    made, _ = exchange(answer(data))
    with pytest.raises(BadResponse):
        await made.fetch_ticker("SHARP/USDT")


async def test_candles_of_the_reference_come_by_their_time() -> None:
    later = {**CANDLE, "startTime": 1642348800, "close": "1"}
    made, _ = exchange(answer({"channel": "4@kline@week_1", "item": [later, CANDLE], "symbol": "BTCUSDT"}))
    first, second = await made.fetch_ohlcv("BTC/USDT", "1w")
    assert first == [1641744000000, "41628.2582", "52250.3884", "39654.039", "43196.0002", "2307.742209"]
    assert (second[0], second[4]) == (1642348800000, "1")


@pytest.mark.parametrize("data", [None, [], {}, {"item": None}])
async def test_no_false_candles(data: object) -> None:
    made, _ = exchange(answer(data))
    with pytest.raises(BadResponse):
        await made.fetch_ohlcv("BTC/USDT")


async def test_candles_of_an_unknown_length_are_not_asked_for() -> None:
    made, wire = exchange()
    with pytest.raises(BadRequest):
        await made.fetch_ohlcv("BTC/USDT", "2h")
    assert wire.sent == []


async def test_a_batch_of_cancels_tells_the_taken_from_the_rejected() -> None:
    made, _ = exchange(answer({"success": [1722364585836586], "reject": [1722364585836585]}))
    orders = await made.cancel_orders(["1722364585836586", "1722364585836585"], "LUFFY/USDT")
    assert [(one["id"], one["status"]) for one in orders] == [
        ("1722364585836586", "canceled"),
        ("1722364585836585", None),
    ]


@pytest.mark.parametrize("data", [None, {}, [], {"success": [1]}])
async def test_no_false_cancel(data: object) -> None:
    made, _ = exchange(answer(data))
    with pytest.raises(BadResponse):
        await made.cancel_orders(["1"], "LUFFY/USDT")


# -- against the sandbox


@pytest.fixture
def sandbox() -> SandboxExchange:
    made = SandboxExchange(options=CoinstoreOptions(user_rate=None, address_rate=None))
    made.account("alice", USDT="1000", SHARP="1000")
    return made


def client(sandbox: SandboxExchange, key: ApiKey | None = None) -> Any:
    class AtItsTime(coinstore):
        def milliseconds(self) -> int:
            return sandbox.engine.now_ms()

    made = AtItsTime(
        {
            "apiKey": None if key is None else key.api_key,
            "secret": None if key is None else key.secret,
            "number": str,
            "enableRateLimit": False,
            "session": InProcessSession(sandbox.app, clock=sandbox.clock),
            "ssl_context": False,
            "timeout_on_exit": 0,
        }
    )
    made.urls = {**made.urls, "api": dict.fromkeys(("public", "private"), "http://exchange.test/api")}
    return made


async def test_tickers_and_candles_of_the_sandbox(sandbox: SandboxExchange) -> None:
    made = client(sandbox)
    assert (await made.fetch_ticker(SHARP))["last"] is None
    assert await made.fetch_ohlcv(SHARP) == []
    sandbox.quote(Side.SELL, 25_610, 500)
    sandbox.quote(Side.BUY, 25_590, 700)
    sandbox.take(Side.BUY, 25_610, 200)
    await sandbox.clock.advance(120)
    sandbox.take(Side.SELL, 25_590, 300)
    ticker = (await made.fetch_tickers())[SHARP]
    assert [ticker[name] for name in ("open", "high", "low", "last")] == ["0.02561", "0.02561", "0.02559", "0.02559"]
    assert [ticker[name] for name in ("bid", "bidVolume", "ask", "askVolume")] == ["0.02559", "4", "0.02561", "3"]
    assert (ticker["baseVolume"], ticker["quoteVolume"]) == ("5", "0.12799")
    now_ms = sandbox.engine.now_ms()
    minute = now_ms - now_ms % 60_000
    candles = await made.fetch_ohlcv(SHARP, "1m")
    assert candles == [
        [minute - 120_000, "0.02561", "0.02561", "0.02561", "0.02561", "2"],
        [minute - 60_000, "0.02561", "0.02561", "0.02561", "0.02561", "0"],
        [minute, "0.02559", "0.02559", "0.02559", "0.02559", "3"],
    ]
    assert await made.fetch_ohlcv(SHARP, "1m", minute - 60_000) == candles[1:]
    assert await made.fetch_ohlcv(SHARP, "1m", None, 1) == candles[2:]
    (week,) = await made.fetch_ohlcv(SHARP, "1w", None, 2000)
    assert week[1:] == ["0.02561", "0.02561", "0.02559", "0.02559", "5"]


async def test_a_batch_of_cancels_in_the_sandbox(sandbox: SandboxExchange) -> None:
    made, engine = client(sandbox, sandbox.key("alice")), sandbox.engine
    first, second = (sandbox.limit(Side.BUY, price, 200) for price in (25_000, 24_000))
    engine.cancel(first)
    orders = await made.cancel_orders([str(first.id), str(second.id), "17"], SHARP)
    assert [(one["id"], one["status"]) for one in orders] == [
        (str(second.id), "canceled"),
        (str(first.id), None),
        ("17", None),
    ]
    assert engine.open_orders("alice") == []
    with pytest.raises(ExchangeError, match=r"order\.id-required"):
        await made.cancel_orders([], SHARP)
