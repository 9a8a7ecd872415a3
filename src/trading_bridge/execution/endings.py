"""Orders that ended though we asked for no cancel: post-only ones that would have taken, and what people cancel."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from trading_bridge.clock import Clock
from trading_bridge.core.crossing import REPRICE_WITHIN_BPS
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.order import Order, OrderState, Side

#: an exchange ends a post-only order that would take at once; what was still there after this had rested
RESTED_AFTER = timedelta(seconds=5)
#: so many in a row on one side, each behind the one before (faults X20)
REPRICES = 3
#: then that side holds; and after this what would have taken says nothing of where an order may stand now
PAUSE_S = 30.0
#: what people cancel is replaced so often within the time, then the bot holds: the person means it (faults O6)
BY_HAND_MAX = 3
BY_HAND_WITHIN = timedelta(minutes=10)
#: what ends together was cancelled at one stroke
ONE_STROKE = timedelta(seconds=5)
#: an exchange that refuses a post-only order, where others take it and end it at once, says so with this code
WOULD_TAKE = "order.would_take"
_BPS = Decimal(10_000)

_STANDING = frozenset({OrderState.NEW, OrderState.PARTIALLY_FILLED})
_ENDED = frozenset({OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED})


class Orders(Protocol):
    """An order tracker, as far as it is asked."""

    def order(self, client_order_id: str) -> Order | None: ...

    def asked_to_end(self, client_order_id: str) -> bool: ...


@dataclass(slots=True)
class _Taking:
    """Post-only orders of one side that would have taken, in a row."""

    count: int
    #: of the last of them, as a decimal: the market's tick may change
    price: Decimal
    #: monotonic; until then its side stands behind that price, or holds
    until: float

    @property
    def holds(self) -> bool:
        return self.count > REPRICES


@dataclass(slots=True)
class _Watched:
    """One bot's."""

    orders: dict[str, Order] = field(default_factory=dict)  # client_order_id -> as it was sent
    taking: dict[Side, _Taking] = field(default_factory=dict)
    #: strokes, oldest first
    by_hand: list[datetime] = field(default_factory=list)


class Endings:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bots: dict[str, _Watched] = {}  # bot_id -> what is known of its orders

    def recall(self, bot_id: str, orders: Iterable[Order], strokes: Iterable[datetime]) -> None:
        """What stood before a start, and what people had cancelled by then."""
        standing = {order.client_order_id: order for order in orders if order.state in _STANDING}
        self._bots[bot_id] = _Watched(orders=standing, by_hand=list(strokes))

    def knows(self, bot_id: str) -> bool:
        return bot_id in self._bots

    def strokes(self, bot_id: str) -> tuple[datetime, ...]:
        """When people cancelled orders of the bot, oldest first."""
        watched = self._bots.get(bot_id)
        return () if watched is None else tuple(watched.by_hand)

    def sent(self, order: Order) -> None:
        self._bots.setdefault(order.bot_id, _Watched()).orders[order.client_order_id] = order

    def asked(self, bot_id: str, client_order_id: str) -> None:
        """We ask for its cancel, so however that is answered, nobody else can be said to have cancelled it."""
        watched = self._bots.get(bot_id)
        if watched is not None:
            watched.orders.pop(client_order_id, None)

    def look(self, bot_id: str, tracker: Orders, market: Market) -> Reason | None:
        """Takes up how the bot's orders ended since the last look; why it must hold until a person says otherwise."""
        watched = self._bots.get(bot_id)
        if watched is None:
            return None
        now = self._clock.now()
        for client_order_id, sent in tuple(watched.orders.items()):
            order = tracker.order(client_order_id)
            if order is not None and order.live and not _rested(sent, now):
                continue
            if order is None or not order.live:
                del watched.orders[client_order_id]
            if order is None:
                continue
            if order.live or order.state is OrderState.FILLED:
                watched.taking.pop(order.side, None)
            elif _was_there(order) and not tracker.asked_to_end(client_order_id):
                self._ended(watched, sent, order, market, now)
        if len(watched.by_hand) <= BY_HAND_MAX:
            return None
        count, watched.by_hand = len(watched.by_hand), []
        return Reason(code="orders.cancelled_by_hand", parameters={"count": str(count)})

    def repriced(self, bot_id: str, wish: Wanted, market: Market) -> Wanted | Reason:
        """Behind the price that would have taken, a bounded number of times; then why nothing is placed. A wish that is
        further from that price than `REPRICE_WITHIN_BPS` is of another market, and stays as it is."""
        watched = self._bots.get(bot_id)
        taking = None if watched is None else watched.taking.get(wish.side)
        if watched is None or taking is None or not wish.post_only:
            return wish
        left_s = taking.until - self._clock.monotonic()
        if left_s <= 0:
            del watched.taking[wish.side]
            return wish
        if taking.holds:
            return Reason(code=WOULD_TAKE, parameters={"side": wish.side.value, "seconds": f"{left_s:.0f}"})
        buys = wish.side is Side.BUY
        at = market.ticks_down(taking.price) if buys else market.ticks_up(taking.price)
        behind = min(wish.price, at - 1) if buys else max(wish.price, at + 1)
        if abs(behind - wish.price) * _BPS > wish.price * REPRICE_WITHIN_BPS:
            return wish
        if not market.allows(Ticks(behind), wish.amount):
            return Reason(code="order.too_small", parameters={"side": wish.side.value})
        return replace(wish, price=Ticks(behind))

    def would_have_taken(self, order: Order) -> None:
        """The exchange refused it for that."""
        watched = self._bots.setdefault(order.bot_id, _Watched())
        watched.orders.pop(order.client_order_id, None)
        self._took(watched, order)

    def _took(self, watched: _Watched, order: Order) -> None:
        before, at_s = watched.taking.get(order.side), self._clock.monotonic()
        count = 1 if before is None or before.until <= at_s else before.count + 1
        price = Decimal(0) if order.price is None else order.price
        watched.taking[order.side] = _Taking(count, price, at_s + PAUSE_S)

    def _ended(self, watched: _Watched, sent: Order, order: Order, market: Market, now: datetime) -> None:
        if order.post_only and order.filled == 0 and not _rested(sent, now):
            self._took(watched, order)
            return
        watched.by_hand = [at for at in watched.by_hand if now - at < BY_HAND_WITHIN]
        if not watched.by_hand or now - watched.by_hand[-1] > ONE_STROKE:
            watched.by_hand.append(now)


def _was_there(order: Order) -> bool:
    """The exchange had taken it, and ended it unfilled."""
    return order.state in _ENDED and order.exchange_order_id is not None


def _rested(sent: Order, now: datetime) -> bool:
    return now - (sent.signed_at or sent.decided_at) >= RESTED_AFTER
