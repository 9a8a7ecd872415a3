"""An exchange's protocol as whoever watches or disturbs a call knows it: Coinstore's own."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl

import orjson

from tests.simulation.wires.kept import Kept
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade

Row = dict[str, Any]


class Said(StrEnum):
    """What an exchange refuses a request for."""

    NOT_FOUND = "no such order"
    BAD_REQUEST = "bad request"
    PRECISION = "price or size with too many digits"
    TOO_SMALL = "size or cost too small"
    FUNDS = "not enough money"


class Answered(NamedTuple):
    status: int
    body: bytes


class Opened(NamedTuple):
    """A good answer."""

    #: what it says, as the exchange names and nests it
    data: Any
    #: the same answer with other data
    closed: Callable[[Any], bytes]


class Nothing(StrEnum):
    """How an answer says nothing at all."""

    NULL = "null"
    EMPTY = "empty"
    LEFT_OUT = "left out"


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

    def pushed_book(self, kept: Kept, message: Any) -> Mapping[str, Any] | None:
        """Whole, as `data` has it; None: it cannot be known yet."""
        return {"b": message["b"], "a": message["a"]}

    def data(self, body: bytes) -> Any:
        """What a good answer says, in Coinstore's words; None: it is none, or lacks something."""
        try:
            return self._data(orjson.loads(body))
        except (ValueError, KeyError, TypeError):
            return None

    def _data(self, answer: Any) -> Any:
        """Raises what `data` catches."""
        good = isinstance(answer, dict) and str(answer.get("code")) == "0"
        return answer.get("data") if good else None

    # what faults say in its place

    #: Coinstore's name of a field of a row -> its own; what is left out goes by the same name
    names: ClassVar[Mapping[str, str]] = {}
    #: fields of an own trade that say what it cost
    fee_fields: ClassVar[tuple[str, ...]] = ("fee", "feeCurrencyId", "acturalFeeRate")
    #: fields of a row of a balance that are amounts; of any row; and all of its numbers that may be said otherwise
    balance_fields: ClassVar[tuple[str, ...]] = ("balance",)
    amount_fields: ClassVar[tuple[str, ...]] = ("execQty", "cumQty", "balance", "ordQty")
    number_fields: ClassVar[tuple[str, ...]] = (
        *("ordPrice", "ordQty", "cumQty", "cumAmt", "balance", "avgPrice"),
        *("minLmtPr", "minLmtSz"),
    )
    id_fields: ClassVar[tuple[str, ...]] = ("ordId", "accountId", "uid", "symbolId")
    #: where new orders go, as the sandbox's faults name it
    create: ClassVar[str] = "/trade/order/place"
    #: what a list says of an order whose cancel waits
    canceling: ClassVar[Row] = {"ordStatus": "CANCELING"}
    _refusals: ClassVar[Mapping[Said, tuple[int, str]]] = {
        Said.NOT_FOUND: (3103, "order-not-found"),
        Said.BAD_REQUEST: (400, "bad request"),
        Said.PRECISION: (3104, "price precision"),
        Said.TOO_SMALL: (3902, "too small"),
        Said.FUNDS: (3113, "account-insufficient"),
    }

    def name(self, field: str) -> str:
        return self.names.get(field, field)

    def code_of(self, row: Row) -> str:
        """Of a row of the list of markets."""
        return str(row["symbolCode"])

    def traded_ms(self, row: Row) -> int:
        """Of an own trade."""
        return int(row["matchTime"]) * 1000

    def refused(self, said: Said, endpoint: str, words: str | None = None) -> Answered:
        """`words` None: its usual ones."""
        code, usual = self._refusals[said]
        return Answered(200, json.dumps({"message": usual if words is None else words, "code": code}).encode())

    def odd(self, number: int) -> Answered:
        """A code that no table knows."""
        return Answered(200, json.dumps({"message": "something is odd", "code": number}).encode())

    def cancels_later(self, order: SandboxOrder) -> bytes | None:
        """What says that a cancel has been heard, and no more; None: one that is answered is done."""
        row = {"clientOrderId": order.client_order_id, "state": "CANCELING", "ordId": order.id}
        return json.dumps({"code": 0, "data": row}).encode()

    def opened(self, body: bytes) -> Opened | None:
        """Its numbers keep their digits; None: it is no good answer."""
        envelope = parsed(body)
        if not isinstance(envelope, dict) or str(envelope.get("code")) != "0" or "data" not in envelope:
            return None
        return Opened(envelope["data"], lambda data: orjson.dumps({**envelope, "data": data}))

    def nothing(self, form: Nothing) -> bytes:
        return b'{"code":0' + _DATA[form] + b"}"


_DATA = {Nothing.NULL: b',"data":null', Nothing.EMPTY: b',"data":[]', Nothing.LEFT_OUT: b""}


def purse(currency: str, free: str, used: str) -> list[Row]:
    return [
        {"currency": currency, "typeName": "AVAILABLE", "balance": free},
        {"currency": currency, "typeName": "FROZEN", "balance": used},
    ]


def exponent(step: str) -> int:
    """Of a power of ten."""
    found = Decimal(step).normalize().as_tuple().exponent
    assert isinstance(found, int)
    return found


def parsed(body: bytes) -> Any:
    """None: it is no JSON."""
    try:
        return json.loads(body, parse_float=orjson.Fragment)
    except ValueError:
        return None
