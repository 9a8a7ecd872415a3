"""BitMart's protocol in Coinstore's words."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import orjson

from tests.simulation.wires.wire import Answered, Nothing, Opened, Row, Said, Wire, exponent, parsed, purse
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.orders import SandboxOrder

_GOOD = 1000
#: digits of a code
_CODE = 5
_ENDPOINTS = {
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
#: within the data of an answer
_LISTS = ("wallet", "symbols", "records")
_NAMES = {
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
        known = _ENDPOINTS.get(path, path)
        return known + _joined(dict(parse_qsl(query)).get("symbol", "")) if known.endswith("/") else known

    def fields(self, method: str, query: str, body: bytes) -> Mapping[str, Any]:
        given = super().fields(method, query, body)
        named = {_NAMES.get(name, name): value for name, value in given.items()}
        return {**named, "symbol": _joined(named["symbol"])} if "symbol" in named else named

    def signed_ms(self, headers: Mapping[str, str], query: str, body: bytes) -> int | None:
        text = headers.get("x-bm-timestamp")
        return None if text is None else int(text)

    def refuses_create(self, status: int, code: str | None) -> bool:
        return status < 500 and code is not None and len(code) == _CODE and code not in self._perhaps

    def book_of(self, message: Any) -> str | None:
        return None

    def _data(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or str(answer.get("code")) != str(_GOOD):
            return None
        data = answer.get("data")
        if not isinstance(data, dict):
            return data
        if "bids" in data and "asks" in data:
            return {"b": data["bids"], "a": data["asks"]}
        if "wallet" in data:
            return [row for held in data["wallet"] for row in purse(held["id"], held["available"], held["frozen"])]
        return [_market_rules(row) for row in data["symbols"]] if "symbols" in data else data

    # what faults say in its place

    names: ClassVar[Mapping[str, str]] = {"ordId": "orderId", "clOrdId": "clientOrderId", "id": "tradeId", "a": "asks"}
    fee_fields = ("fee", "feeCoinName")
    balance_fields = ("available", "frozen")
    amount_fields = ("filledSize", "size", *balance_fields)
    number_fields = (
        *("price", "priceAvg", "size", "filledSize", "notional", "filledNotional", "fee", "available", "frozen"),
        *("total", "quote_increment", "base_min_size", "min_buy_amount", "min_sell_amount"),
    )
    id_fields = ("orderId", "tradeId", "symbol_id")
    create = "/bitmart/spot/v2/submit_order"
    #: it is listed as before
    canceling: ClassVar[Row] = {}
    _refusals: ClassVar[Mapping[Said, tuple[int, str]]] = {
        Said.NOT_FOUND: (50005, "Order Id not found"),
        Said.BAD_REQUEST: (50000, "Bad Request"),
        Said.PRECISION: (40044, "Invalid size"),
        Said.TOO_SMALL: (50006, "The size is less than the minimum"),
        Said.FUNDS: (50020, "Balance not enough"),
    }

    def code_of(self, row: Row) -> str:
        return _joined(str(row["symbol"]))

    def traded_ms(self, row: Row) -> int:
        return int(row["createTime"])

    def refused(self, said: Said, endpoint: str, words: str | None = None) -> Answered:
        code, usual = self._refusals[said]
        return Answered(400, _envelope(code, usual if words is None else words, {}))

    def odd(self, number: int) -> Answered:
        return Answered(200, _envelope(number, "something is odd", {}))

    def cancels_later(self, order: SandboxOrder) -> bytes | None:
        return _envelope(_GOOD, "success", {"result": True})

    def opened(self, body: bytes) -> Opened | None:
        envelope = parsed(body)
        good = isinstance(envelope, dict) and str(envelope.get("code")) == str(_GOOD) and "data" in envelope
        if not good:
            return None
        data = envelope["data"]
        inner = next((name for name in _LISTS if name in data), None) if isinstance(data, dict) else None
        if inner is None:
            return Opened(data, lambda other: orjson.dumps({**envelope, "data": other}))
        return Opened(data[inner], lambda rows: orjson.dumps({**envelope, "data": {**data, inner: rows}}))

    def nothing(self, form: Nothing) -> bytes:
        said = json.loads(_envelope(_GOOD, "OK", [] if form is Nothing.EMPTY else None))
        if form is Nothing.LEFT_OUT:
            del said["data"]
        return orjson.dumps(said)


def _envelope(code: int, words: str, data: object) -> bytes:
    return orjson.dumps({"code": code, "trace": "", "message": words, "data": data})


def _joined(symbol: str) -> str:
    return symbol.replace("_", "")


def _market_rules(row: Mapping[str, Any]) -> Row:
    decimals = row["price_max_precision"]
    return {
        "symbolCode": _joined(row["symbol"]),
        "tickSz": decimals,
        "lotSz": -exponent(row["quote_increment"]),  # of the quantity, in spite of its name
        "minLmtPr": str(Decimal(1).scaleb(-decimals)),
        "minLmtSz": row["base_min_size"],
    }
