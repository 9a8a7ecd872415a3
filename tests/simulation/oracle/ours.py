"""The platform's orders as somebody beside it sees them: stored rows commit by commit, and what the exchange has."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

from tests.simulation.clock import BEGIN
from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts
from tests.simulation.oracle.rows import FILLS, LIVE, ONE, Row, StoredFill, fill_of, row_of
from tests.simulation.people import Member
from tests.simulation.watch import Call, Watcher
from tests.simulation.wires import COINSTORE, WIRES, Wire
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import Refusal

#: what takes committed transactions back
RESTORES = frozenset({"S4", "S5"})
PREFIX = "tb"
INSTALLATION_LENGTH = 5
#: of the number of the send, and of what is random
NUMBER_LENGTH, RANDOM_LENGTH = 5, 12
#: signing and sending lie no further apart
_SIGNED_WITHIN_S = 150.0

W = TypeVar("W", bound=Watcher)


def shared(facts: Facts, kind: type[W]) -> W:
    """The one watcher of this kind of a run, told before the invariants that look into it."""
    for watcher in facts.world.watchers.all:
        if isinstance(watcher, kind):
            return watcher
    made = kind(facts)  # type: ignore[call-arg]
    facts.world.watchers.add(made)
    return made


class Ours(Watcher):
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._world = facts.world
        #: five characters; None: there is no installation yet
        self.installation: str | None = None
        #: client order id -> as it was last committed
        self.rows: dict[str, Row] = {}
        #: client order id -> as its intent was committed, whatever was restored since
        self.intents: dict[str, Row] = {}
        #: client order id -> stored as live
        self.live: dict[str, Row] = {}
        #: of the last commit: before (None: it is new), after
        self.changes: list[tuple[Row | None, Row]] = []
        #: of the last commit
        self.new_fills: list[StoredFill] = []
        #: bot id -> stored fills, oldest first
        self.fills: dict[str, list[StoredFill]] = {}
        #: client order id -> open at the exchange
        self.standing: dict[str, SandboxOrder] = {}
        #: client order id -> the first that the exchange accepted under it
        self.accepted: dict[str, SandboxOrder] = {}
        #: client order ids of creates that never left, or that the exchange refused in its own words
        self.nowhere: set[str] = set()
        #: when committed transactions were last taken back, in seconds of the run; None: never
        self.restored_s: float | None = None
        self._raw: dict[str, dict[str, Any]] = {}
        self._last_fill = 0
        self._departed: set[str] = set()
        #: life -> how far its wall clock was off, since when; oldest first
        self._offsets: dict[str, list[tuple[float, float]]] = {}

    # what is asked

    def is_ours(self, client_order_id: str) -> bool:
        return self.installation is not None and client_order_id.startswith(PREFIX + self.installation)

    def row(self, client_order_id: str) -> Row | None:
        return self.rows.get(client_order_id)

    def member(self, account: str) -> Member | None:
        """Whose exchange account it is; None: nobody's here."""
        return next((one for one in self._facts.people.members if one.plan.exchange_account == account), None)

    def wire(self, account: str) -> Wire:
        """How the platform speaks to the exchange about it; Coinstore's where nobody here has it."""
        member = self.member(account)
        return COINSTORE if member is None else WIRES[member.plan.exchange]

    def member_of(self, connector_id: str) -> Member | None:
        return next((one for one in self._facts.people.members if connector_id in one.connectors.values()), None)

    def signed_s(self, call: Call) -> list[float]:
        """Seconds of the run at which it may have been signed; several only around a step of its sender's clock."""
        signed_ms = call.signed_ms
        assert signed_ms is not None, "a create is signed"
        now = self._world.loop.time()
        wall_s = signed_ms / 1000 - BEGIN.timestamp()
        offsets = self._offsets.get(call.life.name, [(0.0, 0.0)])
        found = {round(wall_s - offset, 6) for _, offset in offsets}
        return sorted(one for one in found if now - _SIGNED_WITHIN_S <= one <= now + 0.001) or [round(call.begun_s, 6)]

    def price(self, order: SandboxOrder) -> Decimal:
        return self._world.exchange.engine.rules(order.symbol).price(order.price)

    def amount(self, order: SandboxOrder) -> Decimal:
        return self._world.exchange.engine.rules(order.symbol).amount(order.lots)

    def remaining(self, order: SandboxOrder) -> Decimal:
        return self._world.exchange.engine.rules(order.symbol).amount(order.remaining)

    def filled(self, order: SandboxOrder) -> Decimal:
        return self._world.exchange.engine.rules(order.symbol).amount(order.filled)

    # what is told

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        for server in self._world.servers:
            self._note_clock(server.life)
        if fault_id in RESTORES and what == "strikes":
            self.restored_s = self._world.loop.time()
            self._restart()

    def committed(self, life: Life, kind: str) -> None:
        self._note_clock(life)
        self.changes, self.new_fills = [], []
        if kind == "journal":
            self._read_orders()
            self._read_fills()
        elif kind == "write" and self.installation is None:
            found = self._facts.stored.rows("SELECT id FROM installation")
            self.installation = str(found[0]["id"]) if found else None

    def departed(self, call: Call) -> None:
        self._note_clock(call.life)
        if call.is_create:
            self._departed.add(call.client_order_id)

    def heard(self, call: Call, answer: Any) -> None:
        if call.is_create and call.wire.refuses_create(answer.status, answer.code):
            self.nowhere.add(call.client_order_id)

    def unheard(self, call: Call, error: BaseException) -> None:
        if call.is_create and call.client_order_id not in self._departed:
            self.nowhere.add(call.client_order_id)

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if isinstance(order, Refusal) or not self.is_ours(client_order_id):
            return
        self.accepted.setdefault(client_order_id, order)
        if order.is_open:
            self.standing[client_order_id] = order

    def canceled(self, order: SandboxOrder) -> None:
        self.standing.pop(order.client_order_id, None)

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        for order in (taker, maker):
            if not order.is_open or order.remaining == 0:
                self.standing.pop(order.client_order_id, None)

    # inside

    def _note_clock(self, life: Life) -> None:
        server = next((one for one in self._world.servers if one.life is life), None)
        if server is None:
            return
        known = self._offsets.setdefault(life.name, [])
        if not known or known[-1][1] != server.clock.offset_s:
            known.append((self._world.loop.time(), server.clock.offset_s))

    def _read_orders(self) -> None:
        raw = {row["client_order_id"]: row for row in self._facts.stored.rows(LIVE)}
        ended = [client_order_id for client_order_id in self.live if client_order_id not in raw]
        for client_order_id in ended:
            raw.update({row["client_order_id"]: row for row in self._facts.stored.rows(ONE, client_order_id)})
        for client_order_id, values in raw.items():
            if self._raw.get(client_order_id) != values:
                self._take(values)

    def _take(self, values: dict[str, Any]) -> None:
        client_order_id = values["client_order_id"]
        before = self.rows.get(client_order_id)
        since_s = self._world.loop.time() if before is None else before.since_s
        row = row_of(values, since_s)
        self._raw[client_order_id] = values
        self.rows[client_order_id] = row
        self.intents.setdefault(client_order_id, row)
        if row.live:
            self.live[client_order_id] = row
        else:
            self.live.pop(client_order_id, None)
        self.changes.append((before, row))

    def _read_fills(self) -> None:
        for values in self._facts.stored.rows(FILLS, self._last_fill):
            self._last_fill = values["id"]
            fill = fill_of(values, self._world.loop.time())
            self.new_fills.append(fill)
            if fill.bot_id is not None:
                self.fills.setdefault(fill.bot_id, []).append(fill)

    def _restart(self) -> None:
        """Storage is as it once was."""
        self.rows.clear()
        self.live.clear()
        self._raw.clear()
        self.fills.clear()
        self._last_fill = 0
        self._read_orders()
        self._read_fills()
        self.changes, self.new_fills = [], []


def crossing(side: Side, price: Decimal, other_side: Side, other_price: Decimal) -> bool:
    """The two would trade with each other."""
    if side is other_side:
        return False
    return price >= other_price if side is Side.BUY else price <= other_price


def epoch_of(client_order_id: str) -> int:
    return int(client_order_id[len(PREFIX) + INSTALLATION_LENGTH : -NUMBER_LENGTH - RANDOM_LENGTH], 36)


def words(rows: Iterable[Row]) -> str:
    return ", ".join(f"{row.client_order_id} {row.side} {row.amount}@{row.price} {row.state}" for row in rows)
