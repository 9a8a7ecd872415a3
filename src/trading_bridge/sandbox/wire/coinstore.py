"""Coinstore's spot dialect, as its reference describes it; everything below the prefix `/api`, its websocket too.

Business refusals leave with HTTP 200 and a code, authentication failures with HTTP 401, as from the real one. Where the
reference is silent the choice is ours, and clients should not rely on it:
- codes 3901 (active orders), 3902 (below a minimum) and 3903 (absurdly large) have no public sample;
- a price with too many decimals is refused with 3104 like an amount; a closed market with 3012;
- a missing field is 101040502, which the reference shows for transfers; a field that cannot be read is HTTP 400;
- the order of checks: address rate, path, key and signature, user rate, address of the key, permission;
- rate limits count served requests only, and answer `{"message":"too many requests","code":429}`;
- public trades come newest first, 50 by default; `accountMatches` newest first, pages of at most 100;
- `timeInForce` counts for LIMIT orders only;
- a batch has 1 to 50 orders or ids; an order of it that cannot be read is refused alone, with `errno` 400 or 101040502;
- a batch of cancels without ids is refused with 3101; it rejects ids that are not of an open order of that symbol;
- records of deposits and withdrawals take `currencyCode`, `startDate`, `endDate` (UTC) and `limit` up to 1000;
- cancel-all is done when it answers, though it says `canceling`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from uuid import UUID

from trading_bridge.clock import Clock
from trading_bridge.sandbox.accounts import Account, ApiKey, Permission
from trading_bridge.sandbox.engine import TRADES_KEPT, Engine
from trading_bridge.sandbox.faults import Faults
from trading_bridge.sandbox.limits import Rate, RateWindow
from trading_bridge.sandbox.rules import MarketRules, RefusalCode
from trading_bridge.sandbox.wire import coinstore_prices as prices
from trading_bridge.sandbox.wire import coinstore_rows as rows
from trading_bridge.sandbox.wire.coinstore_answers import (
    CODES,
    failure,
    fields_of,
    ok,
    readable_fields_of,
    refused,
)
from trading_bridge.sandbox.wire.coinstore_auth import is_signed
from trading_bridge.sandbox.wire.coinstore_faults import DEPTH, SOCKET, SYMBOLS, CoinstoreFaults
from trading_bridge.sandbox.wire.coinstore_signed import PLACE, PLACE_BATCH, Handler, SignedEndpoints
from trading_bridge.sandbox.wire.coinstore_streams import CoinstoreStreams
from trading_bridge.sandbox.wire.connection import Connection
from trading_bridge.sandbox.wire.fault_answers import Hits, knows_no_key, refuses, skew_ms
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import Fields, Malformed, Missing, optional_whole
from trading_bridge.sandbox.wire.sockets import Conversation

LAST_PRICES = "/v1/ticker/price"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinstoreOptions:
    """The real limits; None switches one off."""

    signature_window_s: int | None = 30
    address_rate: Rate | None = Rate(300, 3.0)
    user_rate: Rate | None = Rate(120, 3.0)
    #: `ordId` as live clients read it, or `order_id` as the documentation prints it
    place_id_field: str = "ordId"
    #: the documentation's list instead of production's object
    order_info_as_list: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    account: Account
    key: ApiKey


class Coinstore:
    def __init__(
        self, engine: Engine, clock: Clock, options: CoinstoreOptions | None = None, faults: Faults | None = None
    ) -> None:
        self._engine = engine
        self._options = options or CoinstoreOptions()
        self._address_rate = RateWindow(self._options.address_rate, clock)
        self._user_rate = RateWindow(self._options.user_rate, clock)
        self._markets = {rows.symbol_code(rules).upper(): rules for rules in engine.markets}
        self._public: dict[tuple[str, str], Callable[[Fields], Response]] = {
            ("POST", SYMBOLS): self._symbols,
            ("GET", "/v1/market/tickers"): self._tickers,
            ("GET", LAST_PRICES): self._last_prices,
        }
        # with a symbol at the end of the path
        self._of_symbol: dict[tuple[str, str], Callable[[MarketRules, Fields], Response]] = {
            ("GET", DEPTH): self._depth,
            ("GET", "/v1/market/kline"): self._candles,
            ("GET", "/v1/market/trade"): self._trades,
        }
        self._signed = SignedEndpoints(
            engine,
            self._markets,
            place_id_field=self._options.place_id_field,
            order_info_as_list=self._options.order_info_as_list,
        )
        self._faults = Faults(clock) if faults is None else faults
        self._trouble = CoinstoreFaults(self._faults, engine, self._markets, clock)
        self._clock = clock
        self._sessions = count(1)  # of websockets

    @property
    def endpoints(self) -> frozenset[str]:
        routes = (*self._public, *self._of_symbol, *self._signed.routes)
        return frozenset((*(path for _, path in routes), SOCKET))

    def __call__(self, request: Request) -> Response:
        hits = self._trouble.hitting(request) if self._faults else ()
        answer = self._trouble.answer(request, hits, self._read) if hits else self._read(request, ())
        self._engine.commit()
        # the ledger's number at which this answer was made
        headers = {**answer.headers, "X-Request-Id": str(self._engine.sequence)}
        return Response(status=answer.status, body=answer.body, headers=headers, delivery=answer.delivery)

    def converse(self, request: Request) -> Conversation | Response:
        """A websocket; a response refuses it."""
        if (refusal := self._trouble.refusal(request)) is not None:
            return refusal
        if request.path != SOCKET:
            return failure(HTTPStatus.NOT_FOUND, "no such service")
        connection = Connection(self._clock, lambda: self._trouble.hitting_stream(request, None))
        session_id = str(UUID(int=(self._engine.now_ms() << 64) + next(self._sessions)))
        return CoinstoreStreams(self._engine, self._trouble, self._markets, request, connection, session_id)

    def _read(self, request: Request, hits: Hits) -> Response:
        try:
            return self._answer(request, hits)
        except Missing as error:
            return ok({"code": 101040502, "msg": f"request field missing: {error}", "data": None})
        except Malformed as error:
            return failure(HTTPStatus.BAD_REQUEST, str(error))

    def _answer(self, request: Request, hits: Hits) -> Response:
        if not self._address_rate.take(request.address):
            return failure(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
        route = (request.method, request.path)
        if (public := self._public.get(route)) is not None:
            return public(self._fields(request, hits))
        if (names := _matrix(request, LAST_PRICES)) is not None:
            return self._last_prices({"symbol": names})
        if (private := self._signed.routes.get(route)) is not None:
            permission, handler = private
            return self._checked(request, permission, handler, hits)
        path, _, code = request.path.rpartition("/")
        if (of_symbol := self._of_symbol.get((request.method, path))) is not None:
            rules = self._markets.get((self._trouble.code_inside(hits, code) if hits else code).upper())
            return refused(RefusalCode.MARKET_UNKNOWN) if rules is None else of_symbol(rules, fields_of(request))
        return failure(HTTPStatus.NOT_FOUND, "no such service")

    def _checked(self, request: Request, permission: Permission, handler: Handler, hits: Hits) -> Response:
        caller = self._caller(request, hits)
        if caller is None:
            return failure(HTTPStatus.UNAUTHORIZED, "signature-failed")
        if not self._user_rate.take(str(caller.account.uid)):
            return failure(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
        allowed = not caller.key.addresses or request.address in caller.key.addresses
        if not allowed or permission not in caller.key.permissions or (hits and refuses(hits, permission)):
            if request.path in (PLACE, PLACE_BATCH):
                self._signed.log_refused(caller.account, readable_fields_of(request), "1401")
            return ok({"message": "Unauthorized", "code": 1401})
        fields = self._fields(request, hits)
        if hits and request.path == PLACE and (code := self._trouble.order_refusal(hits, fields)) is not None:
            self._signed.log_create(caller.account, fields, str(CODES[code][0]), None)
            return refused(code)
        if hits and request.path == PLACE_BATCH:
            return self._signed.place_batch(
                caller.account, fields, lambda item: self._trouble.order_refusal(hits, item)
            )
        return handler(caller.account, fields)

    def _fields(self, request: Request, hits: Hits) -> Fields:
        fields = fields_of(request)
        return self._trouble.fields_inside(hits, fields) if hits else fields

    def _caller(self, request: Request, hits: Hits) -> Caller | None:
        key = self._engine.directory.key(request.headers.get("x-cs-apikey", ""))
        if key is None or key.revoked or (hits and knows_no_key(hits)):
            return None
        window_s = self._options.signature_window_s
        signed = is_signed(
            request.headers,
            key.secret,
            request.query + request.body,
            now_ms=self._engine.now_ms() + (skew_ms(hits) if hits else 0),
            window_ms=None if window_s is None else window_s * 1000,
        )
        return Caller(self._engine.directory.account(key.account), key) if signed else None

    # -- public

    def _symbols(self, fields: Fields) -> Response:
        codes, ids = fields.get("symbolCodes"), fields.get("symbolIds")
        if codes is None and ids is None:
            found: list[rows.Row | None] = [rows.symbol_row(rules) for rules in self._markets.values()]
        else:
            wanted_codes = [str(code).upper() for code in codes] if isinstance(codes, list) else []
            wanted_ids = ids if isinstance(ids, list) else []
            matching = [
                rules for code, rules in self._markets.items() if code in wanted_codes or rules.market_id in wanted_ids
            ]
            found = [rows.symbol_row(rules) for rules in matching] or [None]
        return ok({"code": "0", "message": "Success", "data": found})

    def _depth(self, rules: MarketRules, fields: Fields) -> Response:
        level = optional_whole(fields, "depth") or 20
        if level not in rows.DEPTH_LEVELS:
            raise Malformed(f"depth is one of {rows.DEPTH_LEVELS}")
        return ok({"data": rows.book_row(rules, self._engine.book(rules.symbol), level), "code": 0})

    def _candles(self, rules: MarketRules, fields: Fields) -> Response:
        return ok({"data": prices.candles(self._engine, rules, fields), "code": 0})

    def _tickers(self, fields: Fields) -> Response:
        return ok({"data": [prices.ticker_row(self._engine, rules) for rules in self._markets.values()], "code": 0})

    def _last_prices(self, fields: Fields) -> Response:
        """A query changes nothing; only names in the path do (see `_matrix`)."""
        named = fields.get("symbol")
        wanted = named if isinstance(named, frozenset) else frozenset(self._markets)
        found = [prices.price_row(self._engine, rules) for code, rules in self._markets.items() if code in wanted]
        return ok({"code": 0, "message": "", "data": found})

    def _trades(self, rules: MarketRules, fields: Fields) -> Response:
        size = optional_whole(fields, "size") or 50
        if not 1 <= size <= TRADES_KEPT:
            raise Malformed(f"size is 1 to {TRADES_KEPT}")
        trades = self._engine.public_trades(rules.symbol, size)
        return ok({"data": [rows.trade_row(rules, trade) for trade in trades], "code": 0})


def _matrix(request: Request, path: str) -> frozenset[str] | None:
    """Codes of markets out of `path;symbol=btcusdt,eosusdt`; None: the request is another one."""
    found, _, names = request.path.partition(";symbol=")
    if request.method != "GET" or found != path or not names:
        return None
    return frozenset(name.strip().upper() for name in names.split(","))
