"""Calls the sandbox in process: what ccxt takes as its `session`, without sockets.

Signing, headers, JSON and parsing stay real; the network is a function call. What goes wrong on a network is put in by
`Line`, which raises the errors that aiohttp itself would raise, so that their causes survive in ccxt.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, TypedDict, Unpack

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from trading_bridge.clock import Clock, within
from trading_bridge.sandbox.in_process_websocket import InProcessWebsocket
from trading_bridge.sandbox.wire.http import AsgiApp, Message


class Line(Protocol):
    """What lies between client and exchange; each side may wait, or raise what aiohttp would raise."""

    async def request(self, method: str, url: URL) -> None:
        """Before the exchange sees anything."""
        ...

    async def answer(self, method: str, url: URL, status: int) -> None:
        """After the exchange has done everything, before the client hears of it."""
        ...


class CallOptions(TypedDict, total=False):
    """What a function call can use of aiohttp's options; others may be given and say nothing to it."""

    data: bytes | str | None
    headers: Mapping[str, str] | None
    timeout: aiohttp.ClientTimeout | None
    proxy: str | None


class InProcessSession:
    def __init__(
        self, app: AsgiApp, *, address: str = "127.0.0.1", line: Line | None = None, clock: Clock | None = None
    ) -> None:
        """`address` is where the exchange sees its client; by `clock` a total timeout passes while it waits."""
        self._app = app
        self._line = line
        self._clock = clock
        self.address = address
        #: as aiohttp's session has them; ccxt looks
        self.headers: dict[str, str] = {}
        self.closed = False

    def get(self, url: URL | str, **options: Unpack[CallOptions]) -> "_Call":
        return self.request("GET", url, **options)

    def post(self, url: URL | str, **options: Unpack[CallOptions]) -> "_Call":
        return self.request("POST", url, **options)

    def put(self, url: URL | str, **options: Unpack[CallOptions]) -> "_Call":
        return self.request("PUT", url, **options)

    def delete(self, url: URL | str, **options: Unpack[CallOptions]) -> "_Call":
        return self.request("DELETE", url, **options)

    def request(self, method: str, url: URL | str, **options: Unpack[CallOptions]) -> "_Call":
        async def answer() -> "InProcessResponse":
            body, headers = options.get("data") or b"", options.get("headers") or {}
            content = body.encode() if isinstance(body, str) else body
            send = partial(self._send, method, URL(url), content, headers)  # none is made that would not be awaited
            timeout = options.get("timeout")
            return await self._within(None if timeout is None else timeout.total, send)

        return _Call(answer)

    def ws_connect(self, url: URL | str, *, headers: Mapping[str, str] | None = None, **options: object) -> "_Opening":
        """aiohttp's other options may be given and say nothing to it."""

        async def opened() -> InProcessWebsocket:
            return await self._open(URL(url), headers or {})

        return _Opening(opened)

    async def close(self) -> None:
        self.closed = True

    async def _open(self, url: URL, headers: Mapping[str, str]) -> InProcessWebsocket:
        websocket = InProcessWebsocket(self._app, url, headers, address=self.address)
        await websocket.open()
        return websocket

    async def _within(
        self, limit_s: float | None, work: Callable[[], Awaitable["InProcessResponse"]]
    ) -> "InProcessResponse":
        if limit_s is None or self._clock is None:
            return await work()
        answers: list[InProcessResponse] = []

        async def collect() -> None:
            answers.append(await work())

        if not await within(self._clock, limit_s, collect()):
            raise aiohttp.ServerTimeoutError(f"no answer within {limit_s} s")
        return answers[0]

    async def _send(self, method: str, url: URL, body: bytes, headers: Mapping[str, str]) -> "InProcessResponse":
        if self._line is not None:
            await self._line.request(method, url)
        response = await call_asgi(self._app, method, url, body, headers, address=self.address)
        if self._line is not None:
            await self._line.answer(method, url, response.status)
        return response


class InProcessResponse:
    def __init__(self, status: int, headers: CIMultiDictProxy[str], body: bytes) -> None:
        self.status = status
        self.reason = HTTPStatus(status).phrase
        self.headers = headers
        self.content = body

    async def text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self.content.decode(encoding, errors)

    async def read(self) -> bytes:
        return self.content


async def call_asgi(
    app: AsgiApp, method: str, url: URL, body: bytes, headers: Mapping[str, str], *, address: str
) -> InProcessResponse:
    """One HTTP request to an ASGI application. One that ends without an answer has broken the connection."""
    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": url.scheme or "http",
        "path": url.path,
        "raw_path": url.raw_path.encode(),
        "query_string": url.raw_query_string.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "client": (address, 0),
        "server": (url.host, url.port),
    }
    sent: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    received: list[Message] = []

    async def receive() -> Message:
        if not sent:
            await asyncio.get_running_loop().create_future()  # a client that gives up cancels the call
        return sent.pop()

    async def send(message: Message) -> None:
        received.append(message)

    await app(scope, receive, send)
    if not received:
        raise aiohttp.ServerDisconnectedError
    start, *parts = received
    status, raw = start["status"], start["headers"]
    assert isinstance(status, int)
    assert isinstance(raw, list)
    answer_headers = CIMultiDict((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
    chunks = [chunk for part in parts if isinstance(chunk := part.get("body", b""), bytes)]
    return InProcessResponse(status, CIMultiDictProxy(answer_headers), b"".join(chunks))


class _Call:
    """`async with session.get(...) as response`."""

    def __init__(self, answer: Callable[[], Awaitable[InProcessResponse]]) -> None:
        self._answer = answer

    async def __aenter__(self) -> InProcessResponse:
        return await self._answer()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class _Opening:
    """`async with session.ws_connect(...) as websocket`."""

    def __init__(self, opened: Callable[[], Awaitable[InProcessWebsocket]]) -> None:
        self._opened = opened
        self._made: InProcessWebsocket | None = None

    async def __aenter__(self) -> InProcessWebsocket:
        self._made = await self._opened()
        return self._made

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made is not None:
            await self._made.close()
