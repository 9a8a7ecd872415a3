"""Coinstore's envelopes and refusals, and how its requests carry their fields."""

from http import HTTPStatus

import orjson

from trading_bridge.sandbox.rules import RefusalCode
from trading_bridge.sandbox.wire.coinstore_rows import Row
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import Fields, Malformed, json_object, query_fields

CODES = {
    RefusalCode.MARKET_UNKNOWN: (3011, "symbol not found"),
    RefusalCode.MARKET_CLOSED: (3012, "part-trade-limit"),
    RefusalCode.PRICE_PRECISION: (3104, "price precision"),
    RefusalCode.AMOUNT_PRECISION: (3104, "quantity precision"),
    RefusalCode.COST_PRECISION: (3106, "Amount precision"),
    RefusalCode.DUPLICATE_ID: (3111, "duplicate-order"),
    RefusalCode.INSUFFICIENT_FUNDS: (3113, "account-insufficient"),
    RefusalCode.TOO_MANY_ORDERS: (3901, "active-order-limit"),
    RefusalCode.TOO_SMALL: (3902, "order-too-small"),
    RefusalCode.TOO_LARGE: (3903, "order-too-large"),
}


def fields_of(request: Request) -> Fields:
    """Of the query on GET, of the body on POST."""
    return query_fields(request.query) if request.method == "GET" else json_object(request.body)


def readable_fields_of(request: Request) -> Fields:
    """Empty where they cannot be read."""
    try:
        return fields_of(request)
    except Malformed:
        return {}


def ok(envelope: Row) -> Response:
    return Response(body=orjson.dumps(envelope))


def refused(code: RefusalCode) -> Response:
    number, message = CODES[code]
    return ok({"message": message, "code": number})


def order_not_found() -> Response:
    return ok({"message": "order-not-found", "code": 3103})


def failure(status: HTTPStatus, message: str) -> Response:
    return Response(status=status, body=orjson.dumps({"message": message, "code": int(status)}))
