"""BitMart's spot REST dialect, as its reference describes it; everything below the prefix `/bitmart`.

A refusal has a code, words and the HTTP status that goes with the code. Where the reference is silent the choice is
ours, and clients should not rely on it:
- the memo of a key is the name of its account;
- the order of checks: path, rate of the address, key, address of the key, signature, time, permission, rate of user
  or key; refused calls do not count;
- an order beyond an account's limit of open orders is refused with 51008;
- a price is cut to the market's decimals, a size with too many is refused with 40044;
- a list is newest first; `cancel_all` is done when it answers;
- no candles, tickers, batches, margin and websocket.
"""

from collections.abc import Set
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from trading_bridge.clock import Clock
from trading_bridge.sandbox.accounts import Account, ApiKey
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.faults import FaultKind, Faults
from trading_bridge.sandbox.wire import bitmart_limits as limits
from trading_bridge.sandbox.wire.bitmart_answers import Refused, ok, refusal
from trading_bridge.sandbox.wire.bitmart_auth import RECV_WINDOW_MS, WINDOW_MS, check_signature, check_time
from trading_bridge.sandbox.wire.bitmart_faults import PREFIX, BitmartFaults
from trading_bridge.sandbox.wire.bitmart_markets import Markets
from trading_bridge.sandbox.wire.bitmart_public import PublicEndpoints
from trading_bridge.sandbox.wire.bitmart_signed import SUBMIT, AccountEndpoints, Endpoint
from trading_bridge.sandbox.wire.fault_answers import Hits, refuses, skew_ms
from trading_bridge.sandbox.wire.fault_purses import faults_of
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import Fields, Malformed, json_object, optional_whole, query_fields

#: of versions before, which answer that they are no more
_REMOVED = frozenset(
    {"/spot/v1/order_detail", "/spot/v2/order_detail", "/spot/v1/orders", "/spot/v2/orders", "/spot/v3/orders"}
    | {"/spot/v1/trades", "/spot/v2/trades", "/spot/v1/ticker", "/spot/v2/ticker"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BitmartOptions:
    #: the limits of section 4
    rate_limits: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    account: Account
    key: ApiKey


class Endpoints(NamedTuple):
    """As one request meets them."""

    public: PublicEndpoints
    account: AccountEndpoints
    hits: Hits


class Bitmart:
    def __init__(
        self, engine: Engine, clock: Clock, options: BitmartOptions | None = None, faults: Faults | None = None
    ) -> None:
        self._engine = engine
        self._limits = limits.Limits(clock, on=(options or BitmartOptions()).rate_limits)
        self._trouble = BitmartFaults(Faults(clock) if faults is None else faults, engine, clock)
        markets = Markets(engine.markets)
        self._well = Endpoints(PublicEndpoints(engine, markets), AccountEndpoints(engine, markets), ())
        self._paths = frozenset(path for _, path in (*self._well.public.routes, *self._well.account.routes))

    @property
    def endpoints(self) -> frozenset[str]:
        """With the prefix."""
        return frozenset(PREFIX + path for path in self._paths)

    def __call__(self, request: Request) -> Response:
        hits = self._trouble.hitting(request)
        if hits:
            answer = self._trouble.answer(hits, lambda: self._read(request, self._seen(hits)))
        else:
            answer = self._read(request, self._well)
        self._engine.commit()
        # the ledger's number at which this answer was made
        headers = {**answer.headers, "X-Request-Id": str(self._engine.sequence)}
        return replace(answer, headers=headers)

    def _seen(self, hits: Hits) -> Endpoints:
        """As faults show them."""
        markets = Markets(self._engine.markets, faults_of(hits))
        book = partial(self._trouble.book, hits)
        return Endpoints(
            PublicEndpoints(self._engine, markets, time_off_ms=skew_ms(hits), book=book),
            AccountEndpoints(self._engine, markets, hits, self._well.account.stillborn),
            hits,
        )

    def _read(self, request: Request, endpoints: Endpoints) -> Response:
        headers: dict[str, str] = {}
        try:
            answer = ok(self._answer(request, endpoints, headers), self._trace())
        except Refused as refused:
            answer = refusal(refused, self._trace())
        except Malformed as error:
            answer = refusal(Refused(50000, f"Bad Request: {error}"), self._trace())
        return replace(answer, headers=headers)

    def _trace(self) -> str:
        return f"00000000-0000-4000-8000-{self._engine.sequence:012d}"

    def _answer(self, request: Request, endpoints: Endpoints, headers: dict[str, str]) -> object:
        route = (request.method, request.path)
        if (public := endpoints.public.routes.get(route)) is not None:
            group, answer = public
            headers.update(self._limits.take(group, request.address))
            return answer(query_fields(request.query))
        if (endpoint := endpoints.account.routes.get(route)) is not None:
            return self._checked(request, endpoint, endpoints, headers)
        if request.path in _REMOVED:
            raise Refused(30031, "This endpoint has been deprecated. Please refer to the document")
        if request.path in self._paths:
            raise Refused(57001, "Request method is not supported")
        raise Refused(30000, "Not found")

    def _checked(self, request: Request, endpoint: Endpoint, endpoints: Endpoints, headers: dict[str, str]) -> object:
        kinds = {active.fault.kind for active in endpoints.hits}
        caller = self._caller(request, kinds)
        allowed = not caller.key.addresses or request.address in caller.key.addresses
        if not allowed or FaultKind.ADDRESS_REFUSED in kinds:
            raise Refused(30010, "IP is forbidden. We recommend enabling IP whitelist for API trading.")
        if endpoint.signed:
            fields = self._signed_fields(request, caller, endpoints.hits)
        else:
            fields = query_fields(request.query)
        if endpoint.permission not in caller.key.permissions or refuses(endpoints.hits, endpoint.permission):
            if request.path == SUBMIT:
                endpoints.account.log_create(caller.account, fields, "30012", None)
            raise Refused(30012, "The request is forbidden by the permissions of the key")
        who = caller.key.api_key if endpoint.group.by is limits.CountedBy.KEY else str(caller.account.uid)
        headers.update(self._limits.take(endpoint.group, who))
        return endpoint.answer(caller.account, fields)

    def _caller(self, request: Request, kinds: Set[FaultKind]) -> Caller:
        given = request.headers.get("x-bm-key", "")
        if not given:
            raise Refused(30001, "Header X-BM-KEY is empty")
        key = self._engine.directory.key(given)
        if key is None or key.revoked or FaultKind.KEY_DELETED in kinds:
            raise Refused(30002, "Header X-BM-KEY not found")
        return Caller(self._engine.directory.account(key.account), key)

    def _signed_fields(self, request: Request, caller: Caller, hits: Hits) -> Fields:
        check_signature(request.headers, caller.key.secret, caller.account.name, request.body)
        if any(active.fault.kind is FaultKind.SECRET_WRONG for active in hits):
            raise Refused(30005, "Header X-BM-SIGN is wrong")
        try:
            fields = json_object(request.body)
        except Malformed as error:
            raise Refused(30018, "The request body must be JSON") from error
        window_ms = None
        if request.path.startswith("/spot/v4/query/"):
            given = optional_whole(fields, "recvWindow")
            window_ms = RECV_WINDOW_MS if given is None else given
            if not 0 <= window_ms <= WINDOW_MS:
                raise Refused(30007, "recvWindow is 0 to 60000")
        check_time(request.headers, self._engine.now_ms() + skew_ms(hits), recv_window_ms=window_ms)
        return fields
