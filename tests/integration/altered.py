"""An exchange whose answers a test rewrites, or which is asked twice for one request: what arrives stays real."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.sandbox_exchange import SandboxExchange

#: the answer's data -> the data that is answered instead
Edit = Callable[[Any], Any]


class Altered:
    """Stands before the exchange's own application."""

    def __init__(self, exchange: SandboxExchange) -> None:
        self._app = exchange.app
        exchange.app = self  # type: ignore[assignment]
        #: part of a path -> what becomes of its answers
        self.edits: dict[str, Edit] = {}
        #: part of a path -> bytes that are answered with status 200 once the exchange has done everything
        self.bodies: dict[str, bytes] = {}
        #: part of a path whose requests arrive twice; the second answer is given
        self.twice: set[str] = set()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        path = scope["path"]
        edit = next((edit for part, edit in self.edits.items() if part in path), None)
        body = next((body for part, body in self.bodies.items() if part in path), None)
        message = await receive()
        for _ in range(any(part in path for part in self.twice)):
            await self._ask(scope, message)
        parts = await self._ask(scope, message)
        if edit is not None:
            parts[-1]["body"] = json.dumps(_edited(json.loads(parts[-1]["body"]), edit)).encode()
        if body is not None:
            parts[0]["status"] = 200
            parts[-1]["body"] = body
        for part in parts:
            if "headers" in part:
                part["headers"] = [
                    (name, value) for name, value in part["headers"] if name.lower() != b"content-length"
                ]
            await send(part)

    async def _ask(self, scope: dict[str, Any], message: dict[str, Any]) -> list[dict[str, Any]]:
        given, parts = [message], []

        async def receive() -> dict[str, Any]:
            return given.pop()

        async def send(part: dict[str, Any]) -> None:
            parts.append(part)

        await self._app(scope, receive, send)
        return parts


def _edited(envelope: Any, edit: Edit) -> Any:
    return {**envelope, "data": edit(envelope["data"])} if "data" in envelope else envelope


def nothing(data: Any) -> Any:
    """As if the exchange knew of none."""
    return [] if isinstance(data, list) else None


def without(*names: str) -> Edit:
    """Each row without these fields."""

    def edit(data: Any) -> Any:
        rows = data if isinstance(data, list) else [data]
        left = [{name: value for name, value in row.items() if name not in names} for row in rows if row is not None]
        return left if isinstance(data, list) else left[0] if left else data

    return edit


def changed(**fields: Callable[[Any], Any]) -> Edit:
    """Each row with these fields made anew of what they were."""

    def edit(data: Any) -> Any:
        rows = data if isinstance(data, list) else [data]
        made = [row | {name: make(row[name]) for name, make in fields.items() if name in row} for row in rows if row]
        return made if isinstance(data, list) else made[0] if made else data

    return edit


def more(amount: str) -> Callable[[Any], str]:
    return lambda value: str(Decimal(str(value)) + Decimal(amount))
