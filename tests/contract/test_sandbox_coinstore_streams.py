"""The sandbox's websocket as Coinstore: what wire/coinstore.md section 11 tells, and what faults make of it."""

import aiohttp
import pytest

from tests.sandbox_exchange import SandboxExchange
from tests.sandbox_server import serving
from tests.sandbox_socket import Socket
from trading_bridge.core.order import Side
from trading_bridge.sandbox.faults import Fault, FaultKind

BUY, SELL = Side.BUY, Side.SELL
WS = "/api/s/ws"
DEPTH = "1@depth@5"


@pytest.fixture
def exchange() -> SandboxExchange:
    return SandboxExchange()


def quoted(exchange: SandboxExchange, side: Side, price: int, lots: int) -> None:
    exchange.quote(side, price, lots)
    exchange.engine.commit()


def took(exchange: SandboxExchange, side: Side, price: int, lots: int) -> None:
    exchange.take(side, price, lots)
    exchange.engine.commit()


def sub(*channels: str, **more: object) -> dict[str, object]:
    return {"op": "SUB", "channel": list(channels), "id": 1, **more}


def of_kind(messages: list[dict], kind: str) -> list[dict]:
    return [message for message in messages if message["T"] == kind]


async def test_it_greets_and_answers_each_command_twice(exchange: SandboxExchange) -> None:
    async with Socket(exchange, WS) as socket:
        (greeting,) = await socket.read()
        session = greeting["sid"]
        assert greeting == {"S": 1, "T": "resp", "sid": session, "C": 200, "M": "established"}
        echo, done = (await socket.say(sub("1@trade")))[:2]
        assert (echo["S"], echo["T"], echo["C"], echo["M"]) == (2, "echo", 200, "command.received")
        assert echo["echo"]["channel"] == [
            {
                "name": "1@trade",
                "type": {"name": "trade", "auth": "PUB"},
                "instrumentId": "1",
                "lifeStartTime": exchange.engine.now_ms() // 1000,
                "msgCount": 0,
                "pub": True,
            }
        ]
        assert done == {"S": 3, "T": "resp", "sid": session, "C": 200, "M": "sub.channel.success"}
        listed = (await socket.say({"op": "LIST", "channel": [], "id": 3}))[1]
        assert [(one["name"], one["msgCount"]) for one in listed["subs"]] == [("1@trade", 1)]
        _, left = await socket.say({"op": "UNSUB", "channel": ["1@trade"], "id": 4})
        assert left["C"] == 200
        assert (await socket.say({"op": "LIST", "channel": [], "id": 5}))[1]["subs"] == []
    async with Socket(exchange, WS) as other:
        (greeting,) = await other.read()
        assert (greeting["S"], greeting["sid"] == session) == (1, False)


