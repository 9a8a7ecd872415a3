"""Own orders of one connector, to be found by client order id, by the exchange's id, and by market.

Exchanges may number the orders of each market by themselves (Binance does): their id names an order in its market only.
"""

from collections.abc import Collection, Iterator

from trading_bridge.accounts.tracked import Tracked
from trading_bridge.core.order import Order


class OrderIndex:
    def __init__(self) -> None:
        self._orders: dict[str, Tracked] = {}  # client_order_id -> Tracked
        self._of_market: dict[str, dict[str, Tracked]] = {}  # symbol -> client_order_id -> Tracked
        self._by_exchange_id: dict[tuple[str, str], Tracked] = {}  # symbol, exchange_order_id -> Tracked

    def __getitem__(self, client_order_id: str) -> Tracked:
        return self._orders[client_order_id]

    def add(self, tracked: Tracked) -> None:
        order = tracked.order
        self._orders[order.client_order_id] = tracked
        self._of_market.setdefault(order.symbol, {})[order.client_order_id] = tracked
        self.link(tracked)

    def link(self, tracked: Tracked) -> None:
        """Its exchange id may have become known."""
        order = tracked.order
        if order.exchange_order_id is not None:
            self._by_exchange_id[order.symbol, order.exchange_order_id] = tracked

    def remove(self, client_order_id: str) -> None:
        tracked = self._orders.pop(client_order_id)
        order = tracked.order
        of_market = self._of_market[order.symbol]
        del of_market[client_order_id]
        if not of_market:
            del self._of_market[order.symbol]
        if order.exchange_order_id is not None:
            linked = order.symbol, order.exchange_order_id
            if self._by_exchange_id.get(linked) is tracked:
                del self._by_exchange_id[linked]

    def get(self, client_order_id: str | None) -> Tracked | None:
        return None if client_order_id is None else self._orders.get(client_order_id)

    def numbered(self, symbol: str, exchange_order_id: str) -> Tracked | None:
        return self._by_exchange_id.get((symbol, exchange_order_id))

    def all(self) -> Collection[Tracked]:
        """Oldest first."""
        return self._orders.values()

    def of_market(self, symbol: str) -> Collection[Tracked]:
        """Oldest first."""
        return self._of_market.get(symbol, {}).values()

    def live_in(self, symbol: str) -> Iterator[Order]:
        return (tracked.order for tracked in self.of_market(symbol) if tracked.order.live)

    def exchange_ids(self, symbol: str) -> frozenset[str]:
        return frozenset(number for market, number in self._by_exchange_id if market == symbol)
