"""Own orders of one account as the exchange pushes them: taken at once, and checked by looks that are rarer meanwhile.

A stream is believed from the end of a full look that began once it was subscribed, until it breaks, or until anything
else shows what it should have told. Nothing that it leaves out means anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.exchanges.order_stream import Pushed
from trading_bridge.exchanges.streaming import StreamBroken, until_one_ends

#: between two looks at own orders while the stream is believed, where they are not further apart anyway
CHECK_EVERY_S = 10.0
#: the stream is watched, and whoever rests on it looks whether it still may, so often
BEAT_S = 1.0
#: the first wait before a stream that broke is asked again; it doubles up to the second
AGAIN_AFTER_S, AGAIN_AFTER_MAX_S = 1.0, 60.0
#: a full look that failed, or that the stream gave cause for, comes no sooner after the one before
LOOK_AGAIN_AFTER_S = 5.0


class Stream(Protocol):
    async def begin(self) -> None:
        """Subscribes: `run` tells what happens from here on. Raises StreamBroken."""
        ...

    async def run(self, hear: Callable[[Pushed], None]) -> None:
        """Until it breaks. Raises StreamBroken."""
        ...

    async def end(self) -> None: ...


class OrderFeed:
    def __init__(
        self,
        *,
        stream: Stream,
        tracker: OrderTracker,
        clock: Clock,
        connector: str,
        wanted: Callable[[], bool],
        look: Callable[[Collection[str]], Awaitable[Finding | None]],
        is_anothers: Callable[[str], bool] = lambda client_order_id: False,
    ) -> None:
        """`connector`: its name. `wanted`: whether anything of ours can happen there. `look` reads the open orders,
        then own trades since the look before, in these markets, too; why that was not possible. `is_anothers`: whether
        another session follows the order of a client order id."""
        self._stream = stream
        self._tracker = tracker
        self._clock = clock
        self._connector = connector
        self._wanted = wanted
        self._look = look
        self._is_anothers = is_anothers
        self._told = asyncio.Event()
        self._unclear: set[str] = set()  # symbols
        self._believed = False
        self._again_s = AGAIN_AFTER_S
        #: why the stream is not believed; None: it is, or nobody wants it, or it has just begun
        self.broken: Finding | None = None

    @property
    def rests(self) -> bool:
        """Whether looks at the orders may be rare now: all of them stand, or their sends are under way."""
        return self._believed and not self._tracker.unsure()

    async def rest(self, looked: float) -> None:
        """Returns once the next look is due; `looked`: when the last began (monotonic)."""
        while self.rests and self._clock.monotonic() - looked < CHECK_EVERY_S:
            await self._clock.sleep(BEAT_S)

    async def run(self) -> None:
        """For ever; its owner cancels it."""
        try:
            while True:
                while not self._wanted():
                    await self._clock.sleep(BEAT_S)
                try:
                    await self._listen()
                except StreamBroken as error:
                    self._break(error)
                await self._stream.end()
                await self._pause()
        finally:
            self._believed = False
            await self._stream.end()

    async def _pause(self) -> None:
        """Before it is asked again: at once where looks are answered anew."""
        ends, self._again_s = self._clock.monotonic() + self._again_s, min(self._again_s * 2, AGAIN_AFTER_MAX_S)
        failing = False
        while (left := ends - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(BEAT_S, left))
            if failing and self._tracker.failure is None:
                self._again_s = AGAIN_AFTER_S
                return
            failing = self._tracker.failure is not None

    async def _listen(self) -> None:
        await self._stream.begin()
        await until_one_ends(self._stream.run(self._hear), self._store(), self._watch())

    def _hear(self, pushed: Pushed) -> None:
        self._tracker.pushes.hear(pushed)
        self._told.set()

    async def _store(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            strangers = await self._tracker.pushes.store()
            self._unclear |= {
                one.symbol
                for one in strangers
                if one.client_order_id is None or not self._is_anothers(one.client_order_id)
            }

    async def _watch(self) -> None:
        while await self._look(()) is not None:
            await self._clock.sleep(LOOK_AGAIN_AFTER_S)
        self._believed, self._again_s, self.broken = True, AGAIN_AFTER_S, None
        since = looked = self._clock.monotonic()
        while True:
            await self._clock.sleep(BEAT_S)
            untold = self._tracker.pushes.untold(since)
            if untold is not None:
                raise StreamBroken(f"it kept silent about order {untold.client_order_id}")
            if self._unclear and self._clock.monotonic() - looked >= LOOK_AGAIN_AFTER_S:
                looked, unclear, self._unclear = self._clock.monotonic(), self._unclear, set()
                if await self._look(unclear) is not None:
                    self._unclear |= unclear

    def _break(self, error: BaseException) -> None:
        self._believed = False
        if self.broken is None:
            self.broken = Finding(
                code="stream.broken",
                severity=Severity.WARNING,
                since=self._clock.now(),
                parameters={"connector": self._connector, "detail": str(error)},
            )
