"""Pushed books as values of ours. Most of a book is as it was in the one before, so a row that was read is known."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from operator import gt, itemgetter, lt
from typing import Any

from trading_bridge.core.book import Book, Level
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.exchanges.parsing import required

#: rows of a side that are known at once
KNOWN_MAX = 4096
_PRICE, _PRICE_AND_AMOUNT = itemgetter(0), itemgetter(0, 1)
_NOTHING = Level(Ticks(0), Lots(0))


class _Known(dict[tuple[Any, Any], Level]):
    """A row as the exchange or ccxt's class has it -> level; one that says nothing has no amount. When full it begins
    anew."""

    def __init__(self, ticks: Callable[[Decimal], Ticks], lots: Callable[[Decimal], Lots]) -> None:
        super().__init__()
        self._ticks = ticks
        self._lots = lots
        self._prices: dict[Any, Ticks] = {}

    def __missing__(self, row: tuple[Any, Any]) -> Level:
        if len(self) >= KNOWN_MAX:
            self.clear()
            self._prices.clear()
        price = self._prices.get(row[0])
        if price is None:
            price = self._prices[row[0]] = self._ticks(_number(row[0], "price"))
        amount = self._lots(_number(row[1], "amount"))
        level = self[row] = Level(price, amount) if price > 0 and amount > 0 else _NOTHING
        return level


class BookReader:
    def __init__(self, market: Market) -> None:
        self.market = market
        # prices off the tick move away from the mid: never a better book than the exchange's
        self._bids = _Known(market.ticks_down, market.lots_down)
        self._asks = _Known(market.ticks_up, market.lots_down)

    def book(self, answer: Any, observed_at: datetime, depth: int) -> Book:
        """Of ccxt's own book, best rows first."""
        return Book(
            symbol=self.market.symbol,
            bids=_levels(answer["bids"][:depth], self._bids, gt),
            asks=_levels(answer["asks"][:depth], self._asks, lt),
            observed_at=observed_at,
        )


def _number(value: Any, name: str) -> Decimal:
    # the shortest text of a double has the digits that were sent, up to fifteen of them
    text = repr(value) if isinstance(value, float) else value
    try:
        number = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        number = None
    return number if number is not None and number.is_finite() else required(text, name)  # or it says what is wrong


def _levels(rows: Any, known: _Known, further: Callable[[Any, Any], bool]) -> tuple[Level, ...]:
    """`further`: whether a price is better than the next one's."""
    levels = tuple(map(known.__getitem__, map(_PRICE_AND_AMOUNT, rows)))
    prices = tuple(map(_PRICE, levels))
    if all(map(further, prices, prices[1:])) and _NOTHING.price not in prices:
        return levels
    summed: dict[Ticks, Lots] = {}
    for price, amount in levels:
        if amount > 0:
            summed[price] = Lots(summed.get(price, 0) + amount)
    return tuple(Level(price, summed[price]) for price in sorted(summed, reverse=further is gt))
