"""KuCoin (spot), through ccxt's own class as it is. Its pages: kucoin.com/docs-new, 2025-06.

Its traps: docs/exchanges/kucoin.md.
"""

from typing import Any

from trading_bridge.core.finding import Severity
from trading_bridge.exchanges.cause import NO_ANSWER, refused, unresolved
from trading_bridge.exchanges.description import (
    API_KEY,
    API_SECRET,
    Certification,
    CredentialField,
    ExchangeInfo,
    RateLimit,
)
from trading_bridge.exchanges.parsing import ordinal
from trading_bridge.exchanges.wire import Envelope, OtherWallet, Windows, Wire, Worded

_REFUSED = refused("order.refused", Severity.WARNING)
_TOO_SMALL = refused("order.too_small", Severity.WARNING)
_PRECISION = refused("order.precision", Severity.WARNING)
_NO_MONEY = refused("balance.insufficient", Severity.WARNING)
_NOT_FOUND = refused("order.not_found", Severity.WARNING)
_UNKNOWN_KEY = refused("credentials.rejected")
_UNKNOWN_MARKET = refused("market.unknown")
_RESTRICTED = refused("permission.market_missing")
_TOO_MANY = refused("rate.limited", Severity.WARNING)
_UNTOLD = unresolved(NO_ANSWER, stage="server error")

#: ccxt's class for 400004 to 400007 is one and the same
_CAUSES = {
    "400001": _UNKNOWN_KEY,
    "400002": refused("clock.skewed"),
    "400003": _UNKNOWN_KEY,  # no such key, or no more: keys expire
    "400004": refused("passphrase.refused"),
    "400005": refused("signature.refused"),
    "400006": refused("ip.not_allowed"),
    "400007": refused("access.refused"),
    "400100": _REFUSED,  # means anything; the words name the rule
    "400200": refused("permission.trade_missing"),
    "400303": refused("account.restricted"),  # it is not verified
    **dict.fromkeys(("400330", "400350", "400370", "400400", "400760", "401000", "415000"), _REFUSED),
    "400500": _RESTRICTED,
    "400600": _UNKNOWN_MARKET,
    "411100": refused("account.restricted"),  # frozen
    "429": _TOO_MANY,
    "429000": _TOO_MANY,
    "500": _UNTOLD,
    "500000": _UNTOLD,
    "408000": unresolved(NO_ANSWER, stage="timeout"),
    "100001": _NOT_FOUND,
    "100004": _NOT_FOUND,  # a cancel that came too late; only its report says how the order ended
    "order_not_exist": _NOT_FOUND,
    "126003": _TOO_SMALL,
    **dict.fromkeys(("126011", "126022", "126029", "126030", "126042"), _REFUSED),
    **dict.fromkeys(("126006", "126007", "126009", "126015"), refused("market.halted")),
    **dict.fromkeys(("126005", "126021", "126045", "126046", "126047", "126048"), _RESTRICTED),
    "126013": _NO_MONEY,
    "126043": _NOT_FOUND,
    "126044": unresolved("order.duplicate"),
    # not enough in the wallet that orders use, whatever lies in the others
    "200004": _NO_MONEY,
    "210021": _NO_MONEY,
    "230003": _NO_MONEY,
    "260100": _NO_MONEY,
    "300000": _REFUSED,
    "400000": _REFUSED,
    "600100": _TOO_SMALL,
    "600101": _TOO_SMALL,
}


def _rule(words: str, cause: Any) -> tuple[Worded, ...]:
    """Words of a rule, which come with any of these codes."""
    return tuple(Worded(code=code, words=words, cause=cause) for code in ("400100", "300000", "600100", "200000"))


_WORDED = (
    *_rule("increment invalid", _PRECISION),
    *_rule("increment is invalid", _PRECISION),
    *_rule("below the minimum", _TOO_SMALL),
    *_rule("order_not_exist", _NOT_FOUND),
    *_rule("order not exist", _NOT_FOUND),
    *_rule("order does not exist", _NOT_FOUND),
    *_rule("unsupported trading pair", _UNKNOWN_MARKET),
    *_rule("Account.available.amount", _NO_MONEY),
    # a failure under the code of success
    Worded(code="200000", words="unsuccessful", cause=_REFUSED),
)

_MOVE = "move it to the trading account on the exchange's Transfer page"


def _rows(raw: Any) -> list[Any]:
    """Of a page, or of a plain list."""
    data = raw.get("data") if isinstance(raw, dict) else None
    items = data.get("items") if isinstance(data, dict) else data
    return [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []


#: of the requests that ccxt makes for these calls, as this platform asks
_WEIGHTS = {
    "fetch_markets": 4,
    "fetch_order_book": 2,
    "fetch_trades": 3,
    "fetch_balance": 5,  # of one wallet
    "fetch_open_orders": 2,  # of one market
    "fetch_order": 2,
    "fetch_my_trades": 2,
    "fetch_order_trades": 2,
    "create_order": 1,
    "cancel_order": 1,
}

INFO = ExchangeInfo(
    id="kucoin",
    label="KuCoin",
    credential_fields=(
        API_KEY,
        API_SECRET,
        CredentialField(name="memo", label="API passphrase", required=True, secret=True, ccxt="password"),
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
        "several_wallets": True,
        "key_expiry": True,
    },
    # trading and account calls have pools of their own; here they share the smaller one
    user_limits=(RateLimit(calls=2_000, per_s=30.0, weights=_WEIGHTS, others=5),),
    address_limits=(RateLimit(calls=2_000, per_s=30.0, weights=_WEIGHTS, others=5),),
    signature_window_s=5.0,
    complete_balances=False,
    balances_source="KuCoin API, GET /api/v1/accounts: an empty list may be of a wallet that the account does not use",
    wallet="trade_hf",
    unused_order_id=None,
    implementation="ccxt.async_support:kucoin",
    conflated=frozenset(),
    certification=Certification.REPLAYED,
    wire=Wire(
        envelope=Envelope(code=("code",), text=("msg",), success=frozenset({"200000"})),
        causes=_CAUSES,
        worded=_WORDED,
        all_causes=True,
        is_balance=lambda raw: isinstance(raw, dict) and isinstance(raw.get("data"), list),
        is_list=lambda raw: isinstance(raw, dict) and isinstance(raw.get("data"), list | dict),
        own_trades=Windows(rows=100, full=100, order_param="orderId"),
        trade_number=lambda raw: ordinal(str(raw.get("tradeId"))),
        trade_rows=_rows,
        public_trade_id=lambda raw: raw.get("sequence"),
        other_wallets=(
            OtherWallet(name="trade", params={"hf": False, "type": "spot"}, how=_MOVE),
            OtherWallet(name="main", params={"type": "main"}, how=_MOVE),
        ),
        open_orders_by_market=True,
        options={
            "fetchMarkets": {"types": ["spot"], "fetchTickersFees": False},
            # else ccxt's class asks, and takes no answer for a no
            "hf": True,
            "uta": False,
        },
    ),
)
