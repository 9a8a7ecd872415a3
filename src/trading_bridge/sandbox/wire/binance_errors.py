"""Binance's refusals: a code, a text, an HTTP status (errors.md of the reference)."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson

from trading_bridge.sandbox.rules import RefusalCode
from trading_bridge.sandbox.wire.http import Response


class BinanceError(Exception):
    def __init__(
        self,
        code: int,
        message: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}

    def response(self) -> Response:
        return Response(
            status=self.status, body=orjson.dumps({"code": self.code, "msg": self.message}), headers=self.headers
        )


def key_refused() -> BinanceError:
    """One answer for an unknown key, an address that is not on its list, and a missing permission."""
    return BinanceError(-2015, "Invalid API-key, IP, or permissions for action.", HTTPStatus.UNAUTHORIZED)


def key_malformed() -> BinanceError:
    return BinanceError(-2014, "API-key format invalid.", HTTPStatus.UNAUTHORIZED)


def signature_refused() -> BinanceError:
    return BinanceError(-1022, "Signature for this request is not valid.")


def missing(name: str) -> BinanceError:
    return BinanceError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def neither(name: str, other: str) -> BinanceError:
    return BinanceError(-1102, f"Param '{name}' or '{other}' must be sent, but both were empty/null!")


def empty(name: str) -> BinanceError:
    return BinanceError(-1105, f"Parameter '{name}' was empty.")


def illegal(name: str, legal: str) -> BinanceError:
    return BinanceError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def not_required(name: str) -> BinanceError:
    return BinanceError(-1106, f"Parameter '{name}' sent when not required.")


def too_precise(name: str) -> BinanceError:
    return BinanceError(-1111, f"Parameter '{name}' has too much precision.")


def bad_combination() -> BinanceError:
    return BinanceError(-1128, "Combination of optional parameters invalid.")


def invalid(name: str) -> BinanceError:
    return BinanceError(-1130, f"Data sent for parameter '{name}' is not valid.")


def symbol_unknown() -> BinanceError:
    return BinanceError(-1121, "Invalid symbol.")


def filter_failure(name: str) -> BinanceError:
    return BinanceError(-1013, f"Filter failure: {name}")


def order_rejected(message: str) -> BinanceError:
    return BinanceError(-2010, message)


def unknown_order() -> BinanceError:
    return BinanceError(-2011, "Unknown order sent.")


#: what the engine refuses, in Binance's words
REFUSALS: Mapping[RefusalCode, tuple[int, str]] = {
    RefusalCode.MARKET_UNKNOWN: (-1121, "Invalid symbol."),
    RefusalCode.MARKET_CLOSED: (-1013, "Market is closed."),
    RefusalCode.PRICE_PRECISION: (-1013, "Filter failure: PRICE_FILTER"),
    RefusalCode.AMOUNT_PRECISION: (-1013, "Filter failure: LOT_SIZE"),
    RefusalCode.COST_PRECISION: (-1111, "Parameter 'quoteOrderQty' has too much precision."),
    RefusalCode.TOO_SMALL: (-1013, "Filter failure: LOT_SIZE"),
    RefusalCode.TOO_LARGE: (-1013, "Filter failure: LOT_SIZE"),
    RefusalCode.TOO_MANY_ORDERS: (-1013, "Filter failure: EXCHANGE_MAX_NUM_ORDERS"),
    RefusalCode.DUPLICATE_ID: (-2010, "Duplicate order sent."),
    RefusalCode.INSUFFICIENT_FUNDS: (-2010, "Account has insufficient balance for requested action."),
    RefusalCode.WOULD_TAKE: (-2010, "Order would immediately match and take."),
}


def refusal(code: RefusalCode) -> BinanceError:
    return BinanceError(*REFUSALS[code])
