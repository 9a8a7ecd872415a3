"""Every accepted order was inside its bot's limits, with what is live, under way and unresolved counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from tests.simulation.oracle.bot_limits import DECIDED_WITHIN_S, BotLimits
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, shared
from tests.simulation.oracle.references import References
from tests.simulation.oracle.rows import Row
from tests.simulation.watch import Call
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import Refusal

_BPS = Decimal(10_000)
#: the platform samples mids once a cycle, the oracle with each book
REFERENCE_SLACK = Decimal("0.005")
#: a signature tells its time in whole milliseconds
SIGNED_TO_S = 0.001
#: worth is taken at a median of another moment, and moves with what fills brought
WORTH_SLACK = Decimal("1.02")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An accepted order of ours, with what it was signed under."""

    row: Row
    #: seconds of the run; it was decided later than this
    decided_s: float
    #: and no later than this
    signed_s: float
    #: others of the bot that live, or may
    others: tuple[Row, ...]


class OfLimits(Invariant):
    """Looks at each order of ours that the exchange accepts."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self.limits = shared(facts, BotLimits)
        self.references = shared(facts, References)
        #: client order id -> it was decided later than this, and no later than that
        self._decided_s: dict[str, tuple[float, float]] = {}

    def departed(self, call: Call) -> None:
        if call.is_create:
            signed_s = self.ours.signed_s(call)
            self._decided_s[call.client_order_id] = signed_s[0] - DECIDED_WITHIN_S, signed_s[-1] + SIGNED_TO_S

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        decided = self._decided_s.pop(client_order_id, None)
        row = self.ours.intents.get(client_order_id)
        if row is None or decided is None or isinstance(order, Refusal) or not order.is_open:
            return
        decided_s, signed_s = decided
        if self.limits.since(row.bot_id, decided_s):
            others = tuple(self._others(row))
            self.check(Placed(row=row, decided_s=decided_s, signed_s=signed_s, others=others))

    def check(self, placed: Placed) -> None:
        raise NotImplementedError

    def worth(self, placed: Placed) -> Decimal:
        """The most that its bot's shares may be of, in quote."""
        row = placed.row
        price = max(row.price, self.references.highest(row.symbol))
        return max(held.worth(price) for held in self.limits.since(row.bot_id, placed.decided_s)) * WORTH_SLACK

    def loosest(self, placed: Placed, name: str) -> Decimal:
        return self.limits.loosest(placed.row.bot_id, name, placed.decided_s)

    def left(self, row: Row) -> Decimal:
        """What may still trade of it."""
        order = self.ours.standing.get(row.client_order_id)
        return row.remaining if order is None else self.ours.remaining(order)

    def _others(self, row: Row) -> Iterator[Row]:
        for client_order_id in self.ours.standing:
            other = self.ours.intents.get(client_order_id)
            if other is not None and other.bot_id == row.bot_id and client_order_id != row.client_order_id:
                yield other
        for other in self.ours.live.values():
            known = other.client_order_id in self.ours.accepted or other.client_order_id in self.ours.nowhere
            if other.bot_id == row.bot_id and other.client_order_id != row.client_order_id and not known:
                yield other


class InLimits(OfLimits):
    id: ClassVar[str] = "I6"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        #: bot id -> true fills that brought base to it, or took it: exchange's trade id -> base
        self._traded: dict[str, dict[str, Decimal]] = {}

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        amount = self.world.exchange.engine.rules(trade.symbol).amount(trade.lots)
        for order, place in ((maker, 0), (taker, 1)):
            row = self.ours.intents.get(order.client_order_id)
            if row is not None:
                signed = amount if order.side is Side.BUY else -amount
                trade_id = self.ours.wire(order.account).trade_id(trade, place)
                self._traded.setdefault(row.bot_id, {})[trade_id] = signed

    def check(self, placed: Placed) -> None:
        row, worth = placed.row, self.worth(placed)
        self._check_collar(placed)
        cost = row.price * row.amount
        largest = min(self.loosest(placed, "max_order_notional"), self.loosest(placed, "max_order_share") * worth)
        if cost > largest:
            self.broken(f"{row.client_order_id} is worth {cost}, at most {largest} is allowed")
        live, most = len(placed.others) + 1, self.loosest(placed, "max_open_orders")
        if live > most:
            self.broken(f"{row.client_order_id} is the {live}th open order of its bot, {most} are allowed")
        exposed = cost + sum((one.price * self.left(one) for one in placed.others), Decimal(0))
        if exposed > self.loosest(placed, "max_exposure_share") * worth:
            self.broken(f"{row.client_order_id} makes {exposed} of live orders, of a worth of {worth}")
        self._check_band(placed, worth)

    def _check_collar(self, placed: Placed) -> None:
        row, around = placed.row, self.references.around(placed.row.symbol)
        share = self.loosest(placed, "collar_bps") / _BPS + REFERENCE_SLACK
        if around is None or not around[0] * (1 - share) <= row.price <= around[1] * (1 + share):
            self.broken(f"{row.client_order_id} at {row.price} is outside {share:.4f} of {around}")

    def _check_band(self, placed: Placed, worth: Decimal) -> None:
        """By what the platform knew when it decided: fills that would have stopped the order count once they were
        stored, those that speak for it as soon as they happened."""
        row = placed.row
        sign = 1 if row.side is Side.BUY else -1
        stored = {fill.trade_id: fill for fill in self.ours.fills.get(row.bot_id, ())}
        held = Decimal(0)
        for fill in stored.values():
            if fill.signed * sign < 0 or fill.since_s <= placed.decided_s:
                held += fill.signed * sign
        for trade_id, signed in self._traded.get(row.bot_id, {}).items():
            if trade_id not in stored and signed * sign < 0:
                held += signed * sign
        beside = sum((self.left(one) for one in placed.others if one.side is row.side), Decimal(0))
        band = self.loosest(placed, "max_inventory_share") * worth
        if (held + beside + row.amount) * row.price > band:
            self.broken(
                f"{row.client_order_id} {row.side} {row.amount}@{row.price} on top of {held} and {beside} under way"
                f" leaves the band of {band}"
            )
