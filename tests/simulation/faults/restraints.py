"""Kills and holds, pressed at bad moments."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import ClassVar

from tests.simulation.disk import ALL, UNITS, Mishap, Moment, unreachable
from tests.simulation.faults.aim import Aim, When
from tests.simulation.faults.desk import BECAUSE, everything_well, lift_all, rearm_all, scope_of
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.faults.fleet import leader, revive
from trading_bridge.sandbox.faults import Fault as SandboxFault
from trading_bridge.sandbox.faults import FaultKind

_SCOPES = ("bot", "bot", "client", "platform")


class Killed:
    """In a storm of orders, twice, with the exchange away; a restart may follow; then somebody re-arms it."""

    id: ClassVar[str] = "O3"

    def __init__(self) -> None:
        self._away: int | None = None

    async def run(self, stage: Stage) -> None:
        try:
            await self._strike(stage)
        finally:
            self._returns(stage)

    async def _strike(self, stage: Stage) -> None:
        aim, rng = Aim(stage), stage.rng
        while True:
            await stage.pause(90.0)
            if rng.random() < 0.6:
                await aim.at(When.CREATE_DEPARTS, lambda server: None, skip=rng.randrange(4), within_s=5.0)
            if rng.random() < 0.3:
                kind = rng.choice((FaultKind.DROPPED, FaultKind.HUNG, FaultKind.SERVER_ERROR))
                self._away = stage.world.exchange.faults.add(SandboxFault(kind=kind))
                stage.world.watchers.fault(self.id, "begins", form="exchange away", kind=kind)
            await press(stage, self.id, scope_of(stage, rng.choice(_SCOPES)), times=rng.choice((1, 1, 2)))
            await stage.world.clock.sleep(rng.uniform(0.0, 15.0))
            if rng.random() < 0.3 and (server := leader(stage)) is not None:
                stage.world.watchers.fault(self.id, "strikes", life=server.life.name, restart=True)
                server.stop() if rng.random() < 0.5 else stage.world.kill(server)
                await stage.world.clock.sleep(rng.uniform(0.0, 10.0))
                revive(stage)
            self._returns(stage)
            await stage.world.clock.sleep(rng.uniform(0.0, 30.0))
            await rearm_all(stage)

    async def heal(self, stage: Stage) -> None:
        await everything_well(stage)

    def _returns(self, stage: Stage) -> None:
        if self._away is not None:
            stage.world.exchange.faults.clear(self._away)
            stage.world.watchers.fault(self.id, "heals", form="exchange away")
        self._away = None


class KilledWithoutStorage:
    """The database cannot be reached when it is pressed; it comes back, or the process dies before."""

    id: ClassVar[str] = "O4"

    def __init__(self) -> None:
        self._laid: Mishap | None = None

    async def run(self, stage: Stage) -> None:
        try:
            await self._strike(stage)
        finally:
            self._returns(stage)

    async def _strike(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(110.0)
            gone = Mishap(kinds=rng.choice((UNITS, ALL, ALL)), moment=Moment.BEFORE, error=unreachable)
            self._laid = gone
            stage.world.watchers.fault(self.id, "begins", kinds=",".join(sorted(gone.kinds)))
            stage.world.disk.add(gone)
            await stage.world.clock.sleep(rng.uniform(0.0, 4.0))
            await press(stage, self.id, scope_of(stage, rng.choice(_SCOPES)), times=1)
            await stage.world.clock.sleep(rng.uniform(0.0, 12.0))
            if rng.random() < 0.2 and (server := leader(stage)) is not None:
                stage.world.kill(server)
            self._returns(stage)
            await stage.world.clock.sleep(rng.uniform(0.0, 20.0))
            revive(stage)
            await rearm_all(stage)

    async def heal(self, stage: Stage) -> None:
        await everything_well(stage)

    def _returns(self, stage: Stage) -> None:
        if self._laid is not None:
            stage.world.disk.remove(self._laid)
            stage.world.watchers.fault(self.id, "heals")
        self._laid = None


class HeldForADeploy:
    """A hold of any scope, now or planned, with or without its orders; servers are replaced under it; it is lifted."""

    id: ClassVar[str] = "D7"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(70.0)
            now = stage.world.clock.now()
            starts_s, lasts_s = rng.choice((None, None, rng.uniform(1.0, 12.0))), rng.uniform(5.0, 60.0)
            wanted = {
                "scope": scope_of(stage, rng.choice(("bot", "market", "client", "platform"))),
                "reason": BECAUSE,
                "orders": rng.choice(("cancel", "keep")),
                "starts_at": None if starts_s is None else (now + timedelta(seconds=starts_s)).isoformat(),
                "ends_at": (now + timedelta(seconds=(starts_s or 0.0) + lasts_s)).isoformat()
                if rng.random() < 0.5
                else None,
            }
            stage.world.watchers.fault(self.id, "strikes", scope=wanted["scope"]["kind"], orders=wanted["orders"])
            await stage.people.call("POST", "/holds", wanted)
            await stage.world.clock.sleep(rng.uniform(0.0, 15.0))
            if rng.random() < 0.4 and (server := leader(stage)) is not None:
                server.stop()
                await stage.world.clock.sleep(rng.uniform(1.0, 20.0))
                revive(stage)
            await stage.world.clock.sleep(rng.uniform(0.0, 20.0))
            if rng.random() < 0.7:
                await lift_all(stage)

    async def heal(self, stage: Stage) -> None:
        await everything_well(stage)


async def press(stage: Stage, fault_id: str, scope: Mapping[str, str], *, times: int) -> None:
    stage.world.watchers.fault(fault_id, "strikes", scope=scope["kind"], times=times)
    wanted = {"scope": dict(scope), "reason": BECAUSE, "by_hand": stage.rng.random() < 0.2}
    await asyncio.gather(*(stage.people.call("POST", "/kills", wanted) for _ in range(times)))


RESTRAINTS: Mapping[str, Callable[[], Fault]] = {
    "D7": HeldForADeploy,
    "O3": Killed,
    "O4": KilledWithoutStorage,
}
