"""Makes order flow happen on the engine, in time: steps that are due are applied together and committed once."""

from collections.abc import Mapping

from trading_bridge.clock import Clock
from trading_bridge.core.order import TimeInForce
from trading_bridge.sandbox.directory import MARKET_TAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.flow.events import Event, Halt, SetLevel, Step, Steps, Take
from trading_bridge.sandbox.flow.liquidity import Liquidity

#: steps are applied this often
TICK_S = 0.2
#: a process that slept longer does not catch up
CATCH_UP_MAX_S = 2.0


class Flow:
    """Order flow of some markets, driven by one task; paused, its time stands still and its liquidity stays."""

    def __init__(self, engine: Engine, sources: Mapping[str, Steps]) -> None:
        """`sources` by symbol."""
        self._engine = engine
        self._markets = [_MarketFlow(engine, symbol, steps) for symbol, steps in sources.items()]
        self._paused = False

    @property
    def paused(self) -> bool:
        return self._paused

    def pause(self) -> None:
        """At once: nothing of the flow reaches the engine until `resume`."""
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    async def run(self, clock: Clock) -> None:
        """Never returns; one task at a time. The books stand when it first waits."""
        last_s = clock.monotonic()
        self.advance(0.0)
        while True:
            await clock.sleep(TICK_S)
            now_s = clock.monotonic()
            self.advance(min(now_s - last_s, CATCH_UP_MAX_S))
            last_s = now_s

    def advance(self, seconds: float) -> None:
        """Lets the flow's own time pass, unless it is paused; without a wait, so that nobody sees half of it."""
        if self._paused:
            return
        for market in self._markets:
            market.advance(seconds)
        self._engine.commit()


class _MarketFlow:
    def __init__(self, engine: Engine, symbol: str, steps: Steps) -> None:
        self._engine = engine
        self._symbol = symbol
        self._steps = steps
        self._liquidity = Liquidity(engine, symbol)
        self._now_s = 0.0
        self._next: Step | None = next(steps, None)

    def advance(self, seconds: float) -> None:
        self._now_s += seconds
        while self._next is not None and self._next.at_s <= self._now_s:
            for event in self._next.events:
                self._apply(event)
            self._next = next(self._steps, None)

    def _apply(self, event: Event) -> None:
        match event:
            case SetLevel(side, price, amount):
                self._liquidity.set(side, price, amount)
            case Take(side, price, amount):
                self._engine.place(
                    MARKET_TAKER, self._symbol, side, price=price, lots=amount, time_in_force=TimeInForce.IOC
                )
            case Halt():
                self._liquidity.clear()
