"""What a route gets: who asks, and the services' dependencies; and how it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import Depends, Request, Response

from trading_bridge.core.user import Asker
from trading_bridge.services.deps import Deps

JSON = "application/json"

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    asker: Asker
    deps: Deps


async def _asked(request: Request) -> Asked:
    return Asked(asker=request.scope["asker"], deps=request.app.state.deps)


Call = Annotated[Asked, Depends(_asked)]


async def _deps(request: Request) -> Deps:
    deps: Deps = request.app.state.deps
    return deps


#: for the routes that a stranger may call
OpenCall = Annotated[Deps, Depends(_deps)]


def answer(body: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(to_json(body), status_code=status, media_type=JSON)


def to_json(body: Mapping[str, object]) -> bytes:
    """Times become RFC 3339 in UTC; amounts are strings already."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)
