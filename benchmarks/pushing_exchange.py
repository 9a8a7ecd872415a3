"""A server on loopback in a process of its own that pushes books when it is asked to: Binance's increments, Coinstore's
whole books. A message
`{"push": n, "per_s": r}` starts it; `r` null: one by one."""

import asyncio
import multiprocessing
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from typing import Any

import orjson
from aiohttp import WSMsgType, web

LEVELS = 20
#: of a side that one message changes
CHANGED = 3
_MID, _SPREAD = 241_000, 2
#: sent together, so that the clock of the loop keeps the pace
_TICK_S = 0.002
_LOOK_EVERY_S, _LOST_AFTER_S = 0.0002, 0.5

#: a number that both processes see
Taken = Any


@asynccontextmanager
async def pushing_exchange(taken: "Taken") -> AsyncIterator[str]:
    """`taken` is how many books its client has taken: what is pushed one by one waits for the one before to be taken.

    Its address; Coinstore and Binance lie under any name, and each name has a book of its own."""
    processes = multiprocessing.get_context("spawn")
    here, there = processes.Pipe()
    server = processes.Process(target=_serve, args=(there, taken), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{await asyncio.to_thread(here.recv)}"
    finally:
        server.terminate()
        server.join()


class _Books:
    """Of one market, 0.01 a tick; the best ask's amount is the moment of the push, in milliseconds and lots."""

    def __init__(self) -> None:
        self.update_id = 1
        self._bids = {_MID - _SPREAD - place: 5_000 + place for place in range(LEVELS)}
        self._asks = {_MID + _SPREAD + place: 5_000 + place for place in range(LEVELS)}

    def _changed(self) -> tuple[list[int], list[int]]:
        self.update_id += 1
        bids = [_MID - _SPREAD - (self.update_id * 7 + step * 5) % LEVELS for step in range(CHANGED)]
        asks = [_MID + _SPREAD, *(_MID + _SPREAD + (self.update_id * 3 + step * 7) % LEVELS for step in (1, 2))]
        for prices, side in ((bids, self._bids), (asks, self._asks)):
            for price in prices:
                side[price] = 1_000 + self.update_id * 13 % 900 * 10
        self._asks[_MID + _SPREAD] = int(time.monotonic() * 1000)
        return bids, asks

    def increment(self) -> bytes:
        bids, asks = self._changed()
        return orjson.dumps(
            {
                "e": "depthUpdate",
                "E": 1_737_635_557_417,
                "s": "ETHUSDT",
                "U": self.update_id,
                "u": self.update_id,
                "b": [_level(price, self._bids[price]) for price in bids],
                "a": [_level(price, self._asks[price]) for price in asks],
            }
        )

    def whole(self, number: int) -> bytes:
        self._changed()
        return orjson.dumps(
            {
                "S": number,
                "T": "depth",
                "channel": "2@depth@20",
                "level": LEVELS,
                "instrumentId": 2,
                "symbol": "ETHUSDT",
                "b": [[*_level(price, amount), 1] for price, amount in self._bids.items()],
                "a": [[*_level(price, amount), -1] for price, amount in self._asks.items()],
            }
        )

    def snapshot(self) -> dict[str, Any]:
        return {
            "lastUpdateId": self.update_id,
            "bids": [_level(price, amount) for price, amount in self._bids.items()],
            "asks": [_level(price, amount) for price, amount in self._asks.items()],
        }


def _level(price: int, amount: int) -> list[str]:
    return [f"{price / 100:.8f}", f"{amount / 10_000:.8f}"]


class _Server:
    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._books: dict[str, _Books] = defaultdict(_Books)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{name}/api/v3/depth", self._depth)
        app.router.add_get("/{name}/ws/{stream:.*}", self._binance)
        app.router.add_get("/{name}/s/ws", self._coinstore)
        return app

    def _of(self, request: web.Request) -> _Books:
        return self._books[request.match_info["name"]]

    async def _until_taken(self, before: int) -> None:
        began = time.monotonic()
        while self._taken.value == before and time.monotonic() - began < _LOST_AFTER_S:  # noqa: ASYNC110 - another process
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _depth(self, request: web.Request) -> web.Response:
        return web.json_response(self._of(request).snapshot())

    async def _binance(self, request: web.Request) -> web.WebSocketResponse:
        return await self._talk(request, lambda _: self._of(request).increment(), _subscribed)

    async def _coinstore(self, request: web.Request) -> web.WebSocketResponse:
        return await self._talk(request, self._of(request).whole, lambda command: None)

    async def _talk(
        self, request: web.Request, message: Callable[[int], bytes], answer: Callable[[Any], bytes | None]
    ) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        number = 0
        async for heard in socket:
            if heard.type is not WSMsgType.TEXT:
                continue
            command = orjson.loads(heard.data)
            if "push" not in command:
                if (told := answer(command)) is not None:
                    await socket.send_frame(told, WSMsgType.TEXT)
                continue
            one_by_one = command["per_s"] is None
            began, sent = time.monotonic(), 0
            while sent < command["push"]:
                due = sent + 1 if one_by_one else int((time.monotonic() - began) * command["per_s"])
                before = self._taken.value
                while sent < min(due, command["push"]):
                    sent, number = sent + 1, number + 1
                    await socket.send_frame(message(number), WSMsgType.TEXT)
                if one_by_one:
                    await self._until_taken(before)
                else:
                    await asyncio.sleep(_TICK_S)
        return socket


def _subscribed(command: Any) -> bytes:
    return orjson.dumps({"result": None, "id": command.get("id")})


def _serve(pipe: Connection, taken: Taken) -> None:
    async def serve() -> None:
        runner = web.AppRunner(_Server(taken).app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(serve())
