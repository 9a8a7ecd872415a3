"""The sandbox's Binance dialect, endpoint by endpoint, against the shapes of the reference."""

import json
from decimal import Decimal

import pytest

from tests.binance_wire import OPEN_ORDERS, ORDER, BareBinance, refusal
from tests.sandbox_exchange import ETH, SandboxExchange
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import Permission

BUY, SELL = Side.BUY, Side.SELL
ALL_ORDERS, TRADES, ACCOUNT = "/api/v3/allOrders", "/api/v3/myTrades", "/api/v3/account"
SYMBOL = {"symbol": "SHARPUSDT"}


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000", SHARP="1000")
    return made


@pytest.fixture
def client(exchange: SandboxExchange) -> BareBinance:
    return BareBinance(exchange, exchange.key("alice"))


def rejected(message: str) -> tuple[int, int, str]:
    return 400, -2010, message


def filtered(name: str) -> tuple[int, int, str]:
    return 400, -1013, f"Filter failure: {name}"


async def balances(client: BareBinance) -> dict[str, tuple[str, str]]:
    answer = await client.call("GET", ACCOUNT)
    return {row["asset"]: (row["free"], row["locked"]) for row in answer.json["balances"]}


# -- public


async def test_general(client: BareBinance) -> None:
    assert (await client.public("/api/v3/ping")).json == {}
    assert (await client.public("/api/v3/time")).json == {"serverTime": client.exchange.engine.now_ms()}
    assert (await client.public("/sapi/v1/system/status")).json == {"status": 0, "msg": "normal"}


