"""Once fees, losses or the position have reached their limit nothing more is accepted that could add to them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar, NamedTuple

from tests.simulation.oracle.invariant import Facts
from tests.simulation.oracle.limits import OfLimits, Placed
from tests.simulation.oracle.rows import StoredFill
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade

#: a fill is valued at the mid a minute later, which a running bot looks at within the second
MARKED_AFTER_S = 60.0
#: the mid by which an order was decided is no older
LOOKED_S = 15.0
#: fills of a bot that traded less than this many times the limit cannot have lost so much
_CHEAPEST = 30


class _Net(NamedTuple):
    position: Decimal
    entry: Decimal
    realised: Decimal


class NoMoreHarm(OfLimits):
    id: ClassVar[str] = "I8"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        #: bot id -> since when its counters count
        self._since_s: dict[str, float] = {}
        self._position: dict[str, Decimal] = {}  # bot id -> net base of all that its orders traded

    def did(self, actor: str, what: str, **more: object) -> None:
        #: a person has looked, and what halts counts anew (docs/limits.md)
        if what.endswith("/resume"):
            self._since_s[what.split("/")[-2]] = float("inf")

    def served(self, life: object, method: str, path: str, status: int, body: bytes) -> None:
        if path.endswith("/resume"):
            self._since_s[path.split("/")[-2]] = self.world.loop.time()

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        amount = self.world.exchange.engine.rules(trade.symbol).amount(trade.lots)
        for order in (taker, maker):
            row = self.ours.intents.get(order.client_order_id)
            if row is not None:
                signed = amount if order.side is Side.BUY else -amount
                self._position[row.bot_id] = self._position.get(row.bot_id, Decimal(0)) + signed

    def check(self, placed: Placed) -> None:
        row, worth = placed.row, self.worth(placed)
        self._check_position(placed, worth)
        since_s = self._since_s.get(row.bot_id, float("-inf"))
        fills = [fill for fill in self.ours.fills.get(row.bot_id, ()) if since_s < fill.since_s <= placed.decided_s]
        if not fills:
            return
        fees = sum((_fee(fill) for fill in fills), Decimal(0))
        allowed = self.loosest(placed, "fee_share") * worth
        if fees >= allowed:
            self.broken(f"{row.client_order_id} is accepted after {fees} of fees, {allowed} are allowed")
        allowed = self.loosest(placed, "execution_loss_share") * worth
        traded = sum((fill.price * fill.amount for fill in fills), Decimal(0))
        if traded > _CHEAPEST * allowed and (loss := fees + self._slippage(fills)) >= allowed:
            self.broken(f"{row.client_order_id} is accepted after an execution loss of {loss}, {allowed} is allowed")
        self._check_drawdown(placed, worth, since_s)

    def _check_position(self, placed: Placed, worth: Decimal) -> None:
        """All that may trade of it and beside it, on top of all that did, stays in the band."""
        row = placed.row
        sign = 1 if row.side is Side.BUY else -1
        beside = sum((self.left(one) for one in placed.others if one.side is row.side), Decimal(0))
        held = self._position.get(row.bot_id, Decimal(0)) * sign
        band = self.loosest(placed, "max_inventory_share") * worth
        if (held + beside + self.left(row)) * row.price > band:
            self.broken(
                f"{row.client_order_id} {row.side} {row.amount}@{row.price} on top of {held} held and {beside} live"
                f" leaves the band of {band}"
            )

    def _slippage(self, fills: Iterable[StoredFill]) -> Decimal:
        """At the least."""
        now = self.world.loop.time()
        least = Decimal(0)
        for fill in fills:
            due_s = fill.since_s - LOOKED_S + MARKED_AFTER_S
            mids = self.references.mids(fill.symbol, min(due_s, now - LOOKED_S))
            if not mids:
                continue
            if fill.side is Side.BUY:
                least += (fill.price - max(mids)) * fill.amount
            else:
                least += (min(mids) - fill.price) * fill.amount
        return least

    def _check_drawdown(self, placed: Placed, worth: Decimal, since_s: float) -> None:
        row = placed.row
        mids = self.references.mids(row.symbol, placed.decided_s - LOOKED_S)
        #: a resume counts the position as if it were opened at the reference
        if since_s > float("-inf") or not mids:
            return
        losses = []
        for known_s in (placed.decided_s, float("inf")):
            net = _net(fill for fill in self.ours.fills.get(row.bot_id, ()) if fill.since_s <= known_s)
            losses += [net.entry - net.position * mid - net.realised for mid in mids]
        allowed = self.loosest(placed, "drawdown_hold_share") * worth
        if min(losses) >= allowed:
            self.broken(f"{row.client_order_id} is accepted after a drawdown of {min(losses)}, {allowed} is allowed")


def _fee(fill: StoredFill) -> Decimal:
    """In quote; one that is not known, or in a third currency, is not counted."""
    base, _, quote = fill.symbol.partition("/")
    if fill.fee is None:
        return Decimal(0)
    if fill.fee_currency == quote:
        return fill.fee
    return fill.fee * fill.price if fill.fee_currency == base else Decimal(0)


def _net(fills: Iterable[StoredFill]) -> _Net:
    """At average cost: position, what it was traded for (below zero: sold), and what closing parts of it brought."""
    position = entry = realised = Decimal(0)
    for fill in fills:
        signed = fill.signed
        if position == 0 or (position > 0) == (signed > 0):
            position, entry = position + signed, entry + signed * fill.price
            continue
        closed = min(abs(signed), abs(position)) * (1 if position > 0 else -1)
        leaves = entry * closed / position
        realised += closed * fill.price - leaves
        opened = signed + closed
        position, entry = position + signed, entry - leaves + opened * fill.price
    return _Net(position, entry, realised)
