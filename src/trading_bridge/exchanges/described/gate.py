"""Gate (spot), through ccxt's own class as it is. Its pages: gate.com/docs/developers/apiv4, 2025-06.

Its traps: docs/exchanges/gate.md.
"""

from typing import Any

from trading_bridge.core.finding import Severity
from trading_bridge.core.order import OrderState
from trading_bridge.exchanges.cause import NO_ANSWER, refused, unresolved
from trading_bridge.exchanges.description import API_KEY, API_SECRET, Certification, ExchangeInfo, RateLimit
from trading_bridge.exchanges.parsing import Unreadable
from trading_bridge.exchanges.wire import Envelope, Windows, Wire, Worded

_REFUSED = refused("order.refused", Severity.WARNING)
_TOO_SMALL = refused("order.too_small", Severity.WARNING)
_NO_MONEY = refused("balance.insufficient", Severity.WARNING)
_NOT_FOUND = refused("order.not_found", Severity.WARNING)
_WOULD_TAKE = refused("order.would_take", Severity.INFO)
_UNKNOWN_KEY = refused("credentials.rejected")
_TOO_MANY = refused("rate.limited", Severity.WARNING)
_UNTOLD = unresolved(NO_ANSWER, stage="server error")

_CAUSES = {
    "INVALID_KEY": _UNKNOWN_KEY,
    "AUTHENTICATION_FAILED": _UNKNOWN_KEY,
    "INVALID_CREDENTIALS": _UNKNOWN_KEY,
    "MISSING_REQUIRED_HEADER": _UNKNOWN_KEY,
    "INVALID_SIGNATURE": refused("signature.refused"),
    "REQUEST_EXPIRED": refused("clock.skewed"),  # ccxt's class for it is that of a bad key
    "IP_FORBIDDEN": refused("ip.not_allowed"),
    "FORBIDDEN": refused("access.refused"),
    "READ_ONLY": refused("permission.trade_missing"),
    "ACCOUNT_LOCKED": refused("account.restricted"),
    "SUB_ACCOUNT_LOCKED": refused("account.restricted"),
    "TRADE_RESTRICTED": _REFUSED,  # ccxt's class for it is that of money missing
    **dict.fromkeys(
        (
            *("INVALID_PARAM_VALUE", "INVALID_PROTOCOL", "INVALID_ARGUMENT", "INVALID_REQUEST_BODY", "BAD_REQUEST"),
            *("MISSING_REQUIRED_PARAM", "INVALID_CONTENT_TYPE", "NOT_ACCEPTABLE", "METHOD_NOT_ALLOWED"),
            *("QUANTITY_NOT_ENOUGH", "AMOUNT_TOO_MUCH", "TOO_MANY_ORDERS", "TOO_MANY_CURRENCY_PAIRS"),
            *("PRICE_TOO_DEVIATED", "SIZE_TOO_LARGE", "NO_CHANGE", "PRICE_THRESHOLD_EXCEEDED", "MIXED_ACCOUNT_TYPE"),
        ),
        _REFUSED,
    ),
    "AMOUNT_TOO_LITTLE": _TOO_SMALL,
    "SIZE_TOO_SMALL": _TOO_SMALL,
    "INVALID_PRECISION": refused("order.precision", Severity.WARNING),
    "INVALID_CURRENCY": refused("market.unknown"),
    "INVALID_CURRENCY_PAIR": refused("market.unknown"),
    "POC_FILL_IMMEDIATELY": _WOULD_TAKE,
    "ORDER_POC_IMMEDIATE": _WOULD_TAKE,
    "ORDER_NOT_FOUND": _NOT_FOUND,
    "CLIENT_ID_NOT_FOUND": _NOT_FOUND,
    # a cancel that came too late; only its report says how the order ended
    "ORDER_CLOSED": _NOT_FOUND,
    "ORDER_CANCELLED": _NOT_FOUND,
    "BALANCE_NOT_ENOUGH": _NO_MONEY,
    "INSUFFICIENT_AVAILABLE": _NO_MONEY,
    "REPEATED_CREATION": unresolved("order.duplicate"),
    "TOO_FAST": _TOO_MANY,
    "TOO_MANY_REQUESTS": _TOO_MANY,
    "INTERNAL": _UNTOLD,
    "SERVER_ERROR": _UNTOLD,
    "TOO_BUSY": _UNTOLD,
}

