"""An answer that does not leave at once, or never: it was made, and then the network is bad."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import NamedTuple

from trading_bridge.clock import Clock

#: in a request's ASGI `state`: a function that breaks the connection. Without it, who runs the application does that.
BREAK = "trading_bridge.break_connection"


class Wait(NamedTuple):
    seconds: float
    #: ends it early
    released: asyncio.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    #: one after the other
    waits: tuple[Wait, ...] = ()
    #: then the connection breaks without an answer
    lost: bool = False


async def arrives(
    delivery: Delivery,
    clock: Clock,
    scope: MutableMapping[str, object],
    receive: Callable[[], Awaitable[MutableMapping[str, object]]],
) -> bool:
    """When this returns True the answer may leave; False: the connection is gone."""
    gone = asyncio.ensure_future(_gone(receive))
    try:
        for wait in delivery.waits:
            await _wait(wait, clock, gone)
            if gone.done():
                return False
        if delivery.lost:
            await _break(scope, gone)
        return not delivery.lost
    finally:
        gone.cancel()


async def _wait(wait: Wait, clock: Clock, gone: asyncio.Future[None]) -> None:
    ends = [asyncio.ensure_future(clock.sleep(wait.seconds)), asyncio.ensure_future(_set(wait.released))]
    try:
        await asyncio.wait((gone, *ends), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def _break(scope: MutableMapping[str, object], gone: asyncio.Future[None]) -> None:
    state = scope.get("state")
    close = state.get(BREAK) if isinstance(state, dict) else None
    if close is not None:
        close()
        await gone


async def _gone(receive: Callable[[], Awaitable[MutableMapping[str, object]]]) -> None:
    """Returns when the client has left; the request's body was read before."""
    while (await receive())["type"] != "http.disconnect":
        pass
