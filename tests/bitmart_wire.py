"""BitMart's wire for tests: envelopes of its reference, and the class on a session that replays them."""

import json
from typing import Any

from tests.recorded_session import RecordedSession, Reply
from trading_bridge.exchanges.bitmart import bitmart

KEY = "bm-key"
SECRET = "bm-secret-0123456789abcdef"
MEMO = "tb-memo"
NOW_MS = 1700000012345

#: symbol, base, quote, decimals of the price, step of the quantity
_MARKETS = (
    ("BTC_USDT", "BTC", "USDT", 2, "0.00001"),
    ("LTC_USDT", "LTC", "USDT", 4, "0.001"),
    ("SHARP_USDT", "SHARP", "USDT", 6, "0.01"),
)
ROWS = [
    {
        "symbol": symbol,
        "symbol_id": 1091 + place,
        "base_currency": base,
        "quote_currency": quote,
        "quote_increment": step,
        "base_min_size": step,
        "price_min_precision": -1,
        "price_max_precision": decimals,
        "expiration": "NA",
        "min_buy_amount": "5.000000000000000000000000000000",
        "min_sell_amount": "5.000000000000000000000000000000",
        "trade_status": "trading",
    }
    for place, (symbol, base, quote, decimals, step) in enumerate(_MARKETS)
]


def answer(data: object, code: object = 1000, **more: object) -> str:
    return json.dumps({"code": code, "trace": "886fb6ae", "message": "OK", "data": data} | more)


SYMBOLS = answer({"symbols": ROWS})
PLACED = answer({"order_id": "1234567890"})
ORDER = {
    "orderId": "123456789012345678",
    "clientOrderId": "tb000001",
    "symbol": "LTC_USDT",
    "side": "sell",
    "orderMode": "spot",
    "type": "limit",
    "state": "new",
    "cancelSource": "",
    "stpMode": "cancel_maker",
    "price": "70.2500",
    "priceAvg": "0.0000",
    "size": "0.200",
    "filledSize": "0.000",
    "notional": "14.05000000",
    "filledNotional": "0.00000000",
    "createTime": 1700000000644,
    "updateTime": 1700000000697,
}


class FixedTime(bitmart):
    """The class as it is, at the time of the reference's vectors."""

    now_ms = NOW_MS

    def milliseconds(self) -> int:
        return self.now_ms


def exchange(*replies: Reply | Exception | str, **config: Any) -> tuple[Any, RecordedSession]:
    """The class with its markets read, and what it talks to."""
    session = RecordedSession(*replies)
    made: Any = FixedTime(
        {
            "apiKey": KEY,
            "secret": SECRET,
            "uid": MEMO,
            "number": str,
            "enableRateLimit": False,
            "session": session,
            "ssl_context": False,
            "timeout_on_exit": 0,
            **config,
        }
    )
    made.set_markets([made.parse_market(row) for row in ROWS])
    return made, session
