"""BitMart (spot), which is closing, through a ccxt class of our own. Its pages: developer-pro.bitmart.com/en/spot."""

from datetime import date
from typing import Any

from trading_bridge.core.finding import Severity
from trading_bridge.core.order import OrderState
from trading_bridge.exchanges.cause import NO_ANSWER, UNRECOGNISED, Cause, refused, unresolved
from trading_bridge.exchanges.description import (
    API_KEY,
    API_SECRET,
    Certification,
    CredentialField,
    ExchangeInfo,
    Life,
    LifeState,
    RateLimit,
)
from trading_bridge.exchanges.parsing import ordinal
from trading_bridge.exchanges.wire import Envelope, Windows, Wire, Worded, as_given

_NO = refused("order.refused", Severity.WARNING)
_TOO_SMALL = refused("order.too_small", Severity.WARNING)
_NOT_FOUND = refused("order.not_found", Severity.WARNING)
_RESTRICTED = refused("account.restricted")
_HALTED = refused("market.halted")
_UNKNOWN = refused("market.unknown")
_SERVER = unresolved(NO_ANSWER, stage="server error")

#: cause -> its codes; section 8 of the reference. A code that stands nowhere proves nothing.
_CODES: tuple[tuple[Cause, str], ...] = (
    # the key
    (refused("credentials.rejected"), "30001 30002 30011"),
    # the secret, or the memo, which is signed too
    (refused("signature.refused"), "30004 30005 30006 30008"),
    (refused("clock.skewed"), "30007"),
    (refused("ip.not_allowed"), "30010"),
    # it says that the key may not do this, and not which permission it lacks
    (refused("access.refused"), "30012"),
    (_RESTRICTED, "30003 30019 53000 53001 53002 53003 53004 53005 53006 53007 53008 53009 53010 53011"),
    # for now
    (refused("rate.limited", Severity.WARNING), "30013 30017"),
    (unresolved("exchange.maintenance"), "30016"),
    (_SERVER, "30014 50022 59001 59002 59003 59004 59005 59006 59007 59008 59009 59010 59011 70003"),
    # the market
    (_UNKNOWN, "50001 51000 70002"),
    (_HALTED, "50023 50040"),
    # the order
    (_NOT_FOUND, "50005 50030 50031 50032"),  # what was cancelled or filled cannot be cancelled: a report tells
    (_TOO_SMALL, "50006 50009 50029 51009 51010 51011 51012 51013 51014 51015"),
    (refused("order.precision", Severity.WARNING), "40044"),
    (refused("balance.insufficient", Severity.WARNING), "50020"),
    (_NO, "50000 50007 50008 50010 50011 50012 50021 50025 50026 50027 50028 50034 50035 50036 50037 50038 50039"),
    (_NO, "51008 52001 52002"),
    (unresolved("order.duplicate"), "50042"),  # proves that an earlier request arrived
    # requests that nothing here makes
    (UNRECOGNISED, "30000 30018 30030 30031 57001 58001"),
)
_CAUSES = {code: cause for cause, codes in _CODES for code in codes.split()}

_STATES = {
    "NEW": OrderState.NEW,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELED,
    "PARTIALLY_CANCELED": OrderState.CANCELED,  # some of it is filled
    "FAILED": OrderState.REJECTED,
}


def _rows(raw: Any) -> list[Any]:
    """Of an envelope."""
    found = raw.get("data") if isinstance(raw, dict) else raw
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _trade_number(row: Any) -> int:
    return ordinal(str(row.get("tradeId")))


INFO = ExchangeInfo(
    id="bitmart",
    label="BitMart",
    credential_fields=(
        API_KEY,
        API_SECRET,
        CredentialField(name="memo", label="Memo", required=True, secret=True, ccxt="uid"),
    ),
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
    # each group of endpoints by itself; lists of orders and of trades are taken for one
    user_limits=(
        RateLimit.of("create_order", calls=40, per_s=2.0),
        RateLimit.of("cancel_order", calls=40, per_s=2.0),
        RateLimit.of("fetch_order", calls=50, per_s=2.0),
        RateLimit.of("fetch_open_orders", "fetch_my_trades", "fetch_order_trades", calls=12, per_s=2.0),
        RateLimit.of("fetch_balance", calls=12, per_s=2.0),
        RateLimit.of("fetch_deposits", "fetch_withdrawals", calls=8, per_s=2.0),
    ),
    address_limits=(
        RateLimit.of("fetch_markets", calls=12, per_s=2.0),
        RateLimit.of("fetch_order_book", "fetch_trades", calls=15, per_s=2.0),
    ),
    signature_window_s=60.0,
    complete_balances=True,
    balances_source="BitMart API, GET /spot/v1/wallet: all that the spot wallet holds; a currency of which "
    "nothing is there may have no row",
    wallet="spot",
    unused_order_id="1",  # its ids have 9 to 19 digits
    implementation="trading_bridge.exchanges.bitmart:bitmart",
    life=Life(
        state=LifeState.CLOSING,
        no_new_orders_since=date(2026, 7, 26),
        last_trading_day=date(2026, 8, 26),
        withdraw_by=date(2027, 1, 31),
        source="BitMart's notice of 2026-07-26, as press and open-source clients reported it",
    ),
    certification=Certification.SANDBOXED,
    wire=Wire(
        envelope=Envelope(code=("code",), text=("message", "msg"), success=frozenset({"1000"})),
        causes=_CAUSES,
        worded=(Worded(code="51008", words="does not support API trading", cause=_HALTED),),
        all_causes=True,
        state_fields=("state",),
        states=_STATES,
        own_trades=Windows(rows=200, full=200, order_param="orderId"),
        trade_number=_trade_number,
        trade_rows=_rows,
        urls=as_given,
    ),
)
