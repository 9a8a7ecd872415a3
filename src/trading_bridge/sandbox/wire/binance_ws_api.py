"""Binance's websocket API, `/ws-api/v3`: the endpoints of REST by other names, and the user data stream.

Offered of sessions is the subscription with a signature of its own, which is what HMAC keys can have; a subscription
goes on when its key is changed later.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple, Protocol

import orjson

from trading_bridge.sandbox.accounts import Permission, Purse, Transfer
from trading_bridge.sandbox.announced import OrderEvent
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.wire import binance_events as events
from trading_bridge.sandbox.wire.binance_auth import check_sorted_signature
from trading_bridge.sandbox.wire.binance_call import Asked, Caller, Outcome
from trading_bridge.sandbox.wire.binance_errors import BinanceError
from trading_bridge.sandbox.wire.binance_faults import BinanceFaults
from trading_bridge.sandbox.wire.binance_markets import Markets
from trading_bridge.sandbox.wire.binance_params import Params
from trading_bridge.sandbox.wire.binance_rows import Row
from trading_bridge.sandbox.wire.connection import Connection
from trading_bridge.sandbox.wire.fault_answers import Hits
from trading_bridge.sandbox.wire.fault_purses import faults_of, purses_shown
from trading_bridge.sandbox.wire.http import Request
from trading_bridge.sandbox.wire.sockets import POLICY

_SUBSCRIBE, _UNSUBSCRIBE = "userDataStream.subscribe.signature", "userDataStream.unsubscribe"
#: a client that reads more slowly than this many events is let go
_EVENTS_MOST = 10_000

METHODS: Mapping[str, tuple[str, str]] = {
    "ping": ("GET", "/api/v3/ping"),
    "time": ("GET", "/api/v3/time"),
    "exchangeInfo": ("GET", "/api/v3/exchangeInfo"),
    "depth": ("GET", "/api/v3/depth"),
    "trades.recent": ("GET", "/api/v3/trades"),
    "trades.historical": ("GET", "/api/v3/historicalTrades"),
    "trades.aggregate": ("GET", "/api/v3/aggTrades"),
    "klines": ("GET", "/api/v3/klines"),
    "uiKlines": ("GET", "/api/v3/uiKlines"),
    "avgPrice": ("GET", "/api/v3/avgPrice"),
    "ticker.24hr": ("GET", "/api/v3/ticker/24hr"),
    "ticker.price": ("GET", "/api/v3/ticker/price"),
    "ticker.book": ("GET", "/api/v3/ticker/bookTicker"),
    "order.place": ("POST", "/api/v3/order"),
    "order.test": ("POST", "/api/v3/order/test"),
    "order.status": ("GET", "/api/v3/order"),
    "order.cancel": ("DELETE", "/api/v3/order"),
    "openOrders.status": ("GET", "/api/v3/openOrders"),
    "openOrders.cancelAll": ("DELETE", "/api/v3/openOrders"),
    "allOrders": ("GET", "/api/v3/allOrders"),
    "myTrades": ("GET", "/api/v3/myTrades"),
    "account.status": ("GET", "/api/v3/account"),
    "account.commission": ("GET", "/api/v3/account/commission"),
    "account.rateLimits.orders": ("GET", "/api/v3/rateLimit/order"),
}


class Endpoints(Protocol):
    """The exchange behind the connection."""

    def outcome(self, method: str, path: str, asked: Asked, hits: Hits) -> Outcome: ...

    def caller(self, asked: Asked, needed: Permission, hits: Hits) -> Caller: ...

    def rate_limits(self, address: str) -> list[dict[str, object]]: ...


class Subscription(NamedTuple):
    account: str
    end: Callable[[], None]


class WsApi:
    """One connection."""

    def __init__(
        self, engine: Engine, faults: BinanceFaults, request: Request, connection: Connection, exchange: Endpoints
    ) -> None:
        self._engine = engine
        self._faults = faults
        self._request = request
        self._connection = connection
        self._exchange = exchange
        self._subscriptions: dict[int, Subscription] = {}
        self._ids = count()
        self._events: deque[tuple[int, OrderEvent | Transfer]] = deque()
        self._woken = asyncio.Event()

    @property
    def woken(self) -> asyncio.Event:
        return self._woken

    def close(self) -> None:
        for subscription in self._subscriptions.values():
            subscription.end()

    def ends(self) -> int | None:
        return POLICY if len(self._events) > _EVENTS_MOST else self._connection.ends()

    def tell(self) -> list[bytes]:
        if self._connection.is_silent():
            return []
        told: list[bytes] = []
        changed: dict[int, set[str]] = {}  # subscription -> currencies
        while self._events:
            number, event = self._events.popleft()
            row, currencies = self._row(event)
            told.append(_wrapped(number, row))
            changed.setdefault(number, set()).update(currencies)
        told += [_wrapped(number, self._position(number, names)) for number, names in changed.items()]
        return [] if self._connection.loses() else told

    def hear(self, text: str) -> list[bytes]:
        try:
            message = json.loads(text, parse_float=str)
        except ValueError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("params", {}), dict):
            error = BinanceError(-1135, "Invalid JSON Request")
            return [self._answer(None, Outcome(None, error, {}), with_limits=True)]
        params = Params([(str(name), _text(value)) for name, value in message.get("params", {}).items()])
        found = self._outcome(str(message.get("method")).removeprefix("v3/"), params)
        self._engine.commit()
        return [self._answer(message.get("id"), found, with_limits=params.peek("returnRateLimits") != "false")]

    def _outcome(self, method: str, params: Params) -> Outcome:
        hits = self._faults.hitting(self._request, params)
        asked = Asked(
            address=self._request.address,
            api_key=params.peek("apiKey") or "",
            params=params,
            check_signature=lambda secret: check_sorted_signature(params, secret),
        )
        params.ignore("apiKey", "returnRateLimits")
        try:
            if method == _SUBSCRIBE:
                return Outcome({"subscriptionId": self._subscribed(asked, hits)}, None, {})
            if method == _UNSUBSCRIBE:
                self._unsubscribe(params.optional_whole("subscriptionId"))
                return Outcome({}, None, {})
        except BinanceError as error:
            return Outcome(None, error, {})
        if method not in METHODS:
            return Outcome(None, BinanceError(-1020, "This operation is not supported."), {})
        return self._exchange.outcome(*METHODS[method], asked, hits)

    def _subscribed(self, asked: Asked, hits: Hits) -> int:
        account = self._exchange.caller(asked, Permission.READ, hits).account.name
        asked.params.done()
        if any(subscription.account == account for subscription in self._subscriptions.values()):
            raise BinanceError(-2035, "User Data Stream subscription already active.")
        number = next(self._ids)
        self._subscriptions[number] = Subscription(
            account, self._engine.announced.listen(account, lambda event: self._put(number, event))
        )
        return number

    def _unsubscribe(self, number: int | None) -> None:
        """None: all of them."""
        ending = list(self._subscriptions) if number is None else [number]
        if not ending or any(one not in self._subscriptions for one in ending):
            raise BinanceError(-2036, "User Data Stream subscription not active.")
        for one in ending:
            self._subscriptions.pop(one).end()
        self._events = deque(event for event in self._events if event[0] not in ending)

    def _put(self, number: int, event: OrderEvent | Transfer) -> None:
        self._events.append((number, event))
        self._woken.set()

    def _row(self, event: OrderEvent | Transfer) -> tuple[Row, set[str]]:
        """With the currencies that changed."""
        now_ms = self._engine.now_ms()
        if isinstance(event, Transfer):
            return events.balance_update(event, now_ms), {event.currency}
        faults = faults_of(self._faults.hitting_path(self._request, None))
        market = Markets(self._engine.markets, faults).of(event.order.symbol)
        return events.execution_report(market, event, now_ms), {market.own.base, market.own.quote}

    def _position(self, number: int, currencies: set[str]) -> Row:
        account = self._engine.directory.account(self._subscriptions[number].account)
        hits = self._faults.hitting_path(self._request, None)
        purses = {name: account.purses.get(name, Purse()) for name in sorted(currencies)}
        changed_ms = self._engine.store.history.changed_ms(account.name)
        now_ms = self._engine.now_ms()
        return events.account_position(purses_shown(hits, purses), now_ms if changed_ms is None else changed_ms, now_ms)

    def _answer(self, answer: object, found: Outcome, *, with_limits: bool) -> bytes:
        row: Row = {"id": answer, "status": 200}
        if found.error is None:
            row["result"] = found.value
        else:
            row["status"] = int(found.error.status)
            row["error"] = {"code": found.error.code, "msg": found.error.message}
        if with_limits:
            row["rateLimits"] = self._exchange.rate_limits(self._request.address)
        return orjson.dumps(row)


def _wrapped(number: int, row: Row) -> bytes:
    return orjson.dumps({"subscriptionId": number, "event": row})


def _text(value: object) -> str:
    """As it would stand in a query."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else str(value)
