"""The sandbox's Binance streams: of markets, of an account, and requests by websocket."""

import hmac
from hashlib import sha256
from itertools import pairwise

import aiohttp
import pytest

from tests.binance_wire import BareBinance, form
from tests.sandbox_exchange import SandboxExchange
from tests.sandbox_server import serving
from tests.sandbox_socket import Socket
from trading_bridge.core.order import Side, TimeInForce
from trading_bridge.sandbox.accounts import ApiKey, Permission
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.matching import SelfTrade
from trading_bridge.sandbox.wire.binance_auth import check_sorted_signature
from trading_bridge.sandbox.wire.binance_params import Params

BUY, SELL = Side.BUY, Side.SELL
WS, STREAM, API = "/binance/ws", "/binance/stream", "/binance/ws-api/v3"
SUBSCRIBE = "userDataStream.subscribe.signature"
DOCS_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"

DOCS_SIGNATURE = "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000", SHARP="1000")
    return made


@pytest.fixture
def key(exchange: SandboxExchange) -> ApiKey:
    return exchange.key("alice")


def quoted(exchange: SandboxExchange, side: Side, price: int, lots: int) -> None:
    exchange.quote(side, price, lots)
    exchange.engine.commit()


def took(exchange: SandboxExchange, side: Side, price: int, lots: int) -> None:
    exchange.take(side, price, lots)
    exchange.engine.commit()


def signed(exchange: SandboxExchange, key: ApiKey, **params: object) -> dict[str, object]:
    params = {**params, "apiKey": key.api_key, "timestamp": exchange.engine.now_ms()}
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return {**params, "signature": hmac.new(key.secret.encode(), payload.encode(), sha256).hexdigest()}


# -- markets


async def test_the_book_that_a_client_keeps_is_the_book(exchange: SandboxExchange, key: ApiKey) -> None:
    """As `web-socket-streams.md` tells how to manage a local order book."""
    client = BareBinance(exchange, key)
    quoted(exchange, SELL, 26_000, 500)
    async with Socket(exchange, f"{WS}/sharpusdt@depth@100ms") as socket:
        quoted(exchange, SELL, 27_000, 500)
        events = await socket.read(0.1)
        book = (await client.public("/api/v3/depth", symbol="SHARPUSDT")).json
        quoted(exchange, BUY, 25_000, 300)
        own = exchange.limit(BUY, 24_000, 10_000)
        took(exchange, BUY, 26_000, 500)
        events += await socket.read(0.1)
        exchange.engine.cancel(own)
        took(exchange, SELL, 25_000, 100)
        events += await socket.read(0.1)
    assert all((event["e"], event["s"]) == ("depthUpdate", "SHARPUSDT") for event in events)
    assert [after["U"] - before["u"] for before, after in pairwise(events)] == [1, 1]
    sides = {"b": dict(map(tuple, book["bids"])), "a": dict(map(tuple, book["asks"]))}
    later = [event for event in events if event["u"] > book["lastUpdateId"]]
    assert later[0]["U"] <= book["lastUpdateId"] + 1 <= later[0]["u"]
    for event in later:
        for name, levels in sides.items():
            levels.update(map(tuple, event[name]))
    now = (await client.public("/api/v3/depth", symbol="SHARPUSDT")).json
    assert later[-1]["u"] == now["lastUpdateId"]
    for name, side in (("b", "bids"), ("a", "asks")):
        kept = {price: amount for price, amount in sides[name].items() if float(amount)}
        assert kept == dict(map(tuple, now[side]))


async def test_how_often_a_book_is_told(exchange: SandboxExchange) -> None:
    async with Socket(exchange, f"{WS}/sharpusdt@depth/sharpusdt@depth5@100ms") as socket:
        tops = [one for one in await socket.read() if "lastUpdateId" in one]
        assert [(one["bids"], one["asks"]) for one in tops] == [([], [])]
        seen = []
        for number in range(20):
            quoted(exchange, SELL, 26_000 + number, 100)
            seen += await socket.read(0.1)
    assert len([one for one in seen if "lastUpdateId" in one]) == 20
    assert len(max((one["asks"] for one in seen if "lastUpdateId" in one), key=len)) == 5
    times = [one["E"] for one in seen if one.get("e") == "depthUpdate"]
    assert [moment - times[0] for moment in times] == [0, 1000, 2000]


