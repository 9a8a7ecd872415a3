"""Binance spot's protocol in Coinstore's words."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import orjson

from tests.simulation.wires.kept import Kept
from tests.simulation.wires.wire import Answered, Nothing, Opened, Row, Said, Wire, exponent, parsed, purse
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade

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
    "GET /sapi/v1/capital/deposit/hisrec": "/fi/v3/asset/deposit/record/list",
    "GET /sapi/v1/capital/withdraw/history": "/fi/v3/asset/withdraw/record/list",
}
#: within an answer
_LISTS = ("balances", "symbols")
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

    def pushed_book(self, kept: Kept, message: Any) -> Mapping[str, Any] | None:
        return kept.changed(message.get("data", message))

    def _data(self, answer: Any) -> Any:
        if not isinstance(answer, dict):
            return answer
        if "code" in answer:
            return None
        if "bids" in answer and "asks" in answer:
            return {"b": answer["bids"], "a": answer["asks"], "last": answer["lastUpdateId"]}
        if "balances" in answer:
            return [row for held in answer["balances"] for row in purse(held["asset"], held["free"], held["locked"])]
        return [_rules(row) for row in answer["symbols"]] if "symbols" in answer else answer

    # what faults say in its place

    names: ClassVar[Mapping[str, str]] = {"ordId": "orderId", "clOrdId": "clientOrderId", "a": "asks"}
    fee_fields = ("commission", "commissionAsset")
    balance_fields = ("free", "locked")
    amount_fields = ("executedQty", "origQty", "qty", *balance_fields)
    number_fields = (
        *("price", "origQty", "executedQty", "cummulativeQuoteQty", "qty", "quoteQty", "commission", "free", "locked"),
        *("minPrice", "tickSize", "minQty", "stepSize", "minNotional"),
    )
    id_fields = ("orderId", "id", "uid")
    #: cancels and looks at one order go there, too
    create = "/binance/api/v3/order"
    _refusals: ClassVar[Mapping[Said, tuple[int, str]]] = {
        Said.NOT_FOUND: (-2013, "Order does not exist."),
        Said.BAD_REQUEST: (-1100, "Illegal characters found in a parameter."),
        Said.PRECISION: (-1013, "Filter failure: PRICE_FILTER"),
        Said.TOO_SMALL: (-1013, "Filter failure: NOTIONAL"),
        Said.FUNDS: (-2010, "Account has insufficient balance for requested action."),
    }

    def code_of(self, row: Row) -> str:
        return str(row["symbol"])

    def traded_ms(self, row: Row) -> int:
        return int(row["time"])

    def refused(self, said: Said, endpoint: str, words: str | None = None) -> Answered:
        code, usual = self._refusals[said]
        if said is Said.NOT_FOUND and endpoint.startswith("/trade/order/cancel"):
            code, usual = -2011, "Unknown order sent."
        return Answered(400, json.dumps({"code": code, "msg": usual if words is None else words}).encode())

    def odd(self, number: int) -> Answered:
        return Answered(200, json.dumps({"code": -number, "msg": "something is odd"}).encode())

    def cancels_later(self, order: SandboxOrder) -> bytes | None:
        return None

    def opened(self, body: bytes) -> Opened | None:
        answer = parsed(body)
        if answer is None or (isinstance(answer, dict) and "code" in answer):
            return None
        inner = next((name for name in _LISTS if name in answer), None) if isinstance(answer, dict) else None
        if inner is None:
            return Opened(answer, orjson.dumps)
        return Opened(answer[inner], lambda rows: orjson.dumps({**answer, inner: rows}))

    def nothing(self, form: Nothing) -> bytes:
        return {Nothing.NULL: b"null", Nothing.EMPTY: b"[]", Nothing.LEFT_OUT: b"{}"}[form]


def _rules(row: Mapping[str, Any]) -> Row:
    filters = {one["filterType"]: one for one in row["filters"]}
    price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
    return {
        "symbolCode": row["symbol"],
        "tickSz": -exponent(price["tickSize"]),
        "lotSz": -exponent(lot["stepSize"]),
        "minLmtPr": price["minPrice"],
        "minLmtSz": lot["minQty"],
    }
