"""How each exchange's requests and answers are read beside the platform: in the words of Coinstore's protocol, so that
whoever watches or disturbs a call knows one set of them."""

import json
from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import orjson

from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.orders import SandboxTrade


class Wire:
    """Coinstore's own."""

    exchange: ClassVar[str] = "coinstore"
    #: where the sandbox speaks it
    prefix: ClassVar[str] = "/api"
    key_header: ClassVar[str] = "x-cs-apikey"
    #: calls of a key, and of an address, in a window of so many seconds; None: it counts otherwise
    calls: ClassVar[tuple[int, int, float] | None] = (120, 300, 3.0)
    #: a client order id is free again once its order is over
    reuses_ids: ClassVar[bool] = False
    #: no request is accepted so long after its signature, in seconds
    window_s: ClassVar[float] = 30.0
    #: its answers name the account that a key opens, so that several connectors may open one
    names_accounts: ClassVar[bool] = True
    #: precision of price, amount or cost; too small; too large
    _rules: ClassVar[frozenset[str]] = frozenset({"3104", "3106", "3902", "3903"})
    #: codes of a create after which the order may stand all the same
    _perhaps: ClassVar[frozenset[str | None]] = frozenset({None, "0", "3111", "500"})

    def credentials(self, key: ApiKey) -> dict[str, str]:
        """As people enter them."""
        return {"api_key": key.api_key, "secret": key.secret}

    def endpoint(self, method: str, path: str, query: str) -> str:
        """`path` is below the prefix."""
        return path

    def fields(self, method: str, query: str, body: bytes) -> Mapping[str, Any]:
        if method == "GET":
            return dict(parse_qsl(query))
        return dict(json.loads(body, parse_float=Decimal)) if body else {}

    def signed_ms(self, headers: Mapping[str, str], query: str, body: bytes) -> int | None:
        """Unix time; None: it is not signed."""
        text = headers.get("x-cs-expires")
        return None if text is None else int(text)

    def says_rule_broken(self, code: str | None, body: bytes) -> bool:
        """Of its market, by an order."""
        return code in self._rules

    def is_snapshot(self, fields: Mapping[str, Any]) -> bool:
        """Whether a book is read to be kept by what is pushed from then on."""
        return False

    def refuses_create(self, status: int, code: str | None) -> bool:
        """It proves that there is no such order."""
        return status < 500 and code not in self._perhaps

    def trade_id(self, trade: SandboxTrade, place: int) -> str:
        """As own trades are told, unique in its market; `place` 0: the maker's side, 1: the taker's."""
        return str(2 * trade.match_id + place)

    def book_of(self, message: Any) -> str | None:
        """The market, in lower case, of a pushed message that tells of a book; None: it tells of none."""
        is_book = isinstance(message, dict) and message.get("T") == "depth"
        return str(message["symbol"]).lower() if is_book else None

    def pushed_book(self, kept: "Kept", message: Any) -> Mapping[str, Any] | None:
        """Whole, as `data` has it; None: it cannot be known yet."""
        return {"b": message["b"], "a": message["a"]}

    def data(self, endpoint: str, body: bytes) -> Any:
        """What a good answer says; None: it is none."""
        try:
            envelope = orjson.loads(body)
        except ValueError:
            return None
        good = isinstance(envelope, dict) and str(envelope.get("code")) == "0"
        return envelope.get("data") if good else None


