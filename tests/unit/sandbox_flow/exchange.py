"""A sandbox exchange in memory, for flow to act on."""

import weakref
from decimal import Decimal

from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import EntryKind
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import to_atoms
from trading_bridge.sandbox.store import Store

BOT = "bot"
ETH = "ETH/USDT"
SHARP = "SHARP/USDT"
DEPOSITS = {"USDT": Decimal(1_000_000), "ETH": Decimal(1_000), "SHARP": Decimal(10_000_000)}


class Exchange:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = Store(None)
        weakref.finalize(self, self.store.close)
        self.engine = Engine(self.store, self.clock, CountingEntropy(), DEFAULT_MARKETS)
        self.engine.directory.create(BOT, self.engine.now_ms())
        for currency, amount in DEPOSITS.items():
            atoms = to_atoms(amount)
            assert atoms is not None
            self.engine.deposit(BOT, currency, atoms)

    def rest(self, symbol: str, side: Side, price: int, lots: int) -> SandboxOrder:
        """An order of the bot that stands in the book."""
        order = self.engine.place(BOT, symbol, side, price=Ticks(price), lots=Lots(lots), post_only=True)
        assert isinstance(order, SandboxOrder)
        assert order.is_open, "the test expects an order that rests"
        return order

    def depth(self, symbol: str) -> tuple[list[tuple[Ticks, Lots]], list[tuple[Ticks, Lots]]]:
        book = self.engine.book(symbol)
        return book.depth(Side.BUY, 100), book.depth(Side.SELL, 100)

    def held(self) -> dict[str, int]:
        """Atoms of each currency over all accounts."""
        total: dict[str, int] = {}
        for account in self.engine.directory.accounts():
            for currency, purse in account.purses.items():
                total[currency] = total.get(currency, 0) + purse.free + purse.used
        return total

    def deposited(self) -> dict[str, int]:
        """Atoms of each currency that ever came from outside."""
        total: dict[str, int] = {}
        for account in (BOT, MARKET_MAKER, MARKET_TAKER):
            for entry in self.store.entries(account, after=-1, until=self.engine.sequence, limit=10**9):
                if entry.kind in (EntryKind.DEPOSIT, EntryKind.MARKET_DEPOSIT):
                    total[entry.currency] = total.get(entry.currency, 0) + entry.amount
        return total
