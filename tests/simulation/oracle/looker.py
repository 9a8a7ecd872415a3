"""Somebody who looks at the platform's pages at irregular times, so that the oracle sees what they show."""

from collections.abc import Iterator

from tests.simulation.people import People
from tests.simulation.world import World

#: between two looks, on average
MEAN_PAUSE_S = 4.0
#: what does not answer so long is not waited for any more
PATIENCE_S = 10.0
_OF_ALL = ("/bots?include=balance", "/findings?state=open", "/kills", "/holds?active=true", "/transfers")


class Looker:
    def __init__(self, world: World, people: People) -> None:
        self._loop = world.loop
        self._clock = world.clock
        self._people = people
        self._rng = world.rng("looker")

    async def run(self) -> None:
        """For ever; an answer that takes long delays no other look."""
        while True:
            await self._clock.sleep(min(self._rng.expovariate(1 / MEAN_PAUSE_S), 5 * MEAN_PAUSE_S))
            paths = list(self._paths())
            if self._people.members:
                look = self._people.call("GET", self._rng.choice(paths), patience_s=PATIENCE_S)
                self._loop.spawn(None, look, name="looker")

    def _paths(self) -> Iterator[str]:
        yield from (*_OF_ALL, "/health/detail")
        for member in self._people.members:
            yield f"/bots?account={member.plan.client}&include=balance"
            yield f"/clients/{member.client_id}/connectors"
            for connector_id in member.connectors.values():
                yield f"/clients/{member.client_id}/connectors/{connector_id}/balances"
            for bot_id in member.bots.values():
                yield f"/bots/{bot_id}"
                yield f"/bots/{bot_id}/balance-and-volume"
                yield f"/bots/{bot_id}/stats"
                yield f"/bots/{bot_id}/findings"
                yield f"/bots/{bot_id}/orders"
                yield f"/bots/{bot_id}/decisions"
