"""What the exchange's stream tells of orders that are followed, and what it should have told by now."""

import asyncio
from collections.abc import Awaitable, Callable

from trading_bridge.accounts.order_index import OrderIndex
from trading_bridge.accounts.tracked import LONG_AGO, Heard, Tracked
from trading_bridge.clock import Clock
from trading_bridge.core.lifecycle import Reported
from trading_bridge.core.order import Order, OrderReport, OrderState
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.order_stream import Pushed

#: what another call shows may be pushed so much later
TOLD_WITHIN_S = 2.0
#: so much waits for storage; what is older is left to looks
WAITING_MAX = 10_000


class OrderPushes:
    def __init__(
        self,
        orders: OrderIndex,
        clock: Clock,
        take: Callable[[Tracked, Reported], object],
        fill: Callable[[Tracked, tuple[Trade, ...]], Awaitable[None]],
    ) -> None:
        """`take` moves an order by what the exchange reports; `fill` books fills of it, and stores both together."""
        self._orders = orders
        self._clock = clock
        self._take = take
        self._fill = fill
        self._moved: dict[str, Tracked] = {}  # client_order_id -> an order that storage is to be told of
        self._fills: list[Trade] = []  # that it is to be told of
        self._unclear: list[OrderReport] = []

    def hear(self, pushed: Pushed) -> None:
        """Moves orders at once; `store` does the rest."""
        for report in pushed.reports:
            tracked = self._known(report.client_order_id, report.exchange_order_id, report.symbol)
            # a refusal may be that of a second delivery (faults N5)
            if tracked is None or report.state is OrderState.REJECTED:
                self._unclear.append(report)
            else:
                self._report(tracked, report)
        self._fills = [*self._fills, *pushed.fills][-WAITING_MAX:]
        self._unclear = self._unclear[-WAITING_MAX:]

    async def store(self) -> tuple[OrderReport, ...]:
        """Books what was heard, and returns when storage has it, or cannot take it now: then looks find it. What was
        told of no order that is followed, or could mean more than it says: a look has to tell."""
        moved, fills, unclear = self._moved, self._fills, self._unclear
        self._moved, self._fills, self._unclear = {}, [], []
        of_order: dict[str, list[Trade]] = {client_order_id: [] for client_order_id in moved}
        for trade in fills:
            tracked = self._known(None, trade.exchange_order_id, trade.symbol)
            if tracked is not None:  # else the report of the same fill is unclear
                moved[tracked.order.client_order_id] = tracked
                of_order.setdefault(tracked.order.client_order_id, []).append(trade)
        await asyncio.gather(*(self._fill(tracked, tuple(of_order[one])) for one, tracked in moved.items()))
        return tuple(unclear)

    def untold(self, since: float) -> Order | None:
        """An order that has moved since then (monotonic), as other calls say, and of which the stream keeps silent: it
        is half-open, has lost a message, or its session has ended (faults N8). None: there is none."""
        now = self._clock.monotonic()
        late = (one for one in self._orders.all() if now - _moved_at(one, since) > TOLD_WITHIN_S and not _is_told(one))
        return next((one.order for one in late), None)

    def unsure(self, under_way: Callable[[Tracked], bool]) -> bool:
        """Whether an order waits for a look: nothing that is pushed may ever say what became of it."""
        now = self._clock.monotonic()
        return any(_waits(tracked, now) and not under_way(tracked) for tracked in self._orders.all())

    def _known(self, client_order_id: str | None, exchange_order_id: str, symbol: str) -> Tracked | None:
        tracked = self._orders.get(client_order_id) or self._orders.numbered(symbol, exchange_order_id)
        return None if tracked is None or tracked.order.symbol != symbol else tracked

    def _report(self, tracked: Tracked, report: OrderReport) -> None:
        """It may have been under way for long: it contradicts nothing that was known when it came, and undoes no
        cancel."""
        now = self._clock.monotonic()
        self._take(tracked, Reported(report=report, began=LONG_AGO, at=now, now=self._clock.now()))
        tracked.heard = Heard.of(report).and_before(tracked.heard)
        self._moved[tracked.order.client_order_id] = tracked


def _moved_at(tracked: Tracked, since: float) -> float:
    """When it last moved, as far as a stream that has told everything since then must have told of that; else
    infinity."""
    order, life = tracked.order, tracked.life
    times: list[float] = []
    if order.frozen is None and order.exchange_order_id is not None:
        if tracked.acknowledged is not None and tracked.opened >= since:
            times.append(tracked.acknowledged)
        if life.changed_at > max(since, tracked.followed):
            times.append(life.changed_at)
    return max(times, default=float("inf"))


def _is_told(tracked: Tracked) -> bool:
    heard, order = tracked.heard, tracked.order
    return heard is not None and heard.filled >= order.filled and (order.live or heard.ended)


def _waits(tracked: Tracked, now: float) -> bool:
    if tracked.owed or tracked.unwritten:
        return True
    if not tracked.order.live:
        return False
    cancel_at = tracked.life.cancel_at
    return tracked.order.exchange_order_id is None or (cancel_at is not None and now - cancel_at > TOLD_WITHIN_S)
