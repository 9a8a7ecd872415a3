"""A database that is not the newest any more: an older backup in its place, or the last moments of it gone."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from tests.simulation.faults.desk import done, know_wishes
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.faults.fleet import living, recover, revive
from tests.simulation.wires import WIRES


class Restored:
    """A backup of some time ago, taken while the server ran, replaces the database; then people read what it says."""

    id: ClassVar[str] = "S5"
    EVERY_S: ClassVar[float] = 140.0

    async def run(self, stage: Stage) -> None:
        backup = stage.world.folder / f"backup-{self.id}.db"
        while True:
            await self._wait(stage)
            _copy(stage.world.path, backup)
            taken_s = stage.world.clock.monotonic()
            stage.world.watchers.did("operator", "takes a backup")
            await stage.world.clock.sleep(self._age_s(stage))
            for server in living(stage.world):
                stage.world.kill(server)
            await stage.world.clock.sleep(stage.rng.uniform(0.0, 5.0))
            for server in living(stage.world):  # somebody else has started one meanwhile
                stage.world.kill(server)
            _copy(backup, stage.world.path)
            age_s = round(stage.world.clock.monotonic() - taken_s, 6)
            for member in stage.people.members:
                member.wishes.clear()
            stage.world.watchers.fault(self.id, "strikes", age_s=age_s)
            revive(stage)
            await know_wishes(stage)

    async def heal(self, stage: Stage) -> None:
        recover(stage)
        await know_wishes(stage)
        if "K4" in stage.scenario.doses:
            await self._enter_new_keys(stage)

    async def _wait(self, stage: Stage) -> None:
        await stage.pause(self.EVERY_S / 2)

    def _age_s(self, stage: Stage) -> float:
        return stage.rng.uniform(2.0, self.EVERY_S / 2)

    async def _enter_new_keys(self, stage: Stage) -> None:
        """What a backup has may have been replaced, and deleted at the exchange, since it was taken."""
        for member in stage.people.members:
            for connector_id in member.connectors.values():
                made = stage.world.exchange.key(member.plan.exchange_account)
                fields = {**WIRES[member.plan.exchange].credentials(made), "save_anyway": True}
                await done(stage, "PUT", f"/clients/{member.client_id}/connectors/{connector_id}", fields)


class PowerLost(Restored):
    """The last transactions are gone, though they were confirmed: what `synchronous=FULL` forbids, and disks do."""

    id = "S4"
    EVERY_S = 100.0

    def _age_s(self, stage: Stage) -> float:
        return stage.rng.uniform(0.05, 3.0)


def _copy(source: Path, target: Path) -> None:
    """What is committed, by the means of SQLite; whoever has the target open reads on in the new one."""
    here, there = sqlite3.connect(source), sqlite3.connect(target)
    try:
        here.backup(there)
    finally:
        here.close()
        there.close()


RESTORE: Mapping[str, Callable[[], Fault]] = {
    "S4": PowerLost,
    "S5": Restored,
}
