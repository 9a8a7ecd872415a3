"""Processes that die anywhere, die again while they recover, or are asked to end."""

import asyncio
from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.faults.aim import Aim, When
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.faults.fleet import in_steps, leader, living, recover, revive, running
from tests.simulation.server import Server

#: steps of a server that trades, about: up to two seconds of them
STEPS = 4_000
#: steps of a start and a recovery, about
RECOVERY_STEPS = 3_000
#: from SIGTERM; a supervisor kills what takes longer
ENDS_WITHIN_S = 30.0
#: what is stored and not sent, or answered and not stored, is so for some steps only
BRIEF = (When.INTENT_STORED, When.CREATE_HEARD)
MOMENTS = (*When, *BRIEF)


class Crash:
    """`kill -9` at any await, and a start after a while."""

    id: ClassVar[str] = "R1"

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(60.0)
            for server in running(stage.world)[: stage.rng.choice((1, 1, 2))]:
                await crash(stage, self.id, server, stage.rng.randrange(STEPS))
            await stage.world.clock.sleep(stage.rng.choice((0.05, 1.0, 5.0, 15.0)) * stage.rng.random())
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class CrashInRecovery:
    """Killed, and killed again before it has recovered, several times in a row."""

    id: ClassVar[str] = "R1"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(90.0)
            server = leader(stage)
            if server is None:
                revive(stage)
                continue
            await crash(stage, self.id, server, rng.randrange(STEPS))
            for _ in range(rng.randint(1, 5)):
                await stage.world.clock.sleep(rng.uniform(0.0, 2.0))
                revive(stage)
                youngest = living(stage.world)[-1]
                await crash(stage, self.id, youngest, rng.randrange(rng.choice((100, 600, RECOVERY_STEPS))))
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class CrashAroundSend:
    """Between an intent and its send, the send and its answer, the answer and its commit, or within a batch."""

    id: ClassVar[str] = "S1"

    async def run(self, stage: Stage) -> None:
        aim, rng = Aim(stage), stage.rng
        while True:
            await stage.pause(50.0)

            def strike(server: Server) -> None:
                stage.world.watchers.fault(self.id, "strikes", life=server.life.name)
                stage.world.kill(server)

            when = rng.choice(MOMENTS)
            steps = rng.choice((0, 1, 2, 4, 8, 30) if when not in BRIEF else (0, 0, 0, 1, 2, 4))
            await aim.at(when, strike, skip=rng.randrange(6), steps=steps)
            await stage.world.clock.sleep(rng.uniform(0.05, 8.0))
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class Terminated:
    """SIGTERM with requests in flight, often a second one, which is a crash; and a start."""

    id: ClassVar[str] = "R4"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(80.0)
            server = leader(stage)
            if server is not None:
                stage.world.watchers.fault(self.id, "strikes", life=server.life.name)
                await in_steps(server, rng.randrange(STEPS), server.stop)
                patience_s = rng.choice((ENDS_WITHIN_S, ENDS_WITHIN_S, rng.uniform(0.0, 8.0)))
                await asyncio.wait([server.task], timeout=patience_s)
                if not server.task.done() and server.life.alive:
                    stage.world.watchers.fault(self.id, "strikes", life=server.life.name, again=True)
                    stage.world.kill(server)
            await stage.world.clock.sleep(rng.uniform(0.1, 5.0))
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


async def crash(stage: Stage, fault_id: str, server: Server, steps: int) -> None:
    """Killed between two of its steps, so many from now."""

    def strike() -> None:
        stage.world.watchers.fault(fault_id, "strikes", life=server.life.name, steps=steps)
        stage.world.kill(server)

    await in_steps(server, steps, strike)


PROCESS: Mapping[str, Callable[[], Fault]] = {
    "S1": CrashAroundSend,
    "R1": Crash,
    "R1-recovery": CrashInRecovery,
    "R4": Terminated,
}
