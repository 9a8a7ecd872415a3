"""X18 under both settings: people say that they trade on an account by hand, and take it back."""

from typing import ClassVar

from tests.simulation.faults.fault import Stage


class ManualTradingChanges:
    id: ClassVar[str] = "X18"

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(60.0)
            member = stage.rng.choice(stage.people.members)
            value = stage.rng.choice(("expected", "expected", "none"))
            name = stage.rng.choice(sorted(member.connectors))
            path = f"/clients/{member.client_id}/connectors/{member.connectors[name]}"
            stage.world.watchers.fault(self.id, "strikes", connector=name, manual_trading=value)
            await stage.people.call("PUT", path, {"manual_trading": value})

    async def heal(self, stage: Stage) -> None:
        """Either setting is as good."""
