"""MEXC (spot), through ccxt's own class as it is. Its pages: mexcdevelop.github.io/apidocs/spot_v3_en, 2025-06.

Its traps: docs/exchanges/mexc.md.
"""

from typing import Any

from trading_bridge.core.finding import Severity
from trading_bridge.core.order import OrderState
from trading_bridge.exchanges.cause import NO_ANSWER, refused, unresolved
from trading_bridge.exchanges.description import API_KEY, API_SECRET, Certification, ExchangeInfo, RateLimit
from trading_bridge.exchanges.wire import Envelope, Windows, Wire, Worded

_REFUSED = refused("order.refused", Severity.WARNING)
_TOO_SMALL = refused("order.too_small", Severity.WARNING)
_PRECISION = refused("order.precision", Severity.WARNING)
_NO_MONEY = refused("balance.insufficient", Severity.WARNING)
_NOT_FOUND = refused("order.not_found", Severity.WARNING)
_NO_API = refused("market.no_api")
_NOT_ALLOWED = refused("ip.not_allowed")
_UNKNOWN_KEY = refused("credentials.rejected")
_TOO_MANY = refused("rate.limited", Severity.WARNING)
_UNTOLD = unresolved(NO_ANSWER, stage="server error")

#: by number: ccxt's class for 700006 and 10072 is that of a bad request, for 10007 that of an unknown symbol
_CAUSES = {
    "26": _NO_API,  # of version 2: "operation not allowed"
    "400": _REFUSED,
    "401": _UNKNOWN_KEY,
    "402": _UNKNOWN_KEY,  # expired
    "403": refused("access.refused"),
    "406": _NOT_ALLOWED,
    "429": _TOO_MANY,
    "500": _UNTOLD,
    "501": _UNTOLD,
    "503": _UNTOLD,
    "504": unresolved(NO_ANSWER, stage="timeout"),
    "510": _TOO_MANY,
    "511": refused("access.refused"),
    "602": refused("signature.refused"),
    "604": unresolved("exchange.maintenance"),
    "701": refused("permission.read_missing"),
    "702": refused("permission.trade_missing"),
    "703": refused("permission.read_missing"),
    "704": refused("permission.trade_missing"),
    "801": unresolved("exchange.maintenance"),
    "10001": _UNKNOWN_KEY,
    "10007": _NO_API,
    "10072": _UNKNOWN_KEY,
    "10073": refused("clock.skewed"),
    **dict.fromkeys(("10095", "10097", "10098", "10102"), _REFUSED),
    "10096": _PRECISION,
    "10101": _NO_MONEY,
    "11444": unresolved("exchange.maintenance"),
    "30000": refused("market.halted"),
    **dict.fromkeys(("30001", "30003", "30010", "30025", "30027", "30028", "30029", "30032", "30041"), _REFUSED),
    "30002": _TOO_SMALL,
    "30004": _NO_MONEY,
    "30005": _NO_MONEY,
    "30014": refused("market.unknown"),
    "30016": refused("market.halted"),
    "30018": refused("account.restricted"),  # it may not place orders for now
    # market orders, which nothing here sends
    "30019": _REFUSED,
    "30051": _REFUSED,
    "30020": refused("permission.market_missing"),
    "30021": refused("market.unknown"),
    "30026": _NOT_FOUND,
    "30087": _REFUSED,
    "33333": _REFUSED,
    "60005": refused("account.restricted"),
    "70011": refused("permission.market_missing"),
    "88013": _TOO_SMALL,
    "88015": _NO_MONEY,
    # the signature, the secret, or a key that has expired: one answer for all three
    "700001": refused("signature.refused"),
    "700002": refused("signature.refused"),
    "700003": refused("clock.skewed"),
    "700004": _REFUSED,
    "700005": refused("clock.skewed"),
    "700006": _NOT_ALLOWED,
    "700007": refused("access.refused"),
    "700008": _REFUSED,
    "700013": _REFUSED,
    "-1121": refused("market.unknown"),
    "-1128": _REFUSED,
    "-2011": _NOT_FOUND,
    "-2013": _NOT_FOUND,
}

_WORDED = (Worded(code="500", words="maintenance", cause=unresolved("exchange.maintenance")),)

_STATES = {
    "NEW": OrderState.NEW,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELED,
    "PARTIALLY_CANCELED": OrderState.CANCELED,  # executedQty is above zero
}


def _closed(raw: Any) -> str | None:
    """`status` says whether the market trades, this one whether it does for programs."""
    return None if raw.get("isSpotTradingAllowed") is True else "market.no_api"


#: of the requests that ccxt makes for these calls, as this platform asks
_WEIGHTS = {
    "fetch_markets": 10,
    "fetch_order_book": 1,
    "fetch_trades": 1,
    "fetch_balance": 10,
    "fetch_open_orders": 3,  # of one market
    "fetch_order": 2,
    "fetch_my_trades": 10,
    "fetch_order_trades": 10,
    "create_order": 1,
    "cancel_order": 1,
}

INFO = ExchangeInfo(
    id="mexc",
    label="MEXC",
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
    user_limits=(RateLimit(calls=500, per_s=10.0, weights=_WEIGHTS),),
    address_limits=(RateLimit(calls=500, per_s=10.0, weights=_WEIGHTS),),
    signature_window_s=6.0,  # ccxt asks for 5, and a request may be a second ahead
    complete_balances=False,
    balances_source="MEXC spot API, GET /api/v3/account: nothing says that a currency which is not listed is zero",
    wallet="spot",
    unused_order_id=None,
    implementation="ccxt.async_support:mexc",
    conflated=frozenset(),
    certification=Certification.REPLAYED,
    wire=Wire(
        envelope=Envelope(code=("code",), text=("msg", "message", "data"), success=frozenset({"0", "200"})),
        causes=_CAUSES,
        worded=_WORDED,
        all_causes=True,
        state_fields=("status",),
        states=_STATES,
        is_balance=lambda raw: isinstance(raw, dict) and isinstance(raw.get("balances"), list),
        is_list=lambda raw: isinstance(raw, list),
        own_trades=Windows(rows=100, full=100),
        closed=_closed,
        markets_call="fetch_spot_markets",
        open_orders_by_market=True,
    ),
)