class Kept:
    """Books that are told once whole and then by what changed, as a client keeps them."""

    def __init__(self) -> None:
        #: market in lower case -> number of its last change, bids and asks by price
        self._books: dict[str, tuple[int, dict[Decimal, Any], dict[Decimal, Any]]] = {}
        self._changes: dict[str, deque[Mapping[str, Any]]] = {}  # the last ones

    def snapshot(self, code: str, data: Mapping[str, Any]) -> None:
        if "last" not in data:
            return
        sides = [{Decimal(row[0]): row for row in data[side]} for side in ("b", "a")]
        self._books[code] = data["last"], sides[0], sides[1]
        for change in self._changes.get(code, ()):
            self._apply(code, change)

    def changed(self, change: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The book after it; None: there is no whole one."""
        code = str(change["s"]).lower()
        self._changes.setdefault(code, deque(maxlen=_CHANGES_KEPT)).append(change)
        self._apply(code, change)
        if code not in self._books:
            return None
        _, bids, asks = self._books[code]
        return {
            "b": [bids[price] for price in sorted(bids, reverse=True)],
            "a": [asks[price] for price in sorted(asks)],
        }

    def _apply(self, code: str, change: Mapping[str, Any]) -> None:
        if code not in self._books:
            return
        last, bids, asks = self._books[code]
        if change["u"] <= last:
            return
        if change["U"] > last + 1:
            del self._books[code]  # something is missing
            return
        for side, rows in ((bids, change["b"]), (asks, change["a"])):
            for row in rows:
                if Decimal(row[1]) == 0:
                    side.pop(Decimal(row[0]), None)
                else:
                    side[Decimal(row[0])] = row
        self._books[code] = change["u"], bids, asks


_CHANGES_KEPT = 100
#: levels of a book that is polled
_POLLED = "20"
_ENDPOINTS = {
    "POST /api/v3/order": "/trade/order/place",
    "DELETE /api/v3/order": "/trade/order/cancel",
    "DELETE /api/v3/openOrders": "/trade/order/cancelAll",
    "GET /api/v3/openOrders": "/trade/order/active",
    "GET /api/v3/order": "/v2/trade/order/orderInfo",
    "GET /api/v3/myTrades": "/trade/match/accountMatches",
    "GET /api/v3/account": "/spot/accountList",
    "GET /api/v3/exchangeInfo": "/v2/public/config/spot/symbols",
    "GET /api/v3/depth": "/v1/market/depth/",
    "GET /api/v3/trades": "/v1/market/trade/",
}
_NAMES = {
    "newClientOrderId": "clOrdId",
    "origClientOrderId": "clOrdId",
    "orderId": "ordId",
    "price": "ordPrice",
    "quantity": "ordQty",
}


class Binance(Wire):
    exchange = "binance"
    prefix = "/binance"
    key_header = "x-mbx-apikey"
    calls = None
    reuses_ids = True
    #: -2010 is also of a duplicate
    _perhaps = frozenset({None, "-1000", "-1001", "-1004", "-1006", "-1007", "-1008", "-1016", "-2010"})

    def endpoint(self, method: str, path: str, query: str) -> str:
        known = _ENDPOINTS.get(f"{method} {path}", path)
        return known + dict(parse_qsl(query)).get("symbol", "") if known.endswith("/") else known

    def fields(self, method: str, query: str, body: bytes) -> Mapping[str, Any]:
        return {_NAMES.get(name, name): value for name, value in parse_qsl(query or body.decode())}

    def signed_ms(self, headers: Mapping[str, str], query: str, body: bytes) -> int | None:
        text = dict(parse_qsl(query or body.decode())).get("timestamp")
        return None if text is None else int(text)

    def says_rule_broken(self, code: str | None, body: bytes) -> bool:
        return code == "-1111" or b"Filter failure" in body

    def is_snapshot(self, fields: Mapping[str, Any]) -> bool:
        return fields.get("limit") != _POLLED

    def refuses_create(self, status: int, code: str | None) -> bool:
        return 400 <= status < 500 and code is not None and code.startswith("-") and code not in self._perhaps

    def trade_id(self, trade: SandboxTrade, place: int) -> str:
        return str(trade.number)

    def book_of(self, message: Any) -> str | None:
        told = message.get("data", message) if isinstance(message, dict) else None
        is_book = isinstance(told, dict) and told.get("e") == "depthUpdate"
        return str(told["s"]).lower() if isinstance(told, dict) and is_book else None

    def pushed_book(self, kept: "Kept", message: Any) -> Mapping[str, Any] | None:
        return kept.changed(message.get("data", message))

    def data(self, endpoint: str, body: bytes) -> Any:
        try:
            answer = orjson.loads(body)
        except ValueError:
            return None
        if not isinstance(answer, dict):
            return answer
        if "code" in answer:
            return None
        if "bids" in answer and "asks" in answer:
            return {"b": answer["bids"], "a": answer["asks"], "last": answer["lastUpdateId"]}
        if "balances" in answer:
            return [row for held in answer["balances"] for row in _purse(held["asset"], held["free"], held["locked"])]
        return [_rules(row) for row in answer["symbols"]] if "symbols" in answer else answer


def _purse(currency: str, free: str, used: str) -> list[dict[str, Any]]:
    return [
        {"currency": currency, "typeName": "AVAILABLE", "balance": free},
        {"currency": currency, "typeName": "FROZEN", "balance": used},
    ]


def _rules(row: Mapping[str, Any]) -> dict[str, Any]:
    filters = {one["filterType"]: one for one in row["filters"]}
    price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
    return {
        "symbolCode": row["symbol"],
        "tickSz": -_exponent(price["tickSize"]),
        "lotSz": -_exponent(lot["stepSize"]),
        "minLmtPr": price["minPrice"],
        "minLmtSz": lot["minQty"],
    }


def _exponent(step: str) -> int:
    """Of a power of ten."""
    exponent = Decimal(step).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


_BITMART_ENDPOINTS = {
    "/spot/v2/submit_order": "/trade/order/place",
    "/spot/v3/cancel_order": "/trade/order/cancel",
    "/spot/v4/cancel_all": "/trade/order/cancelAll",
    "/spot/v4/query/open-orders": "/trade/order/active",
    "/spot/v4/query/order": "/v2/trade/order/orderInfo",
    "/spot/v4/query/client-order": "/v2/trade/order/orderInfo",
    "/spot/v4/query/trades": "/trade/match/accountMatches",
    "/spot/v4/query/order-trades": "/trade/match/accountMatches",
    "/spot/v1/wallet": "/spot/accountList",
    "/account/v2/deposit-withdraw/history": "/fi/v3/asset/record/list",
    "/spot/v1/symbols/details": "/v2/public/config/spot/symbols",
    "/spot/quotation/v3/books": "/v1/market/depth/",
    "/spot/quotation/v3/trades": "/v1/market/trade/",
}
_BITMART_NAMES = {
    "client_order_id": "clOrdId",
    "clientOrderId": "clOrdId",
    "order_id": "ordId",
    "orderId": "ordId",
    "price": "ordPrice",
    "size": "ordQty",
}


class Bitmart(Wire):
    exchange = "bitmart"
    prefix = "/bitmart"
    key_header = "x-bm-key"
    calls = None
    window_s = 60.0
    names_accounts = False
    #: sizes and notionals with too many digits, too small, too large; prices beyond the market's
    _rules = frozenset({"40044", "50006", "50007", "50008", "50009", "50021", "50025"})
    #: out of order for now, in maintenance, duplicate, an error of the server
    _perhaps = frozenset({None, "1000", "30014", "30016", "50022", "50042", "59002", "70003"})

    def credentials(self, key: ApiKey) -> dict[str, str]:
        return {**super().credentials(key), "memo": key.account}

    def endpoint(self, method: str, path: str, query: str) -> str:
        known = _BITMART_ENDPOINTS.get(path, path)
        return known + _joined(dict(parse_qsl(query)).get("symbol", "")) if known.endswith("/") else known

    def fields(self, method: str, query: str, body: bytes) -> Mapping[str, Any]:
        given = super().fields(method, query, body)
        named = {_BITMART_NAMES.get(name, name): value for name, value in given.items()}
        return {**named, "symbol": _joined(named["symbol"])} if "symbol" in named else named

    def signed_ms(self, headers: Mapping[str, str], query: str, body: bytes) -> int | None:
        text = headers.get("x-bm-timestamp")
        return None if text is None else int(text)

    def refuses_create(self, status: int, code: str | None) -> bool:
        return status < 500 and code is not None and len(code) == _BITMART_CODE and code not in self._perhaps

    def book_of(self, message: Any) -> str | None:
        return None

    def data(self, endpoint: str, body: bytes) -> Any:
        try:
            envelope = orjson.loads(body)
        except ValueError:
            return None
        if not isinstance(envelope, dict) or str(envelope.get("code")) != "1000":
            return None
        data = envelope.get("data")
        if not isinstance(data, dict):
            return data
        if "bids" in data and "asks" in data:
            return {"b": data["bids"], "a": data["asks"]}
        if "wallet" in data:
            return [row for held in data["wallet"] for row in _purse(held["id"], held["available"], held["frozen"])]
        return [_bitmart_rules(row) for row in data["symbols"]] if "symbols" in data else data


#: digits of a code
_BITMART_CODE = 5


def _joined(symbol: str) -> str:
    return symbol.replace("_", "")


def _bitmart_rules(row: Mapping[str, Any]) -> dict[str, Any]:
    decimals = row["price_max_precision"]
    return {
        "symbolCode": _joined(row["symbol"]),
        "tickSz": decimals,
        "lotSz": -_exponent(row["quote_increment"]),  # of the quantity, in spite of its name
        "minLmtPr": str(Decimal(1).scaleb(-decimals)),
        "minLmtSz": row["base_min_size"],
    }


COINSTORE, BINANCE, BITMART = Wire(), Binance(), Bitmart()
WIRES: Mapping[str, Wire] = {one.exchange: one for one in (COINSTORE, BINANCE, BITMART)}


def wire_at(path: str) -> Wire:
    return next((one for one in WIRES.values() if path.startswith(f"{one.prefix}/")), COINSTORE)
