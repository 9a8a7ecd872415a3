"""What a fault is to a run."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, Protocol

from tests.simulation.people import People
from tests.simulation.scenario import Dose, Scenario
from tests.simulation.world import World


@dataclass(slots=True, kw_only=True)
class Stage:
    """What a fault acts on."""

    world: World
    people: People
    scenario: Scenario
    dose: Dose
    #: its own
    rng: Random

    async def pause(self, mean_s: float) -> None:
        """An irregular time; a heavy dose comes four times as often."""
        mean = mean_s / 4 if self.dose is Dose.HEAVY else mean_s
        await self.world.clock.sleep(min(self.rng.expovariate(1 / mean), 5 * mean))


class Fault(Protocol):
    #: of the catalogue
    id: ClassVar[str]

    async def run(self, stage: Stage) -> None:
        """Strikes again and again until it is cancelled, at the end of phase 1; tells `stage.world.watchers.fault`."""
        ...

    async def heal(self, stage: Stage) -> None:
        """Nothing of it is left when this returns."""
        ...
