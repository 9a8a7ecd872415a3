"""Money at the exchange: whatever happens, restarts included, nothing appears, vanishes or is rounded."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.sandbox_exchange import SHARP, SandboxExchange
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.accounts import AccountKind
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.markets import SHARP_USDT
from trading_bridge.sandbox.matching import SelfTrade
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.proof import statement
from trading_bridge.sandbox.rules import Refusal, from_atoms

CLIENTS = ("alice", "bob")
RULES = SHARP_USDT

clients = st.sampled_from(CLIENTS)
sides = st.sampled_from(Side)
prices = st.integers(24_990, 25_010).map(Ticks)
lots = st.integers(100, 30_000).map(Lots)


class Exchange(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.exchange = SandboxExchange(Path(self.folder.name) / "s.db")
        self.outside = {"USDT": 0, "SHARP": 0}  # brought in by clients and not taken out, in atoms
        for name in CLIENTS:
            self.exchange.account(name)
            self.bring(name, "USDT", 10**20)
            self.bring(name, "SHARP", 10**20)

    def teardown(self) -> None:
        self.exchange.store.close()
        self.folder.cleanup()

    @rule(name=clients, currency=st.sampled_from(["USDT", "SHARP"]), amount=st.integers(1, 10**19))
    def bring(self, name: str, currency: str, amount: int) -> None:
        self.exchange.engine.deposit(name, currency, amount)
        self.outside[currency] += amount

    @rule(name=clients, currency=st.sampled_from(["USDT", "SHARP"]), amount=st.integers(1, 10**20))
    def take_out(self, name: str, currency: str, amount: int) -> None:
        if not isinstance(self.exchange.engine.withdraw(name, currency, amount), Refusal):
            self.outside[currency] -= amount

    @rule(
        name=clients,
        side=sides,
        price=prices,
        amount=lots,
        tif=st.sampled_from(TimeInForce),
        post_only=st.booleans(),
        mode=st.sampled_from(SelfTrade),
    )
    def limit(
        self,
        name: str,
        side: Side,
        price: Ticks,
        amount: Lots,
        tif: TimeInForce,
        post_only: bool,
        mode: SelfTrade,
    ) -> None:
        trades = self.exchange.engine.public_trades(SHARP, 1)
        crossed = self.exchange.engine.book(SHARP).would_take(side, price)
        order = self.exchange.engine.place(
            name, SHARP, side, price=price, lots=amount, time_in_force=tif, post_only=post_only, self_trade=mode
        )
        if isinstance(order, SandboxOrder):
            self.met_nobody_of_its_own(name, mode, trades)
            assert order.prevented in (0, order.remaining)
            assert order.filled + order.remaining == amount
            limit_cost = price * order.filled
            assert order.filled_cost <= limit_cost if side is Side.BUY else order.filled_cost >= limit_cost
            if post_only and tif is TimeInForce.GTC:
                assert order.filled == 0
                assert (order.state is OrderState.CANCELED) is crossed

    @rule(name=clients, budget=st.integers(100, 2000))
    def market_buy(self, name: str, budget: int) -> None:
        units = RULES.budget(Decimal(budget) / 100)
        assert isinstance(units, int)
        order = self.exchange.engine.place(name, SHARP, Side.BUY, price=None, budget=units)
        assert isinstance(order, Refusal) or order.filled_cost <= units

    @rule(name=clients, side=sides, amount=lots, mode=st.sampled_from(SelfTrade))
    def market_by_lots(self, name: str, side: Side, amount: Lots, mode: SelfTrade) -> None:
        trades = self.exchange.engine.public_trades(SHARP, 1)
        order = self.exchange.engine.place(name, SHARP, side, price=None, lots=amount, self_trade=mode)
        assert isinstance(order, Refusal) or order.filled + order.remaining == amount
        self.met_nobody_of_its_own(name, mode, trades)

    @rule(name=clients, budget=st.integers(100, 2000))
    def market_sell_by_budget(self, name: str, budget: int) -> None:
        units = RULES.budget(Decimal(budget) / 100)
        assert isinstance(units, int)
        order = self.exchange.engine.place(name, SHARP, Side.SELL, price=None, budget=units)
        assert isinstance(order, Refusal) or order.filled_cost <= units

    def met_nobody_of_its_own(self, name: str, mode: SelfTrade, before: list[SandboxTrade]) -> None:
        last = before[0].number if before else 0
        since = [trade for trade in self.exchange.engine.public_trades(SHARP, 100) if trade.number > last]
        assert mode is SelfTrade.NONE or not any(trade.buyer == trade.seller == name for trade in since)

    @rule(side=sides, price=prices, amount=lots)
    def market_quotes(self, side: Side, price: Ticks, amount: Lots) -> None:
        self.exchange.engine.place(MARKET_MAKER, SHARP, side, price=price, lots=amount)

    @rule(side=sides, price=prices, amount=lots)
    def market_takes(self, side: Side, price: Ticks, amount: Lots) -> None:
        ioc = TimeInForce.IOC
        self.exchange.engine.place(MARKET_TAKER, SHARP, side, price=price, lots=amount, time_in_force=ioc)

    @rule(name=st.sampled_from([*CLIENTS, MARKET_MAKER]), pick=st.integers(0, 10))
    def cancel(self, name: str, pick: int) -> None:
        orders = self.exchange.engine.open_orders(name)
        if orders:
            self.exchange.engine.cancel(orders[pick % len(orders)])

    @rule(name=st.sampled_from([*CLIENTS, MARKET_MAKER]), pick=st.integers(0, 10), share=st.integers(1, 99))
    def reduce(self, name: str, pick: int, share: int) -> None:
        orders = self.exchange.engine.open_orders(name)
        if orders:
            order = orders[pick % len(orders)]
            self.exchange.engine.reduce(order, Lots(max(1, order.remaining * share // 100)))

    @rule()
    def halt(self) -> None:
        self.exchange.engine.cancel_all(MARKET_MAKER)

    @rule()
    def restart(self) -> None:
        self.exchange.engine.commit()
        purses, opened = self.purses(), self.open_orders()
        self.exchange.store.close()
        self.exchange = SandboxExchange(Path(self.folder.name) / "s.db")
        assert self.purses() == purses
        assert self.open_orders() == opened
        assert self.exchange.engine.open_orders(MARKET_MAKER) == []

    def purses(self) -> dict[tuple[str, str], tuple[int, int]]:
        return {
            (account.name, currency): (purse.free, purse.used)
            for account in self.exchange.engine.directory.accounts()
            for currency, purse in account.purses.items()
            if purse.free or purse.used
        }

    def open_orders(self) -> list[str]:
        return [repr(order) for name in CLIENTS for order in self.exchange.engine.open_orders(name)]

    @invariant()
    def nothing_appears_or_vanishes(self) -> None:
        held = dict.fromkeys(self.outside, 0)
        for (_, currency), (free, used) in self.purses().items():
            assert free >= 0
            assert used >= 0
            held[currency] += free + used
        supplied = dict.fromkeys(self.outside, 0)
        for name in (MARKET_MAKER, MARKET_TAKER):
            for entry in self.exchange.store.entries(name, after=0, until=10**9, limit=10**6):
                supplied[entry.currency] += entry.amount
        for currency, brought in self.outside.items():
            assert held[currency] == brought + supplied[currency]

    @invariant()
    def what_is_used_is_what_open_orders_hold(self) -> None:
        for name in CLIENTS:
            orders = self.exchange.engine.open_orders(name)
            quote = sum(o.price * o.remaining * RULES.atoms_per_unit for o in orders if o.side is Side.BUY)
            base = sum(o.remaining * RULES.atoms_per_lot for o in orders if o.side is Side.SELL)
            assert self.exchange.held(name, "USDT")[1] == quote
            assert self.exchange.held(name, "SHARP")[1] == base

    @invariant()
    def the_ledger_adds_up_to_every_balance(self) -> None:
        for account in self.exchange.engine.directory.accounts():
            proof = statement(self.exchange.engine, account, after=0, until=self.exchange.engine.sequence, limit=10**6)
            sums: dict[str, int] = {}
            for entry in proof.entries:
                sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount
                assert entry.free + entry.used == sums[entry.currency]
            for currency, purse in account.purses.items():
                assert sums.get(currency, 0) == purse.free + purse.used
                if purse.free or purse.used:
                    assert proof.balances[currency] == purse

    @invariant()
    def fees_are_the_exact_rate_of_what_was_received(self) -> None:
        for name in CLIENTS:
            for fill in self.exchange.store.fills(name, SHARP, order_id=None, side=None, offset=0, limit=50):
                cost, amount = RULES.cost(fill.price * fill.lots), RULES.amount(fill.lots)
                received = amount if fill.side is Side.BUY else cost
                rate = RULES.maker_fee if fill.is_maker else RULES.taker_fee
                assert from_atoms(fill.fee) == received * rate

    @invariant()
    def the_book_is_never_crossed(self) -> None:
        book = self.exchange.engine.book(SHARP)
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        assert bid is None or ask is None or bid < ask

    @invariant()
    def house_gets_every_fee(self) -> None:
        kinds = {a.kind: a for a in self.exchange.engine.directory.accounts()}
        house = kinds[AccountKind.HOUSE]
        fees = {"USDT": 0, "SHARP": 0}
        for trade in self.exchange.store.trades_of(None, until=10**9):
            fees["SHARP"] += trade.buyer_fee
            fees["USDT"] += trade.seller_fee
        assert {currency: house.purse(currency).free for currency in fees} == fees


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
