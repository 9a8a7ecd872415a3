"""One own order with what is known of it, and what all of them hold of books and balances."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from trading_bridge.core.balance import Balance
from trading_bridge.core.lifecycle import Life, Update, after
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, OrderReport, OrderState, Side, is_final
from trading_bridge.core.view import Standing

#: monotonic time of what happened before this process
LONG_AGO = float("-inf")
#: ends without ever having been in a book
_NEVER_STOOD = frozenset({OrderState.REJECTED, OrderState.DENIED, OrderState.NOT_SENT, OrderState.ABSENT})


@dataclass(frozen=True, slots=True)
class Heard:
    """The most that pushes said of an order, in whatever order they came."""

    filled: Decimal
    ended: bool

    @classmethod
    def of(cls, report: OrderReport) -> "Heard":
        return cls(report.filled, report.state is not None and is_final(report.state))

    def and_before(self, before: "Heard | None") -> "Heard":
        if before is None:
            return self
        return Heard(max(self.filled, before.filled), self.ended or before.ended)


@dataclass(slots=True, kw_only=True)
class Tracked:
    life: Life
    #: the value that storage has taken
    stored: Order
    #: monotonic time before which nothing of it had left
    opened: float
    #: monotonic time since which this process follows it
    followed: float
    #: monotonic time at which the exchange had confirmed it; None: not yet
    acknowledged: float | None
    #: monotonic time at which we learnt that it ended; None: it lives
    ended: float | None = None
    #: the answer to its send is still to come, whatever is known of it
    sending: bool = False
    #: what the exchange's stream said of it; None: nothing yet
    heard: Heard | None = None
    #: we asked for its cancel, whatever came of that
    asked_to_end: bool = False
    #: monotonic times at which we learnt of fills, and what remained until then; oldest first
    learnt: list[tuple[float, Decimal]] = field(default_factory=list)

    @property
    def order(self) -> Order:
        return self.life.order

    @property
    def owed(self) -> bool:
        return self.life.owed

    @property
    def unwritten(self) -> bool:
        """More is known of it than storage has taken."""
        return self.stored is not self.life.order

    @property
    def settled(self) -> bool:
        return not self.order.live and not self.owed and not self.unwritten

    @property
    def left_alone(self) -> bool:
        """Frozen, and nobody had it cancelled; one without an exchange id is still looked for, so that it can be."""
        order = self.order
        frozen = order.frozen is not None and order.exchange_order_id is not None
        return frozen and order.live and self.life.cancel_at is None

    def take(self, update: Update, at: float) -> bool:
        """Moves it, and keeps the monotonic time of what books and balances contain; whether that changed anything."""
        before = self.life
        self.life = after(before, update)
        was, now = before.order, self.life.order
        if now is was:
            return False
        if now.filled > was.filled:
            self.learnt.append((at, was.remaining))
        if now.exchange_order_id is not None and self.acknowledged is None:
            self.acknowledged = at
        if now.live:
            self.ended = None
        elif self.ended is None:
            self.ended = at
        return True

    def remaining_since(self, moment: float) -> Decimal:
        """The most that it had left at any time since then."""
        return next((remained for at, remained in self.learnt if at >= moment), self.order.remaining)


def kept(order: Order, booked: Decimal, now: float) -> Tracked:
    """Of an earlier process, or one that had ended. `booked`: the sum of its stored fills; `now`: monotonic."""
    cancelling = order.state is OrderState.PENDING_CANCEL
    return Tracked(
        life=Life(order=order, before=booked, booked=booked, changed_at=now, cancel_at=now if cancelling else None),
        stored=order,
        opened=LONG_AGO,
        followed=now,
        acknowledged=None if order.exchange_order_id is None else LONG_AGO,
        ended=None if order.live else LONG_AGO,
        asked_to_end=cancelling,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbooked:
    """What the exchange says has filled, and storage has no fills for yet (faults X8)."""

    bought: Decimal
    #: for what was bought, at most: quote
    paid: Decimal
    sold: Decimal


def unbooked(orders: Iterable[Tracked], bot_id: str) -> Unbooked:
    """Of the bot's orders among these."""
    bought = paid = sold = Decimal(0)
    for tracked in orders:
        order = tracked.order
        if not tracked.owed or order.bot_id != bot_id:
            continue
        amount = order.filled - tracked.life.booked
        if order.side is Side.BUY:
            bought, paid = bought + amount, paid + _cost(order, amount)
        else:
            sold += amount
    return Unbooked(bought=bought, paid=paid, sold=sold)


