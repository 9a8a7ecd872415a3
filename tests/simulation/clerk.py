"""Somebody at the platform who says what money was that came or left, and that strange orders are known."""

from random import Random

from tests.simulation.people import People
from tests.simulation.world import World


class Clerk:
    LOOKS_EVERY_S = (4.0, 12.0)

    def __init__(self, world: World, people: People, rng: Random) -> None:
        self._world = world
        self._people = people
        self._rng = rng

    async def run(self) -> None:
        """For ever; an unanswered call is made again at the next look."""
        while True:
            await self._world.clock.sleep(self._rng.uniform(*self.LOOKS_EVERY_S))
            await self._label()
            await self._know_strangers()

    async def _label(self) -> None:
        said = await self._people.call("GET", "/transfers?unlabelled=true")
        if said is None or said.status != 200:
            return
        for transfer in said.json["transfers"]:
            label = "withdrawal" if transfer["amount"].startswith("-") else "deposit"
            await self._people.call("POST", f"/transfers/{transfer['id']}/label", {"label": label})

    async def _know_strangers(self) -> None:
        for member in self._people.members:
            path = f"/clients/{member.client_id}/connectors"
            said = await self._people.call("GET", path)
            if said is None or said.status != 200:
                continue
            for connector in said.json["connectors"]:
                if connector["strangers"]:
                    known = {"answers_for_strangers": True}
                    await self._people.call("PUT", f"{path}/{connector['id']}", known)
