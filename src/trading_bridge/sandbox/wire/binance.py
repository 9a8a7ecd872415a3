"""Binance's spot dialect, as its public reference describes it: `/api/v3`, `/sapi/v1` and websockets below `/binance`.

The reference is `rest-api.md`, `errors.md`, `filters.md` and `faqs/` of binance/binance-spot-api-docs (2026-07-21).
Where it is silent the choice is ours, and clients should not rely on it:
- the order of checks: weight, key, time, signature, address and permission of the key, parameters, filters, funds;
- balances and commissions have more than eight decimals where a fee needs them, so that no digit is lost;
- `EXCHANGE_MAX_NUM_ORDERS` is the limit of active orders that the account has at every dialect;
- only HMAC keys, milliseconds in answers, and the order types LIMIT, LIMIT_MAKER and MARKET;
- without `selfTradePreventionMode` it is EXPIRE_MAKER; a FOK counts only what others offer.
"""

from dataclasses import dataclass, replace
from http import HTTPStatus

import orjson

from trading_bridge.clock import Clock
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.directory import ACTIVE_ORDER_LIMIT
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.faults import FaultKind, Faults
from trading_bridge.sandbox.wire.binance_account import AccountEndpoints
from trading_bridge.sandbox.wire.binance_auth import check_signature, check_time, is_key_text
from trading_bridge.sandbox.wire.binance_call import Asked, Call, Caller, Outcome, Route
from trading_bridge.sandbox.wire.binance_errors import BinanceError, key_malformed, key_refused, signature_refused
from trading_bridge.sandbox.wire.binance_faults import KEY_HEADER, PREFIX, BinanceFaults, Depth
from trading_bridge.sandbox.wire.binance_limits import OrderCounts, Quota, Weights
from trading_bridge.sandbox.wire.binance_markets import Markets
from trading_bridge.sandbox.wire.binance_params import Params, params_of
from trading_bridge.sandbox.wire.binance_public import PublicEndpoints, rate_row
from trading_bridge.sandbox.wire.binance_streams import MarketStreams
from trading_bridge.sandbox.wire.binance_trading import PLACE, TradingEndpoints
from trading_bridge.sandbox.wire.binance_ws_api import WsApi
from trading_bridge.sandbox.wire.connection import Connection
from trading_bridge.sandbox.wire.fault_answers import Hits, front_error, refuses, skew_ms
from trading_bridge.sandbox.wire.fault_purses import faults_of
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.sockets import Conversation

#: an update id is the start in milliseconds times this, plus the changes since: it rises over restarts
_UPDATES_PER_MS = 1000
_WS_API = ("/ws-api/v3",)
_REFUSED = -2015


@dataclass(frozen=True, slots=True, kw_only=True)
class BinanceOptions:
    """The real limits; None switches one off."""

    weight_per_minute: int | None = 6_000
    orders_per_10s: int | None = 100
    orders_per_day: int | None = 200_000


