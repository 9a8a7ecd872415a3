"""A call of the control API, from its bearer token to its answer.

The token is its own; no exchange key opens it. Errors are `{"code", "message", "field"}` with the status of the error.
"""

import hmac
from collections.abc import Callable
from http import HTTPStatus

import orjson

from trading_bridge.errors import TradingBridgeError, Unauthenticated
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import Malformed

Json = dict[str, object]


def reply(request: Request, token: str, answer: Callable[[Request], Json]) -> Response:
    """What `answer` gives or raises, once the token is right."""
    try:
        _check(request, token)
        status, told = HTTPStatus.OK, answer(request)
    except TradingBridgeError as error:
        status, told = error.status, {"code": error.code, "message": error.message, "field": error.field}
    except Malformed as error:
        status, told = HTTPStatus.BAD_REQUEST, {"code": "request.malformed", "message": str(error), "field": None}
    return Response(status=status, body=orjson.dumps(told))


def _check(request: Request, token: str) -> None:
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise Unauthenticated("control.token", "the control API needs its bearer token")
