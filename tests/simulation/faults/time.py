"""Clocks that are wrong or set anew, and processes that stand still."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.faults.aim import Aim, When
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.faults.fleet import in_steps, leader, living, recover, revive, running
from tests.simulation.server import Server
from trading_bridge.sandbox.faults import Fault as SandboxFault
from trading_bridge.sandbox.faults import FaultKind

#: steps of a server that trades in two seconds, about
STEPS = 2_000
#: of Coinstore's signatures
WINDOW_S = 30.0
HOUR_S = 3_600.0


class WrongClock:
    """A server's wall clock is off by more than the signature window, for a while."""

    id: ClassVar[str] = "T1"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(60.0)
            off_s = rng.choice((-1, 1)) * rng.choice((WINDOW_S + 2, rng.uniform(40.0, 900.0)))
            set_clock(stage, self.id, leader(stage), off_s)
            await stage.world.clock.sleep(rng.uniform(2.0, 40.0))
            for server in living(stage.world):
                if server.clock.offset_s:
                    set_clock(stage, self.id, server, 0.0)
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class SteppedClock:
    """Somebody sets the wall clock an hour back or forward, and right again after a while."""

    id: ClassVar[str] = "T2"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(70.0)
            by_s = rng.choice((-HOUR_S, HOUR_S, rng.uniform(-20.0, 20.0)))
            for server in running(stage.world):
                set_clock(stage, self.id, server, by_s)
            await stage.world.clock.sleep(rng.uniform(0.5, 30.0))
            for server in living(stage.world):
                set_clock(stage, self.id, server, 0.0)
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class Paused:
    """A process stands still for 1 to 120 s, often while another one waits for its lease, and goes on."""

    id: ClassVar[str] = "T3"

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(60.0)
            server = leader(stage)
            if server is None:
                revive(stage)
                continue
            await in_steps(server, stage.rng.randrange(STEPS), lambda stands=server: pause(stage, self.id, stands))
            await stands_still(stage, server)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class PausedAroundSend:
    """The same between the lease's check and the send, the send and the answer, or beside a takeover's reads."""

    id: ClassVar[str] = "T3"

    async def run(self, stage: Stage) -> None:
        aim, rng = Aim(stage), stage.rng
        while True:
            await stage.pause(60.0)
            hit: list[Server] = []

            def strike(server: Server, hit: list[Server] = hit) -> None:
                hit.append(server)
                pause(stage, self.id, server)

            when = rng.choice((When.JOURNALED, When.JOURNALED, When.CREATE_DEPARTS, When.CREATE_HEARD))
            await aim.at(when, strike, skip=rng.randrange(8), steps=rng.choice((0, 0, 1, 2, 3, 5)))
            for server in hit:
                await stands_still(stage, server)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class FillsReadTwice:
    """Who has just been told of fills stands still until another server has read and stored them, and goes on."""

    id: ClassVar[str] = "S8"

    async def run(self, stage: Stage) -> None:
        aim, rng = Aim(stage), stage.rng
        while True:
            await stage.pause(70.0)
            revive(stage, 2)
            hit: list[Server] = []

            def strike(server: Server, hit: list[Server] = hit) -> None:
                hit.append(server)
                pause(stage, self.id, server)

            await aim.at(When.TRADES_HEARD, strike, skip=rng.randrange(4), steps=rng.choice((0, 1, 2, 4)))
            for server in hit:
                await stage.world.clock.sleep(rng.uniform(12.0, 25.0))
                stage.world.loop.resume(server.life)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class StandstillOfAll:
    """The event loop is blocked for some seconds, or the machine with all servers on it sleeps."""

    id: ClassVar[str] = "T5"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(80.0)
            still = running(stage.world)
            for server in still:
                pause(stage, self.id, server)
            await stage.world.clock.sleep(
                rng.choice((rng.uniform(5.0, 8.0), rng.uniform(5.0, 8.0), rng.uniform(20, 110)))
            )
            for server in still:
                stage.world.loop.resume(server.life)
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class DatabaseClock:
    """The database's clock is not that of the servers, and runs a tenth faster or slower."""

    id: ClassVar[str] = "T4"
    MOST_DRIFT: ClassVar[float] = 0.1

    async def run(self, stage: Stage) -> None:
        rng, clock = stage.rng, stage.world.database_clock
        if len(living(stage.world)) == 1:  # nobody waits for a lease that ends early by it
            clock.offset_s = rng.uniform(1.0, HOUR_S)
        stage.world.watchers.fault(self.id, "strikes", database_off_s=round(clock.offset_s, 6))
        while True:
            drift = rng.uniform(-self.MOST_DRIFT, self.MOST_DRIFT)
            stage.world.watchers.fault(self.id, "strikes", drift=round(drift, 6))
            for _ in range(rng.randint(5, 30)):
                await stage.world.clock.sleep(1.0)
                clock.offset_s += drift

    async def heal(self, stage: Stage) -> None:
        """Where it stands is as good as anywhere; it goes on rightly."""


