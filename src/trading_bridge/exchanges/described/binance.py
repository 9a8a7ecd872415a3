"""Binance (spot), through ccxt's own class as it is. Its pages: binance/binance-spot-api-docs on GitHub, 2025-01."""

from datetime import timedelta
from typing import Any

from trading_bridge.core.finding import Severity
from trading_bridge.core.order import OrderState
from trading_bridge.exchanges.cause import NO_ANSWER, refused, unresolved
from trading_bridge.exchanges.description import API_KEY, API_SECRET, Certification, ExchangeInfo, RateLimit
from trading_bridge.exchanges.wire import Envelope, FromId, Wire, Worded

_REFUSED = refused("order.refused", Severity.WARNING)
_TOO_SMALL = refused("order.too_small", Severity.WARNING)
_PRECISION = refused("order.precision", Severity.WARNING)
_NOT_FOUND = refused("order.not_found", Severity.WARNING)
_NO_TRADING = refused("permission.trade_missing")
_HALTED = refused("market.halted")
_TOO_MANY = refused("rate.limited", Severity.WARNING)
_UNTOLD = unresolved(NO_ANSWER, stage="server error")

_CAUSES = {
    "-1000": _UNTOLD,
    "-1001": _UNTOLD,
    "-1002": refused("access.refused"),
    "-1003": _TOO_MANY,
    "-1004": _UNTOLD,
    "-1005": refused("access.refused"),  # the address
    # "execution status unknown"
    "-1006": _UNTOLD,
    "-1007": unresolved(NO_ANSWER, stage="timeout"),
    "-1008": _UNTOLD,
    "-1010": _REFUSED,  # as -2010
    "-1011": refused("access.refused"),  # the address
    "-1013": _REFUSED,  # it never reached the matching engine; the words name the rule
    "-1014": _REFUSED,
    "-1015": _TOO_MANY,
    "-1016": unresolved("exchange.maintenance"),
    "-1020": _REFUSED,
    "-1021": refused("clock.skewed"),
    "-1022": refused("signature.refused"),
    "-1099": refused("access.refused"),
    # the request as such: read and refused before anything was done
    **dict.fromkeys(
        ("-1100", "-1101", "-1102", "-1103", "-1104", "-1105", "-1106", "-1108", "-1112", "-1114", "-1115", "-1116"),
        _REFUSED,
    ),
    **dict.fromkeys(("-1117", "-1118", "-1119", "-1127", "-1128", "-1130", "-1131"), _REFUSED),
    "-1111": _PRECISION,
    "-1121": refused("market.unknown"),
    "-2010": _REFUSED,  # by the matching engine; the words name the cause
    "-2011": _REFUSED,  # a cancel, likewise
    "-2013": _NOT_FOUND,
    "-2014": refused("credentials.rejected"),
    # key, address or permission: only a probe can tell
    "-2015": refused("access.refused"),
    "-2026": _NOT_FOUND,  # ended unfilled more than 90 days ago, and archived
}


def _engine(words: str, cause: Any) -> tuple[Worded, ...]:
    """Words of the matching engine, which come with any of these codes."""
    return tuple(Worded(code=code, words=words, cause=cause) for code in ("-2010", "-2011", "-1010", "-1013"))


def _rule(name: str, cause: Any) -> Worded:
    return Worded(code="-1013", words=f"filter failure: {name}", cause=cause)


_WORDED = (
    # proves that an earlier request arrived
    *_engine("duplicate order sent", unresolved("order.duplicate")),
    *_engine("unknown order sent", _NOT_FOUND),
    *_engine("insufficient balance", refused("balance.insufficient", Severity.WARNING)),
    *_engine("would immediately match and take", refused("order.would_take", Severity.INFO)),
    *_engine("market is closed", _HALTED),
    *_engine("not permitted for this account", _HALTED),
    *_engine("restricted for this account", _HALTED),
    *_engine("action is disabled on this account", _NO_TRADING),
    *_engine("may not place or cancel orders", _NO_TRADING),
    *_engine("api trading is not enabled", _NO_TRADING),
    *_engine("price * qty is zero or less", _TOO_SMALL),
    _rule("notional", _TOO_SMALL),
    _rule("min_notional", _TOO_SMALL),
    _rule("lot_size", _PRECISION),
    _rule("price_filter", _PRECISION),
)

