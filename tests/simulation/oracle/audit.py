"""Each change of state, limit or kill has exactly one audit row, which storage has when the change is answered (I24).
The chain of hashes is not built yet."""

import re
from dataclasses import dataclass

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import RESTORES

#: what people do -> the verb of its row; `{}` is the id of its subject
VERBS = tuple(
    (method, re.compile(f"^{path}$"), verb)
    for method, path, verb in (
        ("POST", r"/bots/([a-z0-9]+)/start", "bot.start"),
        ("POST", r"/bots/([a-z0-9]+)/stop", "bot.stop"),
        ("PUT", r"/bots/([a-z0-9]+)", "bot.update"),
        ("DELETE", r"/bots/([a-z0-9]+)", "bot.archive"),
        ("POST", r"/bots/([a-z0-9]+)/resume", "bot.resume"),
        ("POST", r"/kills/([a-z0-9]+)/rearm", "kill.rearm"),
        ("POST", r"/holds/([a-z0-9]+)/lift", "hold.lift"),
        ("PUT", r"/limits/[a-z]+/([a-z0-9-]+)", "limits.set"),
        ("POST", r"/transfers/([a-z0-9]+)/label", "transfer.label"),
        ("PUT", r"/clients/[a-z0-9]+/connectors/([a-z0-9]+)", "connector.update"),
        ("DELETE", r"/clients/[a-z0-9]+/connectors/([a-z0-9]+)", "connector.delete"),
        ("POST", r"/kills()", "kill.press"),
        ("POST", r"/holds()", "hold.place"),
        ("POST", r"/bots/create()", "bot.create"),
        ("POST", r"/clients()", "client.create"),
    )
)
#: a second start of a bot that runs changes nothing, and a kill that the database refuses is stored when it can be
LATER = frozenset({"bot.start", "kill.press"})
#: row of what was changed -> the one row that says who did it
ONE_EACH = (
    ("SELECT id FROM kills WHERE rearmed_at IS NOT NULL", "kill.rearm"),
    ("SELECT id FROM holds", "hold.place"),
    ("SELECT id FROM holds WHERE lifted_at IS NOT NULL", "hold.lift"),
    ("SELECT id FROM bots", "bot.create"),
    ("SELECT id FROM bots WHERE archived_at IS NOT NULL", "bot.archive"),
    ("SELECT id FROM clients", "client.create"),
    ("SELECT id FROM connectors", "connector.create"),
)


@dataclass(slots=True)
class _Count:
    """Of one verb on one subject."""

    #: asked for by people, whether or not somebody answered
    asked: int = 0
    #: answered as done
    done: int = 0


class Audited(Invariant):
    id = "I24"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._counts: dict[tuple[str, str], _Count] = {}  # verb, subject's id -> count
        #: names of all that have started, and of those whose answers are of before the last restore
        self._started: set[str] = set()
        self._before: frozenset[str] = frozenset()

    def started(self, life: Life) -> None:
        self._started.add(life.name)

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        """Transactions that are taken back, by an older backup (S5) or a lost tail of the log (S4), take audit rows
        away with what they were written for: what was done is what is stored now. No server lives at that moment, so
        nothing that was asked for is still to come."""
        if fault_id not in RESTORES or what != "strikes":
            return
        self._before = frozenset(self._started)
        for verb, count in self._counts.items():
            count.asked = count.done = self._rows(verb)

    def did(self, actor: str, what: str, **more: object) -> None:
        method, _, path = what.partition(" ")
        verb = _verb(method, path)
        if verb is not None:
            self._count(verb).asked += 1
        if verb is not None and verb[0] == "bot.archive":
            self._count(("bot.stop", verb[1])).asked += 1  # of a running bot it is a stop first

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        verb = _verb(method, path)
        if verb is None or status >= 300 or life.name in self._before:
            return
        count = self._count(verb)
        count.done += 1
        rows = self._rows(verb)
        if verb[0] not in LATER and rows < count.done:
            self.broken(f"{method} {path} is done {count.done} times, and has {rows} audit rows")

    async def at_end(self) -> None:
        for verb, count in self._counts.items():
            rows = self._rows(verb)
            if rows > count.asked:
                self.broken(f"{verb[0]} of {verb[1] or 'all'} was asked for {count.asked} times, and has {rows} rows")
        for query, word in ONE_EACH:
            for row in self.facts.stored.rows(query):
                told = self.facts.stored.rows(
                    "SELECT count(*) AS n FROM audit_log WHERE verb = ? AND subject_id = ?", word, row["id"]
                )
                if told[0]["n"] != 1:
                    self.broken(f"{row['id']} has {told[0]['n']} rows that say {word}")
        for row in self.facts.stored.rows("SELECT id FROM kills"):
            if not self._rows(("kill.press", row["id"]), by="%"):
                self.broken(f"nobody is said to have pressed kill {row['id']}")
        self._statuses()

    def _statuses(self) -> None:
        """The wished status of each bot is what its newest row says."""
        query = (
            "SELECT bots.id, bots.status, (SELECT verb FROM audit_log WHERE subject_id = bots.id"
            " AND verb IN ('bot.start', 'bot.stop') ORDER BY id DESC LIMIT 1) AS verb FROM bots"
        )
        for row in self.facts.stored.rows(query):
            expected = "running" if row["verb"] == "bot.start" else "stopped"
            if row["status"] != expected:
                self.broken(f"{row['id']} is {row['status']}, and the newest word of the audit log is {row['verb']}")

    def _count(self, verb: tuple[str, str]) -> _Count:
        return self._counts.setdefault(verb, _Count())

    def _rows(self, verb: tuple[str, str], *, by: str = "user") -> int:
        """Of a kind of asker; what people do with a command beside the server is told apart."""
        query = "SELECT count(*) AS n FROM audit_log WHERE verb = ? AND asker_kind LIKE ?"
        if not verb[1]:
            return int(self.facts.stored.rows(query, verb[0], by)[0]["n"])
        subject = None if verb[1] == "-" else verb[1]
        return int(self.facts.stored.rows(f"{query} AND subject_id IS ?", verb[0], by, subject)[0]["n"])


def _verb(method: str, path: str) -> tuple[str, str] | None:
    for wanted, pattern, verb in VERBS:
        found = pattern.match(path) if method == wanted else None
        if found is not None:
            return verb, found[1]
    return None