async def test_trades_and_best_prices(exchange: SandboxExchange) -> None:
    quoted(exchange, SELL, 26_000, 500)
    took(exchange, BUY, 26_000, 100)
    names = "sharpusdt@trade/sharpusdt@aggTrade/sharpusdt@bookTicker/ethusdt@trade"
    async with Socket(exchange, STREAM, f"streams={names}") as socket:
        (first,) = await socket.read()
        assert first["stream"] == "sharpusdt@bookTicker"
        assert {name: first["data"][name] for name in "sbBaA"} == {
            "s": "SHARPUSDT",
            "b": "0.00000000",
            "B": "0.00000000",
            "a": "0.02600000",
            "A": "4.00000000",
        }
        took(exchange, BUY, 26_000, 100)
        took(exchange, BUY, 26_000, 100)
        told = await socket.read()  # at once, not at the next tick
        now_ms = exchange.engine.now_ms()
        assert next(one["data"] for one in told if one["stream"] == "sharpusdt@trade") == {
            "e": "trade",
            "E": now_ms,
            "s": "SHARPUSDT",
            "t": 2,
            "p": "0.02600000",
            "q": "1.00000000",
            "T": now_ms,
            "m": False,
            "M": True,
        }
        assert [one["data"]["a"] for one in told if one["stream"] == "sharpusdt@aggTrade"] == [2, 3]
        assert [one["data"]["A"] for one in told if one["stream"] == "sharpusdt@bookTicker"] == ["2.00000000"]
        assert await socket.read(1) == []


async def test_candles_and_tickers(exchange: SandboxExchange) -> None:
    names = "sharpusdt@kline_1m/sharpusdt@ticker/sharpusdt@miniTicker/sharpusdt@kline_7m"
    quoted(exchange, SELL, 26_000, 500)
    async with Socket(exchange, f"{WS}/{names}") as socket:
        await socket.read()
        took(exchange, BUY, 26_000, 100)
        took(exchange, BUY, 26_000, 100)
        told = {one["e"]: one for one in await socket.read(2)}
        candle, start_ms = told["kline"]["k"], exchange.engine.now_ms() - 2000
        assert {name: candle[name] for name in "tTsifLocvnxq"} == {
            "t": start_ms,
            "T": start_ms + 59_999,
            "s": "SHARPUSDT",
            "i": "1m",
            "f": 1,
            "L": 2,
            "o": "0.02600000",
            "c": "0.02600000",
            "v": "2.00000000",
            "n": 2,
            "x": False,
            "q": "0.05200000",
        }
        assert [told["24hrTicker"][name] for name in ("s", "c", "v", "a", "n")] == [
            "SHARPUSDT",
            "0.02600000",
            "2.00000000",
            "0.02600000",
            2,
        ]
        assert set(told["24hrMiniTicker"]) == set("eEscohlvq")
        assert await socket.read(50) == []
        (closed,) = await socket.read(10)
        assert (closed["k"]["t"], closed["k"]["x"], closed["k"]["n"]) == (start_ms, True, 2)


async def test_subscriptions(exchange: SandboxExchange) -> None:
    async with Socket(exchange, WS) as socket:
        names = ["sharpusdt@trade", "noneusdt@trade", "sharpusdt@nothing"]
        assert await socket.ask(method="SUBSCRIBE", params=names, id=1) == {"result": None, "id": 1}
        assert (await socket.ask(method="LIST_SUBSCRIPTIONS", id="x"))["result"] == ["sharpusdt@trade"]
        quoted(exchange, SELL, 26_000, 500)
        took(exchange, BUY, 26_000, 100)
        assert [one["t"] for one in await socket.read()] == [1]
        assert (await socket.ask(method="SET_PROPERTY", params=["combined", True], id=2))["result"] is None
        assert (await socket.ask(method="GET_PROPERTY", params=["combined"], id=3))["result"] is True
        took(exchange, BUY, 26_000, 100)
        assert [one["stream"] for one in await socket.read()] == ["sharpusdt@trade"]
        assert (await socket.ask(method="UNSUBSCRIBE", params=["sharpusdt@trade"], id=4))["result"] is None
        took(exchange, BUY, 26_000, 100)
        assert await socket.read(1) == []
        for message, code in (
            ({"method": "OTHER", "id": 5}, 2),
            ({"method": "SUBSCRIBE", "params": "x", "id": 6}, 2),
            ({"method": "SET_PROPERTY", "params": ["combined", 1], "id": 7}, 1),
            ({"method": "GET_PROPERTY", "params": ["other"], "id": 8}, 0),
        ):
            assert (await socket.ask(**message))["error"]["code"] == code


