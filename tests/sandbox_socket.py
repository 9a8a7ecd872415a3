"""A websocket to the sandbox without sockets, on a clock that stands."""

import asyncio
import json
from types import TracebackType

from tests.sandbox_exchange import ADDRESS, SandboxExchange
from trading_bridge.sandbox.wire.http import Message


class Socket:
    """`said` is what came and was not read yet; `status` is set when the handshake is refused."""

    def __init__(self, exchange: SandboxExchange, path: str, query: str = "", *, address: str = ADDRESS) -> None:
        self._exchange = exchange
        self._scope: Message = {
            "type": "websocket",
            "path": path,
            "query_string": query.encode(),
            "headers": [],
            "client": (address, 0),
        }
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self.said: list[dict] = []
        self.status: int | None = None
        self.code: int | None = None

    async def __aenter__(self) -> "Socket":
        self._heard.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._exchange.app(self._scope, self._heard.get, self._send))
        await self._exchange.clock.advance(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heard.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self._task

    async def read(self, seconds: float = 0.0) -> list[dict]:
        """What has come by then."""
        await self._exchange.clock.advance(seconds)
        found, self.said = self.said, []
        return found

    async def say(self, message: object) -> list[dict]:
        """What has come once the exchange has heard it; text goes as it is."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._heard.put_nowait({"type": "websocket.receive", "text": text})
        return await self.read()

    async def ask(self, **message: object) -> dict:
        """The answer to a message; what came besides stays to be read."""
        before = await self.say(message)
        self.said = [one for one in before if "id" not in one]
        return next(one for one in before if "id" in one)

    async def _send(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            self.said.append(json.loads(str(message["text"])))
        elif message["type"] == "websocket.close":
            self.code = int(str(message["code"]))
        elif message["type"] == "websocket.http.response.start":
            self.status = int(str(message["status"]))
