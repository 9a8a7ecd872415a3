"""Notional of all live orders of a client or of the platform, without a look at each of them for each order."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from trading_bridge.clock import Clock
from trading_bridge.core.order import Order
from trading_bridge.core.risk.at_send import notional

#: an order that ended counts on for at most so long; none that lives is left out
RECOUNT_S = 1.0


class Exposure:
    def __init__(self, clock: Clock, live: Callable[[str], Iterable[Order]]) -> None:
        """`live`: every live order of a client, by its id, or of the platform."""
        self._clock = clock
        self._live = live
        #: id of a client or of the platform -> monotonic time of its count, sum per quote currency
        self._counted: dict[str, tuple[float, dict[str, Decimal]]] = {}

    def of(self, whom: str, quote: str) -> Decimal:
        """What is live, in one quote currency."""
        now = self._clock.monotonic()
        counted = self._counted.get(whom)
        if counted is None or now - counted[0] >= RECOUNT_S:
            counted = self._counted[whom] = now, self._sums(whom)
        return counted[1].get(quote, Decimal(0))

    def opened(self, order: Order, whose: Iterable[str]) -> None:
        """An intent is on its way."""
        quote = order.symbol.partition("/")[2]
        for whom in whose:
            counted = self._counted.get(whom)
            if counted is not None:
                counted[1][quote] = counted[1].get(quote, Decimal(0)) + notional(order)

    def _sums(self, whom: str) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for order in self._live(whom):
            quote = order.symbol.partition("/")[2]
            sums[quote] = sums.get(quote, Decimal(0)) + notional(order)
        return sums
