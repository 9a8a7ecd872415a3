"""What goes wrong between servers and exchange: effects that faults put on top of a calm network and take off again."""

import asyncio
from asyncio import Future
from typing import Any

from tests.simulation.watch import Call, Heard

#: seconds until each copy of a request arrives; empty: it never does
Copies = tuple[float, ...]


class Effect:
    """Does nothing; a fault overrides what it needs. One that is taken off lets go of whatever it delays."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def hits(self, call: Call) -> bool:
        """Asked once for each request, before anything happens to it."""
        return True

    def leaves_by(self, call: Call, address: str) -> str:
        """The address by which the exchange sees its sender."""
        return address

    async def departs(self, call: Call) -> None:
        """Before a byte is written; raises what aiohttp raises."""

    def instead(self, call: Call) -> Heard | None:
        """Answered by something in front of the exchange, which never sees the request."""
        return None

    def copies(self, call: Call, copies: Copies) -> Copies:
        """Written, and under way: it arrives whatever becomes of its sender."""
        return copies

    def heard_copy(self, call: Call, copy: int) -> int:
        """Which copy's answer its sender hears."""
        return copy

    def before_it_is_done(self, call: Call) -> None:
        """Each time that it arrives, before the exchange looks at it."""

    async def returns(self, call: Call) -> None:
        """The exchange has done everything and answered; raises what aiohttp raises."""

    def altered(self, call: Call, heard: Heard) -> Heard:
        return heard

    async def lasts(self, seconds: float) -> None:
        """So long, or until the effect is taken off."""
        try:
            async with asyncio.timeout(seconds):
                await self.over.wait()
        except TimeoutError:
            return


class Calm(Effect):
    """Each way takes some milliseconds."""

    def __init__(self, clock: Any, each_way_s: float = 0.02) -> None:
        super().__init__()
        self._clock = clock
        self._each_way_s = each_way_s

    async def departs(self, call: Call) -> None:
        await self._clock.sleep(self._each_way_s)

    async def returns(self, call: Call) -> None:
        await self._clock.sleep(self._each_way_s)


class Trouble:
    def __init__(self, calm: Effect) -> None:
        self.calm = calm
        #: oldest first
        self.effects: list[Effect] = []

    def on(self, effect: Effect) -> None:
        self.effects.append(effect)

    def off(self, effect: Effect) -> None:
        if effect in self.effects:
            self.effects.remove(effect)
        effect.over.set()

    def met_by(self, call: Call) -> "Passage":
        return Passage(call, self.calm, [effect for effect in self.effects if effect.hits(call)])


class Passage:
    """One request's way there and back, with the effects that hit it, oldest first."""

    def __init__(self, call: Call, calm: Effect, effects: list[Effect]) -> None:
        self._call = call
        self._effects = [calm, *effects]

    def leaves_by(self, address: str) -> str:
        for effect in self._effects:
            address = effect.leaves_by(self._call, address)
        return address

    async def departs(self) -> None:
        for effect in self._effects:
            await effect.departs(self._call)

    def instead(self) -> Heard | None:
        for effect in self._effects:
            if (heard := effect.instead(self._call)) is not None:
                return heard
        return None

    @property
    def copies(self) -> Copies:
        copies: Copies = (0.0,)
        for effect in self._effects:
            copies = effect.copies(self._call, copies)
        return copies

    @property
    def heard_copy(self) -> int:
        copy = 0
        for effect in self._effects:
            copy = effect.heard_copy(self._call, copy)
        return copy

    async def arrives_after(self, seconds: float) -> None:
        """Until an effect that delays it is over, or the time is."""
        if seconds > 0:
            over = [asyncio.ensure_future(effect.over.wait()) for effect in self._effects[1:]]
            await asyncio.wait(over, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for waiting in over:
                waiting.cancel()

    def before_it_is_done(self) -> None:
        for effect in self._effects:
            effect.before_it_is_done(self._call)

    async def returns(self) -> None:
        for effect in self._effects:
            if not effect.over.is_set():
                await effect.returns(self._call)

    def altered(self, heard: Heard) -> Heard:
        for effect in self._effects:
            if not effect.over.is_set():
                heard = effect.altered(self._call, heard)
        return heard


async def never() -> None:
    """The sender's own patience ends it."""
    nothing: Future[None] = asyncio.get_running_loop().create_future()
    await nothing