def standing_of(order: Order, market: Market) -> Standing:
    """Of a frozen order nobody knows how it stands: it blocks its side, and no plan touches it."""
    return Standing(
        client_order_id=order.client_order_id,
        exchange_order_id=order.exchange_order_id,
        side=order.side,
        price=market.ticks_down(limit_price(order)),
        remaining=market.lots_up(order.remaining),
        state=order.state if order.frozen is None else OrderState.UNRESOLVED,
        opened_at=order.decided_at if order.signed_at is None else order.signed_at,
    )


def own_in_book(
    orders: Iterable[Tracked], market: Market, began: float, ended: float
) -> tuple[tuple[Side, Ticks, Lots], ...]:
    """Own amounts that a book may contain that was read between two monotonic times: the exchange made it at some
    moment in between, and knew of each order before we heard so."""
    return tuple(
        (tracked.order.side, market.ticks_down(limit_price(tracked.order)), market.lots_up(remaining))
        for tracked in orders
        if tracked.order.symbol == market.symbol
        and tracked.opened <= ended
        and (tracked.ended is None or tracked.ended >= began)
        and tracked.order.state not in _NEVER_STOOD
        and (remaining := tracked.remaining_since(began)) > 0
    )


def promised(orders: Iterable[Tracked], side: Side, market: Market, since: float | None) -> Decimal:
    """What orders of every bot took, or may have taken, that a balance read begun at `since` (monotonic; None: in an
    earlier process) cannot contain: quote for buys, base for sells of the markets that use that currency."""
    taken = Decimal(0)
    for tracked in _paying_alike(orders, side, market):
        order = tracked.order
        if tracked.acknowledged is None or since is None or tracked.acknowledged >= since:
            taken += _cost(order, order.amount if order.live else order.filled)
    return taken


def spendable(orders: Iterable[Tracked], side: Side, market: Market, read: Balance, since: float | None) -> Decimal:
    """What a new order may take at this moment, by a balance read begun at `since`.

    The lower of two: what was free, less what was promised, more what orders that ended gave back; and all there was,
    less what filled and what live orders may hold. The first knows of orders that are not ours, the second of an own
    order that had ended before the read and was only found to have ended after it.
    """
    orders = tuple(orders)
    freed = gone = Decimal(0)
    for tracked in _paying_alike(orders, side, market):
        order = tracked.order
        most = order.amount if since is None else tracked.remaining_since(since)
        gone += _cost(order, most if order.live else most - order.remaining)
        if (
            since is not None
            and tracked.acknowledged is not None
            and tracked.ended is not None
            and tracked.acknowledged < since <= tracked.ended
        ):
            freed += _cost(order, order.remaining)
    return min(read.free - promised(orders, side, market, since) + freed, read.total - gone)


def limit_price(order: Order) -> Decimal:
    """The platform sends limit orders only; a market order holds nothing that could be told beforehand."""
    return Decimal(0) if order.price is None else order.price


def _paying_alike(orders: Iterable[Tracked], side: Side, market: Market) -> Iterator[Tracked]:
    """Those that pay with the currency that an order of this side in this market pays with."""
    for tracked in orders:
        if tracked.order.side is side:
            base, quote = tracked.order.symbol.split("/")
            if (quote == market.quote) if side is Side.BUY else (base == market.base):
                yield tracked


def _cost(order: Order, amount: Decimal) -> Decimal:
    """What so much of it takes: quote for a buy, base for a sell."""
    return amount * limit_price(order) if order.side is Side.BUY else amount