async def test_a_book_is_told_whole_when_it_changes_and_at_most_ten_times_a_second(exchange: SandboxExchange) -> None:
    for place in range(7):
        quoted(exchange, SELL, 26_000 + place, 100)
    async with Socket(exchange, WS) as socket:
        (book,) = of_kind(await socket.say(sub("1@depth@5", "SHARPUSDT@depth@5", "sharpusdt@depth@10")), "depth")[:1]
        assert book["S"] == 4
        assert {name: book[name] for name in ("channel", "level", "instrumentId", "symbol", "b")} == {
            "channel": DEPTH,
            "level": 5,
            "instrumentId": 1,
            "symbol": "SHARPUSDT",
            "b": [],
        }
        assert book["a"][0] == ["0.026000", "1.00", -1] or book["a"][0] == ["0.026", "1", -1]
        assert len(book["a"]) == 5
        assert await socket.read(5) == []
        seen = []
        for place in range(20):
            quoted(exchange, BUY, 25_000 + place, 100)
            seen += await socket.read(0.05)
        books = [one for one in of_kind(seen, "depth") if one["channel"] == DEPTH]
        assert 10 <= len(books) <= 11
        numbers = [one["S"] for one in seen]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        rested = (await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT", "depth=5")).data
        (last,) = [one for one in await socket.read(0.1) if one["channel"] == DEPTH] or books[-1:]
        assert (last["a"], last["b"]) == (rested["a"], rested["b"])


async def test_trades_come_together_at_first_and_then_each(exchange: SandboxExchange) -> None:
    quoted(exchange, SELL, 26_000, 900)
    for _ in range(3):
        took(exchange, BUY, 26_000, 100)
    async with Socket(exchange, WS) as socket:
        (first,) = of_kind(await socket.say(sub("1@trade", param={"size": 2})), "trade")
        assert [row["seq"] for row in first["data"]] == [3, 2]
        took(exchange, BUY, 26_000, 100)
        took(exchange, BUY, 26_000, 100)
        later = of_kind(await socket.read(), "trade")
        assert [row["seq"] for row in later] == [4, 5]
        assert {name: later[0][name] for name in ("channel", "symbol", "takerSide", "instrumentId")} == {
            "channel": "1@trade",
            "symbol": "SHARPUSDT",
            "takerSide": "BUY",
            "instrumentId": 1,
        }


async def test_tickers_and_candles(exchange: SandboxExchange) -> None:
    quoted(exchange, SELL, 26_000, 900)
    took(exchange, BUY, 26_000, 100)
    async with Socket(exchange, WS) as socket:
        told = await socket.say(sub("1@ticker", "!@ticker", "1@kline@min_1"))
        one, every = of_kind(told, "ticker")
        assert {name: float(one[name]) for name in ("open", "close", "volume", "amount")} == {
            "open": 0.026,
            "close": 0.026,
            "volume": 1.0,
            "amount": 0.026,
        }
        assert (every["channel"], len(every["data"])) == ("!@ticker", len(exchange.engine.markets))
        start = exchange.engine.now_ms() // 60_000 * 60
        (candle,) = of_kind(told, "kline")
        assert {name: candle[name] for name in ("channel", "startTime", "endTime", "interval", "lastTradeId")} == {
            "channel": "1@kline@min_1",
            "startTime": start,
            "endTime": start + 59,
            "interval": "1m",
            "lastTradeId": 1,
        }
        assert 2 <= len(of_kind(await socket.read(3), "kline")) <= 3  # each second, though nobody traded
        await socket.read(60)
        ask = {"op": "REQ", "param": {"channel": "1@kline@min_1", "endTime": None, "limit": 2}, "id": 7}
        history = (await socket.say(ask))[1]
        assert [item["startTime"] for item in history["item"]] == [start, start + 60]
        assert [item["volume"] for item in history["item"]] != ["0", "0"]
        before = (await socket.say({**ask, "param": {**ask["param"], "endTime": start + 60}}))[1]  # type: ignore[dict-item]
        assert [item["startTime"] for item in before["item"]] == [start]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", 400),
        ("[]", 400),
        ({"op": "OTHER", "channel": []}, 400),
        (sub("1@depth@20", param={"size": "two"}), 400),
        ({"op": "SUB", "channel": "1@depth@20"}, 400),
        (sub("1@depth@7"), 404),
        (sub("99@depth@5"), 404),
        (sub("1@depth@5", "1@candles"), 404),
        (sub("1@kline@min_2"), 404),
        ({"op": "REQ", "param": {"channel": "1@trade"}}, 404),
        ({"op": "LOGIN", "channel": ["!@account"], "auth": {"token": "key"}}, 401),
    ],
)
async def test_what_cannot_be_done_is_said_and_the_session_stays(
    exchange: SandboxExchange, message: object, code: int
) -> None:
    async with Socket(exchange, WS) as socket:
        await socket.read()
        assert (await socket.say(message))[-1]["C"] == code
        assert (await socket.say({"op": "LIST", "channel": []}))[1]["subs"] == []
        assert await socket.say({"op": "pong", "epochMillis": 1604040975}) == []


async def test_a_session_ends_after_a_day(exchange: SandboxExchange) -> None:
    async with Socket(exchange, WS) as socket:
        exchange.clock.jump(86_399.0)
        await socket.read()
        assert socket.code is None
        await socket.read(1.5)
        assert socket.code == 1001


async def test_faults_of_a_session(exchange: SandboxExchange) -> None:
    fault = exchange.faults
    async with Socket(exchange, WS) as socket:
        await socket.say(sub(DEPTH))
        hung = fault.add(Fault(kind=FaultKind.HUNG, endpoint="/api/s/ws"))
        quoted(exchange, SELL, 26_000, 100)
        assert await socket.read(5) == []
        fault.clear(hung)
        (before,) = await socket.read(0.1)
        lost = fault.add(Fault(kind=FaultKind.MESSAGES_LOST, endpoint="/api/s/ws"))
        quoted(exchange, SELL, 25_900, 100)
        assert await socket.read(5) == []
        fault.clear(lost)
        assert await socket.read(5) == []
        quoted(exchange, SELL, 25_800, 100)
        (after,) = await socket.read(0.1)
        assert after["S"] - before["S"] == 2
        fault.add(Fault(kind=FaultKind.BOOK_EMPTY, seconds=1.0))
        assert (await socket.read(0.5))[0]["a"] == []
        assert len((await socket.read(1))[0]["a"]) == 3
        rest = await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT")
        assert rest.status == 200
        fault.add(Fault(kind=FaultKind.DROPPED, endpoint="/api/s/ws"))
        await socket.read(0.2)
        assert socket.code == 1001
    fault.clear()
    fault.add(Fault(kind=FaultKind.MAINTENANCE, endpoint="/api/s/ws"))
    async with Socket(exchange, WS) as socket:
        assert socket.status == 503


async def test_a_bare_client_on_a_real_socket(exchange: SandboxExchange) -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(exchange.app) as base_url:
            socket = await session.ws_connect(f"{base_url}{WS}")
            assert (await socket.receive_json())["M"] == "established"
            await socket.send_json(sub(DEPTH))
            assert [(await socket.receive_json())["T"] for _ in range(3)] == ["echo", "resp", "depth"]
            quoted(exchange, SELL, 26_000, 500)
            exchange.clock.jump(0.1)
            await exchange.clock.advance(0.1)
            assert len((await socket.receive_json())["a"]) == 1
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{base_url}/api/other")
            assert refused.value.status == 404
        last = await socket.receive()
        assert (last.type, last.data) == (aiohttp.WSMsgType.CLOSE, 1012)
