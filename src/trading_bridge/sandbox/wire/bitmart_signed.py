"""BitMart's endpoints of an account, for a caller whose key, address, permission and signature were found good."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_DOWN, Context, Decimal
from typing import NamedTuple, TypeVar

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.accounts import Account, CreateRequest, Permission
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.orders import Fill, SandboxOrder
from trading_bridge.sandbox.rules import Refusal, RefusalCode, plain
from trading_bridge.sandbox.wire import bitmart_limits as limits
from trading_bridge.sandbox.wire import bitmart_rows as rows
from trading_bridge.sandbox.wire.bitmart_answers import Refused, Row, of_rule
from trading_bridge.sandbox.wire.bitmart_markets import Market, Markets
from trading_bridge.sandbox.wire.fault_answers import Hits
from trading_bridge.sandbox.wire.fault_purses import is_elsewhere, purses_shown
from trading_bridge.sandbox.wire.json_in import Fields, Malformed, amount, optional_text, optional_whole

SUBMIT = "/spot/v2/submit_order"
PAGE = 200
RECORDS_MAX = 100
_CHUNK = 500
_FOREVER = 2**62
_WIDE = Context(prec=200)

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_TYPES = ("limit", "market", "limit_maker", "ioc")

T = TypeVar("T")
Handler = Callable[[Account, Fields], object]


class Endpoint(NamedTuple):
    permission: Permission
    group: limits.Group
    #: signed; else the key alone is shown
    signed: bool
    answer: Handler


class AccountEndpoints:
    """`routes` has them by method and path."""

    def __init__(self, engine: Engine, markets: Markets, hits: Hits = (), stillborn: deque[int] | None = None) -> None:
        self._engine = engine
        self._markets = markets
        self._hits = hits
        #: the last orders that were to be makers and would have taken
        self.stillborn: deque[int] = deque(maxlen=1000) if stillborn is None else stillborn
        read, trade = Permission.READ, Permission.TRADE
        self.routes: Mapping[tuple[str, str], Endpoint] = {
            ("GET", "/spot/v1/wallet"): Endpoint(read, limits.WALLETS, False, self._wallet),
            ("GET", "/account/v1/wallet"): Endpoint(read, limits.WALLETS, False, self._account_wallet),
            ("GET", "/spot/v1/trade_fee"): Endpoint(read, limits.FEES, False, self._trade_fee),
            ("GET", "/account/v2/deposit-withdraw/history"): Endpoint(read, limits.RECORDS, False, self._transfers),
            ("POST", SUBMIT): Endpoint(trade, limits.SUBMIT, True, self._submit),
            ("POST", "/spot/v3/cancel_order"): Endpoint(trade, limits.CANCEL, True, self._cancel),
            ("POST", "/spot/v4/cancel_all"): Endpoint(trade, limits.CANCEL_ALL, True, self._cancel_all),
            ("POST", "/spot/v4/query/order"): Endpoint(read, limits.ONE_ORDER, True, self._order),
            ("POST", "/spot/v4/query/client-order"): Endpoint(read, limits.ONE_ORDER, True, self._client_order),
            ("POST", "/spot/v4/query/open-orders"): Endpoint(read, limits.MANY_ORDERS, True, self._open_orders),
            ("POST", "/spot/v4/query/history-orders"): Endpoint(read, limits.MANY_ORDERS, True, self._history),
            ("POST", "/spot/v4/query/trades"): Endpoint(read, limits.MANY_ORDERS, True, self._trades),
            ("POST", "/spot/v4/query/order-trades"): Endpoint(read, limits.MANY_ORDERS, True, self._order_trades),
        }

    # -- reading

    def _wallet(self, account: Account, fields: Fields) -> object:
        return {"wallet": rows.wallet_rows(purses_shown(self._hits, account.purses))}

    def _account_wallet(self, account: Account, fields: Fields) -> object:
        currency = optional_text(fields, "currency")
        found = rows.account_rows(purses_shown(self._hits, account.purses))
        return {"wallet": [row for row in found if currency in (None, row["currency"])]}

    def _trade_fee(self, account: Account, fields: Fields) -> object:
        return rows.fee_row(self._market(fields))

    def _transfers(self, account: Account, fields: Fields) -> object:
        kind, limit = optional_text(fields, "operation_type"), optional_whole(fields, "N")
        if kind not in ("deposit", "withdraw") or limit is None or not 1 <= limit <= RECORDS_MAX:
            raise Refused(50000, "Bad Request: operation_type is deposit or withdraw, N is 1 to 100")
        since_ms, until_ms = _window(fields)
        found = self._engine.store.transfers(
            account.name,
            optional_text(fields, "currency"),
            deposits=kind == "deposit",
            since_ms=since_ms,
            until_ms=until_ms,
            limit=limit,
        )
        return {"records": [rows.transfer_row(transfer) for transfer in found]}

    def _order(self, account: Account, fields: Fields) -> object:
        return self._row(self._by_id(account, fields, "orderId"), queried=fields)

    def _client_order(self, account: Account, fields: Fields) -> object:
        client_id = optional_text(fields, "clientOrderId")
        if client_id is None:
            raise Refused(50028, "Missing parameters: clientOrderId")
        return self._row(self._engine.order_by_client_id(account.name, client_id), queried=fields)

    def _open_orders(self, account: Account, fields: Fields) -> object:
        symbol = self._optional_symbol(fields)
        return self._listed(reversed(self._engine.open_orders(account.name, symbol)), fields)

    def _history(self, account: Account, fields: Fields) -> object:
        symbol = self._optional_symbol(fields)
        over = (order for order in self._newest_first(account) if not order.is_open)
        return self._listed((order for order in over if symbol in (None, order.symbol)), fields)

    def _trades(self, account: Account, fields: Fields) -> object:
        symbol = self._optional_symbol(fields)
        since_ms, until_ms = _window(fields)
        limit = _limit(fields)
        wanted = [market.own.symbol for market in self._markets.all() if symbol in (None, market.own.symbol)]
        found: list[Fill] = []
        for one in wanted:
            fills = self._fills(account, one, since_ms)
            found += [fill for fill, _ in zip(_until(fills, until_ms), range(limit), strict=False)]
        found.sort(key=lambda fill: fill.id, reverse=True)
        return [self._trade_row(account, fill) for fill in found[:limit]]

    def _order_trades(self, account: Account, fields: Fields) -> object:
        order = self._by_id(account, fields, "orderId")
        if order is None:
            raise _no_order()
        fills = self._engine.store.fills(
            account.name, order.symbol, order_id=order.id, side=None, offset=0, limit=10 * PAGE
        )
        return [self._trade_row(account, fill) for fill in fills]

    # -- trading

    def _submit(self, account: Account, fields: Fields) -> object:
        try:
            order = self._placed(account, fields)
        except Refused as refused:
            self.log_create(account, fields, str(refused.code), None)
            raise
        self.log_create(account, fields, "accepted", order)
        return {"order_id": str(order.id)}

    def _placed(self, account: Account, fields: Fields) -> SandboxOrder:
        market = self._market(fields)
        kind, side = optional_text(fields, "type"), _SIDES.get(optional_text(fields, "side") or "")
        if kind not in _TYPES:
            raise Refused(52001, "Parameter order_type error")
        if side is None:
            raise Refused(52002, "Parameter side error")
        client_id = self._client_id(fields)
        if not market.shown.open:
            raise of_rule(RefusalCode.MARKET_CLOSED)
        price = lots = budget = None
        if kind == "market" and side is Side.BUY:
            budget = _kept(market.own.budget(_number(fields, "notional", 50012)), kind, side)
        else:
            lots = _lots(market, _number(fields, "size", 50010), kind, side)
        if kind != "market":
            price = _ticks(market, _number(fields, "price", 50011))
            assert lots is not None
            if market.own.cost(price * lots) < market.shown.min_market_cost:
                raise Refused(50009, f"The price*count is less than {plain(market.shown.min_market_cost)}")
        if is_elsewhere(self._hits, market.own.quote if side is Side.BUY else market.own.base):
            raise of_rule(RefusalCode.INSUFFICIENT_FUNDS)
        outcome = self._engine.place(
            account.name,
            market.own.symbol,
            side,
            price=price,
            lots=lots,
            budget=budget,
            time_in_force=TimeInForce.IOC if kind == "ioc" else TimeInForce.GTC,
            post_only=kind == "limit_maker",
            client_order_id=client_id,
        )
        order = _kept(outcome, kind, side)
        if order.post_only and order.state is OrderState.CANCELED:
            self.stillborn.append(order.id)
        return order

    def _client_id(self, fields: Fields) -> str:
        """Without one it is the order's own id."""
        given = optional_text(fields, "client_order_id")
        if given is None:
            return str(self._engine.store.counters["order"] + 1)
        if len(given) > 32:
            raise Refused(50037, "client_order_id is too long")
        if not (given.isascii() and given.isalnum()):
            raise Refused(50038, "client_order_id has letters and digits only")
        return given

    def _cancel(self, account: Account, fields: Fields) -> object:
        market = self._market(fields)
        client_id = optional_text(fields, "client_order_id")
        if client_id is not None:
            order = self._engine.order_by_client_id(account.name, client_id)
        elif optional_text(fields, "order_id") is not None:
            order = self._by_id(account, fields, "order_id")
        else:
            raise Refused(50039, "order_id and client_order_id are both empty")
        if order is None or order.symbol != market.own.symbol:
            raise _no_order()
        if order.state is OrderState.FILLED:
            raise Refused(50031, "Order is completed")
        if not self._engine.cancel(order):
            raise Refused(50030, "Order is already canceled")
        return {"result": True}

    def _cancel_all(self, account: Account, fields: Fields) -> object:
        symbol, side = self._optional_symbol(fields), optional_text(fields, "side")
        if side is not None and side not in _SIDES:
            raise Refused(52002, "Parameter side error")
        for order in self._engine.open_orders(account.name, symbol):
            if side in (None, order.side.value):
                self._engine.cancel(order)
        return {}

    def log_create(self, account: Account, fields: Fields, outcome: str, order: SandboxOrder | None) -> None:
        client_id = order.client_order_id if order is not None else str(fields.get("client_order_id") or "")[:100]
        symbol, now_ms = str(fields.get("symbol") or "")[:100], self._engine.now_ms()
        order_id = None if order is None else order.id
        self._engine.store.create(CreateRequest(account.name, client_id, symbol, outcome, order_id, now_ms))

    # -- inside

    def _market(self, fields: Fields) -> Market:
        code = optional_text(fields, "symbol")
        if code is None:
            raise Refused(50028, "Missing parameters: symbol")
        market = self._markets.find(code)
        if market is None:
            raise of_rule(RefusalCode.MARKET_UNKNOWN)
        return market

    def _optional_symbol(self, fields: Fields) -> str | None:
        return None if optional_text(fields, "symbol") is None else self._market(fields).own.symbol

    def _by_id(self, account: Account, fields: Fields, name: str) -> SandboxOrder | None:
        given = optional_text(fields, name)
        if given is None:
            raise Refused(50028, f"Missing parameters: {name}")
        return self._engine.order(account.name, int(given)) if given.isascii() and given.isdigit() else None

    def _row(self, order: SandboxOrder | None, *, queried: Fields | None = None) -> Row:
        state = None if queried is None else optional_text(queried, "queryState")
        if state not in (None, "open", "history"):
            raise Refused(52003, "Parameter queryState error")
        if order is None or (state is not None and order.is_open != (state == "open")):
            raise _no_order()
        system = order.is_market or order.time_in_force is TimeInForce.IOC
        if order.post_only and order.state is OrderState.CANCELED:
            system = order.id in self.stillborn
        return rows.order_row(self._markets.of(order.symbol), order, ended_by="system" if system else "user")

    def _trade_row(self, account: Account, fill: Fill) -> Row:
        order = self._engine.order(account.name, fill.order_id)
        assert order is not None, "a fill is of an order of its account"
        return rows.own_trade_row(self._markets.of(fill.symbol), fill, order)

    def _listed(self, orders: Iterator[SandboxOrder], fields: Fields) -> list[Row]:
        """`orders` newest first."""
        since_ms, until_ms = _window(fields)
        limit = _limit(fields)
        found: list[Row] = []
        for order in orders:
            if len(found) == limit or order.created_ms < since_ms:
                break
            if order.created_ms <= until_ms:
                found.append(self._row(order))
        return found

    def _newest_first(self, account: Account) -> Iterator[SandboxOrder]:
        before: int | None = None
        while page := self._engine.store.orders(account.name, before_id=before, limit=_CHUNK):
            yield from page
            before = page[-1].id

    def _fills(self, account: Account, symbol: str, since_ms: int) -> Iterator[Fill]:
        """Newest first."""
        offset = 0
        while page := self._engine.store.fills(
            account.name, symbol, order_id=None, side=None, offset=offset, limit=_CHUNK
        ):
            for fill in page:
                if fill.time_ms < since_ms:
                    return
                yield fill
            offset += len(page)


