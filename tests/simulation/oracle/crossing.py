"""No two orders of a client's market cross, whichever of its accounts they are on; no two clients share a market."""

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, NamedTuple

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, crossing, shared
from tests.simulation.oracle.rows import Row
from tests.simulation.watch import Call
from trading_bridge.core.order import OrderState, Side
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal

_UNDER_WAY = (OrderState.PENDING_NEW, OrderState.UNRESOLVED)
#: an intent that was not sent so long after its commit is sent no more: its decision is too old (I18). The platform
#: knows that at once, storage once it can be written
SENT_WITHIN_S = 10.0


class _Resting(NamedTuple):
    client_order_id: str
    side: Side
    price: Decimal


class NoCrossing(Invariant):
    id: ClassVar[str] = "I5"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self._clients: dict[str, str] = {}  # symbol -> client that trades there
        self._sent: set[str] = set()  # client order ids

    def departed(self, call: Call) -> None:
        if call.is_create:
            self._sent.add(call.client_order_id)

    def committed(self, life: Life, kind: str) -> None:
        for before, row in self.ours.changes:
            if before is None and row.live:
                self._check(_Resting(row.client_order_id, row.side, row.price), row.symbol)

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if isinstance(order, Refusal) or not self.ours.is_ours(client_order_id):
            return
        member = self.ours.member(account)
        if member is not None and self._clients.setdefault(order.symbol, member.client_id) != member.client_id:
            self.broken(f"{client_order_id} of {member.plan.client} is in a market of another client, {order.symbol}")
        if order.is_open:
            self._check(_Resting(client_order_id, order.side, self.ours.price(order)), order.symbol)

    def _check(self, one: _Resting, symbol: str) -> None:
        for other in self._others(symbol):
            crosses = crossing(one.side, one.price, other.side, other.price)
            if crosses and other.client_order_id != one.client_order_id:
                self.broken(
                    f"{one.client_order_id} {one.side}@{one.price} crosses {other.client_order_id} @{other.price}"
                )

    def _others(self, symbol: str) -> Iterator[_Resting]:
        """Live at the exchange, or under way there as far as storage knows."""
        for client_order_id, order in self.ours.standing.items():
            if order.symbol == symbol:
                yield _Resting(client_order_id, order.side, self.ours.price(order))
        for row in self.ours.live.values():
            if row.symbol == symbol and self._is_under_way(row):
                yield _Resting(row.client_order_id, row.side, row.price)

    def _is_under_way(self, row: Row) -> bool:
        #: one that ended at the exchange, or that it refused, trades no more, whatever storage has heard of it
        known = row.client_order_id in self.ours.accepted or row.client_order_id in self.ours.nowhere
        return row.state in _UNDER_WAY and not known and not self._is_given_up(row)

    def _is_given_up(self, row: Row) -> bool:
        """Were it sent all the same, it would be looked at once more when the exchange accepts it."""
        waits = row.state is OrderState.PENDING_NEW and row.client_order_id not in self._sent
        return waits and self.world.loop.time() - row.since_s > SENT_WITHIN_S
