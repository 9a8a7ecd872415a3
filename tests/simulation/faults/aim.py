"""Something that happens to a process so many steps after it did what was waited for."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum

from tests.simulation.faults.fault import Stage
from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Stored
from tests.simulation.server import Server
from tests.simulation.watch import Call, Heard, Watcher
from trading_bridge.core.order import OrderState

#: own trades, by order or by market
_TRADES = ("/trade/match/accountMatches", "/trade/order/orderInfo")


class When(StrEnum):
    JOURNALED = "journaled"
    CREATE_DEPARTS = "create departs"
    CREATE_ARRIVES = "create arrives"
    CREATE_HEARD = "create heard"
    CANCEL_DEPARTS = "cancel departs"
    CANCEL_HEARD = "cancel heard"
    TRADES_HEARD = "trades heard"
    #: its create has not left yet
    INTENT_STORED = "intent stored"


class Aim(Watcher):
    """Waits for one thing at a time."""

    def __init__(self, stage: Stage) -> None:
        self._world = stage.world
        self._when: When | None = None
        self._skip = 0
        self._then: Callable[[Life], None] = lambda life: None
        self._departed: set[str] = set()  # client order ids
        stage.world.watchers.add(self)

    async def at(
        self, when: When, then: Callable[[Server], None], *, skip: int = 0, steps: int = 0, within_s: float = 20.0
    ) -> bool:
        """`then` happens so many steps after the process did it for the time after `skip`; False: it never did."""
        done = asyncio.Event()

        def act(server: Server) -> None:
            if not over:
                then(server)
                done.set()

        def arm(life: Life) -> None:
            server = next(one for one in self._world.servers if one.life is life)
            life.in_steps(steps, lambda: act(server))

        over = False
        self._when, self._skip, self._then = when, skip, arm
        waiting = asyncio.ensure_future(done.wait())
        try:
            await asyncio.wait([waiting], timeout=within_s)
        finally:
            over = True
            waiting.cancel()
            self._when = None
        return done.is_set()

    def _met(self, when: When, life: Life) -> None:
        if when is not self._when or not life.alive:
            return
        if self._skip:
            self._skip -= 1
            return
        self._when = None
        self._then(life)

    def committed(self, life: Life, kind: str) -> None:
        if kind == "journal":
            self._met(When.JOURNALED, life)
            if self._when is When.INTENT_STORED and self._intends():
                self._met(When.INTENT_STORED, life)

    def departed(self, call: Call) -> None:
        if call.is_create:
            self._departed.add(call.client_order_id)
            self._met(When.CREATE_DEPARTS, call.life)
        elif call.is_cancel:
            self._met(When.CANCEL_DEPARTS, call.life)

    def arrived(self, call: Call) -> None:
        if call.is_create:
            self._met(When.CREATE_ARRIVES, call.life)

    def heard(self, call: Call, answer: Heard) -> None:
        if call.is_create:
            self._met(When.CREATE_HEARD, call.life)
        elif call.is_cancel:
            self._met(When.CANCEL_HEARD, call.life)
        elif call.endpoint in _TRADES:
            self._met(When.TRADES_HEARD, call.life)

    def _intends(self) -> bool:
        with closing(Stored(str(self._world.path))) as stored:
            return any(row["client_order_id"] not in self._departed for row in stored.rows(_INTENTS))


_INTENTS = f"SELECT client_order_id FROM orders WHERE live AND state = '{OrderState.PENDING_NEW}'"
