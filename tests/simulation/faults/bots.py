"""Bots that a bug ends, again and again, and cycles that are cancelled while a create is in flight."""

import asyncio
from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.faults.aim import Aim, When
from tests.simulation.faults.desk import done, members
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.loop import SimTask
from tests.simulation.server import Server
from trading_bridge.accounts.supervision import supervised
from trading_bridge.runner.bot_worker import BotWorker

#: between two looks at whether another worker runs the bot by now
LOOK_EVERY_S = 0.25


class BotCrashes:
    """Each cycle of a bot raises, a few times or until it is taken out; somebody edits it after a while."""

    id: ClassVar[str] = "R2"

    def __init__(self) -> None:
        self._broken: list[BotWorker] = []
        self._to_edit: list[str] = []  # bot ids

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(60.0)
            bot_id = rng.choice(list(rng.choice(members(stage)).bots.values()))
            stage.world.watchers.fault(self.id, "strikes", bot=bot_id)
            self._to_edit.append(bot_id)
            for _ in range(rng.choice((8, 60, 120))):
                self._break(stage, bot_id)
                await stage.world.clock.sleep(LOOK_EVERY_S)
            self._mend()
            await stage.world.clock.sleep(rng.uniform(0.0, 70.0))
            await self._edit(stage)

    async def heal(self, stage: Stage) -> None:
        self._mend()
        await self._edit(stage)

    def _break(self, stage: Stage, bot_id: str) -> None:
        trading = stage.world.trading
        worker = None if trading is None or trading.platform is None else _worker(trading, bot_id)
        if worker is not None and worker not in self._broken:
            worker._cycle = _raising  # type: ignore[method-assign]
            self._broken.append(worker)

    def _mend(self) -> None:
        for worker in self._broken:
            del worker._cycle
        self._broken.clear()

    async def _edit(self, stage: Stage) -> None:
        """What is edited is given another chance."""
        rng = stage.rng
        for bot_id in self._to_edit:
            config = {"spread_bps": str(rng.choice((10, 20, 40))), "order_amount_quote": str(rng.choice((15, 30, 60)))}
            await done(stage, "PUT", f"/bots/{bot_id}", {"config": config})
        self._to_edit.clear()


class CycleCancelled:
    """The task that runs a bot is cancelled while a create of it, or of another bot, is in flight."""

    id: ClassVar[str] = "R3"

    async def run(self, stage: Stage) -> None:
        aim, rng = Aim(stage), stage.rng
        while True:
            await stage.pause(40.0)

            def strike(server: Server) -> None:
                tasks = _bot_tasks(stage, server)
                if tasks:
                    stage.world.watchers.fault(self.id, "strikes", life=server.life.name)
                    for task in tasks:
                        task.cancel()

            when = rng.choice((When.JOURNALED, When.CREATE_DEPARTS, When.CREATE_DEPARTS, When.CREATE_ARRIVES))
            await aim.at(when, strike, skip=rng.randrange(6), steps=rng.choice((0, 0, 1, 2, 4)))

    async def heal(self, stage: Stage) -> None:
        """Nothing of it lasts."""


async def _raising() -> None:
    raise RuntimeError("a fault of the program")


def _worker(server: Server, bot_id: str) -> BotWorker | None:
    assert server.platform is not None
    return server.platform.runner._workers.get(bot_id)


def _bot_tasks(stage: Stage, server: Server) -> list[SimTask[object]]:
    """Those that run bots, in the order in which they were made."""
    found = []
    for task in asyncio.all_tasks(stage.world.loop):
        coroutine = task.get_coro()
        frame = getattr(coroutine, "cr_frame", None)
        if isinstance(task, SimTask) and task.life is server.life and frame is not None:
            if frame.f_code is supervised.__code__ and frame.f_locals["name"].startswith("bot "):
                found.append(task)
    return sorted(found, key=lambda task: task.serial)


BOTS: Mapping[str, Callable[[], Fault]] = {"R2": BotCrashes, "R3": CycleCancelled}
