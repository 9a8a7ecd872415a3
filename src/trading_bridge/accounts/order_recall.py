"""Which order of ours an id of the exchange means, when this process does not follow it: storage knows, or the exchange
says."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

from trading_bridge.accounts.order_index import OrderIndex
from trading_bridge.accounts.order_looks import OrderLooks
from trading_bridge.accounts.tracked import Tracked
from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding
from trading_bridge.core.lifecycle import Reported
from trading_bridge.core.order import Order
from trading_bridge.core.trade import Trade

#: numbers of orders that were found to be none of ours, and are not looked up again; beyond it all are forgotten
STRANGERS_MAX = 10_000

#: client_order_id -> a stored order of this connector, ended or not, and the sum of its stored fills; None: none
FindOrder = Callable[[str], Awaitable[tuple[Order, Decimal] | None]]


async def none_stored(_: str) -> None:
    return None


class OrderRecall:
    def __init__(
        self,
        orders: OrderIndex,
        looks: OrderLooks,
        find: FindOrder,
        clock: Clock,
        keep: Callable[[Order, Decimal], Tracked],
        take: Callable[[Tracked, Reported], object],
    ) -> None:
        """`keep` follows a stored order from here on; `take` moves one by what the exchange reports."""
        self._orders = orders
        self._looks = looks
        self._find = find
        self._clock = clock
        self._keep = keep
        self._take = take
        self._strangers: set[tuple[str, str]] = set()  # symbol, exchange_order_id

    async def stored(self, symbol: str, exchange_order_id: str, client_order_id: str | None) -> Tracked | None:
        """An order of ours that only storage remembers."""
        if client_order_id is None or (symbol, exchange_order_id) in self._strangers:
            return None
        found = await self._find(client_order_id)
        if found is None:
            return None
        return self._orders.get(client_order_id) or self._keep(*found)  # another task may have been faster

    async def of_fill(self, fill: Trade) -> "Tracked | bool | None":
        """The order of ours that was filled; None: none; True: it cannot be told yet."""
        return self._orders.numbered(fill.symbol, fill.exchange_order_id) or await self._named_by_exchange(fill)

    async def _named_by_exchange(self, fill: Trade) -> "Tracked | bool | None":
        if (fill.symbol, fill.exchange_order_id) in self._strangers:
            return None
        began = self._clock.monotonic()
        report = await self._looks.report_of(fill.exchange_order_id, fill.symbol)
        if isinstance(report, Finding):
            return True
        if report is None or report.client_order_id is None:
            live = self._orders.live_in(fill.symbol)
            if any(order.exchange_order_id is None and order.side is fill.side for order in live):
                return True
            self._stranger(fill)
            return None
        tracked = self._orders.get(report.client_order_id) or await self.stored(
            fill.symbol, fill.exchange_order_id, report.client_order_id
        )
        if tracked is None:
            self._stranger(fill)
            return None
        self._take(tracked, Reported(report=report, began=began, at=self._clock.monotonic(), now=self._clock.now()))
        return tracked

    def _stranger(self, fill: Trade) -> None:
        if len(self._strangers) >= STRANGERS_MAX:
            self._strangers.clear()
        self._strangers.add((fill.symbol, fill.exchange_order_id))
