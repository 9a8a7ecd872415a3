"""Coinstore's spot REST dialect, as its reference describes it; everything below the prefix `/api`.

Business refusals leave with HTTP 200 and a code, authentication failures with HTTP 401, as from the real one. Where the
reference is silent the choice is ours, and clients should not rely on it:
- codes 3901 (active orders), 3902 (below a minimum) and 3903 (absurdly large) have no public sample;
- a price with too many decimals is refused with 3104 like an amount; a closed market with 3012;
- a missing field is 101040502, which the reference shows for transfers; a field that cannot be read is HTTP 400;
- the order of checks: address rate, path, key and signature, user rate, address of the key, permission;
- rate limits count served requests only, and answer `{"message":"too many requests","code":429}`;
- public trades come newest first, 50 by default; `accountMatches` newest first, pages of at most 100;
- `timeInForce` counts for LIMIT orders only;
- cancel-all is done when it answers, though it says `canceling`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from trading_bridge.clock import Clock
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.accounts import Account, ApiKey, CreateRequest, Permission
from trading_bridge.sandbox.engine import TRADES_KEPT, Engine
from trading_bridge.sandbox.limits import Rate, RateWindow
from trading_bridge.sandbox.markets import currency_ids
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import MarketRules, Refusal, RefusalCode
from trading_bridge.sandbox.wire import coinstore_rows as rows
from trading_bridge.sandbox.wire.coinstore_auth import is_signed
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import (
    Fields,
    Malformed,
    Missing,
    amount,
    json_object,
    optional_text,
    optional_whole,
    query_fields,
    text,
)

DEPTH_LEVELS = (5, 10, 20, 50, 100)
MATCHES_PAGE = 20
MATCHES_PAGE_MAX = 100

_CODES = {
    RefusalCode.MARKET_UNKNOWN: (3011, "symbol not found"),
    RefusalCode.MARKET_CLOSED: (3012, "part-trade-limit"),
    RefusalCode.PRICE_PRECISION: (3104, "price precision"),
    RefusalCode.AMOUNT_PRECISION: (3104, "quantity precision"),
    RefusalCode.COST_PRECISION: (3106, "Amount precision"),
    RefusalCode.DUPLICATE_ID: (3111, "duplicate-order"),
    RefusalCode.INSUFFICIENT_FUNDS: (3113, "account-insufficient"),
    RefusalCode.TOO_MANY_ORDERS: (3901, "active-order-limit"),
    RefusalCode.TOO_SMALL: (3902, "order-too-small"),
    RefusalCode.TOO_LARGE: (3903, "order-too-large"),
}


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
    def __init__(self, engine: Engine, clock: Clock, options: CoinstoreOptions | None = None) -> None:
        self._engine = engine
        self._options = options or CoinstoreOptions()
        self._address_rate = RateWindow(self._options.address_rate, clock)
        self._user_rate = RateWindow(self._options.user_rate, clock)
        self._markets = {rows.symbol_code(rules).upper(): rules for rules in engine.markets}
        self._currency_ids = currency_ids(engine.markets)
        self._public: dict[tuple[str, str], Callable[[Fields], Response]] = {
            ("POST", "/v2/public/config/spot/symbols"): self._symbols,
        }
        # with a symbol at the end of the path
        self._of_symbol: dict[tuple[str, str], Callable[[MarketRules, Fields], Response]] = {
            ("GET", "/v1/market/depth"): self._depth,
            ("GET", "/v1/market/trade"): self._trades,
        }
        read, trade = Permission.READ, Permission.TRADE
        self._private: dict[tuple[str, str], tuple[Permission, Callable[[Account, Fields], Response]]] = {
            ("GET", "/fi/v1/common/currency"): (read, self._currency),
            ("POST", "/spot/accountList"): (read, self._balances),
            ("POST", "/trade/order/place"): (trade, self._place),
            ("POST", "/trade/order/cancel"): (trade, self._cancel),
            ("POST", "/trade/order/cancelAll"): (trade, self._cancel_all),
            ("GET", "/trade/order/active"): (read, self._active_v1),
            ("GET", "/v2/trade/order/active"): (read, self._active_v2),
            ("GET", "/trade/order/orderInfo"): (read, self._order_info_v1),
            ("GET", "/v2/trade/order/orderInfo"): (read, self._order_info_v2),
            ("GET", "/trade/match/accountMatches"): (read, self._matches),
            ("POST", "/fi/v3/asset/deposit/record/list"): (read, self._deposits),
            ("POST", "/fi/v3/asset/withdraw/record/list"): (read, self._withdrawals),
        }

    def __call__(self, request: Request) -> Response:
        try:
            answer = self._answer(request)
        except Missing as error:
            answer = _ok({"code": 101040502, "msg": f"request field missing: {error}", "data": None})
        except Malformed as error:
            answer = _failure(HTTPStatus.BAD_REQUEST, str(error))
        self._engine.commit()
        # the ledger's number at which this answer was made
        headers = {**answer.headers, "X-Request-Id": str(self._engine.sequence)}
        return Response(status=answer.status, body=answer.body, headers=headers)

    def _answer(self, request: Request) -> Response:
        if not self._address_rate.take(request.address):
            return _failure(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
        route = (request.method, request.path)
        if (public := self._public.get(route)) is not None:
            return public(_fields(request))
        if (private := self._private.get(route)) is not None:
            permission, handler = private
            return self._signed(request, permission, handler)
        path, _, code = request.path.rpartition("/")
        if (of_symbol := self._of_symbol.get((request.method, path))) is not None:
            rules = self._markets.get(code.upper())
            return _refused(RefusalCode.MARKET_UNKNOWN) if rules is None else of_symbol(rules, _fields(request))
        return _failure(HTTPStatus.NOT_FOUND, "no such service")

    def _signed(
        self, request: Request, permission: Permission, handler: Callable[[Account, Fields], Response]
    ) -> Response:
        caller = self._caller(request)
        if caller is None:
            return _failure(HTTPStatus.UNAUTHORIZED, "signature-failed")
        if not self._user_rate.take(str(caller.account.uid)):
            return _failure(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
        allowed = not caller.key.addresses or request.address in caller.key.addresses
        if not allowed or permission not in caller.key.permissions:
            if request.path == "/trade/order/place":
                self._log_create(caller.account, _readable_fields(request), "1401", None)
            return _ok({"message": "Unauthorized", "code": 1401})
        return handler(caller.account, _fields(request))

    def _caller(self, request: Request) -> Caller | None:
        key = self._engine.directory.key(request.headers.get("x-cs-apikey", ""))
        if key is None or key.revoked:
            return None
        window_s = self._options.signature_window_s
        signed = is_signed(
            request.headers,
            key.secret,
            request.query + request.body,
            now_ms=self._engine.now_ms(),
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
        return _ok({"code": "0", "message": "Success", "data": found})

    def _depth(self, rules: MarketRules, fields: Fields) -> Response:
        level = optional_whole(fields, "depth") or 20
        if level not in DEPTH_LEVELS:
            raise Malformed(f"depth is one of {DEPTH_LEVELS}")
        book = self._engine.book(rules.symbol)
        asks, bids = (
            [(rules.price(price), rules.amount(lots)) for price, lots in book.depth(side, level)]
            for side in (Side.SELL, Side.BUY)
        )
        return _ok({"data": rows.depth_row(rules, level, asks, bids), "code": 0})

    def _trades(self, rules: MarketRules, fields: Fields) -> Response:
        size = optional_whole(fields, "size") or 50
        if not 1 <= size <= TRADES_KEPT:
            raise Malformed(f"size is 1 to {TRADES_KEPT}")
        trades = self._engine.public_trades(rules.symbol, size)
        return _ok({"data": [rows.trade_row(rules, trade) for trade in trades], "code": 0})

    # -- signed, reading

    def _currency(self, account: Account, fields: Fields) -> Response:
        code = text(fields, "currencyCode").upper()
        row = rows.currency_row(code) if code in self._currency_ids else None
        return _ok({"code": "0", "message": "Success", "data": row})

    def _balances(self, account: Account, fields: Fields) -> Response:
        return _ok({"data": rows.balance_rows(account), "code": 0})

    def _active_v1(self, account: Account, fields: Fields) -> Response:
        orders = self._engine.open_orders(account.name)
        data = [rows.order_row_v1_active(self._engine.rules(order.symbol), order, account) for order in orders]
        return _ok({"data": data, "code": 0})

    def _active_v2(self, account: Account, fields: Fields) -> Response:
        code, client_id = optional_text(fields, "symbol"), optional_text(fields, "clOrdId")
        order_id = optional_whole(fields, "ordId")
        rules = None
        if code is not None:
            rules = self._markets.get(code.upper())
            if rules is None:
                return _refused(RefusalCode.MARKET_UNKNOWN)
        orders = [
            order
            for order in self._engine.open_orders(account.name, None if rules is None else rules.symbol)
            if order_id in (None, order.id) and client_id in (None, order.client_order_id)
        ]
        data = [rows.order_row_v2(self._engine.rules(order.symbol), order, account) for order in orders]
        return _ok({"data": data, "code": 0})

    def _order_info_v1(self, account: Account, fields: Fields) -> Response:
        order_id = optional_whole(fields, "ordId")
        if order_id is None:
            raise Missing("ordId")
        order = self._engine.order(account.name, order_id)
        if order is None:
            return _order_not_found()
        return _ok({"data": rows.order_info_v1(self._engine.rules(order.symbol), order, account), "code": 0})

    def _order_info_v2(self, account: Account, fields: Fields) -> Response:
        order_id, client_id = optional_whole(fields, "ordId"), optional_text(fields, "clOrdId")
        if order_id is not None:
            order = self._engine.order(account.name, order_id)
        elif client_id is not None:
            order = self._engine.order_by_client_id(account.name, client_id)
        else:
            raise Missing("ordId")
        if order is None:
            return _order_not_found()
        row = rows.order_info_v2(self._engine.rules(order.symbol), order, account)
        return _ok({"data": [row] if self._options.order_info_as_list else row, "code": 0})

    def _matches(self, account: Account, fields: Fields) -> Response:
        rules = self._markets.get(text(fields, "symbol").upper())
        if rules is None:
            return _refused(RefusalCode.MARKET_UNKNOWN)
        side = {None: None, 1: Side.BUY, -1: Side.SELL}.get(optional_whole(fields, "side"), ...)
        if side is ...:
            raise Malformed("side is 1 or -1")
        offset, limit = _page(fields)
        fills = self._engine.store.fills(
            account.name,
            rules.symbol,
            order_id=optional_whole(fields, "ordId"),
            side=side,
            offset=offset,
            limit=limit,
        )
        data = [rows.match_row(rules, fill, account, self._currency_ids) for fill in fills]
        return _ok({"data": data, "code": 0})

    def _deposits(self, account: Account, fields: Fields) -> Response:
        return self._transfers(account, fields, deposits=True)

    def _withdrawals(self, account: Account, fields: Fields) -> Response:
        return self._transfers(account, fields, deposits=False)

    def _transfers(self, account: Account, fields: Fields, *, deposits: bool) -> Response:
        currency = optional_text(fields, "currencyCode")
        offset, limit = _page(fields)
        transfers = self._engine.store.transfers(
            account.name, currency and currency.upper(), deposits=deposits, offset=offset, limit=limit
        )
        return _ok({"data": [rows.transfer_row(transfer, account) for transfer in transfers], "code": 0})

    # -- signed, trading

    def _place(self, account: Account, fields: Fields) -> Response:
        outcome = self._placed(account, fields)
        if isinstance(outcome, Refusal):
            self._log_create(account, fields, str(_CODES[outcome.code][0]), None)
            return _refused(outcome.code)
        self._log_create(account, fields, "accepted", outcome)
        return _ok({"code": "0", "data": {self._options.place_id_field: outcome.id}})

    def _placed(self, account: Account, fields: Fields) -> SandboxOrder | Refusal:
        rules = self._markets.get(text(fields, "symbol").upper())
        side = _SIDES.get(text(fields, "side"))
        order_type = text(fields, "ordType")
        time_in_force = _TIMES_IN_FORCE.get(optional_text(fields, "timeInForce") or "GTC")
        client_id = optional_text(fields, "clOrdId")
        if side is None or order_type not in ("LIMIT", "MARKET", "POST_ONLY") or time_in_force is None:
            raise Malformed("side, ordType or timeInForce has an unknown value")
        if client_id is not None and not _is_client_id(client_id):
            raise Malformed("clOrdId has up to 32 letters, digits, - and _")
        if rules is None:
            return Refusal(RefusalCode.MARKET_UNKNOWN)
        price = lots = budget = None
        if order_type == "MARKET" and side is Side.BUY:
            budget = rules.budget(amount(fields, "ordAmt"))
        else:
            lots = rules.lots(amount(fields, "ordQty"))
        if order_type != "MARKET":
            price = rules.ticks(amount(fields, "ordPrice"))
        for refused in (price, lots, budget):
            if isinstance(refused, Refusal):
                return refused
        assert not isinstance(price, Refusal)
        assert not isinstance(lots, Refusal)
        assert not isinstance(budget, Refusal)
        return self._engine.place(
            account.name,
            rules.symbol,
            side,
            price=price,
            lots=lots,
            budget=budget,
            time_in_force=time_in_force if order_type == "LIMIT" else TimeInForce.GTC,
            post_only=order_type == "POST_ONLY",
            client_order_id=client_id,
        )

    def _cancel(self, account: Account, fields: Fields) -> Response:
        """An order that is over keeps its state; one that was cancelled already is answered without its client id."""
        code, order_id = text(fields, "symbol"), optional_whole(fields, "ordId")
        if order_id is None:
            raise Missing("ordId")
        rules = self._markets.get(code.upper())
        if rules is None:
            return _refused(RefusalCode.MARKET_UNKNOWN)
        order = self._engine.order(account.name, order_id)
        if order is None or order.symbol != rules.symbol:
            return _order_not_found()
        was_over = order.state is OrderState.CANCELED
        self._engine.cancel(order)
        data: rows.Row = {} if was_over else {"clientOrderId": order.client_order_id}
        return _ok({"code": 0, "data": {**data, "state": rows.state_name(order), "ordId": order.id}})

    def _cancel_all(self, account: Account, fields: Fields) -> Response:
        rules = self._markets.get(text(fields, "symbol").upper())
        if rules is None:
            return _refused(RefusalCode.MARKET_UNKNOWN)
        orders = self._engine.cancel_all(account.name, rules.symbol)
        return _ok({"data": {"canceling": [order.id for order in orders]}, "code": 0} if orders else {"code": 0})

    def _log_create(self, account: Account, fields: Fields, outcome: str, order: SandboxOrder | None) -> None:
        client_id = order.client_order_id if order is not None else str(fields.get("clOrdId") or "")[:100]
        symbol, now_ms = str(fields.get("symbol") or "")[:100], self._engine.now_ms()
        order_id = None if order is None else order.id
        self._engine.store.create(CreateRequest(account.name, client_id, symbol, outcome, order_id, now_ms))


_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TIMES_IN_FORCE = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}


def _fields(request: Request) -> Fields:
    """Of the query on GET, of the body on POST."""
    return query_fields(request.query) if request.method == "GET" else json_object(request.body)


def _readable_fields(request: Request) -> Fields:
    """Empty where they cannot be read."""
    try:
        return _fields(request)
    except Malformed:
        return {}


def _page(fields: Fields) -> tuple[int, int]:
    """Offset and limit; pages count from 1."""
    page, size = optional_whole(fields, "pageNum"), optional_whole(fields, "pageSize")
    page, size = 1 if page is None else page, MATCHES_PAGE if size is None else min(size, MATCHES_PAGE_MAX)
    if not 1 <= page <= 10**9 or size < 1:
        raise Malformed("pageNum counts from 1, pageSize is at least 1")
    return (page - 1) * size, size


def _is_client_id(value: str) -> bool:
    return len(value) <= 32 and value.isascii() and value.replace("-", "").replace("_", "").isalnum()


def _ok(envelope: rows.Row) -> Response:
    return Response(body=orjson.dumps(envelope))


def _refused(code: RefusalCode) -> Response:
    number, message = _CODES[code]
    return _ok({"message": message, "code": number})


def _order_not_found() -> Response:
    return _ok({"message": "order-not-found", "code": 3103})


def _failure(status: HTTPStatus, message: str) -> Response:
    return Response(status=status, body=orjson.dumps({"message": message, "code": int(status)}))
