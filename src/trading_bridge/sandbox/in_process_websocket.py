"""A websocket to the sandbox in process: what ccxt's websocket client uses of aiohttp's connection, without sockets."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import aiohttp
from aiohttp import WSMessage, WSMsgType
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from trading_bridge.sandbox.wire.http import AsgiApp, Message

#: starts what the exchange does for a connection
Start = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
_CLOSED = WSMessage(WSMsgType.CLOSED, None, None)


class InProcessWebsocket:
    """One connection. What is sent is there at once; who puts a network between overrides `to_exchange` and
    `to_client`, which keep the order."""

    #: where ccxt looks for the buffer of aiohttp's connection
    _conn: None = None

    def __init__(self, app: AsgiApp, url: URL, headers: Mapping[str, str], *, address: str) -> None:
        self._app = app
        self._url = url
        self._headers = headers
        self._address = address
        self.closed = False
        self._told: asyncio.Queue[WSMessage] = asyncio.Queue()
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._status = 0

    async def open(self, start: Start = asyncio.ensure_future) -> None:
        """Raises WSServerHandshakeError where the exchange refuses it."""
        self._said.put_nowait({"type": "websocket.connect"})
        start(self._served())
        await self._opened

    # what the client does

    async def receive(self) -> WSMessage:
        return _CLOSED if self.closed and self._told.empty() else await self._told.get()

    async def send_str(self, text: str, compress: int | None = None) -> None:
        if self.closed:
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        self.to_exchange({"type": "websocket.receive", "text": text})

    async def ping(self, message: bytes = b"") -> None:
        """A server answers it beneath the application."""
        if self.closed:
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        self.to_client(WSMessage(WSMsgType.PONG, message, None))

    async def pong(self, message: bytes = b"") -> None:
        """Nobody asked."""

    async def close(self, *, code: int = 1000, message: bytes = b"") -> bool:
        if self.closed:
            return False
        self.cut(code)
        return True

    # what lies between

    def to_exchange(self, message: Message) -> None:
        self.arrive_there(message)

    def to_client(self, message: WSMessage) -> None:
        self.arrive_here(message)

    def arrive_there(self, message: Message) -> None:
        self._said.put_nowait(message)

    def arrive_here(self, message: WSMessage) -> None:
        if not self.closed:
            self._told.put_nowait(message)

    def cut(self, code: int = 1006) -> None:
        """Both sides find it closed."""
        self.closed = True
        self._said.put_nowait({"type": "websocket.disconnect", "code": code})
        self._told.put_nowait(_CLOSED)

    # what the exchange does

    async def _served(self) -> None:
        scope: Message = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": self._url.path,
            "raw_path": self._url.raw_path.encode(),
            "query_string": self._url.raw_query_string.encode(),
            "root_path": "",
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self._headers.items()
            ],
            "client": (self._address, 0),
            "server": (self._url.host, self._url.port),
            "subprotocols": [],
        }
        try:
            await self._app(scope, self._said.get, self._send)
        finally:
            self._refuse(403)
            if not self.closed:
                self.cut()

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if self.closed and self._opened.done():
            raise ConnectionResetError("the client went away")
        if kind == "websocket.accept":
            if not self._opened.done():
                self._opened.set_result(None)
        elif kind == "websocket.send":
            self.to_client(WSMessage(WSMsgType.TEXT, message["text"], None))
        elif kind == "websocket.close":
            self._refuse(403)
            self.to_client(WSMessage(WSMsgType.CLOSE, message.get("code", 1000), None))
        elif kind == "websocket.http.response.start":
            status = message["status"]
            assert isinstance(status, int)
            self._refuse(status)

    def _refuse(self, status: int) -> None:
        if not self._opened.done():
            info = aiohttp.RequestInfo(self._url, "GET", CIMultiDictProxy(CIMultiDict()), self._url)
            self._opened.set_exception(
                aiohttp.WSServerHandshakeError(info, (), status=status, message="Invalid response status")
            )
