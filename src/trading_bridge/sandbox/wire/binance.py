"""Binance's spot REST dialect, as its public reference describes it: `/api/v3` and `/sapi/v1` below `/binance`.

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
from trading_bridge.sandbox.wire.binance_call import Call, Caller, Route
from trading_bridge.sandbox.wire.binance_errors import BinanceError, key_malformed, key_refused, signature_refused
from trading_bridge.sandbox.wire.binance_faults import KEY_HEADER, PREFIX, BinanceFaults, Depth
from trading_bridge.sandbox.wire.binance_limits import OrderCounts, Quota, Weights
from trading_bridge.sandbox.wire.binance_markets import Markets
from trading_bridge.sandbox.wire.binance_params import Params, params_of
from trading_bridge.sandbox.wire.binance_public import PublicEndpoints
from trading_bridge.sandbox.wire.binance_trading import PLACE, TradingEndpoints
from trading_bridge.sandbox.wire.fault_answers import Hits, front_error, refuses, skew_ms
from trading_bridge.sandbox.wire.fault_purses import faults_of
from trading_bridge.sandbox.wire.http import Request, Response

#: an update id is the start in milliseconds times this, plus the changes since: it rises over restarts
_UPDATES_PER_MS = 1000


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
        return frozenset(PREFIX + path for _, path in self._routes)

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

    def _read(self, request: Request, params: Params, hits: Hits) -> Response:
        route = self._routes.get((request.method, request.path))
        if route is None:
            return front_error(HTTPStatus.NOT_FOUND)
        headers: dict[str, str] = {}
        try:
            used = self._weights.take(request.address, route.weight(params))
            headers[f"X-MBX-USED-WEIGHT-{self._weights.count.quota.name}"] = str(used)
            call = self._call(request, params, route.permission, hits, headers)
            answer = orjson.dumps(route.handler(call))
        except BinanceError as error:
            refused = error.response()
            return replace(refused, headers={**headers, **refused.headers})
        return Response(body=answer, headers=headers)

    def _call(
        self, request: Request, params: Params, needed: Permission | None, hits: Hits, headers: dict[str, str]
    ) -> Call:
        now_ms = self._engine.now_ms() + skew_ms(hits)
        caller = None if needed is None else self._caller(request, params, needed, hits, now_ms)
        if needed is not None:
            params.ignore("signature", "timestamp", "recvWindow")
        markets = Markets(self._engine.markets, faults_of(hits)) if hits else self._markets
        return Call(params=params, markets=markets, hits=hits, now_ms=now_ms, caller=caller, headers=headers)

    def _caller(self, request: Request, params: Params, needed: Permission, hits: Hits, now_ms: int) -> Caller:
        api_key = request.headers.get(KEY_HEADER, "")
        if not is_key_text(api_key):
            raise key_malformed()
        key = self._engine.directory.key(api_key)
        kinds = {active.fault.kind for active in hits}
        if key is None or key.revoked or FaultKind.KEY_DELETED in kinds:
            raise key_refused()
        check_time(params, now_ms)
        if FaultKind.SECRET_WRONG in kinds:
            raise signature_refused()
        check_signature(params, key.secret, request.query, request.body)
        account = self._engine.directory.account(key.account)
        allowed = not key.addresses or request.address in key.addresses
        if not allowed or needed not in key.permissions or refuses(hits, needed):
            if request.path == PLACE and request.method == "POST":
                self._trading.log_create(account, params, "-2015", None)
            raise key_refused()
        return Caller(account, key)
