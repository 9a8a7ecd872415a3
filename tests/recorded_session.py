"""An HTTP session for tests: answers what it is told to, and keeps what was sent, byte by byte."""

from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL


@dataclass(frozen=True)
class Reply:
    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    #: raised while the body is read
    broken: Exception | None = None


@dataclass(frozen=True)
class Sent:
    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    options: dict[str, Any]

    @property
    def path(self) -> str:
        """With its query, as it stands in the URL."""
        return URL(self.url, encoded=True).raw_path_qs.removeprefix("/api")


class RecordedSession:
    def __init__(self, *replies: Reply | Exception | str) -> None:
        self.replies = deque(replies)
        self.sent: list[Sent] = []
        self.headers: dict[str, str] = {}
        self.closed = False

    def get(self, url: URL, **options: Any) -> "_Call":
        return _Call(self, "GET", url, options)

    def post(self, url: URL, **options: Any) -> "_Call":
        return _Call(self, "POST", url, options)

    def put(self, url: URL, **options: Any) -> "_Call":
        return _Call(self, "PUT", url, options)

    def delete(self, url: URL, **options: Any) -> "_Call":
        return _Call(self, "DELETE", url, options)

    async def close(self) -> None:
        self.closed = True


class _Call:
    def __init__(self, session: RecordedSession, method: str, url: URL, options: dict[str, Any]) -> None:
        self._session, self._method, self._url, self._options = session, method, url, options

    async def __aenter__(self) -> "_Response":
        options = dict(self._options)
        body = options.pop("data")
        self._session.sent.append(
            Sent(
                method=self._method,
                url=str(self._url),
                headers=dict(options.pop("headers")),
                body=None if body is None else body.decode(),
                options=options,
            )
        )
        reply = self._session.replies.popleft()
        if isinstance(reply, Exception):
            raise reply
        return _Response(Reply(reply) if isinstance(reply, str) else reply)

    async def __aexit__(self, *error: object) -> None:
        return None


class _Response:
    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.status = reply.status
        self.reason = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else ""
        self.headers = CIMultiDictProxy(CIMultiDict(reply.headers))

    async def text(self, errors: str = "strict") -> str:
        if self._reply.broken is not None:
            raise self._reply.broken
        return self._reply.body