def _until(fills: Iterator[Fill], until_ms: int) -> Iterator[Fill]:
    return (fill for fill in fills if fill.time_ms <= until_ms)


def _no_order() -> Refused:
    return Refused(50005, "Order Id not found")


def _kept(outcome: T | Refusal, kind: str, side: Side) -> T:
    if not isinstance(outcome, Refusal):
        return outcome
    if outcome.code is RefusalCode.TOO_SMALL and kind == "market":
        raise Refused(
            *((51012, "Buy amount is too small") if side is Side.BUY else (51013, "Sell amount is too small"))
        )
    raise of_rule(outcome.code)


def _lots(market: Market, size: Decimal, kind: str, side: Side) -> Lots:
    _kept(market.shown.lots(size), kind, side)
    least = market.shown.min_market_amount if kind == "market" else market.shown.min_amount
    if size < least:
        _kept(Refusal(RefusalCode.TOO_SMALL), kind, side)
    return _kept(market.own.lots(size), kind, side)


def _ticks(market: Market, price: Decimal) -> Ticks:
    """What is finer than the market's decimals is cut off."""
    cut = price.quantize(Decimal(1).scaleb(-market.shown.tick_decimals), ROUND_DOWN, context=_WIDE)
    ticks = market.own.ticks(cut)
    if isinstance(ticks, Refusal):
        raise Refused(*((50025, "The price is too high") if cut > 0 else (50008, "The price is too low")))
    return ticks


def _number(fields: Fields, name: str, code: int) -> Decimal:
    if optional_text(fields, name) is None:
        raise Refused(code, f"{name} is required")
    try:
        return amount(fields, name)
    except Malformed as error:
        raise Refused(50021, f"Invalid {name}") from error


def _window(fields: Fields) -> tuple[int, int]:
    since_ms, until_ms = optional_whole(fields, "startTime"), optional_whole(fields, "endTime")
    if since_ms is not None and until_ms is not None and until_ms < since_ms:
        raise Refused(52004, "endTime is before startTime")
    return 0 if since_ms is None else since_ms, _FOREVER if until_ms is None else until_ms


def _limit(fields: Fields) -> int:
    limit = optional_whole(fields, "limit")
    limit = PAGE if limit is None else limit
    if not 1 <= limit <= PAGE:
        raise Refused(50013, "limit is 1 to 200")
    return limit