_STATES = {
    "NEW": OrderState.NEW,
    "PENDING_NEW": OrderState.NEW,  # of an order list, not in the book yet
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELED,  # executedQty may be above zero
    "PENDING_CANCEL": OrderState.PENDING_CANCEL,
    "REJECTED": OrderState.REJECTED,
    "EXPIRED": OrderState.EXPIRED,
    "EXPIRED_IN_MATCH": OrderState.EXPIRED,  # by self-trade prevention
}


def _account(raw: Any) -> str | None:
    """Of a balance answer; own trades name none."""
    number = raw.get("uid") if isinstance(raw, dict) else None
    return None if number is None else str(number)


def _ends_stream(raw: Any) -> bool:
    """{"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": 1728973001334}}"""
    event = raw.get("event") if isinstance(raw, dict) else None
    return isinstance(event, dict) and event.get("e") == "eventStreamTerminated"


#: of the requests that ccxt makes for these calls, as this platform asks
_WEIGHTS = {
    "fetch_markets": 20,
    "fetch_order_book": 5,
    "watch_order_book": 50,  # its snapshot
    "watch_orders": 4,  # the connection and the subscription
    "fetch_trades": 4,
    "fetch_balance": 20,
    "fetch_open_orders": 80,  # of all markets
    "fetch_order": 4,
    "fetch_my_trades": 20,
    "fetch_order_trades": 5,
    "create_order": 1,
    "cancel_order": 1,
    # /sapi/ has limits of its own
    "fetch_deposits": 1,
    "fetch_withdrawals": 1,
}

INFO = ExchangeInfo(
    id="binance",
    label="Binance",
    credential_fields=(API_KEY, API_SECRET),
    features={
        "limit_orders": True,
        "post_only": True,
        "market_orders": True,
        "client_order_ids": True,
        "own_trades": True,
        "deposits_and_withdrawals": True,
        "streams": True,
        "private_stream": True,
        "dead_mans_switch": False,
    },
    user_limits=(
        RateLimit.of("create_order", calls=100, per_s=10.0, used_header="X-MBX-ORDER-COUNT-10S"),
        RateLimit.of("create_order", calls=200_000, per_s=86_400.0, used_header="X-MBX-ORDER-COUNT-1D"),
    ),
    address_limits=(
        RateLimit(calls=6_000, per_s=60.0, weights=_WEIGHTS, others=20, used_header="X-MBX-USED-WEIGHT-1M"),
        RateLimit.of("watch_orders", calls=300, per_s=300.0),  # connections, one for each
    ),
    signature_window_s=11.0,  # ccxt asks for 10, and a request may be a second ahead
    complete_balances=False,
    balances_source="Binance spot API, GET /api/v3/account: every asset is listed, those with nothing of them too",
    wallet="spot",
    unused_order_id="9223372036854775807",  # the largest number that an order id can be
    implementation="ccxt.async_support:binance",
    streaming="ccxt.pro:binance",
    conflated=frozenset({"credentials.rejected"}),
    certification=Certification.SANDBOXED,
    wire=Wire(
        # an answer that refuses nothing has no code
        envelope=Envelope(code=("code",), text=("msg",), success=frozenset({"0", "200"})),
        causes=_CAUSES,
        worded=_WORDED,
        all_causes=True,
        state_fields=("status", "X"),  # of an answer, and of a push
        states=_STATES,
        account=_account,
        account_by_balance=True,
        is_balance=lambda raw: isinstance(raw, dict) and isinstance(raw.get("balances"), list),
        is_list=lambda raw: isinstance(raw, list),
        ends_stream=_ends_stream,
        own_trades=FromId(id_param="fromId", order_param="orderId", rows=1000, window=timedelta(hours=24)),
        options={
            "fetchMarkets": {"types": ["spot"]},
            "fetchMargins": False,
            "fetchCurrencies": False,
            "fetchOpenOrders": {"warnWithoutSymbol": False},
        },
    ),
)
