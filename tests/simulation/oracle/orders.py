"""Orders on their way: recorded before they leave, sent once, never forgotten."""

from typing import ClassVar

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, epoch_of, shared
from tests.simulation.watch import Call
from trading_bridge.exchanges.trace import unix_ms
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal


class _OfOrders(Invariant):
    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)


class Recorded(_OfOrders):
    """Record before send: an intent with the same words was committed before the request came."""

    id: ClassVar[str] = "I1"

    def departed(self, call: Call) -> None:
        if call.is_create:
            self._check(call)

    def arrived(self, call: Call) -> None:
        if call.is_create:
            self._check(call)

    def _check(self, call: Call) -> None:
        intent = self.ours.intents.get(call.client_order_id)
        if intent is None:
            self.broken(f"{call.client_order_id} left without a committed intent")
            return
        asked = (call.side, call.price, call.amount, call.symbol_code, call.signed_ms)
        symbol_code = intent.symbol.replace("/", "").lower()
        stored = (intent.side, intent.price, intent.amount, symbol_code, unix_ms(intent.signed_at))
        if asked != stored:
            self.broken(f"{call.client_order_id} left as {asked}, its intent says {stored}")


class Once(_OfOrders):
    """At most once: an id serves one request and one order, whatever was restored between."""

    id: ClassVar[str] = "I2"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._sent: dict[str, int] = {}  # client order id -> number of its request
        self._copies: dict[int, int] = {}  # number of a request -> how often it arrived

    def departed(self, call: Call) -> None:
        if call.is_create and self._sent.setdefault(call.client_order_id, call.number) != call.number:
            self.broken(f"{call.client_order_id} is sent by #{self._sent[call.client_order_id]} and #{call.number}")

    def arrived(self, call: Call) -> None:
        if call.is_create:
            self._copies[call.number] = self._copies.get(call.number, 0) + 1

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if isinstance(order, Refusal) or not self.ours.is_ours(client_order_id):
            return
        first = self.ours.accepted[client_order_id]
        #: a network that delivers one request twice to an exchange that takes an id again is nobody's second send
        delivered = self._copies.get(self._sent.get(client_order_id, 0), 0)
        if first is not order and delivered < 2:
            self.broken(f"{client_order_id} has the orders {first.id} and {order.id} at the exchange")


class NoOrphan(_OfOrders):
    """Every live order of ours at the exchange is live in storage."""

    id: ClassVar[str] = "I3"

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if not isinstance(order, Refusal) and order.is_open and self.ours.is_ours(client_order_id):
            self._check(client_order_id)

    def committed(self, life: Life, kind: str) -> None:
        for _, row in self.ours.changes:
            if row.client_order_id in self.ours.standing:
                self._check(row.client_order_id)

    def _check(self, client_order_id: str) -> None:
        row = self.ours.row(client_order_id)
        #: what a restored backup does not know is adopted and cancelled by the rule of S5; I30 sees to that
        if row is None and self.ours.restored_s is not None and client_order_id in self.ours.intents:
            return
        if row is None or not row.live:
            self.broken(f"{client_order_id} lives at the exchange and is {row and row.state} in storage")


class OneWriter(_OfOrders):
    """Within a market the epochs of accepted orders never decrease."""

    id: ClassVar[str] = "I11"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._highest: dict[str, tuple[int, str]] = {}  # symbol -> epoch, client order id

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if isinstance(order, Refusal) or not self.ours.is_ours(client_order_id):
            return
        epoch = epoch_of(client_order_id)
        before, by = self._highest.get(order.symbol, (0, ""))
        if epoch < before:
            self.broken(f"{client_order_id} of epoch {epoch} is accepted after {by} of epoch {before}")
        else:
            self._highest[order.symbol] = epoch, client_order_id