async def test_exchange_info(client: BareBinance) -> None:
    info = (await client.public("/api/v3/exchangeInfo", **SYMBOL)).json
    assert info["timezone"] == "UTC"
    assert {
        (row["rateLimitType"], row["interval"], row["intervalNum"], row["limit"]) for row in info["rateLimits"]
    } == {
        ("REQUEST_WEIGHT", "MINUTE", 1, 6000),
        ("ORDERS", "SECOND", 10, 100),
        ("ORDERS", "DAY", 1, 200_000),
    }
    assert info["exchangeFilters"] == [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 50}]
    (row,) = info["symbols"]
    assert (row["symbol"], row["status"], row["baseAsset"], row["quoteAsset"]) == (
        "SHARPUSDT",
        "TRADING",
        "SHARP",
        "USDT",
    )
    assert row["orderTypes"] == ["LIMIT", "LIMIT_MAKER", "MARKET"]
    assert row["permissionSets"] == [["SPOT"]]
    assert row["allowedSelfTradePreventionModes"] == ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]
    filters = {one["filterType"]: one for one in row["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == filters["PRICE_FILTER"]["minPrice"] == "0.00000100"
    assert (filters["LOT_SIZE"]["stepSize"], filters["LOT_SIZE"]["minQty"]) == ("0.01000000", "1.00000000")
    assert filters["NOTIONAL"]["minNotional"] == "1.00000000"


@pytest.mark.parametrize(
    ("params", "symbols"),
    [
        ({}, ["SHARPUSDT", "ETHUSDT"]),
        ({"symbols": '["ETHUSDT"]'}, ["ETHUSDT"]),
        ({"permissions": "SPOT"}, ["SHARPUSDT", "ETHUSDT"]),
        ({"permissions": '["MARGIN","LEVERAGED"]'}, []),
        ({"symbolStatus": "TRADING"}, ["SHARPUSDT", "ETHUSDT"]),
        ({"symbolStatus": "BREAK"}, []),
        ({"symbols": '["ETHUSDT","NONEUSDT"]'}, -1121),
        ({"symbols": '["ETHUSDT","ETHUSDT"]'}, -1151),
        ({"symbols": "[ETHUSDT]"}, -1100),
        ({"symbol": "ETHUSDT", "permissions": "SPOT"}, -1128),
    ],
)
async def test_which_markets_are_told(client: BareBinance, params: dict, symbols: object) -> None:
    answer = await client.public("/api/v3/exchangeInfo", **params)
    found = [row["symbol"] for row in answer.json["symbols"]] if answer.status == 200 else answer.json["code"]
    assert found == symbols


async def test_depth_and_its_number(exchange: SandboxExchange, client: BareBinance) -> None:
    first = (await client.public("/api/v3/depth", **SYMBOL)).json
    assert (first["bids"], first["asks"]) == ([], [])
    exchange.quote(SELL, 26_000, 500)
    exchange.quote(SELL, 27_000, 500)
    own = exchange.limit(BUY, 25_000, 1_000)
    book = (await client.public("/api/v3/depth", **SYMBOL)).json
    assert book["asks"] == [["0.02600000", "5.00000000"], ["0.02700000", "5.00000000"]]
    assert book["bids"] == [["0.02500000", "10.00000000"]]
    assert book["lastUpdateId"] == first["lastUpdateId"] + 3
    assert len((await client.public("/api/v3/depth", **SYMBOL, limit=1)).json["asks"]) == 1
    exchange.engine.cancel(own)
    exchange.take(BUY, 27_000, 600)
    assert (await client.public("/api/v3/depth", **SYMBOL)).json["lastUpdateId"] == book["lastUpdateId"] + 3
    ticker = (await client.public("/api/v3/ticker/bookTicker", **SYMBOL)).json
    assert ticker == {
        "symbol": "SHARPUSDT",
        "bidPrice": "0.00000000",
        "bidQty": "0.00000000",
        "askPrice": "0.02700000",
        "askQty": "4.00000000",
    }


async def test_public_trades(exchange: SandboxExchange, client: BareBinance) -> None:
    exchange.quote(SELL, 26_000, 500)
    for _ in range(3):
        exchange.take(BUY, 26_000, 100)
        await exchange.clock.advance(1)
    now_ms = exchange.engine.now_ms()
    rows = (await client.public("/api/v3/trades", **SYMBOL)).json
    assert rows[0] == {
        "id": 1,
        "price": "0.02600000",
        "qty": "1.00000000",
        "quoteQty": "0.02600000",
        "time": now_ms - 3000,
        "isBuyerMaker": False,
        "isBestMatch": True,
    }
    assert [row["id"] for row in rows] == [1, 2, 3]

    async def numbers(path: str, name: str, **params: object) -> list[int]:
        return [row[name] for row in (await client.public(path, **SYMBOL, **params)).json]

    assert await numbers("/api/v3/trades", "id", limit=2) == [2, 3]
    assert await numbers("/api/v3/historicalTrades", "id", fromId=2, limit=1) == [2]
    assert await numbers("/api/v3/aggTrades", "a") == [1, 2, 3]
    assert await numbers("/api/v3/aggTrades", "a", fromId=2) == [2, 3]
    assert await numbers("/api/v3/aggTrades", "a", startTime=now_ms - 2000, limit=1) == [2]
    assert await numbers("/api/v3/aggTrades", "a", endTime=now_ms - 2000, limit=1) == [2]
    assert await numbers("/api/v3/aggTrades", "a", startTime=now_ms - 3000, endTime=now_ms - 2000) == [1, 2]


async def test_candles(exchange: SandboxExchange, client: BareBinance) -> None:
    assert (await client.public("/api/v3/klines", **SYMBOL, interval="1m")).json == []
    start_ms = exchange.engine.now_ms()
    exchange.quote(SELL, 26_000, 500)
    exchange.quote(SELL, 27_000, 500)
    exchange.quote(BUY, 25_000, 500)
    exchange.take(BUY, 27_000, 600)
    exchange.take(SELL, 25_000, 100)
    await exchange.clock.advance(150)
    exchange.take(BUY, 27_000, 100)
    rows = (await client.public("/api/v3/klines", **SYMBOL, interval="1m")).json
    assert rows[0] == [
        start_ms,
        "0.02600000",
        "0.02700000",
        "0.02500000",
        "0.02500000",
        "7.00000000",
        start_ms + 59_999,
        "0.18200000",
        3,
        "6.00000000",
        "0.15700000",
        "0",
    ]
    assert rows[1][1:9] == [*["0.02500000"] * 4, "0.00000000", start_ms + 119_999, "0.00000000", 0]
    assert [row[0] for row in rows] == [start_ms, start_ms + 60_000, start_ms + 120_000]
    for params, begins in (
        ({"interval": "1m", "limit": 1}, [start_ms + 120_000]),
        ({"interval": "1m", "startTime": start_ms - 5, "limit": 2}, [start_ms, start_ms + 60_000]),
        ({"interval": "1m", "startTime": start_ms + 1}, [start_ms + 60_000, start_ms + 120_000]),
        ({"interval": "1m", "endTime": start_ms + 60_000, "limit": 1}, [start_ms + 60_000]),
        ({"interval": "1m", "startTime": 0, "limit": 1}, [start_ms]),
        ({"interval": "1h"}, [start_ms]),
        ({"interval": "1d"}, [start_ms]),
    ):
        found = (await client.public("/api/v3/klines", **SYMBOL, **params)).json
        assert [row[0] for row in found] == begins
    refused = await client.public("/api/v3/klines", **SYMBOL, interval="7m")
    assert refusal(refused) == (400, -1120, "Invalid interval.")


async def test_prices(exchange: SandboxExchange, client: BareBinance) -> None:
    assert (await client.public("/api/v3/ticker/price")).json == []
    assert refusal(await client.public("/api/v3/avgPrice", **SYMBOL))[1] == -2016
    exchange.quote(SELL, 26_000, 500)
    exchange.quote(SELL, 28_000, 500)
    exchange.take(BUY, 28_000, 1_000)
    await exchange.clock.advance(30)
    assert (await client.public("/api/v3/ticker/price", **SYMBOL)).json == {
        "symbol": "SHARPUSDT",
        "price": "0.02800000",
    }
    average = (await client.public("/api/v3/avgPrice", **SYMBOL)).json
    assert (average["mins"], average["price"]) == (5, "0.02700000")
    day = (await client.public("/api/v3/ticker/24hr", **SYMBOL)).json
    assert {name: day[name] for name in ("priceChange", "priceChangePercent", "weightedAvgPrice", "lastQty")} == {
        "priceChange": "0.00200000",
        "priceChangePercent": "7.692",
        "weightedAvgPrice": "0.02700000",
        "lastQty": "5.00000000",
    }
    assert (day["openPrice"], day["highPrice"], day["lowPrice"], day["volume"], day["quoteVolume"]) == (
        "0.02600000",
        "0.02800000",
        "0.02600000",
        "10.00000000",
        "0.27000000",
    )
    assert (day["firstId"], day["lastId"], day["count"]) == (1, 2, 2)
    mini = (await client.public("/api/v3/ticker/24hr", symbols='["SHARPUSDT"]', type="MINI")).json
    assert set(mini[0]) < set(day)
    assert len((await client.public("/api/v3/ticker/24hr")).json) == 2
    await exchange.clock.advance(86_460)
    day = (await client.public("/api/v3/ticker/24hr", **SYMBOL)).json
    assert (day["count"], day["volume"], day["lastPrice"], day["openPrice"]) == (
        0,
        "0.00000000",
        "0.02800000",
        "0.02800000",
    )


# -- orders


async def test_an_orders_three_answers(exchange: SandboxExchange, client: BareBinance) -> None:
    exchange.quote(SELL, 25_000, 4_000)
    ack = await client.place(newOrderRespType="ACK", newClientOrderId="first", price="0.02")
    now_ms, order_id = exchange.engine.now_ms(), ack.json["orderId"]
    assert isinstance(order_id, int)
    assert ack.json == {
        "symbol": "SHARPUSDT",
        "orderId": order_id,
        "orderListId": -1,
        "clientOrderId": "first",
        "transactTime": now_ms,
    }
    result = (await client.place(newOrderRespType="RESULT", newClientOrderId="second")).json
    assert result == {
        "symbol": "SHARPUSDT",
        "orderId": order_id + 1,
        "orderListId": -1,
        "clientOrderId": "second",
        "transactTime": now_ms,
        "price": "0.02500000",
        "origQty": "100.00000000",
        "executedQty": "40.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "1.00000000",
        "status": "PARTIALLY_FILLED",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "workingTime": now_ms,
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }
    exchange.quote(BUY, 25_500, 10_000)
    sold = (await client.call("POST", ORDER, **SYMBOL, side="SELL", type="MARKET", quantity="50")).json
    assert (sold["type"], sold["price"], sold["status"]) == ("MARKET", "0.00000000", "FILLED")
    assert sold["fills"] == [
        {
            "price": "0.02550000",
            "qty": "50.00000000",
            "commission": "0.00255000",
            "commissionAsset": "USDT",
            "tradeId": 2,
        }
    ]


async def test_an_order_and_its_life(exchange: SandboxExchange, client: BareBinance) -> None:
    placed = (await client.place(newClientOrderId="mine")).json
    assert (placed["status"], placed["fills"]) == ("NEW", [])
    by_id = {**SYMBOL, "orderId": placed["orderId"]}
    row = (await client.call("GET", ORDER, **by_id)).json
    now_ms = exchange.engine.now_ms()
    assert row == {
        "symbol": "SHARPUSDT",
        "orderId": placed["orderId"],
        "orderListId": -1,
        "clientOrderId": "mine",
        "price": "0.02500000",
        "origQty": "100.00000000",
        "executedQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "NEW",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "stopPrice": "0.00000000",
        "icebergQty": "0.00000000",
        "time": now_ms,
        "updateTime": now_ms,
        "isWorking": True,
        "workingTime": now_ms,
        "origQuoteOrderQty": "0.00000000",
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }
    assert (await client.call("GET", ORDER, **SYMBOL, origClientOrderId="mine")).json == row
    assert (await client.call("GET", OPEN_ORDERS)).json == [row]
    await exchange.clock.advance(1)
    exchange.take(SELL, 25_000, 4_000)
    row = (await client.call("GET", ORDER, **by_id)).json
    assert (row["status"], row["executedQty"], row["cummulativeQuoteQty"]) == (
        "PARTIALLY_FILLED",
        "40.00000000",
        "1.00000000",
    )
    assert row["updateTime"] == now_ms + 1000
    cancelled = (await client.call("DELETE", ORDER, **by_id, newClientOrderId="off")).json
    assert (cancelled["origClientOrderId"], cancelled["clientOrderId"]) == ("mine", "off")
    assert (cancelled["status"], cancelled["executedQty"]) == ("CANCELED", "40.00000000")
    assert refusal(await client.call("DELETE", ORDER, **by_id)) == (400, -2011, "Unknown order sent.")
    assert (await client.call("GET", OPEN_ORDERS, **SYMBOL)).json == []
    assert [row["status"] for row in (await client.call("GET", ALL_ORDERS, **SYMBOL)).json] == ["CANCELED"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"side": "HOLD"}, (400, -1117, "Invalid side.")),
        ({"type": "OTHER"}, (400, -1116, "Invalid orderType.")),
        ({"type": "STOP_LOSS_LIMIT"}, rejected("Stop loss limit orders are not supported for this symbol.")),
        ({"icebergQty": "1"}, rejected("Iceberg orders are not supported for this symbol.")),
        ({"timeInForce": "GTX"}, (400, -1115, "Invalid timeInForce.")),
        ({"type": "LIMIT_MAKER"}, (400, -1106, "Parameter 'timeInForce' sent when not required.")),
        ({"quoteOrderQty": "5"}, (400, -1106, "Parameter 'quoteOrderQty' sent when not required.")),
        ({"price": "0.0250001"}, filtered("PRICE_FILTER")),
        ({"price": "0.025000001"}, (400, -1111, "Parameter 'price' has too much precision.")),
        ({"price": "0"}, filtered("PRICE_FILTER")),
        ({"quantity": "100.001"}, filtered("LOT_SIZE")),
        ({"quantity": "0.5"}, filtered("LOT_SIZE")),
        ({"quantity": "39.99"}, filtered("NOTIONAL")),
        ({"quantity": "90000000", "price": "1"}, filtered("NOTIONAL")),
        ({"quantity": "50000"}, rejected("Account has insufficient balance for requested action.")),
        ({"symbol": "NONEUSDT"}, (400, -1121, "Invalid symbol.")),
        ({"newOrderRespType": "SHORT"}, -1102),
        ({"newClientOrderId": "x" * 37}, -1100),
        ({"newClientOrderId": "a.b"}, -1100),
        ({"price": "2.5E-2"}, -1100),
        ({"quantity": "-1"}, -1100),
        ({"other": "1"}, -1104),
        ({"selfTradePreventionMode": "DECREMENT"}, -1013),
    ],
)
async def test_orders_that_are_refused(client: BareBinance, params: dict, expected: object) -> None:
    answer = await client.place(**params)
    assert (answer.json["code"] if isinstance(expected, int) else refusal(answer)) == expected
    assert (await client.call("GET", ALL_ORDERS, **SYMBOL)).json == []
    tested = await client.call("POST", "/api/v3/order/test", **{**LIMIT, **params})
    if answer.json["code"] == -2010 and "insufficient" in answer.text:
        assert tested.json == {}  # funds are the matching engine's affair
    else:
        assert tested.json == answer.json