class DatabaseClockSet:
    """Somebody sets the database's clock forward while another server waits: leases end early by it."""

    id: ClassVar[str] = "T4"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(70.0)
            revive(stage, 2)
            await stage.world.clock.sleep(rng.uniform(0.5, 4.0))
            by_s = rng.uniform(8.0, HOUR_S)
            stage.world.database_clock.offset_s += by_s
            stage.world.watchers.fault(self.id, "strikes", database_set_by_s=round(by_s, 6))
            await stage.world.clock.sleep(rng.uniform(5.0, 15.0))
            revive(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)


class ExchangeClock:
    """The exchange's clock is off: a little, or by more than the signature window."""

    id: ClassVar[str] = "T4"

    def __init__(self) -> None:
        self._on: int | None = None

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(60.0)
            off_s = rng.choice((-1, 1)) * rng.choice((rng.randint(1, 20), rng.randint(40, 600)))
            stage.world.watchers.fault(self.id, "strikes", exchange_off_s=off_s)
            self._on = stage.world.exchange.faults.add(SandboxFault(kind=FaultKind.CLOCK_SKEW, seconds_off=off_s))
            await stage.world.clock.sleep(rng.uniform(3.0, 40.0))
            await self.heal(stage)

    async def heal(self, stage: Stage) -> None:
        if self._on is not None:
            stage.world.exchange.faults.clear(self._on)
            stage.world.watchers.fault(self.id, "heals")
        self._on = None


def set_clock(stage: Stage, fault_id: str, server: Server | None, off_s: float) -> None:
    if server is not None:
        server.clock.offset_s = round(off_s, 6)
        what = "strikes" if off_s else "heals"
        stage.world.watchers.fault(fault_id, what, life=server.life.name, off_s=server.clock.offset_s)


def pause(stage: Stage, fault_id: str, server: Server) -> None:
    if server.life.alive:
        stage.world.watchers.fault(fault_id, "strikes", life=server.life.name)
        server.life.pause()


async def stands_still(stage: Stage, server: Server) -> None:
    """For 1 to 120 s; whoever waits beside it may take over."""
    rng = stage.rng
    if rng.random() < 0.5:
        revive(stage, 2)
    await stage.world.clock.sleep(rng.choice((rng.uniform(1.0, 5.0), rng.uniform(5.0, 20.0), rng.uniform(20.0, 120.0))))
    stage.world.loop.resume(server.life)
    revive(stage)


TIME: Mapping[str, Callable[[], Fault]] = {
    "T1": WrongClock,
    "T2": SteppedClock,
    "T3": Paused,
    "T3-send": PausedAroundSend,
    "T4": DatabaseClock,
    "T4-set": DatabaseClockSet,
    "T4-exchange": ExchangeClock,
    "T5": StandstillOfAll,
    "S8": FillsReadTwice,
}
