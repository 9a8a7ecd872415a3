"""HTTP as a dialect sees it: a request is a value, an answer is a value, and a dialect is a function between them.
Websockets are for `sockets`.

That function is synchronous, so an answer is made at one ledger sequence. What comes between client and dialect, such
as latency or a lost answer, wraps it from outside, or goes with the answer as its `delivery`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus

from trading_bridge.clock import Clock
from trading_bridge.sandbox.addresses import plain_address
from trading_bridge.sandbox.wire.delivery import Delivery, arrives

MAX_BODY_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    #: below the dialect's prefix
    path: str
    #: exactly as it stood in the URL, without `?`
    query: bytes
    #: lower-case names
    headers: Mapping[str, str]
    body: bytes
    #: of the client, as the exchange sees it
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: HTTPStatus = HTTPStatus.OK
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    #: None: it leaves at once
    delivery: Delivery | None = None


Dialect = Callable[[Request], Response]

# ASGI, as its specification words it; values differ by message
Scope = MutableMapping[str, object]
Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

#: holds a websocket's conversation, from its handshake to its end
Talk = Callable[[Request, Clock, Receive, Send], Awaitable[None]]


class DialectApp:
    """An ASGI application: each path prefix speaks one dialect."""

    def __init__(
        self, dialects: Mapping[str, Dialect], clock: Clock, sockets: Mapping[str, Talk] | None = None
    ) -> None:
        """`sockets` are those that hold conversations as well, by the same prefixes."""
        self._dialects = dict(dialects)  # "/api" -> dialect
        self._sockets = dict(sockets or {})
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] == "websocket":
            await self._converse(scope, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"the sandbox speaks HTTP, not {scope['type']}")
        body = await _body(receive)
        if body is None:
            await self._send(send, Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, body=b""))
            return
        answer = self._answer(scope, body)
        if answer.delivery is None or await arrives(answer.delivery, self._clock, scope, receive):
            await self._send(send, answer)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = _prefix_of(str(scope["path"]), self._sockets)
        if prefix is None:
            await send({"type": "websocket.close", "code": 1000})  # before the handshake: HTTP 403
            return
        request = _request(scope, str(scope["path"]).removeprefix(prefix), b"")
        await self._sockets[prefix](request, self._clock, receive, send)

    def _answer(self, scope: Scope, body: bytes) -> Response:
        path = str(scope["path"])
        prefix = _prefix_of(path, self._dialects)
        if prefix is not None:
            return self._dialects[prefix](_request(scope, path.removeprefix(prefix), body))
        return Response(status=HTTPStatus.NOT_FOUND, body=b'{"message":"Not Found","code":404}')

    async def _send(self, send: Send, response: Response) -> None:
        # the exchange's only clock for clients (reference section 1): resolution 1 s
        headers = {
            "content-type": "application/json",
            "date": format_datetime(self._clock.now(), usegmt=True),
            "content-length": str(len(response.body)),
            **response.headers,
        }
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": int(response.status), "headers": raw})
        await send({"type": "http.response.body", "body": response.body})


def _prefix_of(path: str, prefixes: Iterable[str]) -> str | None:
    return next((prefix for prefix in prefixes if path == prefix or path.startswith(prefix + "/")), None)


def _request(scope: Scope, path: str, body: bytes) -> Request:
    query, headers, client = scope.get("query_string", b""), scope["headers"], scope.get("client")
    assert isinstance(query, bytes)
    assert isinstance(headers, list | tuple)
    return Request(
        method=str(scope.get("method", "GET")),
        path=path,
        query=query,
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers},
        body=body,
        address=plain_address(str(client[0])) if isinstance(client, list | tuple) else "",
    )


async def _body(receive: Receive) -> bytes | None:
    """None: too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = message.get("body", b"")
        assert isinstance(part, bytes)
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
