"""Binance's endpoints that place, test and cancel orders."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.accounts import Account, CreateRequest, Permission
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.history import Window
from trading_bridge.sandbox.matching import SelfTrade
from trading_bridge.sandbox.orders import SandboxOrder, Terms
from trading_bridge.sandbox.rules import MAX_UNITS, MarketRules, Refusal
from trading_bridge.sandbox.wire import binance_rows as rows
from trading_bridge.sandbox.wire.binance_call import Call, Route, costs
from trading_bridge.sandbox.wire.binance_errors import (
    BinanceError,
    bad_combination,
    filter_failure,
    missing,
    neither,
    not_required,
    order_rejected,
    refusal,
    too_precise,
    unknown_order,
)
from trading_bridge.sandbox.wire.binance_limits import OrderCounts
from trading_bridge.sandbox.wire.binance_markets import Market, Markets
from trading_bridge.sandbox.wire.binance_params import CLIENT_ID, Params
from trading_bridge.sandbox.wire.binance_prices import average_price
from trading_bridge.sandbox.wire.fault_purses import is_elsewhere

PLACE = "/api/v3/order"
_TERMS = Terms(ids_return=True, refuses_taking=True)
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TYPES = ("LIMIT", "MARKET", "LIMIT_MAKER")
#: known to Binance and not offered here, with the words of its refusal
_NOT_OFFERED = {
    "STOP_LOSS": "Stop loss",
    "STOP_LOSS_LIMIT": "Stop loss limit",
    "TAKE_PROFIT": "Take profit",
    "TAKE_PROFIT_LIMIT": "Take profit limit",
}
_ANSWERS = ("ACK", "RESULT", "FULL")


class NewOrder(NamedTuple):
    """A request that could be read."""

    market: Market
    side: Side
    type: str
    time_in_force: TimeInForce
    quantity: Decimal | None
    quote_quantity: Decimal | None
    price: Decimal | None
    client_order_id: str | None
    self_trade: SelfTrade
    answer: str


class TradingEndpoints:
    def __init__(self, engine: Engine, counts: OrderCounts) -> None:
        self._engine = engine
        self._counts = counts
        trade = Permission.TRADE
        self.routes: Mapping[tuple[str, str], Route] = {
            ("POST", PLACE): Route(trade, costs(1), self._place),
            ("POST", "/api/v3/order/test"): Route(trade, _test_weight, self._test),
            ("DELETE", "/api/v3/order"): Route(trade, costs(1), self._cancel),
            ("DELETE", "/api/v3/openOrders"): Route(trade, costs(1), self._cancel_all),
        }

    def _place(self, call: Call) -> object:
        try:
            wanted = new_order(call.params, call.markets)
            call.params.done()
            self._counts.check(call.account.name)
            order = self._placed(call, wanted)
        except BinanceError as error:
            self.log_create(call.account, call.params, str(error.code), None)
            raise
        call.headers.update(self._counts.add(call.account.name))
        self.log_create(call.account, call.params, "accepted", order)
        if wanted.answer == "ACK":
            return rows.order_ack(wanted.market, order)
        if wanted.answer == "RESULT":
            return rows.order_result(wanted.market, order)
        window = Window(from_number=0, limit=10_000)
        fills = self._engine.store.history.fills(call.account.name, order.symbol, window, order_id=order.id)
        return rows.order_full(wanted.market, order, fills)

    def _test(self, call: Call) -> object:
        with_rates = call.params.optional_truth("computeCommissionRates")
        wanted = new_order(call.params, call.markets)
        call.params.done()
        self._checked(wanted)
        if not with_rates:
            return {}
        told = rows.rates(wanted.market)
        taken = {name: told[name] for name in ("maker", "taker")}
        none = {name: rows.no_rates()[name] for name in ("maker", "taker")}
        return {
            "standardCommissionForOrder": taken,
            "specialCommissionForOrder": none,
            "taxCommissionForOrder": none,
            "discount": rows.no_discount(),
        }

    def _placed(self, call: Call, wanted: NewOrder) -> SandboxOrder:
        price, lots, budget = self._checked(wanted)
        rules = wanted.market.own
        currency = rules.quote if wanted.side is Side.BUY else rules.base
        if call.hits and is_elsewhere(call.hits, currency):
            raise order_rejected("Account has insufficient balance for requested action.")
        if budget is not None and self._engine.book(rules.symbol).best(wanted.side.opposite) is None:
            raise order_rejected("Order book liquidity is less than symbol minimum quantity.")
        outcome = self._engine.place(
            call.account.name,
            rules.symbol,
            wanted.side,
            price=price,
            lots=lots,
            budget=budget,
            time_in_force=wanted.time_in_force,
            post_only=wanted.type == "LIMIT_MAKER",
            client_order_id=wanted.client_order_id,
            self_trade=wanted.self_trade,
            terms=_TERMS,
        )
        if isinstance(outcome, Refusal):
            raise refusal(outcome.code)
        return outcome

    def _checked(self, wanted: NewOrder) -> tuple[Ticks | None, Lots | None, int | None]:
        """Price, lots and budget in the engine's units. Raises what a filter of the market says against them."""
        shown, own = wanted.market.shown, wanted.market.own
        if not shown.open:
            raise BinanceError(-1013, "Market is closed.")
        if wanted.price is not None:
            if not shown.min_price <= wanted.price or isinstance(shown.ticks(wanted.price), Refusal):
                raise filter_failure("PRICE_FILTER")
        if wanted.quantity is not None:
            if not shown.min_amount <= wanted.quantity or isinstance(shown.lots(wanted.quantity), Refusal):
                raise filter_failure("LOT_SIZE")
        self._check_notional(wanted)
        price = None if wanted.price is None else own.ticks(wanted.price)
        lots = None if wanted.quantity is None else own.lots(wanted.quantity)
        budget = None if wanted.quote_quantity is None else _units(own, wanted.quote_quantity)
        assert not isinstance(price, Refusal)
        assert not isinstance(lots, Refusal)
        return price, lots, budget

    def _check_notional(self, wanted: NewOrder) -> None:
        notional, price = wanted.quote_quantity, wanted.price
        if wanted.quantity is not None:
            if price is None:
                average = average_price(self._engine, wanted.market.own)
                price = None if average is None else average[0]
            notional = None if price is None else price * wanted.quantity
        if notional is None:
            return  # a market order where nobody has ever traded: there is no price to judge it by
        is_market = wanted.type == "MARKET"
        if notional < wanted.market.shown.min_market_cost or (not is_market and notional > rows.MOST_NOTIONAL):
            raise filter_failure("NOTIONAL")

    # -- cancelling

    def _cancel(self, call: Call) -> object:
        params, market = call.params, call.markets.asked(call.params)
        cancel_id, restriction = (
            params.optional_text("newClientOrderId", CLIENT_ID),
            params.optional_text("cancelRestrictions"),
        )
        order = found_order(self._engine, call, market)
        params.done()
        if restriction not in (None, "ONLY_NEW", "ONLY_PARTIALLY_FILLED"):
            raise BinanceError(-1145, "Invalid cancelRestrictions")
        if order is None or not order.is_open:
            raise unknown_order()
        if restriction is not None and (restriction == "ONLY_NEW") is not (order.state is OrderState.NEW):
            raise BinanceError(-2011, "Order was not canceled due to cancel restrictions.")
        cancel_id = cancel_id or _cancel_id(order)
        self._engine.cancel(order, cancel_id)
        return rows.cancel_row(market, order, cancel_id)

    def _cancel_all(self, call: Call) -> object:
        market = call.markets.asked(call.params)
        call.params.done()
        standing = self._engine.open_orders(call.account.name, market.own.symbol)
        if not standing:
            raise unknown_order()
        cancel_id = _cancel_id(standing[0])  # one for all of them, as at the exchange
        orders = self._engine.cancel_all(call.account.name, market.own.symbol, cancel_id)
        return [rows.cancel_row(market, order, cancel_id) for order in orders]

    def log_create(self, account: Account, params: Params, outcome: str, order: SandboxOrder | None) -> None:
        sent_id = params.peek("newClientOrderId")
        client_id = order.client_order_id if order is not None else (sent_id or "")[:100]
        symbol, order_id = (params.peek("symbol") or "")[:100], None if order is None else order.id
        request = CreateRequest(account.name, client_id, symbol, outcome, order_id, self._engine.now_ms())
        self._engine.store.create(request)


