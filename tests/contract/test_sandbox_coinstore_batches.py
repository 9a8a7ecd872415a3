"""Coinstore's batches, candles and tickers in the sandbox, as the reference writes them."""

from typing import Any

import pytest

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import ApiKey, Permission
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.wire.coinstore import CoinstoreOptions

PLACE, CANCEL = "/trade/order/placeBatch", "/trade/order/cancelBatch"
BUY = {"side": "BUY", "ordType": "LIMIT", "ordPrice": "0.025", "ordQty": "100"}


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange(options=CoinstoreOptions(user_rate=None, address_rate=None))
    made.account("alice", USDT="1000", SHARP="1000")
    return made


@pytest.fixture
def key(exchange: SandboxExchange) -> ApiKey:
    return exchange.key("alice")


async def place(exchange: SandboxExchange, key: ApiKey, *orders: object) -> Any:
    body = {"symbol": "SHARPUSDT", "orders": list(orders), "timestamp": exchange.engine.now_ms()}
    return (await exchange.signed(key, "POST", PLACE, body)).json


def ids(exchange: SandboxExchange) -> list[str]:
    return [str(order.client_order_id) for order in exchange.engine.open_orders("alice")]


async def test_each_order_of_a_batch_has_its_row(exchange: SandboxExchange, key: ApiKey) -> None:
    sell = {"side": "SELL", "ordType": "POST_ONLY", "ordPrice": 0.026, "ordQty": "50", "clOrdId": "tb-b"}
    answer = await place(exchange, key, {**BUY, "clOrdId": "tb-a"}, sell)
    assert answer["code"] == 0
    assert [row["clOrdId"] for row in answer["data"]] == ["tb-a", "tb-b"]
    assert {row["ordId"] for row in answer["data"]} == {order.id for order in exchange.engine.open_orders("alice")}
    assert all(row.keys() == {"ordId", "clOrdId"} for row in answer["data"])


async def test_what_is_refused_of_a_batch_is_refused_alone(exchange: SandboxExchange, key: ApiKey) -> None:
    bad = [
        ({"ordPrice": "0.0250001"}, 3104),
        ({"ordQty": "100000000"}, 3113),
        ({"ordQty": "0.5"}, 3902),
        ({"clOrdId": "tb-0"}, 3111),
        ({"side": "HOLD"}, 400),
        ({"ordPrice": None}, 101040502),
    ]
    orders = [{**BUY, "clOrdId": f"tb-{number}", **change} for number, (change, _) in enumerate(bad, start=1)]
    answer = await place(exchange, key, {**BUY, "clOrdId": "tb-0"}, *orders, {**BUY, "clOrdId": "tb-9"})
    assert answer["code"] == 0
    first, *refused, last = answer["data"]
    assert ("ordId" in first, "ordId" in last) == (True, True)
    assert [row["errno"] for row in refused] == [errno for _, errno in bad]
    assert all(row["errMsg"] and "ordId" not in row for row in refused)
    assert sorted(ids(exchange)) == ["tb-0", "tb-9"]


@pytest.mark.parametrize("orders", [None, [], {}, ["order"], [{**BUY}] * 51])
async def test_a_batch_that_cannot_be_read_places_nothing(
    exchange: SandboxExchange, key: ApiKey, orders: object
) -> None:
    body = {"symbol": "SHARPUSDT", "orders": orders}
    assert (await exchange.signed(key, "POST", PLACE, body)).status == 400
    assert ids(exchange) == []


async def test_a_batch_of_an_unknown_market_is_refused_order_by_order(exchange: SandboxExchange, key: ApiKey) -> None:
    body = {"symbol": "NOPEUSDT", "orders": [BUY]}
    answer = await exchange.signed(key, "POST", PLACE, body)
    assert [row["errno"] for row in answer.data] == [3011]


async def test_a_batch_wants_the_permission_to_trade_and_is_in_the_record(exchange: SandboxExchange) -> None:
    key = exchange.key("alice", permissions=frozenset({Permission.READ}))
    assert await place(exchange, key, {**BUY, "clOrdId": "tb-a"}, {**BUY, "clOrdId": "tb-b"}) == {
        "message": "Unauthorized",
        "code": 1401,
    }
    creates = (await exchange.control("GET", "/creates", {"account": "alice"})).json["creates"]
    assert sorted((one["client_order_id"], one["outcome"]) for one in creates) == [("tb-a", "1401"), ("tb-b", "1401")]


async def test_a_fault_of_a_market_hits_each_order_of_a_batch(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.MARKET_HALTED, symbol="SHARP/USDT"))
    answer = await place(exchange, key, {**BUY, "clOrdId": "tb-a"}, {**BUY, "ordPrice": "x"})
    assert [row["errno"] for row in answer["data"]] == [3012, 400]
    assert ids(exchange) == []