class Binance:
    def __init__(
        self, engine: Engine, clock: Clock, options: BinanceOptions | None = None, faults: Faults | None = None
    ) -> None:
        options = options or BinanceOptions()
        weight = Quota(options.weight_per_minute, "M", 1, 60)
        orders = Quota(options.orders_per_10s, "S", 10, 10), Quota(options.orders_per_day, "D", 1, 86_400)
        self._engine = engine
        self._clock = clock
        self._weights = Weights(weight, clock)
        self._first_update = engine.now_ms() * _UPDATES_PER_MS
        self._trouble = BinanceFaults(Faults(clock) if faults is None else faults, engine, clock, self.depth)
        self._markets = Markets(engine.markets)
        counts = OrderCounts(orders, clock)
        public = PublicEndpoints(engine, self._trouble, (weight, *orders), ACTIVE_ORDER_LIMIT)
        self._trading = TradingEndpoints(engine, counts)
        account = AccountEndpoints(engine, counts)
        self._routes: dict[tuple[str, str], Route] = {**public.routes, **self._trading.routes, **account.routes}

    @property
    def endpoints(self) -> frozenset[str]:
        """With the prefix."""
        sockets = ("/ws", "/stream", *_WS_API)
        return frozenset(PREFIX + path for path in (*(path for _, path in self._routes), *sockets))

    def depth(self, symbol: str, limit: int) -> Depth:
        book = self._engine.book(symbol)
        update_id = self._first_update + book.changes
        return Depth(update_id, book.depth(Side.BUY, limit), book.depth(Side.SELL, limit))

    def __call__(self, request: Request) -> Response:
        try:
            params = params_of(request.query, request.body)
            hits = self._trouble.hitting(request, params)
            answer = (
                self._trouble.answer(hits, lambda: self._read(request, params, hits))
                if hits
                else self._read(request, params, ())
            )
        except BinanceError as error:
            answer = error.response()
        self._engine.commit()
        # the ledger's number at which this answer was made
        return replace(answer, headers={**answer.headers, "X-Request-Id": str(self._engine.sequence)})

    def converse(self, request: Request) -> Conversation | Response:
        """A websocket; a response refuses it."""
        if (refused := self._trouble.refusal(request)) is not None:
            return refused
        connection = Connection(self._clock, lambda: self._trouble.hitting_path(request, None))
        if request.path in _WS_API:
            return WsApi(self._engine, self._trouble, request, connection, self)
        if request.path == "/stream" or request.path.startswith("/ws"):
            return MarketStreams(self._engine, self._trouble, request, connection)
        return front_error(HTTPStatus.NOT_FOUND)

    def outcome(self, method: str, path: str, asked: Asked, hits: Hits) -> Outcome:
        """What an endpoint answers, or refuses. Raises KeyError where there is none."""
        route = self._routes[method, path]
        headers: dict[str, str] = {}
        try:
            used = self._weights.take(asked.address, route.weight(asked.params))
            headers[f"X-MBX-USED-WEIGHT-{self._weights.count.quota.name}"] = str(used)
            call = self._call(asked, route, hits, headers)
            return Outcome(route.handler(call), None, headers)
        except BinanceError as error:
            if (method, path) == ("POST", PLACE) and error.code == _REFUSED:
                self._log_refused(asked)
            return Outcome(None, error, {**headers, **error.headers})

    def caller(self, asked: Asked, needed: Permission, hits: Hits) -> Caller:
        """Raises what the exchange answers to who may not."""
        if not is_key_text(asked.api_key):
            raise key_malformed()
        key = self._engine.directory.key(asked.api_key)
        kinds = {active.fault.kind for active in hits}
        if key is None or key.revoked or FaultKind.KEY_DELETED in kinds:
            raise key_refused()
        check_time(asked.params, self._now_ms(hits))
        if FaultKind.SECRET_WRONG in kinds:
            raise signature_refused()
        asked.check_signature(key.secret)
        account = self._engine.directory.account(key.account)
        allowed = not key.addresses or asked.address in key.addresses
        if not allowed or needed not in key.permissions or refuses(hits, needed):
            raise key_refused()
        asked.params.ignore("signature", "timestamp", "recvWindow")
        return Caller(account, key)

    def rate_limits(self, address: str) -> list[dict[str, object]]:
        """As answers by websocket tell them."""
        quota = self._weights.count.quota
        if quota.limit is None:
            return []
        return [{**rate_row(quota, "REQUEST_WEIGHT"), "count": self._weights.count.used(address)}]

    def _read(self, request: Request, params: Params, hits: Hits) -> Response:
        if (request.method, request.path) not in self._routes:
            return front_error(HTTPStatus.NOT_FOUND)
        asked = Asked(
            address=request.address,
            api_key=request.headers.get(KEY_HEADER, ""),
            params=params,
            check_signature=lambda secret: check_signature(params, secret, request.query, request.body),
        )
        found = self.outcome(request.method, request.path, asked, hits)
        if found.error is not None:
            return replace(found.error.response(), headers=found.headers)
        return Response(body=orjson.dumps(found.value), headers=found.headers)

    def _call(self, asked: Asked, route: Route, hits: Hits, headers: dict[str, str]) -> Call:
        caller = None if route.permission is None else self.caller(asked, route.permission, hits)
        markets = Markets(self._engine.markets, faults_of(hits)) if hits else self._markets
        return Call(
            params=asked.params,
            markets=markets,
            hits=hits,
            now_ms=self._now_ms(hits),
            caller=caller,
            headers=headers,
        )

    def _log_refused(self, asked: Asked) -> None:
        """An order of a key that is known and may not place it."""
        key = self._engine.directory.key(asked.api_key)
        if key is not None and not key.revoked:
            account = self._engine.directory.account(key.account)
            self._trading.log_create(account, asked.params, str(_REFUSED), None)

    def _now_ms(self, hits: Hits) -> int:
        """The exchange's clock, as it tells it."""
        return self._engine.now_ms() + skew_ms(hits)
