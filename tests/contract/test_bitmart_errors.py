"""Each refusal of BitMart as the class that ccxt's users catch."""

import json
from typing import Any

import pytest
from ccxt.base import errors

from tests.bitmart_wire import answer, exchange
from tests.recorded_session import Reply
from trading_bridge.exchanges.bitmart_errors import EXACT

LIMIT = ("SHARP/USDT", "limit", "buy", "100", "0.0255")
HTML = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"

# code, HTTP status, class
CODES: list[tuple[Any, int, type[Exception]]] = [
    (30001, 401, errors.AuthenticationError),
    ("30002", 401, errors.AuthenticationError),
    (30003, 401, errors.AccountSuspended),
    (30005, 401, errors.AuthenticationError),
    (30007, 401, errors.InvalidNonce),
    (30010, 403, errors.PermissionDenied),
    (30011, 403, errors.AuthenticationError),
    (30012, 403, errors.PermissionDenied),
    (30013, 429, errors.RateLimitExceeded),
    (30014, 503, errors.ExchangeNotAvailable),
    (30016, 200, errors.OnMaintenance),
    (30017, 418, errors.RateLimitExceeded),
    (30018, 503, errors.BadRequest),
    (30019, 200, errors.PermissionDenied),
    (30031, 200, errors.NotSupported),
    (50001, 400, errors.BadSymbol),
    (50005, 400, errors.OrderNotFound),
    (50009, 400, errors.InvalidOrder),
    (50020, 400, errors.InsufficientFunds),
    (50022, 400, errors.ExchangeNotAvailable),
    (50023, 400, errors.BadSymbol),
    (50030, 400, errors.OrderNotFound),
    (50031, 400, errors.OrderNotFound),
    (50032, 400, errors.OrderNotFound),
    (50034, 400, errors.OrderNotFillable),
    (50042, 400, errors.DuplicateOrderId),
    (51009, 400, errors.InvalidOrder),
    (53001, 403, errors.RestrictedLocation),
    (53006, 403, errors.PermissionDenied),
    (59002, 500, errors.ExchangeNotAvailable),  # of no known meaning, so by its status
    (59002, 400, errors.BadRequest),
    (70002, 200, errors.BadSymbol),
    (70003, 200, errors.NetworkError),
    (99999, 200, errors.ExchangeError),
    (99999, 401, errors.AuthenticationError),
    (99999, 403, errors.PermissionDenied),
    ("NEW", 404, errors.ExchangeError),
]


@pytest.mark.parametrize(("code", "status", "kind"), CODES)
async def test_code(code: Any, status: int, kind: type[Exception]) -> None:
    made, _ = exchange(Reply(answer(None, code), status))
    with pytest.raises(kind) as raised:
        await made.create_order(*LIMIT)
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    "body",
    [
        {"code": 30010, "msg": "IP is forbidden. We recommend enabling IP whitelist"},
        {"code": 30010},
        {"code": 30010, "message": None},
        {"code": 30010, "message": 7},
    ],
)
async def test_a_refusal_without_its_usual_words(body: dict[str, Any]) -> None:
    """The gateway says `msg`; ccxt's former class broke on it and hid the cause."""
    made, _ = exchange(Reply(json.dumps(body), 403))
    with pytest.raises(errors.PermissionDenied, match="30010"):
        await made.fetch_balance()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("This trading pair does not support API trading", errors.BadSymbol),
        ("Your operation is limited, please try again later", errors.ExchangeError),
    ],
)
async def test_one_code_of_two_meanings(text: str, kind: type[Exception]) -> None:
    made, _ = exchange(Reply(answer(None, 51008, message=text), 400))
    with pytest.raises(errors.ExchangeError) as raised:
        await made.create_order(*LIMIT)
    assert type(raised.value) is kind


@pytest.mark.parametrize("code", [50034, 50035])
async def test_a_maker_order_that_would_take(code: int) -> None:
    made, _ = exchange(Reply(answer(None, code), 400))
    with pytest.raises(errors.OrderImmediatelyFillable):
        await made.create_order(*LIMIT, {"postOnly": True})


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("", 200, errors.BadResponse),
        (HTML, 200, errors.BadResponse),
        (HTML, 403, errors.ExchangeNotAvailable),
        (HTML, 401, errors.AuthenticationError),
        (HTML, 503, errors.ExchangeNotAvailable),
        (HTML, 504, errors.RequestTimeout),
        (HTML, 429, errors.RateLimitExceeded),
        ("error code: 1010", 403, errors.ExchangeNotAvailable),
        ('{"data":{"order_id":"1"}}', 200, errors.BadResponse),
        ('{"code":null,"data":{"order_id":"1"}}', 200, errors.BadResponse),
        ('[{"code":1000}]', 200, errors.BadResponse),
        (answer({"order_id": "1"}), 500, errors.ExchangeNotAvailable),  # success, but not said so
        (answer({"order_id": "1"}), 302, errors.BadResponse),
        (HTML, 407, errors.InvalidProxySettings),
    ],
)
async def test_what_is_no_envelope(body: str, status: int, kind: type[Exception]) -> None:
    made, _ = exchange(Reply(body, status))
    with pytest.raises(kind) as raised:
        await made.create_order(*LIMIT)
    assert type(raised.value) is kind


def test_every_code_is_there_once() -> None:
    assert len(EXACT) > 90
    assert all(code.isdecimal() and len(code) == 5 for code in EXACT)
