"""The network between a simulated server and the exchange."""

import asyncio
from collections.abc import Mapping
from contextvars import Context
from itertools import count
from typing import Any

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from tests.simulation.exchange import Exchange
from tests.simulation.loop import Life, SimLoop
from tests.simulation.sockets import Frames, LineWebsocket
from tests.simulation.trouble import Passage, Trouble, never
from tests.simulation.watch import Call, Heard, Watcher
from tests.simulation.wires import wire_at
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.in_process_network import FOUR, SIX
from trading_bridge.sandbox.transport import InProcessResponse, InProcessSession, call_asgi


class Line:
    """One server's way to the exchange."""

    def __init__(
        self,
        loop: SimLoop,
        life: Life,
        exchange: Exchange,
        trouble: Trouble,
        frames: Frames,
        watcher: Watcher,
        numbers: "count[int]",
    ) -> None:
        self._loop = loop
        self._life = life
        self._exchange = exchange
        self._trouble = trouble
        self._watcher = watcher
        self._numbers = numbers
        self._frames = frames
        self._websockets: list[LineWebsocket] = []

    def session(self, family: Family) -> "LineSession":
        address = FOUR if family is not Family.IPV6 else SIX
        return LineSession(self, address, self._exchange)

    async def carry(
        self, method: str, url: URL, body: bytes, headers: Mapping[str, str], address: str
    ) -> InProcessResponse:
        """One request, whole: its caller may leave, or die, and the exchange goes on with it."""
        call = self._call(method, url, body, headers)
        passage = self._trouble.met_by(call)
        try:
            await passage.departs()
            self._watcher.departed(call)
            carried = self._loop.spawn(None, self._carried(call, passage, url, headers, address), name="exchange")
            carried.add_done_callback(_heard_or_not, context=Context())  # whoever asked may be dead
            answer = await asyncio.shield(carried)
            await passage.returns()
            heard = passage.altered(answer)
        except BaseException as error:
            self._watcher.unheard(call, error)
            raise
        if heard.is_broken:
            self._watcher.unheard(call, aiohttp.ClientPayloadError())
            return BrokenResponse(heard.status, CIMultiDictProxy(CIMultiDict(heard.headers)), heard.body)
        self._watcher.heard(call, heard)
        return InProcessResponse(heard.status, CIMultiDictProxy(CIMultiDict(heard.headers)), heard.body)

    async def opened(self, url: URL, headers: Mapping[str, str], address: str) -> LineWebsocket:
        call = self._call("GET", url, b"", headers)
        passage = self._trouble.met_by(call)
        websocket = LineWebsocket(
            self._loop,
            self._life,
            self._frames,
            self._watcher,
            self._numbers,
            self._exchange.app,
            url,
            headers,
            passage.leaves_by(address),
        )
        try:
            await passage.departs()
            self._watcher.departed(call)
            await websocket.open(lambda work: self._loop.spawn(None, work, name="exchange"))
            await passage.returns()
        except BaseException as error:
            self._watcher.unheard(call, error)
            raise
        self._watcher.heard(call, Heard(status=101, body=b""))
        self._websockets = [one for one in self._websockets if not one.closed] + [websocket]
        return websocket

    def cut(self) -> None:
        """All of its websockets break."""
        for websocket in self._websockets:
            if not websocket.closed:
                websocket.cut()

    def _call(self, method: str, url: URL, body: bytes, headers: Mapping[str, str]) -> Call:
        wire = wire_at(url.path)
        return Call(
            number=next(self._numbers),
            life=self._life,
            method=method,
            endpoint=wire.endpoint(method, url.path.removeprefix(wire.prefix), url.raw_query_string),
            wire=wire,
            query=url.raw_query_string,
            body=body,
            headers={name.lower(): value for name, value in headers.items()},
            begun_s=self._loop.time(),
        )

    async def _carried(self, call: Call, passage: Passage, url: URL, headers: Mapping[str, str], address: str) -> Heard:
        answer = passage.instead()
        if answer is not None:
            return answer
        copies = passage.copies
        if len(copies) == 1:
            response = await self._arrives(call, passage, copies[0], url, headers, address)
        else:
            arrivals = [
                self._loop.spawn(None, self._arrives(call, passage, after_s, url, headers, address), name="exchange")
                for after_s in copies
            ]
            for arrival in arrivals:
                arrival.add_done_callback(_heard_or_not, context=Context())
            if not arrivals:
                await never()
            response = await arrivals[passage.heard_copy]
        return Heard(status=response.status, body=response.content, headers=dict(response.headers))

    async def _arrives(
        self, call: Call, passage: Passage, after_s: float, url: URL, headers: Mapping[str, str], address: str
    ) -> InProcessResponse:
        await passage.arrives_after(after_s)
        passage.before_it_is_done()
        self._watcher.arrived(call)
        sender = passage.leaves_by(address)
        return await call_asgi(self._exchange.app, call.method, url, call.body, headers, address=sender)


def _heard_or_not(arrival: "asyncio.Task[Any]") -> None:
    """A request whose answer nobody waits for may end as it likes."""
    if not arrival.cancelled():
        arrival.exception()


class LineSession(InProcessSession):
    def __init__(self, line: Line, address: str, exchange: Exchange) -> None:
        super().__init__(exchange.app, address=address, clock=exchange.clock)
        self._carrier = line

    async def _send(self, method: str, url: URL, body: bytes, headers: Mapping[str, str]) -> InProcessResponse:
        return await self._carrier.carry(method, url, body, headers, self.address)

    async def _open(self, url: URL, headers: Mapping[str, str]) -> LineWebsocket:
        return await self._carrier.opened(url, headers, self.address)


class BrokenResponse(InProcessResponse):
    """Its head came, and then the connection broke."""

    async def text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise aiohttp.ClientPayloadError("Response payload is not completed")

    async def read(self) -> bytes:
        raise aiohttp.ClientPayloadError("Response payload is not completed")
