"""What happened to orders and money, told to whoever listens, once it is stored."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from trading_bridge.core.order import OrderState
from trading_bridge.sandbox.accounts import Transfer
from trading_bridge.sandbox.orders import Fill, SandboxOrder

_NUMBERS_PER_MS = 1000


class Happening(StrEnum):
    ACCEPTED = "accepted"
    TRADED = "traded"
    #: cancelled or expired
    ENDED = "ended"


class OrderEvent(NamedTuple):
    happening: Happening
    #: as it was then
    order: SandboxOrder
    #: of a trade
    fill: Fill | None
    #: of the request that ended it; None: none did, or it named none
    request_id: str | None
    #: rises with every event, over restarts as well
    number: int
    time_ms: int


Told = Callable[[OrderEvent | Transfer], None]


class Announcements:
    """Nothing is kept of an account that nobody listens to."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._listeners: dict[str, list[Told]] = {}  # account -> who is told
        self._stirred: list[Callable[[], None]] = []
        self._waiting: list[tuple[str, OrderEvent | Transfer]] = []
        self._numbers = count(now_ms() * _NUMBERS_PER_MS)

    def listen(self, account: str, told: Told) -> Callable[[], None]:
        """Ends it when it is called."""
        self._listeners.setdefault(account, []).append(told)
        return lambda: self._listeners[account].remove(told)

    def stir(self, stirred: Callable[[], None]) -> Callable[[], None]:
        """Called whenever something may have changed, with what is told before; ends it when it is called."""
        self._stirred.append(stirred)
        return lambda: self._stirred.remove(stirred)

    def accepted(self, order: SandboxOrder) -> None:
        self._put(order, Happening.ACCEPTED)

    def traded(self, order: SandboxOrder, fill: Fill) -> None:
        self._put(order, Happening.TRADED, fill=fill)

    def ended(self, order: SandboxOrder, request_id: str | None) -> None:
        self._put(order, Happening.ENDED, request_id=request_id)

    def filled(self, order: SandboxOrder) -> None:
        """The trade that was told last was its last."""
        for _, event in reversed(self._waiting):
            if isinstance(event, OrderEvent) and event.order.id == order.id:
                event.order.state = OrderState.FILLED
                return

    def moved(self, transfer: Transfer) -> None:
        if self._listeners.get(transfer.account):
            self._waiting.append((transfer.account, transfer))

    def deliver(self) -> None:
        """All of it is stored."""
        waiting, self._waiting = self._waiting, []
        for account, event in waiting:
            for told in tuple(self._listeners.get(account, ())):
                told(event)
        for stirred in self._stirred:
            stirred()

    def _put(
        self, order: SandboxOrder, happening: Happening, fill: Fill | None = None, request_id: str | None = None
    ) -> None:
        if self._listeners.get(order.account):
            number = next(self._numbers)
            event = OrderEvent(happening, replace(order), fill, request_id, number, order.updated_ms)
            self._waiting.append((order.account, event))