LIMIT = {
    "symbol": "SHARPUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "100",
    "price": "0.025",
}


@pytest.mark.parametrize("name", ["symbol", "side", "type", "timeInForce", "quantity", "price"])
async def test_what_an_order_must_have(client: BareBinance, name: str) -> None:
    params = {field: value for field, value in LIMIT.items() if field != name}
    expected = (400, -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    assert refusal(await client.call("POST", ORDER, **params)) == expected


async def test_a_test_order_does_nothing(client: BareBinance) -> None:
    assert (await client.call("POST", "/api/v3/order/test", **LIMIT)).json == {}
    rates = (await client.call("POST", "/api/v3/order/test", **LIMIT, computeCommissionRates="true")).json
    assert rates["standardCommissionForOrder"] == {"maker": "0.00200000", "taker": "0.00200000"}
    assert (await client.call("GET", ALL_ORDERS, **SYMBOL)).json == []


async def test_post_only(exchange: SandboxExchange, client: BareBinance) -> None:
    exchange.quote(SELL, 26_000, 1_000)
    maker = {**SYMBOL, "side": "BUY", "type": "LIMIT_MAKER", "quantity": "100", "newClientOrderId": "post"}
    refused = await client.call("POST", ORDER, **maker, price="0.026")
    assert refusal(refused) == rejected("Order would immediately match and take.")
    assert (await client.call("GET", ALL_ORDERS, **SYMBOL)).json == []
    taken = (await client.call("POST", ORDER, **maker, price="0.025999")).json
    assert "status" not in taken  # LIMIT_MAKER answers ACK
    (row,) = (await client.call("GET", OPEN_ORDERS, **SYMBOL)).json
    assert (row["type"], row["timeInForce"], row["status"]) == ("LIMIT_MAKER", "GTC", "NEW")


async def test_a_client_id_is_taken_while_its_order_is_open(client: BareBinance) -> None:
    first = (await client.place(newClientOrderId="same")).json
    assert refusal(await client.place(newClientOrderId="same")) == rejected("Duplicate order sent.")
    await client.call("DELETE", ORDER, **SYMBOL, origClientOrderId="same")
    again = (await client.place(newClientOrderId="same")).json
    assert again["orderId"] > first["orderId"]
    row = (await client.call("GET", ORDER, **SYMBOL, origClientOrderId="same")).json
    assert row["orderId"] == again["orderId"]


@pytest.mark.parametrize(
    ("time_in_force", "quantity", "status", "executed", "reason"),
    [
        ("IOC", "60", "EXPIRED", "50.00000000", "UNFILLED_IOC_QUANTITY_EXPIRED"),
        ("IOC", "50", "FILLED", "50.00000000", None),
        ("FOK", "60", "EXPIRED", "0.00000000", "UNFILLED_FOK_ORDER_EXPIRED"),
        ("FOK", "50", "FILLED", "50.00000000", None),
    ],
)
async def test_at_once_or_never(
    exchange: SandboxExchange,
    client: BareBinance,
    time_in_force: str,
    quantity: str,
    status: str,
    executed: str,
    reason: str | None,
) -> None:
    exchange.quote(SELL, 25_000, 5_000)
    placed = (await client.place(timeInForce=time_in_force, quantity=quantity)).json
    row = (await client.call("GET", ORDER, **SYMBOL, orderId=placed["orderId"])).json
    for found in (placed, row):
        assert (found["status"], found["executedQty"], found.get("expiryReason")) == (status, executed, reason)
        assert found["timeInForce"] == time_in_force
    assert (await balances(client))["USDT"][1] == "0.00000000"


async def test_market_orders(exchange: SandboxExchange, client: BareBinance) -> None:
    market = {**SYMBOL, "type": "MARKET"}

    async def by(side: str, **params: object) -> dict:
        return (await client.call("POST", ORDER, **market, side=side, **params)).json

    empty = "Order book liquidity is less than symbol minimum quantity."
    assert (await by("BUY", quoteOrderQty="10"))["msg"] == empty
    exchange.quote(SELL, 25_000, 10_000)
    exchange.quote(SELL, 26_000, 5_000)
    exchange.quote(BUY, 20_000, 100_000)
    bought = await by("BUY", quantity="110")
    assert (bought["status"], bought["executedQty"], bought["cummulativeQuoteQty"]) == (
        "FILLED",
        "110.00000000",
        "2.76000000",
    )
    assert [fill["commissionAsset"] for fill in bought["fills"]] == ["SHARP", "SHARP"]
    spent = await by("BUY", quoteOrderQty="1.01")
    assert (spent["origQuoteOrderQty"], spent["cummulativeQuoteQty"]) == ("1.01000000", "1.00984000")
    assert spent["origQty"] == spent["executedQty"] == "38.84000000"
    got = await by("SELL", quoteOrderQty="2")
    assert (got["executedQty"], got["origQuoteOrderQty"]) == ("100.00000000", "2.00000000")
    rest = await by("BUY", quantity="100")
    assert (rest["status"], rest["executedQty"], rest["expiryReason"]) == (
        "EXPIRED",
        "1.16000000",
        "INSUFFICIENT_LIQUIDITY",
    )
    assert (await by("BUY", quantity="1"))["msg"] == "Filter failure: NOTIONAL"
    assert (await by("BUY"))["msg"] == "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"
    assert (await by("BUY", quantity="50", quoteOrderQty="1"))["code"] == -1128
    assert (await by("BUY", quantity="50", price="1"))["code"] == -1106
    assert (await by("SELL", quantity="900000"))["msg"] == "Account has insufficient balance for requested action."


@pytest.mark.parametrize(
    ("mode", "maker", "taker"),
    [
        ("EXPIRE_MAKER", "EXPIRED_IN_MATCH", "NEW"),
        ("EXPIRE_TAKER", "NEW", "EXPIRED_IN_MATCH"),
        ("EXPIRE_BOTH", "EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"),
        ("NONE", "FILLED", "FILLED"),
        (None, "EXPIRED_IN_MATCH", "NEW"),
    ],
)
async def test_self_trades(client: BareBinance, mode: str | None, maker: str, taker: str) -> None:
    first = (await client.place()).json
    how = {} if mode is None else {"selfTradePreventionMode": mode}
    second = (await client.place(side="SELL", **how)).json
    row = (await client.call("GET", ORDER, **SYMBOL, orderId=first["orderId"])).json
    assert (row["status"], second["status"]) == (maker, taker)
    for found in (row, second):
        prevented = found["status"] == "EXPIRED_IN_MATCH"
        assert found.get("preventedQuantity") == ("100.00000000" if prevented else None)
        assert found.get("preventedMatchId") == (1 if prevented else None)


async def test_the_limit_of_active_orders(exchange: SandboxExchange, client: BareBinance) -> None:
    for number in range(50):
        exchange.limit(BUY, 20_000 + number, 100)
    assert refusal(await client.place()) == filtered("EXCHANGE_MAX_NUM_ORDERS")


async def test_orders_that_are_not_there(exchange: SandboxExchange, client: BareBinance) -> None:
    exchange.account("bob", USDT="1000")
    theirs = exchange.limit(BUY, 25_000, 10_000, account="bob", client_order_id="theirs")
    none = (400, -2013, "Order does not exist.")
    assert refusal(await client.call("GET", ORDER, **SYMBOL, orderId=theirs.id)) == none
    assert refusal(await client.call("GET", ORDER, **SYMBOL, origClientOrderId="theirs")) == none
    assert refusal(await client.call("GET", ORDER, **SYMBOL))[1] == -1102
    assert refusal(await client.call("DELETE", ORDER, **SYMBOL, orderId=theirs.id))[1] == -2011
    assert refusal(await client.call("DELETE", OPEN_ORDERS, **SYMBOL)) == (400, -2011, "Unknown order sent.")
    mine = (await client.place(newClientOrderId="mine")).json
    both = {"orderId": mine["orderId"], "origClientOrderId": "other"}
    assert refusal(await client.call("GET", ORDER, **SYMBOL, **both))[1] == -2039
    assert refusal(await client.call("GET", ORDER, symbol="ETHUSDT", orderId=mine["orderId"])) == none


async def test_cancels_with_restrictions_and_of_a_whole_market(exchange: SandboxExchange, client: BareBinance) -> None:
    first, second = [(await client.place(newClientOrderId=name)).json for name in ("one", "two")]
    exchange.take(SELL, 25_000, 100)
    by_id = {**SYMBOL, "orderId": first["orderId"]}
    refused = await client.call("DELETE", ORDER, **by_id, cancelRestrictions="ONLY_NEW")
    assert refusal(refused) == (400, -2011, "Order was not canceled due to cancel restrictions.")
    assert (await client.call("DELETE", ORDER, **by_id, cancelRestrictions="NEVER")).json["code"] == -1145
    rows = (await client.call("DELETE", OPEN_ORDERS, **SYMBOL)).json
    assert [(row["orderId"], row["status"]) for row in rows] == [
        (first["orderId"], "CANCELED"),
        (second["orderId"], "CANCELED"),
    ]


# -- the account


async def test_the_account_and_its_money(exchange: SandboxExchange, client: BareBinance) -> None:
    await client.place(price="0.0255", quantity="100.01")
    account = (await client.call("GET", ACCOUNT)).json
    assert (account["uid"], account["accountType"]) == (exchange.engine.directory.account("alice").uid, "SPOT")
    assert account["balances"] == [
        {"asset": "SHARP", "free": "1000.00000000", "locked": "0.00000000"},
        {"asset": "USDT", "free": "997.44974500", "locked": "2.55025500"},
        {"asset": "ETH", "free": "0.00000000", "locked": "0.00000000"},
    ]
    short = (await client.call("GET", ACCOUNT, omitZeroBalances="true")).json["balances"]
    assert [row["asset"] for row in short] == ["SHARP", "USDT"]
    exchange.take(SELL, 25_500, 1)
    exchange.quote(BUY, 25_501, 1)
    exchange.limit(SELL, 25_501, 100)
    held = await balances(client)
    purse = exchange.engine.directory.account("alice").purse("USDT")
    assert Decimal(held["USDT"][0]).scaleb(18) == purse.free  # to the last digit of a fee


async def test_own_trades(exchange: SandboxExchange, client: BareBinance) -> None:
    placed = (await client.place(quantity="1000")).json
    other = (await client.place(price="0.024")).json
    start_ms = exchange.engine.now_ms()
    for _ in range(3):
        exchange.take(SELL, 25_000, 100)
        await exchange.clock.advance(1)
    exchange.take(SELL, 24_000, 99_800)
    rows = (await client.call("GET", TRADES, **SYMBOL)).json
    assert rows[0] == {
        "symbol": "SHARPUSDT",
        "id": 1,
        "orderId": placed["orderId"],
        "orderListId": -1,
        "price": "0.02500000",
        "qty": "1.00000000",
        "quoteQty": "0.02500000",
        "commission": "0.00200000",
        "commissionAsset": "SHARP",
        "time": start_ms,
        "isBuyer": True,
        "isMaker": True,
        "isBestMatch": True,
    }

    async def ids(**params: object) -> list[int]:
        return [row["id"] for row in (await client.call("GET", TRADES, **SYMBOL, **params)).json]

    assert await ids() == [1, 2, 3, 4, 5]
    assert await ids(limit=2) == [4, 5]
    assert await ids(fromId=2, limit=2) == [2, 3]
    assert await ids(orderId=other["orderId"]) == [5]
    assert await ids(orderId=placed["orderId"], fromId=3) == [3, 4]
    assert await ids(startTime=start_ms + 1000, limit=1) == [2]
    assert await ids(endTime=start_ms + 1000) == [1, 2]
    assert await ids(startTime=start_ms, endTime=start_ms) == [1]
    assert await ids(fromId=6) == []
    day = {"startTime": start_ms, "endTime": start_ms + 86_400_001}
    assert refusal(await client.call("GET", TRADES, **SYMBOL, **day)) == (
        400,
        -1127,
        "More than 24 hours between startTime and endTime.",
    )
    assert (await client.call("GET", TRADES, **SYMBOL, fromId=1, startTime=1)).json["code"] == -1128


async def test_all_orders(exchange: SandboxExchange, client: BareBinance) -> None:
    start_ms, ids = exchange.engine.now_ms(), []
    for _ in range(3):
        ids.append((await client.place()).json["orderId"])
        await exchange.clock.advance(1)

    async def found(**params: object) -> list[int]:
        return [row["orderId"] for row in (await client.call("GET", ALL_ORDERS, **SYMBOL, **params)).json]

    assert await found() == ids
    assert await found(limit=2) == ids[1:]
    assert await found(orderId=ids[1], limit=1) == ids[1:2]
    assert await found(startTime=start_ms + 1000, endTime=start_ms + 1000) == ids[1:2]
    assert [row["orderId"] for row in (await client.call("GET", ALL_ORDERS, symbol="ETHUSDT")).json] == []


async def test_rates_and_rights(exchange: SandboxExchange, client: BareBinance) -> None:
    rates = (await client.call("GET", "/api/v3/account/commission", **SYMBOL)).json
    assert (rates["symbol"], rates["standardCommission"]["taker"]) == ("SHARPUSDT", "0.00200000")
    fees = (await client.call("GET", "/sapi/v1/asset/tradeFee", **SYMBOL)).json
    assert fees == [{"symbol": "SHARPUSDT", "makerCommission": "0.00200000", "takerCommission": "0.00200000"}]
    full = exchange.key("alice", (Permission.READ, Permission.WITHDRAW), addresses=(client.address,))
    rights = (await BareBinance(exchange, full).call("GET", "/sapi/v1/account/apiRestrictions")).json
    assert {name: rights[name] for name in ("ipRestrict", "enableReading", "enableWithdrawals")} == {
        "ipRestrict": True,
        "enableReading": True,
        "enableWithdrawals": True,
    }
    assert rights["enableSpotAndMarginTrading"] is False


async def test_money_that_came_and_went(exchange: SandboxExchange, client: BareBinance) -> None:
    await exchange.clock.advance(60)
    exchange.engine.withdraw("alice", "USDT", 10**17)
    deposits = (await client.call("GET", "/sapi/v1/capital/deposit/hisrec")).json
    assert [(row["id"], row["coin"], row["amount"], row["status"]) for row in deposits] == [
        ("2", "SHARP", "1000.00000000", 1),
        ("1", "USDT", "1000.00000000", 1),
    ]
    one = (await client.call("GET", "/sapi/v1/capital/deposit/hisrec", coin="USDT", limit=1, offset=0)).json
    assert [row["txId"] for row in one] == ["Internal transfer 1"]
    gone = (await client.call("GET", "/sapi/v1/capital/withdraw/history")).json
    assert [(row["id"], row["amount"], row["status"], row["applyTime"]) for row in gone] == [
        ("3", "0.10000000", 6, "2026-01-01 00:01:00")
    ]
    now_ms = exchange.engine.now_ms()
    later = {"startTime": now_ms - 1}
    assert (await client.call("GET", "/sapi/v1/capital/deposit/hisrec", **later)).json == []
    assert (await client.call("GET", "/sapi/v1/capital/deposit/hisrec", startTime=1)).json["code"] == -1127
    assert (await client.call("GET", "/sapi/v1/capital/deposit/hisrec", status=0)).json == []
    coins = (await client.call("GET", "/sapi/v1/capital/config/getall")).json
    assert {row["coin"]: row["free"] for row in coins}["USDT"] == "999.90000000"
    assert (await client.call("POST", "/sapi/v1/asset/get-funding-asset")).json == []


async def test_one_market_two_dialects(exchange: SandboxExchange, client: BareBinance) -> None:
    """An order that came by one dialect is seen, filled and cancelled by the other."""
    fields = {"symbol": "SHARPUSDT", "side": "BUY", "ordType": "LIMIT", "ordPrice": "0.025", "ordQty": "100"}
    placed = (await exchange.signed(client.key, "POST", "/trade/order/place", {**fields, "clOrdId": "there"})).data
    (row,) = (await client.call("GET", OPEN_ORDERS)).json
    assert (row["orderId"], row["clientOrderId"]) == (int(placed["ordId"]), "there")
    assert (await client.call("DELETE", ORDER, **SYMBOL, orderId=row["orderId"])).status == 200
    here = (await client.place(symbol="ETHUSDT", price="100", quantity="1", newClientOrderId="here")).json
    active = (await exchange.signed(client.key, "GET", "/v2/trade/order/active")).data
    assert [str(order["ordId"]) for order in active] == [str(here["orderId"])]
    assert exchange.engine.open_orders("alice", ETH)[0].client_order_id == "here"


async def test_numbers_stay_numbers(exchange: SandboxExchange, client: BareBinance) -> None:
    await client.place()
    exchange.take(SELL, 25_000, 100)
    for path in (ALL_ORDERS, TRADES):
        (row,) = json.loads((await client.call("GET", path, **SYMBOL)).text)
        assert type(row["orderId"]) is int
        assert row["orderId"] < 2**53
