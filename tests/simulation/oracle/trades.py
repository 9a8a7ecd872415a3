"""What was traded: never with ourselves, and stored as it was."""

from decimal import Decimal
from typing import ClassVar, NamedTuple

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, shared
from tests.simulation.oracle.rows import Row, StoredFill
from trading_bridge.core.order import OrderState, Side, is_final
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade


class NoSelfTrade(Invariant):
    """No trade has orders of the platform on both sides."""

    id: ClassVar[str] = "I4"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        #: what people place by hand on an account may meet its orders: the platform sees it only afterwards
        if self.ours.is_ours(taker.client_order_id) and self.ours.is_ours(maker.client_order_id):
            self.broken(f"{taker.client_order_id} traded with {maker.client_order_id}")


class _Side(NamedTuple):
    """Of a match."""

    exchange_order_id: str
    side: Side
    price: Decimal
    amount: Decimal
    symbol: str


class FillsAreTrue(Invariant):
    """Stored fills are the exchange's, each once; what is filled grows, within the amount; what ended stays so, and was
    never there only where it was not."""

    id: ClassVar[str] = "I15"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self._true: dict[tuple[str, str, str], _Side] = {}  # account, symbol, trade id -> its side
        self._stored: set[tuple[str, str, str]] = set()  # the same
        self._known_s: float | None = None

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        rules = self.world.exchange.engine.rules(trade.symbol)
        for order, place in ((maker, 0), (taker, 1)):
            if self.ours.member(order.account) is not None:
                trade_id = self.ours.wire(order.account).trade_id(trade, place)
                self._true[order.account, trade.symbol, trade_id] = _Side(
                    str(order.id), order.side, rules.price(trade.price), rules.amount(trade.lots), trade.symbol
                )

    def committed(self, life: Life, kind: str) -> None:
        if self._known_s != self.ours.restored_s:
            self._known_s = self.ours.restored_s
            self._stored.clear()
            for fills in self.ours.fills.values():
                self._stored.update(key for fill in fills if (key := self._key(fill)) is not None)
        for before, row in self.ours.changes:
            self._check_order(before, row)
        for fill in self.ours.new_fills:
            self._check_fill(fill)

    def _key(self, fill: StoredFill) -> tuple[str, str, str] | None:
        member = self.ours.member_of(fill.connector_id)
        return None if member is None else (member.plan.exchange_account, fill.symbol, fill.trade_id)

    def _check_fill(self, fill: StoredFill) -> None:
        key = self._key(fill)
        if key is None:
            return
        stored = _Side(fill.exchange_order_id, fill.side, fill.price, fill.amount, fill.symbol)
        if self._true.get(key) != stored:
            self.broken(f"trade {fill.trade_id} is stored as {stored}, at the exchange it is {self._true.get(key)}")
        if key in self._stored:
            self.broken(f"trade {fill.trade_id} is stored twice")
        self._stored.add(key)

    def _check_order(self, before: Row | None, row: Row) -> None:
        if row.filled > row.amount:
            self.broken(f"{row.client_order_id} of {row.amount} is filled {row.filled}")
        true = self.ours.accepted.get(row.client_order_id)
        if row.filled > 0 and (true is None or row.filled > self.ours.filled(true)):
            self.broken(f"{row.client_order_id} is filled {row.filled} in storage, not so at the exchange")
        if row.state is OrderState.ABSENT and true is not None:
            self.broken(f"{row.client_order_id} is absent in storage, and the exchange has accepted it as {true.id}")
        if before is None:
            return
        if row.filled < before.filled:
            self.broken(f"{row.client_order_id} was filled {before.filled} and is filled {row.filled}")
        #: one proved absent may turn up (N3); one that the exchange shows again is frozen, for a person to judge
        turns_up = before.state is OrderState.ABSENT or row.frozen is not None
        if is_final(before.state) and row.state is not before.state and not turns_up:
            self.broken(f"{row.client_order_id} was {before.state} and is {row.state}")