async def test_a_batch_of_cancels(exchange: SandboxExchange, key: ApiKey) -> None:
    first, second = (exchange.limit(Side.BUY, price, 200) for price in (25_000, 24_000))
    body = {"symbol": "SHARPUSDT", "orderIds": [first.id, second.id]}
    answer = await exchange.signed(key, "POST", CANCEL, body)
    assert answer.json == {"data": {"success": [first.id, second.id], "reject": []}, "code": 0}
    again = await exchange.signed(key, "POST", CANCEL, body)
    assert again.data == {"success": [], "reject": [first.id, second.id]}


async def test_a_batch_of_cancels_touches_no_other_symbol_or_account(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.account("bob", USDT="1000")
    mine, others = exchange.limit(Side.BUY, 25_000, 200), exchange.limit(Side.BUY, 25_000, 200, "bob")
    for symbol, rejected in (("ETHUSDT", [mine.id]), ("SHARPUSDT", [others.id])):
        body = {"symbol": symbol, "orderIds": rejected}
        answer = await exchange.signed(key, "POST", CANCEL, body)
        assert answer.data == {"success": [], "reject": rejected}
    assert (len(exchange.engine.open_orders("alice")), len(exchange.engine.open_orders("bob"))) == (1, 1)


@pytest.mark.parametrize(
    ("ids", "status", "code"),
    [(None, 200, 3101), ([], 200, 3101), (["x"], 400, 400), ("17", 400, 400), ([None], 400, 400)],
)
async def test_a_batch_of_cancels_without_ids(
    exchange: SandboxExchange, key: ApiKey, ids: object, status: int, code: int
) -> None:
    answer = await exchange.signed(key, "POST", CANCEL, {"symbol": "SHARPUSDT", "orderIds": ids})
    assert (answer.status, answer.json["code"]) == (status, code)


async def test_a_ticker_before_and_after_trades(exchange: SandboxExchange) -> None:
    (row, _) = (await exchange.send("GET", "/api/v1/market/tickers")).data
    assert {row[name] for name in ("open", "high", "low", "close", "bid", "ask", "bidSize", "volume")} == {"0"}
    assert (row["count"], row["channel"], row["symbol"]) == (0, "ticker", "SHARPUSDT")
    exchange.quote(Side.SELL, 25_610, 500)
    exchange.take(Side.BUY, 25_610, 200)
    (row, _) = (await exchange.send("GET", "/api/v1/market/tickers")).data
    assert row == {
        "channel": "ticker",
        "bidSize": "0",
        "askSize": "3",
        "count": 1,
        "volume": "2",
        "amount": "0.05122",
        "close": "0.02561",
        "open": "0.02561",
        "high": "0.02561",
        "low": "0.02561",
        "bid": "0",
        "ask": "0.02561",
        "symbol": "SHARPUSDT",
        "instrumentId": 1,
    }


@pytest.mark.parametrize(
    ("path", "query", "symbols"),
    [
        ("/v1/ticker/price", "", ["sharpusdt", "ethusdt"]),
        ("/v1/ticker/price", "symbol=ethusdt", ["sharpusdt", "ethusdt"]),
        ("/v1/ticker/price;symbol=ethusdt", "", ["ethusdt"]),
        ("/v1/ticker/price;symbol=ETHUSDT,sharpusdt,nope", "", ["sharpusdt", "ethusdt"]),
    ],
)
async def test_last_prices_are_chosen_in_the_path_alone(
    exchange: SandboxExchange, path: str, query: str, symbols: list[str]
) -> None:
    answer = await exchange.send("GET", f"/api{path}", query)
    assert [row["symbol"] for row in answer.data] == symbols
    assert (answer.json["code"], answer.json["message"], answer.data[0].keys()) == (0, "", {"id", "symbol", "price"})


async def test_a_candle(exchange: SandboxExchange) -> None:
    exchange.quote(Side.SELL, 25_610, 500)
    exchange.take(Side.BUY, 25_610, 200)
    answer = await exchange.send("GET", "/api/v1/market/kline/sharpusdt", "period=60min&size=3")
    now_s = exchange.engine.now_ms() // 1000
    hour_s = now_s - now_s % 3600
    assert answer.json == {
        "data": {
            "channel": "1@kline@hour_1",
            "item": [
                {
                    "startTime": hour_s,
                    "endTime": hour_s + 3599,
                    "interval": "hour_1",
                    "firstTradeId": 1,
                    "lastTradeId": 1,
                    "open": "0.02561",
                    "close": "0.02561",
                    "high": "0.02561",
                    "low": "0.02561",
                    "volume": "2",
                    "amount": "0.05122",
                }
            ],
            "symbol": "SHARPUSDT",
            "instrumentId": 1,
        },
        "code": 0,
    }


@pytest.mark.parametrize("query", ["period=2min", "period=1min&size=2001", "period=1min&size=-1"])
async def test_candles_that_are_not_offered(exchange: SandboxExchange, query: str) -> None:
    assert (await exchange.send("GET", "/api/v1/market/kline/SHARPUSDT", query)).status == 400


async def test_candles_want_a_period(exchange: SandboxExchange) -> None:
    assert (await exchange.send("GET", "/api/v1/market/kline/SHARPUSDT")).json["code"] == 101040502
