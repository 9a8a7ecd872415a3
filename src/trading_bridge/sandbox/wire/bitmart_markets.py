"""The exchange's markets by the names that BitMart's clients use, as faults show them."""

from collections.abc import Iterable
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.faults import Fault
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.wire.fault_rules import seen_rules


class Market(NamedTuple):
    #: `SHARP_USDT`
    code: str
    #: what orders and trades are counted in
    own: MarketRules
    #: what clients are shown, and what new orders go by
    shown: MarketRules


class Book(NamedTuple):
    #: best first
    bids: list[tuple[Ticks, Lots]]
    asks: list[tuple[Ticks, Lots]]


class Markets:
    def __init__(self, rules: Iterable[MarketRules], faults: Iterable[Fault] = ()) -> None:
        kept = tuple(faults)
        seen = [(own, seen_rules(kept, own)) for own in rules]
        self._by_code = {
            code: Market(code, own, shown) for own, shown in seen for code in (f"{shown.base}_{shown.quote}",)
        }
        self._by_symbol = {market.own.symbol: market for market in self._by_code.values()}

    def all(self) -> list[Market]:
        return list(self._by_code.values())

    def of(self, symbol: str) -> Market:
        """By the engine's symbol."""
        return self._by_symbol[symbol]

    def find(self, code: str | None) -> Market | None:
        return None if code is None else self._by_code.get(code)


def true_book(engine: Engine, symbol: str, levels: int) -> Book:
    book = engine.book(symbol)
    return Book(book.depth(Side.BUY, levels), book.depth(Side.SELL, levels))
