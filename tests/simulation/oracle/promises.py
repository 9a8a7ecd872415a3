"""What live, unresolved and departing orders promise is never more than the last good balance."""

from decimal import Decimal
from typing import ClassVar

from tests.simulation.loop import Life
from tests.simulation.oracle.delivered import BalanceAnswer, Delivered
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, shared, words
from tests.simulation.oracle.rows import Row
from tests.simulation.watch import Call
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal, RefusalCode

#: a balance that an order is decided by was read at most so long before it was signed, and signed at most so long
#: after it was decided (`core/view.py`, `execution/executor.py`), in seconds
BALANCE_AGE_S, DECISION_AGE_S = 10.0, 5.0


class Promises(Invariant):
    id: ClassVar[str] = "I9"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self.delivered = shared(facts, Delivered)
        #: (exchange account, currency) -> when something but the platform last took of it
        self._taken_s: dict[tuple[str, str], float] = {}
        self._sent: dict[str, Call] = {}  # client order id -> its request

    def transferred(self, account: str, currency: str, atoms: int) -> None:
        if atoms < 0:
            self._taken_s[account, currency] = self.world.loop.time()

    def departed(self, call: Call) -> None:
        if not call.is_create:
            return
        self._sent[call.client_order_id] = call
        row = self.ours.row(call.client_order_id)
        if row is not None:
            self._check(row, call)

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if not self.ours.is_ours(client_order_id):
            if not isinstance(order, Refusal) and self.ours.member(account) is not None:
                self._taken_s[account, _currency(order.symbol, order.side)] = self.world.loop.time()
            return
        if not isinstance(order, Refusal) or order.code is not RefusalCode.INSUFFICIENT_FUNDS:
            return
        row = self.ours.row(client_order_id)
        if row is None:
            return
        #: what people took since the balance was read is known with the next one (X18, X19)
        taken_s = self._taken_s.get((account, _currency(row.symbol, row.side)), float("-inf"))
        if all(answer.made_s > taken_s for answer in self._balances(self._sent[client_order_id])):
            self.broken(f"{client_order_id} {row.side} {row.amount}@{row.price} promised what is not there")

    def _check(self, row: Row, call: Call) -> None:
        member = self.ours.member_of(row.connector_id)
        if member is None:
            return
        currency = _currency(row.symbol, row.side)
        promised = [
            one
            for one in self.ours.live.values()
            if one.side is row.side
            and one.connector_id in member.connectors.values()
            and _currency(one.symbol, one.side) == currency
            and (one.client_order_id in self.ours.standing or self._is_under_way(one))
        ]
        total = sum((_cost(one) for one in promised), Decimal(0))
        known = [answer.totals.get(currency, Decimal(0)) for answer in self._balances(call)]
        if not known or total > max(known):
            self.broken(f"{words(promised)} promise {total} {currency}, the balance was {known}")

    def _is_under_way(self, row: Row) -> bool:
        return row.client_order_id not in self.ours.accepted and row.client_order_id not in self.ours.nowhere

    def _balances(self, call: Call) -> list[BalanceAnswer]:
        """Those that it may have been decided by."""
        oldest_s = self.ours.signed_s(call)[0] - BALANCE_AGE_S - DECISION_AGE_S
        answers = self.delivered.balances.get((call.life.name, call.api_key), ())
        return [answer for answer in answers if answer.heard_s >= oldest_s]

    def committed(self, life: Life, kind: str) -> None:
        for _, row in self.ours.changes:
            if not row.live:
                self._sent.pop(row.client_order_id, None)


def _currency(symbol: str, side: Side) -> str:
    base, _, quote = symbol.partition("/")
    return quote if side is Side.BUY else base


def _cost(row: Row) -> Decimal:
    return row.remaining * row.price if row.side is Side.BUY else row.remaining
