"""Every cycle decides, and who is silent is said to be (I19); a fault has its name in time, and no fault has none
(I20); with nothing wrong everybody has a turn (I32)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulation.loop import Life
from tests.simulation.oracle.disturbance import Disturbance
from tests.simulation.oracle.healed import lasting
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.people import Member
from tests.simulation.watch import Call, Heard
from trading_bridge.sandbox.faults import FaultKind

#: seconds between two cycles
INTERVAL_S = 1.0
#: three intervals, and the second between two looks
FAIR_S = 3 * INTERVAL_S + 1
#: a cycle under way is told as late after 3 s (docs/findings.md), after the pause and the one before it
SILENT_S = 8.0
#: of being switched on
NAMED_WITHIN_S = 10.0
#: of its first effect
TOLD_WITHIN_S = 5.0
#: a server that began later has other things to say
SETTLED_S = 20.0
#: what went wrong before is told no longer
QUIET_S = 12.0
#: the doctor examines a key by itself no sooner (`diagnosis/duty.py`)
AGAIN_AFTER_S = 30.0

#: what a fault of the exchange is called
OF_KIND = {
    FaultKind.ADDRESS_REFUSED: "ip.not_allowed",
    FaultKind.READ_MISSING: "permission.read_missing",
    FaultKind.KEY_DELETED: "credentials.rejected",
    FaultKind.SECRET_WRONG: "credentials.rejected",
    FaultKind.MAINTENANCE: "exchange.maintenance",
    FaultKind.RATE_LIMITED: "rate.limited",
    FaultKind.SERVER_ERROR: "exchange.no_answer",
    FaultKind.EMPTY_BODY: "exchange.no_answer",
    FaultKind.HTML_BODY: "exchange.no_answer",
    FaultKind.HUNG: "exchange.no_answer",
    FaultKind.DROPPED: "exchange.no_answer",
    FaultKind.MARKET_RENAMED: "market.unknown",
    FaultKind.CURRENCY_MISSING: "balance.currency_missing",
    FaultKind.OTHER_WALLET: "balance.other_wallet",
    FaultKind.ACCOUNT_MIGRATED: "balance.other_wallet",
    FaultKind.CURRENCY_RENAMED: "currency.name_mismatch",
    FaultKind.BOOK_EMPTY: "book.empty",
    FaultKind.BOOK_CROSSED: "book.crossed",
}
#: what a fault of the line is called: row of the catalogue and form
OF_LINE = {
    ("N1", "dns"): "exchange.unreachable",
    ("N1", "tcp"): "exchange.unreachable",
    ("N1", "tls"): "exchange.unreachable",
    ("N1", "timeout"): "exchange.unreachable",
    ("N10", ""): "exchange.unreachable",
    ("N11", "407"): "proxy.auth_required",
    ("N12", "418"): "rate.limited",
}


#: what a minute and a half without faults leaves nothing of; what people have to answer for, and what is told of a
#: moment that is over, may stay
OVER = (
    *dict.fromkeys((*OF_KIND.values(), *OF_LINE.values())),
    *("permission.trade_missing", "clock.skewed", "exchange.slow", "market.halted", "order.unresolved", "cycle.late"),
    *("balance.stale", "balance.unknown", "balance.inconsistent", "balance.empty_list", "book.stale", "book.unknown"),
    *("account.recovering", "connector.not_synced", "runner.down", "storage.unwritable", "storage.slow"),
    *("volume.incomplete", "ledger.mismatch"),
)


#: what is told of an exchange for as long as somebody has a connector there
ALWAYS = ("exchange.closing",)


class _Cycles(Invariant):
    """Sees how many cycles each bot has had."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._marks: dict[str, tuple[str, str, int]] = {}  # bot_id -> life's name, decision's id, cycles
        self._silent_s: dict[str, float] = {}

    def each_second(self) -> None:
        server = self.world.trading
        if server is None or server.platform is None or server.life.paused:
            self._silent_s.clear()
            self._marks.clear()
            return
        last, self._marks = self._marks, {}  # of a bot that was not looked at nobody knows how long its cycles took
        for member, bot_id in self._running():
            standing = server.platform.runner.decision(bot_id)
            mark = (server.life.name, "" if standing is None else standing.id, (standing and standing.cycles) or 0)
            before = last.get(bot_id)
            self._marks[bot_id] = mark
            if before is None or mark[:2] != before[:2] or mark[2] != before[2]:
                self._silent_s[bot_id] = 0.0
                if before is not None and mark[:2] == before[:2]:
                    self.cycled(bot_id, mark[2] - before[2])
            else:
                self._silent_s[bot_id] = self._silent_s.get(bot_id, 0.0) + 1
                self.silent(member, bot_id, self._silent_s[bot_id])

    def _running(self) -> Iterator[tuple[Member, str]]:
        for member in self.facts.people.members:
            for bot_id, wish in member.wishes.items():
                if wish == "running":
                    yield member, bot_id

    def cycled(self, bot_id: str, cycles: int) -> None:
        """So many more since the last second."""

    def silent(self, member: Member, bot_id: str, seconds: float) -> None:
        """No cycle for so long, by a server that trades."""


