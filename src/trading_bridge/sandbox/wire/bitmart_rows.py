"""Rows of BitMart's answers (reference sections 5 to 7).

Ours: fees are taken from what a trade brings, so a buy's fee is in base; a market has one smallest cost for both sides.
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

from trading_bridge.core.order import OrderState, Side
from trading_bridge.sandbox.accounts import Purse, Transfer
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import MarketRules, from_atoms, plain
from trading_bridge.sandbox.wire.bitmart_answers import Row
from trading_bridge.sandbox.wire.bitmart_markets import Book, Market

_STATES = {
    OrderState.NEW: "new",
    OrderState.PARTIALLY_FILLED: "partially_filled",
    OrderState.FILLED: "filled",
    OrderState.CANCELED: "canceled",
}


def detail_row(market: Market) -> Row:
    rules = market.shown
    cost = f"{rules.min_market_cost:.30f}"
    return {
        "symbol": market.code,
        "symbol_id": rules.market_id,
        "base_currency": rules.base,
        "quote_currency": rules.quote,
        "quote_increment": plain(Decimal(1).scaleb(-rules.lot_decimals)),
        "base_min_size": plain(rules.min_amount),
        "price_min_precision": max(rules.tick_decimals - 2, -1),
        "price_max_precision": rules.tick_decimals,
        "expiration": "NA",
        "min_buy_amount": cost,
        "min_sell_amount": cost,
        "trade_status": "trading" if rules.open else "closed",
    }


def book_row(market: Market, book: Book, time_ms: int) -> Row:
    asks, bids = (
        [[plain(market.own.price(price)), plain(market.own.amount(lots))] for price, lots in levels]
        for levels in (book.asks, book.bids)
    )
    return {"ts": str(time_ms), "symbol": market.code, "asks": asks, "bids": bids}


def trade_row(market: Market, trade: SandboxTrade) -> list[str]:
    return [
        market.code,
        str(trade.time_ms),
        plain(market.own.price(trade.price)),
        plain(market.own.amount(trade.lots)),
        trade.taker_side.value,
    ]


def wallet_row(currency: str, free: int, used: int) -> Row:
    return {
        "id": currency,
        "name": currency,
        "available": plain(from_atoms(free)),
        "frozen": plain(from_atoms(used)),
        "total": plain(from_atoms(free + used)),
    }


def account_row(currency: str, free: int, used: int) -> Row:
    return {
        "currency": currency,
        "name": currency,
        "available": plain(from_atoms(free)),
        "frozen": plain(from_atoms(used)),
        "unAvailable": "0",
    }


def order_row(market: Market, order: SandboxOrder, *, ended_by: str) -> Row:
    rules = market.own
    by_cost = order.is_market and order.side is Side.BUY
    notional = rules.cost(order.budget if by_cost else 0 if order.is_market else order.price * order.lots)
    return {
        "orderId": str(order.id),
        "clientOrderId": order.client_order_id,
        "symbol": market.code,
        "side": order.side.value,
        "orderMode": "spot",
        "type": type_name(order),
        "state": state_name(order),
        "cancelSource": ended_by if state_name(order).endswith("canceled") else "",
        "stpMode": "none",
        "price": _fixed(rules.price(order.price), rules.tick_decimals),
        "priceAvg": _average(rules, order),
        "size": _fixed(rules.amount(order.lots), rules.lot_decimals),
        "filledSize": _fixed(rules.amount(order.filled), rules.lot_decimals),
        "notional": _fixed(notional, 8),
        "filledNotional": _fixed(rules.cost(order.filled_cost), 8),
        "createTime": order.created_ms,
        "updateTime": order.created_ms if order.traded_ms is None else order.traded_ms,
    }


def own_trade_row(market: Market, fill: Fill, order: SandboxOrder) -> Row:
    rules = market.own
    return {
        "tradeId": str(fill.id),
        "orderId": str(fill.order_id),
        "clientOrderId": order.client_order_id,
        "symbol": market.code,
        "side": fill.side.value,
        "orderMode": "spot",
        "type": type_name(order),
        "stpMode": "none",
        "price": _fixed(rules.price(fill.price), rules.tick_decimals),
        "size": _fixed(rules.amount(fill.lots), rules.lot_decimals),
        "notional": plain(rules.cost(fill.price * fill.lots)),
        "fee": plain(from_atoms(fill.fee)),
        "feeCoinName": rules.base if fill.side is Side.BUY else rules.quote,
        "tradeRole": "maker" if fill.is_maker else "taker",
        "createTime": fill.time_ms,
        "updateTime": fill.time_ms,
    }


def transfer_row(transfer: Transfer) -> Row:
    """Status 3: done."""
    came = transfer.amount > 0
    return {
        "withdraw_id": "" if came else str(transfer.id),
        "deposit_id": str(transfer.id) if came else "",
        "operation_type": "deposit" if came else "withdraw",
        "currency": transfer.currency,
        "apply_time": transfer.time_ms,
        "arrival_amount": plain(abs(from_atoms(transfer.amount))),
        "fee": "0",
        "status": 3,
        "address": "outside",
        "address_memo": "",
        "tx_id": f"sandbox-{transfer.id}",
    }


def currency_row(name: str) -> Row:
    """Nothing moves by itself: deposits and withdrawals are made by the sandbox's control."""
    return {"id": name, "name": name, "withdraw_enabled": False, "deposit_enabled": False}


def fee_row(market: Market) -> Row:
    taker, maker = plain(market.own.taker_fee), plain(market.own.maker_fee)
    return {
        "symbol": market.code,
        "buy_taker_fee_rate": taker,
        "sell_taker_fee_rate": taker,
        "buy_maker_fee_rate": maker,
        "sell_maker_fee_rate": maker,
    }


def type_name(order: SandboxOrder) -> str:
    if order.is_market:
        return "market"
    if order.post_only:
        return "limit_maker"
    return "limit" if order.time_in_force.value == "GTC" else order.time_in_force.value.lower()


def state_name(order: SandboxOrder) -> str:
    """A market buy ends as partially canceled unless it spent its notional to the last digit."""
    unspent = bool(order.budget) and order.filled_cost < order.budget
    ended = order.state in (OrderState.FILLED, OrderState.CANCELED)
    if ended and order.filled and (order.state is OrderState.CANCELED or unspent):
        return "partially_canceled"
    return _STATES[order.state]


def wallet_rows(purses: Mapping[str, Purse]) -> list[Row]:
    """A currency that the account does not hold has no row."""
    return [
        wallet_row(currency, purse.free, purse.used)
        for currency, purse in sorted(purses.items())
        if purse.free or purse.used
    ]


def account_rows(purses: Mapping[str, Purse]) -> list[Row]:
    return [account_row(currency, purse.free, purse.used) for currency, purse in sorted(purses.items())]


def _average(rules: MarketRules, order: SandboxOrder) -> str:
    average = rules.cost(order.filled_cost) / rules.amount(order.filled) if order.filled else Decimal(0)
    return f"{average.quantize(Decimal(1).scaleb(-rules.tick_decimals), ROUND_DOWN):f}"


def _fixed(value: Decimal, decimals: int) -> str:
    """With at least so many decimals, never with fewer than the value has."""
    exponent = value.normalize().as_tuple().exponent
    needed = -exponent if isinstance(exponent, int) else 0
    return f"{value:.{max(decimals, needed)}f}"
