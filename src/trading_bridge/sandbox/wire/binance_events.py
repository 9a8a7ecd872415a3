"""Rows of Binance's streams: what happened to an order, to money, to a book."""

from collections.abc import Iterable, Mapping

from trading_bridge.core.market import Lots
from trading_bridge.core.order import OrderState
from trading_bridge.sandbox.accounts import Purse, Transfer
from trading_bridge.sandbox.announced import Happening, OrderEvent
from trading_bridge.sandbox.candles import Span
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import from_atoms
from trading_bridge.sandbox.wire import binance_rows as rows
from trading_bridge.sandbox.wire.binance_faults import Depth, Level
from trading_bridge.sandbox.wire.binance_markets import Market
from trading_bridge.sandbox.wire.binance_rows import Row

_ZERO = rows.ZERO


def execution_report(market: Market, event: OrderEvent, now_ms: int) -> Row:
    order, fill, own = event.order, event.fill, market.own
    status = _status_of(event)
    row: Row = {
        "e": "executionReport",
        "E": now_ms,
        "s": market.code,
        "c": order.client_order_id if event.request_id is None else event.request_id,
        "S": order.side.value.upper(),
        "o": rows.type_of(order),
        "f": order.time_in_force.value,
        "q": rows.quantity_of(market, order),
        "p": rows.price_of(market, order),
        "P": _ZERO,
        "F": _ZERO,
        "g": rows.NO_LIST,
        "C": "" if event.request_id is None else order.client_order_id,
        "x": _execution_of(event, status),
        "X": status,
        "r": "NONE",
        "i": order.id,
        "l": _ZERO if fill is None else rows.text(own.amount(fill.lots)),
        "z": rows.text(own.amount(order.filled)),
        "L": _ZERO if fill is None else rows.text(own.price(fill.price)),
        "n": "0" if fill is None else rows.text(from_atoms(fill.fee)),
        "N": None if fill is None else rows.fee_asset(market, fill),
        "T": event.time_ms,
        "t": -1 if fill is None else fill.number,
        "I": event.number,
        "w": order.is_open,
        "m": fill is not None and fill.is_maker,
        "M": False,
        "O": order.created_ms,
        "Z": rows.text(own.cost(order.filled_cost)),
        "Y": _ZERO if fill is None else rows.text(own.cost(fill.price * fill.lots)),
        "Q": rows.quote_quantity_of(market, order),
        "W": order.created_ms,
        "V": order.self_trade.value,
    }
    if order.prevented:
        prevented = rows.text(own.amount(order.prevented))
        row |= {"v": order.prevented_id, "A": prevented, "B": prevented}
    if (reason := rows.expiry_of(order)) is not None:
        row["eR"] = reason
    return row


def account_position(purses: Mapping[str, Purse], changed_ms: int, now_ms: int) -> Row:
    balances = [
        {"a": name, "f": rows.text(from_atoms(purse.free)), "l": rows.text(from_atoms(purse.used))}
        for name, purse in purses.items()
    ]
    return {"e": "outboundAccountPosition", "E": now_ms, "u": changed_ms, "B": balances}


def balance_update(transfer: Transfer, now_ms: int) -> Row:
    return {
        "e": "balanceUpdate",
        "E": now_ms,
        "a": transfer.currency,
        "d": rows.text(from_atoms(transfer.amount)),
        "T": transfer.time_ms,
    }


def trade(market: Market, one: SandboxTrade, now_ms: int) -> Row:
    told = rows.aggregate_row(market.own, one)
    return {"e": "trade", "E": now_ms, "s": market.code, "t": one.number, **_without(told, ("a", "f", "l"))}


def aggregate(market: Market, one: SandboxTrade, now_ms: int) -> Row:
    return {"e": "aggTrade", "E": now_ms, "s": market.code, **rows.aggregate_row(market.own, one)}


