"""The servers of a run: which of them live, how they are killed, and who starts them again."""

import asyncio
from collections.abc import Callable

from tests.simulation.faults.fault import Stage
from tests.simulation.people import AGAIN_AFTER_S
from tests.simulation.server import Server
from tests.simulation.world import World
from trading_bridge.settings import OnStop

#: a process that idles is killed, paused or stopped at last, however few steps it takes
STEPS_WITHIN_S = 10.0


def living(world: World) -> list[Server]:
    """Oldest first; paused ones live."""
    return [server for server in world.servers if server.life.alive and not server.task.done()]


def running(world: World) -> list[Server]:
    return [server for server in living(world) if not server.life.paused]


def leader(stage: Stage) -> Server | None:
    """Who trades, or else anybody who lives."""
    alive = running(stage.world)
    trading = stage.world.trading
    return trading if trading in alive else next(iter(alive), None)


async def in_steps(server: Server, steps: int, then: Callable[[], None]) -> None:
    """`then` happens between two steps of it, so many from now; at last after `STEPS_WITHIN_S`. Returns after it."""
    reached = asyncio.Event()

    def act() -> None:
        if not reached.is_set():
            then()
            reached.set()

    server.life.in_steps(steps, act)
    waiting = asyncio.ensure_future(reached.wait())
    try:
        await asyncio.wait([waiting], timeout=STEPS_WITHIN_S)
        act()
    finally:
        reached.set()
        waiting.cancel()


def revive(stage: Stage, wanted: int | None = None) -> None:
    """As who watches over services does: as many as the scenario has, or `wanted`, live again."""
    for _ in range((wanted or stage.scenario.servers) - len(living(stage.world))):
        stage.world.start(on_stop=stage.rng.choice((OnStop.CANCEL, OnStop.KEEP)))


async def answer_again(stage: Stage) -> None:
    """For whoever was not answered well and asks again: somebody lives by then."""
    await stage.world.clock.sleep(AGAIN_AFTER_S)
    if not running(stage.world):
        revive(stage)


def recover(stage: Stage) -> None:
    """Nobody is paused, every wall clock is right, and enough servers live."""
    for server in living(stage.world):
        if server.life.paused:
            stage.world.loop.resume(server.life)
        server.clock.offset_s = 0.0
    revive(stage)
