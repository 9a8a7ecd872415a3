"""What ccxt says of its classes, as the rows of `of_ccxt.json`; `python -m tests.ccxt_spot` writes them anew."""

import json
from pathlib import Path
from typing import Any

import ccxt.async_support as ccxt
import ccxt.pro as ccxt_pro

from trading_bridge.exchanges.described import of_ccxt

PLACE = Path(of_ccxt.__file__).with_suffix(".json")
NEEDED = (
    "fetchMarkets",
    "fetchOrderBook",
    "fetchTrades",
    "fetchBalance",
    "createOrder",
    "cancelOrder",
    "fetchOrder",
    "fetchOpenOrders",
    "fetchMyTrades",
)
#: a connector holds a key, a secret and one more
CREDENTIALS = ("apiKey", "secret", "uid", "password")


def rows() -> list[dict[str, Any]]:
    """By label; of those that trade spot by key and secret."""
    found = [row_of(getattr(ccxt, name)()) for name in ccxt.exchanges]
    return sorted((row for row in found if row is not None), key=lambda row: str(row["label"]).lower())


def row_of(made: Any) -> dict[str, Any] | None:
    needs = [name for name, needed in made.requiredCredentials.items() if needed]
    extra = [name for name in needs if name not in ("apiKey", "secret")]
    spot = (made.features or {}).get("spot") or {}
    per_market = (spot.get("fetchOpenOrders") or {}).get("symbolRequired")
    able = made.has.get("spot") is True and all(made.has.get(call) is True for call in NEEDED)
    if not able or not {"apiKey", "secret"} <= set(needs) or len(extra) > 1:
        return None
    if not set(needs) <= set(CREDENTIALS) or made.alias:
        return None
    return {
        "id": made.id,
        "label": made.name,
        "credentials": [name for name in CREDENTIALS if name in needs],
        "rate_limit_ms": made.rateLimit,
        # where ccxt does not say, a market is named: that is understood everywhere
        "open_orders_by_market": per_market is not False,
        "websocket_books": _watches(made.id, "watchOrderBook"),
        "private_stream": _watches(made.id, "watchOrders"),
        "dead_mans_switch": made.has.get("cancelAllOrdersAfter") is True,
        "post_only": ((spot.get("createOrder") or {}).get("timeInForce") or {}).get("PO") is True,
        "market_orders": made.has.get("createMarketOrder") is True,
        "deposits_and_withdrawals": made.has.get("fetchDeposits") is True and made.has.get("fetchWithdrawals") is True,
    }


def _watches(name: str, call: str) -> bool:
    return hasattr(ccxt_pro, name) and getattr(ccxt_pro, name)().has.get(call) is True


def text() -> str:
    return "[\n" + ",\n".join(json.dumps(row) for row in rows()) + "\n]\n"


if __name__ == "__main__":
    PLACE.write_text(text())
