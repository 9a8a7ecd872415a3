"""One run: set up in calm, phase 1 with faults, phase 2 in which everything heals, and what was found."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from random import Random
from typing import Any, TextIO

import structlog

from tests.simulation.clerk import Clerk
from tests.simulation.faults import CATALOGUE
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.loop import LIFE, SimLoop, run_simulated
from tests.simulation.oracle import INVARIANTS
from tests.simulation.oracle.invariant import Facts, Invariant, Stored, Violation
from tests.simulation.oracle.looker import Looker
from tests.simulation.people import People
from tests.simulation.scenario import Scenario, draw
from tests.simulation.trace import Trace
from tests.simulation.watch import Watcher, Watchers
from tests.simulation.wires import WIRES
from tests.simulation.world import World

#: from the end of all faults, and as long as a signature holds at the exchange besides: I30's 60 s, and 5 s
HEAL_S = 65.0
#: of any run
LONGEST_HEAL_S = HEAL_S + max(wire.window_s for wire in WIRES.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    scenario: Scenario
    #: the run ends at the first
    violations: tuple[Violation, ...]
    #: of the trace's lines
    digest: str
    lines: int
    #: seconds of the simulated world
    simulated_s: float


def simulate(
    seed: int,
    minutes: float,
    *,
    out: TextIO | None = None,
    watch: Callable[[World], Watcher] | None = None,
    weaker: Callable[[], AbstractContextManager[Any]] = nullcontext,
    scenario: Scenario | None = None,
    order: Random | None = None,
    judged: bool = True,
    until_s: float | None = None,
) -> Outcome:
    """`minutes` of faults and the healing. `out` takes the trace; `watch` makes one more watcher; within `weaker` the
    platform lacks a safeguard; `scenario` None: the seed draws it, and `order` None: it decides between ready tasks.
    Not `judged`: nobody looks at the invariants. `until_s` of the run, it ends there, and nobody looks at its end."""
    drawn = draw(seed, minutes, CATALOGUE) if scenario is None else scenario
    loop = SimLoop(Random(f"{seed}/loop") if order is None else order)
    asyncio.set_event_loop(loop)
    try:
        with weaker():
            return run_simulated(loop, _Run(loop, drawn, out, watch, judged).whole(until_s))
    finally:
        loop.close()
        asyncio.set_event_loop(None)


class _Run:
    def __init__(
        self,
        loop: SimLoop,
        scenario: Scenario,
        out: TextIO | None,
        watch: Callable[[World], Watcher] | None,
        judged: bool,
    ) -> None:
        self.scenario = scenario
        self.loop = loop
        self.world = World(loop, scenario.seed, markets=scenario.markets, each_way_s=scenario.each_way_s)
        self.trace = Trace(loop, out)
        for line in scenario.lines():
            self.trace.line("scenario", line)
        self.violations: list[Violation] = []
        self.first_violation = asyncio.Event()
        self.people = People(self.world)
        self.facts = Facts(
            world=self.world,
            people=self.people,
            scenario=scenario,
            stored=Stored(str(self.world.path)),
            broken=self._broken,
        )
        self.invariants: list[Invariant] = [make(self.facts) for make in INVARIANTS if judged]
        self.world.watchers.add(self.trace)
        if watch is not None:
            self.world.watchers.add(watch(self.world))
        for invariant in self.invariants:
            self.world.watchers.add(invariant)
        _listen_to_logs(self.world.watchers)

    async def whole(self, until_s: float | None) -> Outcome:
        phases = asyncio.ensure_future(self._phases())
        stopped = asyncio.ensure_future(self.first_violation.wait())
        try:
            await asyncio.wait((phases, stopped), timeout=until_s, return_when=asyncio.FIRST_COMPLETED)
            if phases.done():
                phases.result()
            if self.world.watchers.error is not None:
                raise self.world.watchers.error
        finally:
            phases.cancel()
            stopped.cancel()
            for words in (*self.loop.unhandled, *self.loop.unasked()):
                self._broken(Violation(invariant="I25", at_s=round(self.loop.time(), 6), words=words))
            self.world.watchers.closes()
            self.facts.stored.close()
            self.world.close()
            self.world.watchers.close()
        return Outcome(
            scenario=self.scenario,
            violations=tuple(self.violations),
            digest=self.trace.digest,
            lines=self.trace.lines,
            simulated_s=self.loop.time(),
        )

    async def _phases(self) -> None:
        scenario, world = self.scenario, self.world
        background = [
            asyncio.ensure_future(world.exchange.run(scenario.crowd_every_s)),
            asyncio.ensure_future(self._each_second()),
        ]
        if self.invariants:
            background.append(asyncio.ensure_future(Looker(world, self.people).run()))
        try:
            world.start()
            await self.people.set_up(scenario)
            background.append(asyncio.ensure_future(Clerk(world, self.people, world.rng("clerk")).run()))
            for _ in range(scenario.servers - 1):
                world.start()
            faults = [self._stage(key) for key in scenario.doses]
            striking = [asyncio.ensure_future(fault.run(stage)) for fault, stage in faults]
            await world.clock.sleep(scenario.fault_s)
            for task in striking:
                task.cancel()
            for ended in await asyncio.gather(*striking, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
            for fault, stage in faults:
                await fault.heal(stage)
            self._see_that_somebody_lives()
            self.trace.line("world", "heals")
            self.facts.healing = True
            await world.clock.sleep(HEAL_S + scenario.window_s)
            for invariant in self.invariants:
                await invariant.at_end()
        finally:
            for task in background:
                task.cancel()

    def _stage(self, key: str) -> tuple[Fault, Stage]:
        fault = CATALOGUE[key]()
        return fault, Stage(
            world=self.world,
            people=self.people,
            scenario=self.scenario,
            dose=self.scenario.doses[key],
            rng=self.world.rng(f"fault/{key}"),
        )

    async def _each_second(self) -> None:
        while True:
            await self.world.clock.sleep(1.0)
            for invariant in self.invariants:
                invariant.each_second()
            if self.facts.healing:
                self._see_that_somebody_lives()

    def _see_that_somebody_lives(self) -> None:
        """One that was asked to end takes its time, and ends when all is well."""
        if not any(server.life.alive and not server.task.done() for server in self.world.servers):
            self.world.start()

    def _broken(self, violation: Violation) -> None:
        self.violations.append(violation)
        self.trace.line("oracle", f"{violation.invariant} is broken:", violation.words)
        self.first_violation.set()


def _listen_to_logs(watchers: Watchers) -> None:
    """What the platform logs is told, and written nowhere."""

    def tell(logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        watchers.logged(LIFE.get(), event)
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, tell],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=False,
    )
