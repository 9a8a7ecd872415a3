"""The session of a live account: whoever reads its open orders, each list is heard by whom it concerns."""

from collections.abc import Callable
from dataclasses import dataclass

from trading_bridge.core.order import OrderReport
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.exchanges.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All open orders of the exchange account, whoever placed them."""

    reports: tuple[OrderReport, ...]
    #: monotonic time before which the exchange had not made it
    began: float


class ListingSession(Session):
    #: hears each list that the exchange answers with; None: nobody does yet
    on_listed: Callable[[Listing], None] | None = None

    async def open_orders(self) -> Outcome[tuple[OrderReport, ...]]:
        began = self._clock.monotonic()
        answer = await super().open_orders()
        if isinstance(answer, Answered) and self.on_listed is not None:
            self.on_listed(Listing(reports=answer.value, began=began))
        return answer
