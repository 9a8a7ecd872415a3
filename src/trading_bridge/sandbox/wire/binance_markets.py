"""The exchange's markets by the names that Binance's clients use, as faults show them."""

from collections.abc import Iterable
from typing import NamedTuple

from trading_bridge.sandbox.faults import Fault
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.wire.binance_errors import BinanceError, symbol_unknown
from trading_bridge.sandbox.wire.binance_params import SYMBOL, Params
from trading_bridge.sandbox.wire.fault_rules import seen_rules


class Market(NamedTuple):
    #: `SHARPUSDT`
    code: str
    #: what orders and trades are counted in
    own: MarketRules
    #: what clients are shown, and what new orders go by
    shown: MarketRules


class Markets:
    def __init__(self, rules: Iterable[MarketRules], faults: Iterable[Fault] = ()) -> None:
        found = [(own, seen_rules(faults, own)) for own in rules]
        self._by_code = {shown.base + shown.quote: Market(shown.base + shown.quote, own, shown) for own, shown in found}
        self._by_symbol = {market.own.symbol: market for market in self._by_code.values()}

    def all(self) -> list[Market]:
        return list(self._by_code.values())

    def of(self, symbol: str) -> Market:
        """By the engine's symbol."""
        return self._by_symbol[symbol]

    def find(self, code: str) -> Market | None:
        return self._by_code.get(code)

    def asked(self, params: Params) -> Market:
        """That of the parameter `symbol`. Raises what the exchange answers where there is none."""
        market = self.find(params.text("symbol", SYMBOL))
        if market is None:
            raise symbol_unknown()
        return market

    def optional(self, params: Params) -> Market | None:
        return self.asked(params) if "symbol" in params else None

    def chosen(self, params: Params) -> tuple[list[Market], bool]:
        """Those of `symbol` or `symbols`, else all of them; and whether it is one that was asked for alone."""
        if "symbol" in params and "symbols" in params:
            raise BinanceError(-1128, "Combination of optional parameters invalid.")
        if "symbol" in params:
            return [self.asked(params)], True
        codes = params.optional_list("symbols")
        if codes is None:
            return self.all(), False
        if len(set(codes)) < len(codes):
            raise BinanceError(-1151, "Symbol is present multiple times in the list.")
        found = [market for code in codes if (market := self.find(code)) is not None]
        if len(found) < len(codes):
            raise symbol_unknown()
        return found, False
