"""A client that calls the application in process: no sockets, and every answer is held against its description."""

import asyncio
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from trading_bridge.api.app import routed
from trading_bridge.api.rules import BARE
from trading_bridge.api.schemas.problem import Problem


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Client:
    app: FastAPI
    token: str | None = None
    host: str = "127.0.0.1:8000"
    address: str = "127.0.0.1"
    #: whether the application read the body of the last request
    body_read: bool = field(default=False, init=False)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, json: object = None, **more: Any) -> Answer:
        return await self.ask("POST", path, json=json, **more)

    async def put(self, path: str, json: object = None, **more: Any) -> Answer:
        return await self.ask("PUT", path, json=json, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.ask("DELETE", path, **more)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes | list[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """`body` as a list is sent in pieces, without a length."""
        scope = self.scope(method, path, headers or {})
        raw = orjson.dumps(json) if json is not None else body if body is not None else b""
        pieces = raw if isinstance(raw, list) else [raw]
        if isinstance(raw, bytes) and raw:
            scope["headers"] += [(b"content-length", str(len(raw)).encode()), (b"content-type", b"application/json")]
        if isinstance(raw, list):
            scope["headers"] += [(b"content-type", b"application/json")]
        sent: list[Any] = []
        self.body_read = False

        async def receive() -> dict[str, object]:
            self.body_read = True
            if pieces:
                piece = pieces.pop(0)
                return {"type": "http.request", "body": piece, "more_body": bool(pieces)}
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        answer = Answer(
            status=start["status"],
            headers=[(key.decode().lower(), value.decode()) for key, value in start["headers"]],
            body=b"".join(message.get("body", b"") for message in sent[1:]),
        )
        self._hold_against_description(method, path.partition("?")[0], answer)
        return answer

    def scope(self, method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
        bare, _, query = path.partition("?")
        given = {"host": self.host, **headers}
        if self.token is not None and "authorization" not in given and "cookie" not in given:
            given["authorization"] = f"Bearer {self.token}"
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": bare,
            "raw_path": bare.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(key.encode(), value.encode("latin-1")) for key, value in given.items()],
            "client": (self.address, 50_000),
            "server": ("127.0.0.1", 8000),
        }

    def _hold_against_description(self, method: str, path: str, answer: Answer) -> None:
        kind = answer.header("content-type") or ""
        if kind.startswith("application/problem+json"):
            assert Problem.model_validate(answer.json).status == answer.status
            return
        if path[1:].partition("/")[0] in BARE:
            path = f"/api{path}"
        for route in described():
            if answer.status < 300 and _fits(route, method, path) and route.model is not None:
                _adapter(route.model).validate_json(answer.body)
                return


@dataclass(frozen=True)
class Described:
    method: str
    path: str
    #: None: no JSON body is described
    model: Any
    route: APIRoute


def routes(app: FastAPI) -> list[Described]:
    """Every route of the API, as its description has it."""
    return [
        Described(method, context.path_format, context.route.response_model, context.route)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.route, APIRoute)
        for method in context.methods
    ]


@cache
def described() -> tuple[Described, ...]:
    """Of any application: all of them have the same."""
    return tuple(routes(routed()))


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _fits(one: Described, method: str, path: str) -> bool:
    pattern = re.sub(r"{[a-z_]+}", "[^/]+", one.path)
    return one.method == method and re.fullmatch(pattern, path) is not None