async def test_ends_and_faults_of_a_connection(exchange: SandboxExchange) -> None:
    async with Socket(exchange, f"{WS}/sharpusdt@trade") as socket, Socket(exchange, API) as other:
        exchange.clock.jump(86_399.0)
        await socket.read(0.5)
        assert (socket.code, other.code) == (None, None)
        await socket.read(1)
        assert (socket.code, other.code) == (1001, 1001)
    async with Socket(exchange, "/binance/other") as socket:
        assert socket.status == 404
    async with Socket(exchange, "/control/status") as socket:
        assert socket.code == 1000
    fault = exchange.faults.add(Fault(kind=FaultKind.MAINTENANCE))
    async with Socket(exchange, WS) as socket:
        assert socket.status == 503
    exchange.faults.clear(fault)
    async with Socket(exchange, f"{WS}/sharpusdt@trade") as socket:
        quoted(exchange, SELL, 26_000, 500)
        fault = exchange.faults.add(Fault(kind=FaultKind.HUNG, endpoint="/binance/ws"))
        took(exchange, BUY, 26_000, 100)
        assert await socket.read(1) == []
        exchange.faults.clear(fault)
        assert [one["t"] for one in await socket.read(0.1)] == [1]
        exchange.faults.add(Fault(kind=FaultKind.DROPPED, endpoint="/binance/ws"))
        await socket.read(0.1)
        assert socket.code == 1001


async def test_a_book_that_stands_still_is_told_no_further(exchange: SandboxExchange) -> None:
    async with Socket(exchange, f"{WS}/sharpusdt@depth@100ms/sharpusdt@bookTicker") as socket:
        quoted(exchange, SELL, 26_000, 500)
        assert len(await socket.read(0.1)) == 3  # the empty best levels at first
        fault = exchange.faults.add(Fault(kind=FaultKind.BOOK_FROZEN))
        quoted(exchange, SELL, 25_000, 500)
        assert await socket.read(1) == []
        exchange.faults.clear(fault)
        assert len(await socket.read(0.1)) == 2


# -- an account


async def subscribed(exchange: SandboxExchange, key: ApiKey, socket: Socket) -> int:
    answer = await socket.ask(id="s", method=SUBSCRIBE, params=signed(exchange, key))
    assert answer["status"] == 200, answer
    return answer["result"]["subscriptionId"]


