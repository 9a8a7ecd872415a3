"""`GET /address`: where a caller is seen from, told to anybody, as services on the internet do."""

from http import HTTPStatus

import orjson

from trading_bridge.sandbox.addresses import family_of
from trading_bridge.sandbox.wire.http import Request, Response


def caller_address(request: Request) -> Response:
    if (request.method, request.path) != ("GET", ""):
        return Response(status=HTTPStatus.NOT_FOUND, body=b'{"message":"Not Found","code":404}')
    return Response(body=orjson.dumps({"address": request.address, "family": family_of(request.address)}))
