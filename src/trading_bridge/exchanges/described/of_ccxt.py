"""Every other spot exchange of ccxt that has the calls the runner needs: nobody described it, so nothing is claimed.

The rows are what ccxt's classes say of themselves (`make exchanges`), kept as data so that a list imports none of them.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from trading_bridge.exchanges.description import API_KEY, API_SECRET, CredentialField, ExchangeInfo, RateLimit
from trading_bridge.exchanges.wire import Wire

#: of the pace that a class keeps to, the share that is used: it knows no weights here
_SHARE = 0.5
_WINDOW_S = 10.0
_CALLS_MAX = 200
_CALLS_MIN = 10
#: nobody wrote down how long: longer than any exchange that is known
_SIGNATURE_WINDOW_S = 300.0
_FIELDS = {
    "apiKey": API_KEY,
    "secret": API_SECRET,
    "uid": CredentialField(name="memo", label="Memo or user id", required=True, secret=False, ccxt="uid"),
    "password": CredentialField(name="memo", label="Passphrase", required=True, secret=True, ccxt="password"),
}


@cache
def infos() -> tuple[ExchangeInfo, ...]:
    """By label."""
    rows = json.loads(Path(__file__).with_suffix(".json").read_text())
    return tuple(_info(row) for row in rows)


def _info(row: Mapping[str, Any]) -> ExchangeInfo:
    rate = _rate(row["rate_limit_ms"])
    return ExchangeInfo(
        id=row["id"],
        label=row["label"],
        credential_fields=tuple(_FIELDS[name] for name in row["credentials"]),
        features={
            "limit_orders": True,
            "post_only": row["post_only"],
            "market_orders": row["market_orders"],
            "own_trades": True,
            "deposits_and_withdrawals": row["deposits_and_withdrawals"],
            "websocket_books": row["websocket_books"],
            "private_stream": row["private_stream"],
            "dead_mans_switch": row["dead_mans_switch"],
            "streams": False,  # this platform reads none of its
        },
        user_limits=(rate,),
        address_limits=(rate,),
        signature_window_s=_SIGNATURE_WINDOW_S,
        complete_balances=False,
        balances_source="ccxt's reading of the answer; what it does not list is unknown",
        wallet="spot",
        unused_order_id=None,
        implementation=f"ccxt.async_support:{row['id']}",
        wire=Wire(
            options={"defaultType": "spot", "warnOnFetchOpenOrdersWithoutSymbol": False},
            open_orders_by_market=row["open_orders_by_market"],
        ),
    )


def _rate(rate_limit_ms: float) -> RateLimit:
    """A slow exchange has a longer window: in each there is room for orders and cancels beside reads."""
    calls = min(_CALLS_MAX, int(_WINDOW_S * 1000 / rate_limit_ms * _SHARE))
    if calls >= _CALLS_MIN:
        return RateLimit(calls=calls, per_s=_WINDOW_S)
    return RateLimit(calls=_CALLS_MIN, per_s=_CALLS_MIN * rate_limit_ms / 1000 / _SHARE)