async def test_an_orders_life_is_told(exchange: SandboxExchange, key: ApiKey) -> None:
    client = BareBinance(exchange, key)
    async with Socket(exchange, API) as socket:
        assert await subscribed(exchange, key, socket) == 0
        placed = (await client.place(newClientOrderId="mine")).json
        told = await socket.read()
        assert [one["subscriptionId"] for one in told] == [0, 0]
        report, position = (one["event"] for one in told)
        now_ms = exchange.engine.now_ms()
        assert report == {
            "e": "executionReport",
            "E": now_ms,
            "s": "SHARPUSDT",
            "c": "mine",
            "S": "BUY",
            "o": "LIMIT",
            "f": "GTC",
            "q": "100.00000000",
            "p": "0.02500000",
            "P": "0.00000000",
            "F": "0.00000000",
            "g": -1,
            "C": "",
            "x": "NEW",
            "X": "NEW",
            "r": "NONE",
            "i": placed["orderId"],
            "l": "0.00000000",
            "z": "0.00000000",
            "L": "0.00000000",
            "n": "0",
            "N": None,
            "T": now_ms,
            "t": -1,
            "I": report["I"],
            "w": True,
            "m": False,
            "M": False,
            "O": now_ms,
            "Z": "0.00000000",
            "Y": "0.00000000",
            "Q": "0.00000000",
            "W": now_ms,
            "V": "EXPIRE_MAKER",
        }
        assert position == {
            "e": "outboundAccountPosition",
            "E": now_ms,
            "u": now_ms,
            "B": [
                {"a": "SHARP", "f": "1000.00000000", "l": "0.00000000"},
                {"a": "USDT", "f": "997.50000000", "l": "2.50000000"},
            ],
        }
        took(exchange, SELL, 25_000, 4_000)
        trade = (await socket.read())[0]["event"]
        assert {name: trade[name] for name in "xXlzLnNtmwY"} == {
            "x": "TRADE",
            "X": "PARTIALLY_FILLED",
            "l": "40.00000000",
            "z": "40.00000000",
            "L": "0.02500000",
            "n": "0.08000000",
            "N": "SHARP",
            "t": 1,
            "m": True,
            "w": True,
            "Y": "1.00000000",
        }
        await client.call(
            "DELETE", "/api/v3/order", symbol="SHARPUSDT", orderId=placed["orderId"], newClientOrderId="o"
        )
        report, position = (one["event"] for one in await socket.read())
        assert [report[name] for name in "cCxXzw"] == ["o", "mine", "CANCELED", "CANCELED", "40.00000000", False]
        assert position["B"][1] == {"a": "USDT", "f": "999.00000000", "l": "0.00000000"}


def steps(told: list[dict]) -> list[tuple[str, str, str]]:
    events = [one["event"] for one in told]
    return [(one["x"], one["X"], one["z"]) for one in events if one["e"] == "executionReport"]


async def test_every_way_that_an_order_ends(exchange: SandboxExchange, key: ApiKey) -> None:
    async with Socket(exchange, API) as socket:
        await subscribed(exchange, key, socket)

        async def told(**how: object) -> list[tuple[str, str, str]]:
            side, price, lots = how.pop("side", BUY), how.pop("price", 26_000), how.pop("lots", 300)
            exchange.limit(side, price, lots, **how)  # type: ignore[arg-type]
            exchange.engine.commit()
            return steps(await socket.read())

        exchange.quote(SELL, 25_000, 100)
        exchange.quote(SELL, 26_000, 200)
        assert await told() == [
            ("NEW", "NEW", "0.00000000"),
            ("TRADE", "PARTIALLY_FILLED", "1.00000000"),
            ("TRADE", "FILLED", "3.00000000"),
        ]
        exchange.quote(SELL, 26_000, 100)
        assert (await told(time_in_force=TimeInForce.IOC))[1:] == [
            ("TRADE", "PARTIALLY_FILLED", "1.00000000"),
            ("EXPIRED", "EXPIRED", "1.00000000"),
        ]
        assert (await told(time_in_force=TimeInForce.FOK))[1:] == [("EXPIRED", "EXPIRED", "0.00000000")]
        assert len(await told(price=24_000)) == 1
        assert await told(side=SELL, price=24_000, self_trade=SelfTrade.EXPIRE_BOTH) == [
            ("NEW", "NEW", "0.00000000"),
            ("TRADE_PREVENTION", "EXPIRED_IN_MATCH", "0.00000000"),
            ("TRADE_PREVENTION", "EXPIRED_IN_MATCH", "0.00000000"),
        ]
        exchange.quote(SELL, 26_000, 5_000)
        exchange.engine.place("alice", "SHARP/USDT", BUY, price=None, budget=26_000 * 4_000)
        exchange.engine.commit()
        assert steps(await socket.read())[1:] == [("TRADE", "FILLED", "40.00000000")]


