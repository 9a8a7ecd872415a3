"""Servers side by side: one hands over, one cannot renew its lease, one takes over what another has left open."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.disk import Mishap, Moment, broken_disk, dropped, unreachable
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.faults.fleet import in_steps, leader, living, recover, revive
from trading_bridge.sandbox.faults import Fault as SandboxFault
from trading_bridge.sandbox.faults import FaultKind
from trading_bridge.settings import OnStop

_PLACE = "/trade/order/place"


class Rolling:
    """A new server waits beside the old one, which is then asked to end and keeps its orders."""

    id: ClassVar[str] = "D3"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(70.0)
            old = living(stage.world)
            stage.world.watchers.fault(self.id, "strikes", replaces=len(old))
            for _ in range(stage.scenario.servers):
                stage.world.start(on_stop=OnStop.KEEP)
            await stage.world.clock.sleep(rng.uniform(0.0, 4.0))
            for server in old:
                await in_steps(server, rng.randrange(1_500), server.stop)
                await stage.world.clock.sleep(rng.uniform(0.0, 3.0))

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class LeaseNotRenewed:
    """The owner lives, trades, and cannot reach the table of leases; another one may wait beside it."""

    id: ClassVar[str] = "D1"

    def __init__(self) -> None:
        self._laid: Mishap | None = None

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(60.0)
            if rng.random() < 0.6:
                revive(stage, 2)
                await stage.world.clock.sleep(rng.uniform(0.5, 3.0))
            owner = leader(stage)
            if owner is None:
                continue
            moment = rng.choice((Moment.BEFORE, Moment.COMMITTING, Moment.AFTER))
            error = rng.choice((dropped, broken_disk, unreachable, None))
            self._laid = Mishap(
                kinds=frozenset({"lease"}),
                moment=moment if error is not None else Moment.BEFORE,
                error=error,
                delay_s=None if error is not None else lambda: 60.0,
                life=owner.life,
            )
            stage.world.watchers.fault(self.id, "strikes", life=owner.life.name, moment=moment)
            stage.world.disk.add(self._laid)
            await stage.world.clock.sleep(rng.uniform(4.0, 25.0))
            await self._end(stage)
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        await self._end(stage)
        recover(stage)

    async def _end(self, stage: Stage) -> None:
        if self._laid is not None:
            stage.world.disk.remove(self._laid)
            stage.world.watchers.fault(self.id, "heals")
        self._laid = None


class LeftUnresolved:
    """Creates get no answer, carried out or not; their sender dies, and another one takes over."""

    id: ClassVar[str] = "D2"

    def __init__(self) -> None:
        self._on: int | None = None

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(80.0)
            revive(stage, 2)
            kind = rng.choice((FaultKind.HUNG, FaultKind.DROPPED))
            mute = SandboxFault(kind=kind, endpoint=_PLACE, carried_out=rng.random() < 0.5)
            self._on = stage.world.exchange.faults.add(mute)
            stage.world.watchers.fault(self.id, "begins", kind=kind, carried_out=mute.carried_out)
            await stage.world.clock.sleep(rng.uniform(1.0, 6.0))
            owner = leader(stage)
            if owner is not None:
                stage.world.watchers.fault(self.id, "strikes", life=owner.life.name)
                stage.world.kill(owner)
            await stage.world.clock.sleep(rng.uniform(0.0, 12.0))
            await self._end(stage)
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        await self._end(stage)
        recover(stage)

    async def _end(self, stage: Stage) -> None:
        if self._on is not None:
            stage.world.exchange.faults.clear(self._on)
            stage.world.watchers.fault(self.id, "heals")
        self._on = None


DEPLOY: Mapping[str, Callable[[], Fault]] = {
    "D1": LeaseNotRenewed,
    "D2": LeftUnresolved,
    "D3": Rolling,
}