def new_order(params: Params, markets: Markets) -> NewOrder:
    """Raises what the exchange answers to a request that makes no sense, before it looks at the market."""
    market = markets.asked(params)
    side, order_type = params.text("side"), params.text("type")
    if side not in _SIDES:
        raise BinanceError(-1117, "Invalid side.")
    if order_type in _NOT_OFFERED:
        raise order_rejected(f"{_NOT_OFFERED[order_type]} orders are not supported for this symbol.")
    if order_type not in _TYPES:
        raise BinanceError(-1116, "Invalid orderType.")
    if "icebergQty" in params:
        raise order_rejected("Iceberg orders are not supported for this symbol.")
    quantity, price, quote_quantity = (
        _decimal(params, name, decimals)
        for name, decimals in (
            ("quantity", max(rows.DECIMALS, market.own.lot_decimals)),
            ("price", rows.DECIMALS),
            ("quoteOrderQty", rows.DECIMALS),
        )
    )
    answer = params.optional_text("newOrderRespType") or ("ACK" if order_type == "LIMIT_MAKER" else "FULL")
    if answer not in _ANSWERS:
        raise BinanceError(-1102, "A mandatory parameter was not sent, was empty/null, or malformed.")
    wanted = NewOrder(
        market=market,
        side=_SIDES[side],
        type=order_type,
        time_in_force=_time_in_force(params, order_type),
        quantity=quantity,
        quote_quantity=quote_quantity,
        price=price,
        client_order_id=params.optional_text("newClientOrderId", CLIENT_ID),
        self_trade=_self_trade(params),
        answer=answer,
    )
    _check_composition(wanted)
    return wanted