class Decided(_Cycles):
    id = "I19"

    def cycled(self, bot_id: str, cycles: int) -> None:
        if cycles > 2:
            self.broken(f"{bot_id} has decided {cycles} times within a second")

    def silent(self, member: Member, bot_id: str, seconds: float) -> None:
        if seconds == SILENT_S:
            self.world.loop.spawn(None, self._asks(bot_id), name="oracle")

    async def _asks(self, bot_id: str) -> None:
        """Whether anything is said of the silence."""
        mark = self._marks.get(bot_id)
        path = f"/bots/{bot_id}"
        bot = await self.facts.people.call("GET", path)
        found = await self.facts.people.call("GET", f"{path}/findings")
        if bot is None or found is None or bot.status != 200 or found.status != 200 or bot.json["status"] != "running":
            return
        if mark == self._marks.get(bot_id) and bot.json["state"]["finding"] is None and not found.json["findings"]:
            self.broken(f"{bot_id} is silent for {SILENT_S:g} s, and says {bot.json['state']['text']}")

    async def at_end(self) -> None:
        query = "SELECT client_order_id FROM orders WHERE decision_id NOT IN (SELECT id FROM decisions)"
        orders = [row["client_order_id"] for row in self.facts.stored.rows(query)]
        if orders:
            self.broken(f"{', '.join(orders)} came of no decision that is stored")


class Fair(_Cycles):
    id = "I32"

    def silent(self, member: Member, bot_id: str, seconds: float) -> None:
        if self.facts.scenario.calm and seconds >= FAIR_S:
            self.broken(f"{bot_id} has had no cycle for {seconds:g} s, with nothing wrong")


@dataclass(slots=True)
class _Awaited:
    name: str
    code: str
    since_s: float
    #: the only requests that meet it: it is told once one has, and no longer than somebody sends more of them; None:
    #: each read meets it, and it is told for as long as it lasts
    endpoint: str | None = None
    #: when the first of those was answered
    met_s: float | None = None


class Named(Invariant):
    id = "I20"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._disturbance = Disturbance(facts.world)
        self._awaited: _Awaited | None = None
        self._traded_s = 0.0
        self._kinds: list[FaultKind] = []
        self._examined_s = float("-inf")

    def started(self, life: Life) -> None:
        self._upset()

    def ended(self, life: Life, how: str) -> None:
        self._upset()

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        """One fault alone, which hits everything that a server does that has traded for a while."""
        if what == "strikes" and self._awaited is not None and self._awaited.name == fault_id:
            return
        undisturbed = self._disturbance.quiet_s() >= QUIET_S and self._traded_s >= SETTLED_S
        self._disturbance.fault(fault_id, what, **more)
        self._awaited = None
        if what != "begins" or not undisturbed or "share" in more or "endpoints" in more:
            return
        trading = self.world.trading
        if "server" in more and (trading is None or trading.life.name != more["server"]):
            return
        active = [one.fault for one in self.world.exchange.faults.active()]
        line = OF_LINE.get((fault_id, str(more.get("form", ""))))
        code = line if line is not None else OF_KIND.get(active[0].kind) if len(active) == 1 else None
        if code is not None:
            endpoint = active[0].endpoint if line is None else None
            since_s = max(self.world.loop.time(), self._examined_s + AGAIN_AFTER_S)
            self._awaited = _Awaited(name=fault_id, code=code, since_s=since_s, endpoint=endpoint)

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        if event.get("event") == "examined":
            self._examined_s = self.world.loop.time()

    def heard(self, call: Call, answer: Heard) -> None:
        if answer.status != 200:
            self._meets(call)

    def unheard(self, call: Call, error: BaseException) -> None:
        self._meets(call)

    def committed(self, life: Life, kind: str) -> None:
        awaited = self._awaited
        if kind != "write" or awaited is None or awaited.met_s is None:
            return
        if any(row["code"] == awaited.code for row in self._open()):
            self._awaited = None

    def _upset(self) -> None:
        self._awaited, self._traded_s = None, 0.0

    def each_second(self) -> None:
        trading = self.world.trading
        still = trading is not None and not trading.life.paused
        self._traded_s = self._traded_s + 1 if still and self._at_work() else 0.0
        if self._traded_s == 0.0:
            self._awaited = None
        if self.facts.scenario.calm:
            for row in (row for row in self._open() if row["code"] not in ALWAYS):
                self.broken(f"nothing is wrong, and {row['code']} of {row['subject_kind']} {row['subject_id']} is told")
        if self._awaited is not None:
            self._await(self._awaited)

    async def at_end(self) -> None:
        left = await lasting(self, lambda: [str(row["code"]) for row in self._open() if row["code"] in OVER])
        if left:
            self.broken(f"long after everything is well it is told: {', '.join(left)}")

    def _meets(self, call: Call) -> None:
        awaited = self._awaited
        endpoint = call.wire.create if call.is_create else call.endpoint
        if awaited is not None and awaited.met_s is None and endpoint == awaited.endpoint:
            awaited.met_s = self.world.loop.time()

    def _await(self, awaited: _Awaited) -> None:
        now_s = self.world.loop.time()
        if awaited.endpoint is None:
            due = now_s - awaited.since_s > NAMED_WITHIN_S
        else:
            due = awaited.met_s is not None and now_s - awaited.met_s > TOLD_WITHIN_S
        if not due:
            return
        self._awaited = None
        codes = [str(row["code"]) for row in self._open()]
        if awaited.code not in codes:
            lasts_s = now_s - awaited.since_s
            self.broken(f"{awaited.name} lasts for {lasts_s:g} s without {awaited.code}; told is: {', '.join(codes)}")

    def _at_work(self) -> bool:
        """Every bot is wished running, and nobody forbids it."""
        wishes = [wish for member in self.facts.people.members for wish in member.wishes.values()]
        if not wishes or any(wish != "running" for wish in wishes):
            return False
        rows = self.facts.stored.rows
        barred = rows("SELECT 1 FROM kills WHERE rearmed_at IS NULL LIMIT 1") or rows(
            "SELECT 1 FROM holds WHERE lifted_at IS NULL LIMIT 1"
        )
        return not barred

    def _open(self) -> list[dict[str, object]]:
        return self.facts.stored.rows("SELECT code, subject_kind, subject_id FROM findings WHERE resolved_at IS NULL")