_WORDED = (
    Worded(code="FORBIDDEN", words="account permission", cause=refused("permission.read_missing")),
    # a key may be bound to a list of pairs
    Worded(code="FORBIDDEN", words="pair", cause=refused("permission.market_missing")),
    Worded(code="INVALID_PARAM_VALUE", words="too small", cause=_TOO_SMALL),
)

_STATES = {
    "OPEN": OrderState.NEW,
    "CLOSED": OrderState.FILLED,
    "CANCELLED": OrderState.CANCELED,
}

#: what stands in `text` of orders that were given no id
_NO_ID = frozenset({"apiv4", "api", "web", "app", "-", ""})
_OURS, _THEIRS = "tb", "t-"


def _sent(client_order_id: str) -> str:
    """An id must begin with `t-`, and ccxt's class takes 28 characters of the whole: ours gives up its own two."""
    return _THEIRS + client_order_id.removeprefix(_OURS)


def _read(client_order_id: str | None) -> str | None:
    if client_order_id is None or client_order_id in _NO_ID:
        return None
    return _OURS + client_order_id.removeprefix(_THEIRS) if client_order_id.startswith(_THEIRS) else client_order_id


def _closed(raw: Any) -> str | None:
    """ccxt's class also takes a market for open that only trades on margin."""
    return None if raw.get("trade_status") == "tradable" else "market.halted"


async def _account_kind(client: Any) -> None:
    """Which wallet orders use. ccxt's class takes an account that it cannot ask about for a classic one, for good."""
    if client.options.get("unifiedAccount") is not None:
        return
    mode = str((await client.privateAccountGetDetail())["key"]["mode"])
    if mode not in ("1", "2"):
        raise Unreadable(f"the account's mode is {mode}, expected 1 or 2")
    client.options["unifiedAccount"] = mode == "2"


INFO = ExchangeInfo(
    id="gate",
    label="Gate",
    credential_fields=(API_KEY, API_SECRET),
    features={
        "limit_orders": True,
        "post_only": True,
        "market_orders": True,
        "client_order_ids": True,
        "own_trades": True,
        "deposits_and_withdrawals": True,
        "streams": False,
        "dead_mans_switch": False,
    },
    # each endpoint counts by itself; here they count together
    user_limits=(
        RateLimit.of("create_order", calls=10, per_s=1.0),
        RateLimit(calls=200, per_s=10.0, weights={"create_order": 0}),
    ),
    address_limits=(RateLimit(calls=200, per_s=10.0),),
    signature_window_s=60.0,
    complete_balances=False,
    balances_source="Gate API v4, GET /spot/accounts: nothing says that a currency which is not listed is zero",
    wallet="spot",
    unused_order_id=None,
    implementation="ccxt.async_support:gate",
    conflated=frozenset(),
    certification=Certification.REPLAYED,
    wire=Wire(
        # an answer that refuses nothing has no label
        envelope=Envelope(code=("label",), text=("message", "detail"), success=frozenset()),
        causes=_CAUSES,
        worded=_WORDED,
        all_causes=True,
        state_fields=("status",),
        states=_STATES,
        is_balance=lambda raw: isinstance(raw, list) or (isinstance(raw, dict) and "balances" in raw),
        is_list=lambda raw: isinstance(raw, list),
        own_trades=Windows(rows=1000, full=1000, order_param="order_id"),
        first=_account_kind,
        client_id_sent=_sent,
        client_id_read=_read,
        closed=_closed,
        options={"fetchMarkets": {"types": ["spot"]}},
    ),
)
