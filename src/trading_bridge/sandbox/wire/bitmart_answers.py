"""BitMart's envelopes and refusals, each with the HTTP status that goes with its code."""

from http import HTTPStatus

import orjson

from trading_bridge.sandbox.rules import RefusalCode
from trading_bridge.sandbox.wire.http import Response

Row = dict[str, object]

_STATUS = {
    30000: HTTPStatus.NOT_FOUND,
    30010: HTTPStatus.FORBIDDEN,
    30011: HTTPStatus.FORBIDDEN,
    30012: HTTPStatus.FORBIDDEN,
    30013: HTTPStatus.TOO_MANY_REQUESTS,
    30014: HTTPStatus.SERVICE_UNAVAILABLE,
    30016: HTTPStatus.OK,
    30017: HTTPStatus.IM_A_TEAPOT,
    30018: HTTPStatus.SERVICE_UNAVAILABLE,
    30019: HTTPStatus.OK,
    30030: HTTPStatus.OK,
    30031: HTTPStatus.OK,
    57001: HTTPStatus.METHOD_NOT_ALLOWED,
    59002: HTTPStatus.INTERNAL_SERVER_ERROR,
}
#: of an order, where nothing nearer is known
CODES = {
    RefusalCode.MARKET_UNKNOWN: (50001, "Symbol not found"),
    RefusalCode.MARKET_CLOSED: (50023, "This Symbol can't place order by api"),
    RefusalCode.AMOUNT_PRECISION: (40044, "Invalid size"),
    RefusalCode.COST_PRECISION: (50021, "Invalid notional"),
    RefusalCode.TOO_SMALL: (50006, "The size is less than the minimum"),
    RefusalCode.TOO_LARGE: (50007, "The size is more than the maximum"),
    RefusalCode.TOO_MANY_ORDERS: (51008, "Your operation is limited, please try again later"),
    RefusalCode.DUPLICATE_ID: (50042, "client_order_id is duplicate"),
    RefusalCode.INSUFFICIENT_FUNDS: (50020, "Balance not enough"),
}


class Refused(Exception):
    """The request, with a code and words of BitMart's."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


def of_rule(code: RefusalCode) -> Refused:
    return Refused(*CODES.get(code, (50000, "Bad Request")))


def ok(data: object, trace: str) -> Response:
    return Response(body=orjson.dumps({"code": 1000, "trace": trace, "message": "OK", "data": data}))


def refusal(refused: Refused, trace: str) -> Response:
    """The gateway's word about an address has another form."""
    if refused.code == 30010:
        body: Row = {"code": refused.code, "msg": refused.words}
    else:
        body = {"code": refused.code, "trace": trace, "message": refused.words, "data": {}}
    return Response(status=status_of(refused.code), body=orjson.dumps(body))


def status_of(code: int) -> HTTPStatus:
    if code in _STATUS:
        return _STATUS[code]
    family = code // 1000
    if family == 30:
        return HTTPStatus.UNAUTHORIZED
    return {53: HTTPStatus.FORBIDDEN, 70: HTTPStatus.OK, 71: HTTPStatus.OK}.get(family, HTTPStatus.BAD_REQUEST)