async def test_money_from_outside_and_what_is_not_stored_is_not_told(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.account("bob", USDT="1000")
    async with Socket(exchange, API) as socket:
        await subscribed(exchange, key, socket)
        exchange.engine.deposit("bob", "USDT", 10**18)
        exchange.engine.withdraw("alice", "USDT", 10**18)
        assert await socket.read(1) == []
        exchange.engine.commit()
        update, position = (one["event"] for one in await socket.read())
        assert [update[name] for name in ("e", "a", "d")] == ["balanceUpdate", "USDT", "-1.00000000"]
        assert [row["a"] for row in position["B"]] == ["USDT"]


async def test_subscriptions_of_an_account(exchange: SandboxExchange, key: ApiKey) -> None:
    trader = exchange.key("alice", (Permission.TRADE,))
    async with Socket(exchange, API) as socket:
        wrong = {**signed(exchange, key), "signature": "0" * 64}
        for params, code in (
            (signed(exchange, trader), -2015),
            (wrong, -1022),
            ({}, -2014),
            (signed(exchange, key, other=1), -1104),
        ):
            answer = await socket.ask(id=1, method=SUBSCRIBE, params=params)
            assert answer["error"]["code"] == code
        assert await subscribed(exchange, key, socket) == 0
        again = await socket.ask(id=2, method=SUBSCRIBE, params=signed(exchange, key))
        assert again["error"] == {"code": -2035, "msg": "User Data Stream subscription already active."}
        assert (await socket.ask(id=3, method="userDataStream.unsubscribe", params={"subscriptionId": 7}))["error"][
            "code"
        ] == -2036
        assert (await socket.ask(id=4, method="userDataStream.unsubscribe"))["result"] == {}
        exchange.limit(BUY, 25_000, 100)
        exchange.engine.commit()
        assert await socket.read(1) == []
        assert await subscribed(exchange, key, socket) == 1


# -- requests by websocket


def test_the_documents_vector() -> None:
    payload = form(
        {
            "apiKey": "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
            "price": "52000.00",
            "quantity": "0.01000000",
            "recvWindow": "100",
            "side": "SELL",
            "symbol": "BTCUSDT",
            "timeInForce": "GTC",
            "timestamp": "1645423376532",
            "type": "LIMIT",
        }
    )
    pairs = [tuple(part.split("=")) for part in reversed(payload.split("&"))]
    check_sorted_signature(Params([*pairs, ("signature", DOCS_SIGNATURE)]), DOCS_SECRET)  # type: ignore[list-item]


async def test_orders_by_websocket(exchange: SandboxExchange, key: ApiKey) -> None:
    limit = {"symbol": "SHARPUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "0.025"}
    async with Socket(exchange, API) as socket:

        async def ask(method: str, **params: object) -> dict:
            return await socket.ask(id=method, method=method, params=signed(exchange, key, **params))

        placed = await ask("order.place", **limit, quantity="100", newClientOrderId="mine")
        assert (placed["id"], placed["status"], placed["result"]["status"]) == ("order.place", 200, "NEW")
        assert placed["rateLimits"] == [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 1}
        ]
        refused = await ask("order.place", **limit, quantity="100", newClientOrderId="mine")
        assert (refused["status"], refused["error"]) == (400, {"code": -2010, "msg": "Duplicate order sent."})
        by_id = {"symbol": "SHARPUSDT", "orderId": placed["result"]["orderId"]}
        assert (await ask("order.status", **by_id))["result"]["clientOrderId"] == "mine"
        assert len((await ask("openOrders.status"))["result"]) == 1
        assert (await ask("v3/order.cancel", **by_id))["result"]["status"] == "CANCELED"
        assert (await ask("account.status", omitZeroBalances="true"))["result"]["balances"][1]["locked"] == "0.00000000"
        public = await socket.ask(id=None, method="depth", params={"symbol": "SHARPUSDT", "limit": 5})
        assert (public["id"], public["result"]["bids"]) == (None, [])
        assert (await socket.ask(id=1, method="other"))["error"]["code"] == -1020
        assert (await socket.ask(id=1, method="ping", params=[]))["error"]["code"] == -1135


# -- on real sockets


async def test_a_bare_client_on_a_real_socket_and_a_server_that_stops(exchange: SandboxExchange) -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(exchange.app) as base_url:
            socket = await session.ws_connect(f"{base_url}{WS}/sharpusdt@trade")
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            assert await socket.receive_json() == {"result": ["sharpusdt@trade"], "id": 1}
            quoted(exchange, SELL, 26_000, 500)
            took(exchange, BUY, 26_000, 100)
            assert (await socket.receive_json())["t"] == 1
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{base_url}/binance/other")
            assert refused.value.status == 404
        last = await socket.receive()
        assert (last.type, last.data) == (aiohttp.WSMsgType.CLOSE, 1012)
