"""No secret is where anybody could read it: rows, logs, answers, bodies and addresses of requests (I23)."""

import re
from collections.abc import Mapping
from typing import Any

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.server import PASSWORD, SECRET_KEY
from tests.simulation.watch import Call

#: between two looks at every row
ROWS_EVERY_S = 60


class SecretsKept(Invariant):
    id = "I23"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._known = 0
        self._markers: re.Pattern[str] | None = None
        self._seconds = 0

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        if life is not None:
            self._look("a line of the log", str(dict(event)))

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        self._look(f"the answer to {method} {path}", body.decode())

    def departed(self, call: Call) -> None:
        """A key goes in a header, signed; nothing of it in address or body."""
        self._look(f"a request to {call.endpoint}", call.query)
        if call.body:
            self._look(f"a request to {call.endpoint}", call.body.decode())

    def each_second(self) -> None:
        self._seconds += 1
        if self._seconds % ROWS_EVERY_S == 0:
            self._rows()

    async def at_end(self) -> None:
        self._rows()

    def _rows(self) -> None:
        rows = self.facts.stored.rows
        for table in rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
            for row in rows(f'SELECT * FROM "{table["name"]}"'):
                self._look(f"a row of {table['name']}", str(list(row.values())))

    def _look(self, where: str, text: str) -> None:
        found = self._pattern().search(text)
        if found is not None:
            self.broken(f"{where} has a secret that ends in {found[0][-4:]}")

    def _pattern(self) -> re.Pattern[str]:
        """Of every key that was ever made, and of what the platform itself has."""
        directory = self.world.exchange.engine.directory
        keys = [key for member in self.facts.people.members for key in directory.keys(member.plan.exchange_account)]
        if self._markers is None or len(keys) != self._known:
            self._known = len(keys)
            markers = [SECRET_KEY, PASSWORD, *(part for key in keys for part in (key.api_key, key.secret))]
            self._markers = re.compile("|".join(map(re.escape, markers)))
        return self._markers
