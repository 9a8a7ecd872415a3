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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from trading_bridge.clock import Clock
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import Account, ApiKey
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.wire import bitmart_limits as limits
from trading_bridge.sandbox.wire import bitmart_rows as rows
from trading_bridge.sandbox.wire.bitmart_answers import Refused, ok, refusal
from trading_bridge.sandbox.wire.bitmart_auth import RECV_WINDOW_MS, WINDOW_MS, check_signature, check_time
from trading_bridge.sandbox.wire.bitmart_signed import SUBMIT, AccountEndpoints, Endpoint
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import (
    Fields,
    Malformed,
    json_object,
    optional_text,
    optional_whole,
    query_fields,
)

BOOK_MAX = 50
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


Public = tuple[limits.Group, Callable[[Fields], object]]


class Bitmart:
    def __init__(self, engine: Engine, clock: Clock, options: BitmartOptions | None = None) -> None:
        self._engine = engine
        self._limits = limits.Limits(clock, on=(options or BitmartOptions()).rate_limits)
        self._markets = {rows.symbol_code(rules): rules for rules in engine.markets}
        self._account = AccountEndpoints(engine, self._markets)
        self._public: Mapping[tuple[str, str], Public] = {
            ("GET", "/system/time"): (limits.SYSTEM, self._time),
            ("GET", "/system/service"): (limits.SYSTEM, self._service),
            ("GET", "/spot/v1/currencies"): (limits.LISTS, self._currencies),
            ("GET", "/spot/v1/symbols"): (limits.LISTS, self._symbols),
            ("GET", "/spot/v1/symbols/details"): (limits.DETAILS, self._details),
            ("GET", "/spot/quotation/v3/books"): (limits.QUOTES, self._book),
            ("GET", "/spot/quotation/v3/trades"): (limits.QUOTES, self._trades),
        }

    @property
    def endpoints(self) -> frozenset[str]:
        return frozenset(path for _, path in (*self._public, *self._account.routes))

    def __call__(self, request: Request) -> Response:
        headers: dict[str, str] = {}
        try:
            data = self._answer(request, headers)
        except Refused as refused:
            answer = refusal(refused, self._trace())
        except Malformed as error:
            answer = refusal(Refused(50000, f"Bad Request: {error}"), self._trace())
        else:
            answer = ok(data, self._trace())
        self._engine.commit()
        # the ledger's number at which this answer was made
        headers["X-Request-Id"] = str(self._engine.sequence)
        return replace(answer, headers=headers)

    def _trace(self) -> str:
        return f"00000000-0000-4000-8000-{self._engine.sequence:012d}"

    def _answer(self, request: Request, headers: dict[str, str]) -> object:
        route = (request.method, request.path)
        if (public := self._public.get(route)) is not None:
            group, answer = public
            headers.update(self._limits.take(group, request.address))
            return answer(query_fields(request.query))
        if (endpoint := self._account.routes.get(route)) is not None:
            return self._checked(request, endpoint, headers)
        if request.path in _REMOVED:
            raise Refused(30031, "This endpoint has been deprecated. Please refer to the document")
        if request.path in self.endpoints:
            raise Refused(57001, "Request method is not supported")
        raise Refused(30000, "Not found")

    def _checked(self, request: Request, endpoint: Endpoint, headers: dict[str, str]) -> object:
        caller = self._caller(request)
        if caller.key.addresses and request.address not in caller.key.addresses:
            raise Refused(30010, "IP is forbidden. We recommend enabling IP whitelist for API trading.")
        fields = self._signed_fields(request, caller) if endpoint.signed else query_fields(request.query)
        if endpoint.permission not in caller.key.permissions:
            if request.path == SUBMIT:
                self._account.log_create(caller.account, fields, "30012", None)
            raise Refused(30012, "The request is forbidden by the permissions of the key")
        who = caller.key.api_key if endpoint.group.by is limits.CountedBy.KEY else str(caller.account.uid)
        headers.update(self._limits.take(endpoint.group, who))
        return endpoint.answer(caller.account, fields)

    def _caller(self, request: Request) -> Caller:
        given = request.headers.get("x-bm-key", "")
        if not given:
            raise Refused(30001, "Header X-BM-KEY is empty")
        key = self._engine.directory.key(given)
        if key is None or key.revoked:
            raise Refused(30002, "Header X-BM-KEY not found")
        return Caller(self._engine.directory.account(key.account), key)

    def _signed_fields(self, request: Request, caller: Caller) -> Fields:
        check_signature(request.headers, caller.key.secret, caller.account.name, request.body)
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
        check_time(request.headers, self._engine.now_ms(), recv_window_ms=window_ms)
        return fields

    # -- public

    def _time(self, fields: Fields) -> object:
        return {"server_time": self._engine.now_ms()}

    def _service(self, fields: Fields) -> object:
        return {"service": []}

    def _currencies(self, fields: Fields) -> object:
        names = sorted({name for rules in self._markets.values() for name in (rules.base, rules.quote)})
        return {"currencies": [rows.currency_row(name) for name in names]}

    def _symbols(self, fields: Fields) -> object:
        return {"symbols": list(self._markets)}

    def _details(self, fields: Fields) -> object:
        return {"symbols": [rows.detail_row(rules) for rules in self._markets.values()]}

    def _book(self, fields: Fields) -> object:
        rules, limit = self._market(fields), _count(fields, BOOK_MAX, 35)
        book = self._engine.book(rules.symbol)
        return {
            "ts": str(self._engine.now_ms()),
            "symbol": rows.symbol_code(rules),
            "asks": rows.book_rows(rules, book.depth(Side.SELL, limit)),
            "bids": rows.book_rows(rules, book.depth(Side.BUY, limit)),
        }

    def _trades(self, fields: Fields) -> object:
        rules, limit = self._market(fields), _count(fields, BOOK_MAX, BOOK_MAX)
        return [rows.trade_row(rules, trade) for trade in self._engine.public_trades(rules.symbol, limit)]

    def _market(self, fields: Fields) -> MarketRules:
        rules = self._markets.get(optional_text(fields, "symbol") or "")
        if rules is None:
            raise Refused(70002, "The trading pair is invalid")
        return rules


def _count(fields: Fields, most: int, usual: int) -> int:
    limit = optional_whole(fields, "limit")
    limit = usual if limit is None else limit
    if not 1 <= limit <= most:
        raise Refused(71004, f"limit is 1 to {most}")
    return limit