def best(market: Market, book: Depth) -> Row:
    bid, ask = (rows.level(market.own, levels[0] if levels else None) for levels in (book.bids, book.asks))
    return {"u": book.update_id, "s": market.code, "b": bid[0], "B": bid[1], "a": ask[0], "A": ask[1]}


def partial_depth(market: Market, book: Depth) -> Row:
    return {
        "lastUpdateId": book.update_id,
        "bids": [rows.level(market.own, level) for level in book.bids],
        "asks": [rows.level(market.own, level) for level in book.asks],
    }


def depth_update(market: Market, before: Depth, book: Depth, now_ms: int) -> Row:
    return {
        "e": "depthUpdate",
        "E": now_ms,
        "s": market.code,
        "U": before.update_id + 1,
        "u": book.update_id,
        "b": [rows.level(market.own, level) for level in changed(before.bids, book.bids)],
        "a": [rows.level(market.own, level) for level in changed(before.asks, book.asks)],
    }


def changed(before: Iterable[Level], now: Iterable[Level]) -> list[Level]:
    """Levels with what they have now; those that are gone have nothing."""
    old, new = dict(before), dict(now)
    gone = [(price, Lots(0)) for price in old if price not in new]
    return [(price, lots) for price, lots in new.items() if old.get(price) != lots] + gone


def _execution_of(event: OrderEvent, status: str) -> str:
    match event.happening:
        case Happening.ACCEPTED:
            return "NEW"
        case Happening.TRADED:
            return "TRADE"
    return "TRADE_PREVENTION" if status == "EXPIRED_IN_MATCH" else status


def _status_of(event: OrderEvent) -> str:
    order: SandboxOrder = event.order
    if event.happening is Happening.TRADED and order.state is OrderState.PARTIALLY_FILLED and _is_whole(order):
        return "FILLED"
    return rows.status_of(order)


def _is_whole(order: SandboxOrder) -> bool:
    return order.lots > 0 and order.remaining == 0


def _without(row: Row, names: tuple[str, ...]) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def day_ticker(day: Row, now_ms: int) -> Row:
    """Of a row of `ticker/24hr`."""
    return {"e": "24hrTicker", "E": now_ms, **{name: day[told] for name, told in _DAY.items()}}


def mini_ticker(day: Row, now_ms: int) -> Row:
    return {"e": "24hrMiniTicker", "E": now_ms, **{name: day[_DAY[name]] for name in "scohlvq"}}


def candle(market: Market, name: str, span: Span, now_ms: int, *, closed: bool) -> Row:
    """`name` is the interval's; a span without a trade has no numbers of trades."""
    opened, high, low, close, volume, until_ms, quote, trades, bought, bought_quote, unused = rows.candle_row(
        market.own, span
    )[1:]
    first, last = (-1, -1) if span.candle is None else (span.candle.first_number, span.candle.last_number)
    told = {
        "t": span.open_ms,
        "T": until_ms,
        "s": market.code,
        "i": name,
        "f": first,
        "L": last,
        "o": opened,
        "c": close,
        "h": high,
        "l": low,
        "v": volume,
        "n": trades,
        "x": closed,
        "q": quote,
        "V": bought,
        "Q": bought_quote,
        "B": unused,
    }
    return {"e": "kline", "E": now_ms, "s": market.code, "k": told}


_DAY = {
    "s": "symbol",
    "p": "priceChange",
    "P": "priceChangePercent",
    "w": "weightedAvgPrice",
    "x": "prevClosePrice",
    "c": "lastPrice",
    "Q": "lastQty",
    "b": "bidPrice",
    "B": "bidQty",
    "a": "askPrice",
    "A": "askQty",
    "o": "openPrice",
    "h": "highPrice",
    "l": "lowPrice",
    "v": "volume",
    "q": "quoteVolume",
    "O": "openTime",
    "C": "closeTime",
    "F": "firstId",
    "L": "lastId",
    "n": "count",
}
