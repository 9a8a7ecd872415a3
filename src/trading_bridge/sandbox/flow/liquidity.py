"""What the market's makers have resting in one market, kept at absolute targets."""

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal


class Liquidity:
    """Counts its own orders only: what others rest at a price is neither counted nor touched."""

    def __init__(self, engine: Engine, symbol: str) -> None:
        self._engine = engine
        self._symbol = symbol
        self._levels: dict[Side, dict[Ticks, list[SandboxOrder]]] = {Side.BUY: {}, Side.SELL: {}}  # oldest first

    def set(self, side: Side, price: Ticks, amount: Lots) -> None:
        """More joins the end of the queue, and meets first whatever it crosses; less leaves from the end."""
        level = [order for order in self._levels[side].get(price, ()) if order.is_open]
        have = sum(order.remaining for order in level)
        if amount > have:
            self._withdraw_crossing(side, price)
            order = self._engine.place(MARKET_MAKER, self._symbol, side, price=price, lots=Lots(amount - have))
            if isinstance(order, Refusal):
                raise AssertionError(f"a market account is never refused: {order.code}")
            if order.is_open:
                level.append(order)
        elif amount < have:
            self._shrink(level, have - amount)
        if level:
            self._levels[side][price] = level
        else:
            self._levels[side].pop(price, None)

    def clear(self) -> None:
        self._engine.cancel_all(MARKET_MAKER, self._symbol)
        for levels in self._levels.values():
            levels.clear()

    def _shrink(self, level: list[SandboxOrder], excess: int) -> None:
        while excess > 0:
            newest = level[-1]
            if newest.remaining <= excess:
                excess -= newest.remaining
                self._engine.cancel(newest)
                level.pop()
            else:
                self._engine.reduce(newest, Lots(newest.remaining - excess))
                excess = 0

    def _withdraw_crossing(self, side: Side, price: Ticks) -> None:
        """Makers do not trade with each other: who stands in the way of a new quote has left."""
        if not self._engine.book(self._symbol).would_take(side, price):
            return
        others = self._levels[side.opposite]
        for other in [each for each in others if (each <= price if side is Side.BUY else each >= price)]:
            for order in others.pop(other):
                self._engine.cancel(order)
