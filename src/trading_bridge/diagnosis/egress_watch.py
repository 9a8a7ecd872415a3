"""Addresses that exchanges see, kept in storage with their times; a second one of a family is told at once."""

from collections.abc import Callable, Iterable, Iterator

from trading_bridge.accounts.route import RouteKey
from trading_bridge.clock import Clock
from trading_bridge.core.finding import PLATFORM, Held, Subject, SubjectKind
from trading_bridge.diagnosis.egress import DIRECT, Egress, Way
from trading_bridge.errors import Conflict, NotReady
from trading_bridge.logs import get_logger
from trading_bridge.storage.database import Database

ASK_EVERY_S = 60.0

_log = get_logger("egress")


class EgressWatch:
    def __init__(
        self, egress: Egress, database: Database, routes: Callable[[], Iterable[RouteKey]], clock: Clock
    ) -> None:
        """`routes` are those that sessions go by now."""
        self.egress = egress
        self._database = database
        self._routes = routes
        self._clock = clock

    async def load(self) -> None:
        async with self._database.unit_of_work(read_only=True) as uow:
            self.egress.load(await uow.egress.all())

    async def run(self) -> None:
        """Asks and stores every minute; without a service to ask there is nothing to do. Its owner cancels it."""
        while self.egress.asks:
            await self.look()
            await self._clock.sleep(ASK_EVERY_S)

    async def look(self) -> None:
        """Asks once for each way that is in use, and stores what was seen."""
        await self.egress.look({_way(key) for key in self._routes()} or {DIRECT})
        await self._store()

    def findings(self) -> Iterator[Held]:
        for label, finding in self.egress.changes():
            subject = PLATFORM if label == DIRECT.label else Subject(kind=SubjectKind.PLATFORM, id=label)
            yield Held(subject=subject, finding=finding)

    async def _store(self) -> None:
        rows = self.egress.unstored()
        if not rows:
            return
        try:
            async with self._database.unit_of_work() as uow:
                await uow.egress.put(rows)
        except (NotReady, Conflict) as error:
            _log.warning("addresses not stored", error=error.message)


def _way(key: RouteKey) -> Way:
    return Way(proxy_url=key.proxy_url, ipv4_only=key.ipv4_only)