def found_order(engine: Engine, call: Call, market: Market) -> SandboxOrder | None:
    """That of `orderId` or `origClientOrderId`; both must agree. None: there is none in this market."""
    order_id = call.params.optional_whole("orderId")
    client_id = call.params.optional_text("origClientOrderId", CLIENT_ID)
    if order_id is not None:
        order = engine.order(call.account.name, order_id)
        if order is not None and client_id not in (None, order.client_order_id):
            raise BinanceError(-2039, "Client order ID is not correct for this order ID.")
    elif client_id is not None:
        order = engine.order_by_client_id(call.account.name, client_id)
    else:
        raise neither("origClientOrderId", "orderId")
    return order if order is not None and order.symbol == market.own.symbol else None


def _check_composition(wanted: NewOrder) -> None:
    if wanted.type == "MARKET":
        if wanted.price is not None:
            raise not_required("price")
        if wanted.quantity is None and wanted.quote_quantity is None:
            raise neither("quantity", "quoteOrderQty")
        if wanted.quantity is not None and wanted.quote_quantity is not None:
            raise bad_combination()
        return
    if wanted.quote_quantity is not None:
        raise not_required("quoteOrderQty")
    if wanted.quantity is None:
        raise missing("quantity")
    if wanted.price is None:
        raise missing("price")


def _time_in_force(params: Params, order_type: str) -> TimeInForce:
    given = params.optional_text("timeInForce")
    if order_type != "LIMIT":
        if given is not None:
            raise not_required("timeInForce")
        return TimeInForce.GTC
    if given is None:
        raise missing("timeInForce")
    if given not in set(TimeInForce):
        raise BinanceError(-1115, "Invalid timeInForce.")
    return TimeInForce(given)


def _self_trade(params: Params) -> SelfTrade:
    given = params.optional_text("selfTradePreventionMode")
    if given is None:
        return rows.SELF_TRADE
    if given not in set(SelfTrade):
        raise BinanceError(-1013, "This symbol does not allow the specified self-trade prevention mode.")
    return SelfTrade(given)


def _decimal(params: Params, name: str, decimals: int) -> Decimal | None:
    value = params.optional_decimal(name)
    if value is not None and value != round(value, decimals):
        raise too_precise(name)
    return value


def _units(rules: MarketRules, quote: Decimal) -> int:
    """Whole ticks x lots of a quote amount; what is less than one of them is not spent."""
    units = int(quote.scaleb(rules.tick_decimals + rules.lot_decimals))
    if not 0 < units <= MAX_UNITS * MAX_UNITS:
        raise filter_failure("NOTIONAL")
    return units


def _cancel_id(order: SandboxOrder) -> str:
    return f"cancel{order.id}"


def _test_weight(params: Params) -> int:
    return 20 if str(params.peek("computeCommissionRates")).lower() == "true" else 1
