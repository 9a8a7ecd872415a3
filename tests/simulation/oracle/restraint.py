"""A kill stops creates and is done only when it is (I13); who is stopped, held or killed has nothing left (I14)."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.loop import Life
from tests.simulation.oracle.disturbance import Disturbance
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import RESTORES
from tests.simulation.oracle.standing import Standing
from tests.simulation.people import Member
from tests.simulation.watch import Call
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal

#: seconds in which a process that runs has seen what is stored: it looks each second, or each two at bots
SEEN_WITHIN_S = 4
#: of quiet, until all orders of who must rest are gone, and its worker with them
RESTS_WITHIN_S = 30.0
#: a create without an answer may be live so long (faults N3, D2): the exchange's signature window and its read lag
UNCLEAR_FOR_S = 70.0
#: it is tried each second, and a commit may take ten
STORED_WITHIN_S = 12.0
#: what storage took so shortly before a process ended could be missed: an attempt may wait five for a lock
MISSED_WITHIN_S = 7.0
#: what a wall clock says of a hold's start and end is not asked to the second
_EDGE = timedelta(seconds=3)


@dataclass(slots=True)
class _Bar:
    """Something stored that forbids creates."""

    key: str
    #: platform, client, market or bot
    kind: str
    scope_id: str
    #: says of storage whether it still stands
    still: Callable[[], bool]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    #: life's name -> seconds that it has run since
    ran_s: dict[str, int] = field(default_factory=dict)
    #: life's name -> from when on it obeys
    obeyed_s: dict[str, float] = field(default_factory=dict)

    def covers(self, member: Member, bot_id: str, symbol: str) -> bool:
        match self.kind:
            case "platform":
                return True
            case "client":
                return self.scope_id == member.client_id
            case "market":
                return self.scope_id == f"{member.plan.exchange} {symbol}"
            case _:
                return self.scope_id == bot_id

    def holds(self, now: datetime) -> bool:
        begun = self.starts_at is None or self.starts_at + _EDGE <= now
        return begun and (self.ends_at is None or now < self.ends_at - _EDGE)


class _Barring(Invariant):
    """Knows from when on each process obeys what is stored, and sees each create that is accepted."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._standing = Standing(facts)
        self._bars: dict[str, _Bar] = {}
        self._creates: dict[str, Call] = {}  # client_order_id -> the newest request

    def stored(self) -> Iterable[_Bar]:
        raise NotImplementedError

    def each_second(self) -> None:
        stored = {bar.key: bar for bar in self.stored()}
        for gone in [key for key in self._bars if key not in stored]:
            del self._bars[gone]
        for key, bar in stored.items():
            self._bars.setdefault(key, bar)
        if self._bars:
            self._pass_a_second()

    def _pass_a_second(self) -> None:
        now_s = self.world.loop.time()
        for server in self.world.servers:
            if not server.life.alive or server.life.paused:
                continue
            for bar in self._bars.values():
                ran_s = bar.ran_s[server.life.name] = bar.ran_s.get(server.life.name, 0) + 1
                if ran_s >= SEEN_WITHIN_S:
                    bar.obeyed_s.setdefault(server.life.name, now_s)

    def answered(self, life: Life, bar: _Bar) -> None:
        """It has said so itself, so it obeys at once."""
        self._bars.setdefault(bar.key, bar).obeyed_s.setdefault(life.name, self.world.loop.time())

    def arrived(self, call: Call) -> None:
        if self._bars and call.is_create:
            self._creates[call.client_order_id] = call

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if not self._bars or isinstance(order, Refusal):
            return
        call, found = self._creates.pop(client_order_id, None), self._member(account, client_order_id)
        if call is None or found is None:
            return
        member, bot_id = found
        server = next(one for one in self.world.servers if one.life is call.life)
        for bar in self._bars.values():
            obeyed_s = bar.obeyed_s.get(call.life.name)
            if obeyed_s is None or call.begun_s <= obeyed_s or not bar.covers(member, bot_id, order.symbol):
                continue
            if bar.holds(server.clock.now()) and bar.still():
                self.broken(
                    f"{client_order_id} of {bot_id} is accepted, which {call.life.name} began to send at"
                    f" {call.begun_s:.3f}; it obeys {bar.key} since {obeyed_s:.3f}"
                )

    def _member(self, account: str, client_order_id: str) -> tuple[Member, str] | None:
        """None: it is not the platform's, or nobody knows whose."""
        bot_id = self._standing.bot_of(client_order_id)
        members = (one for one in self.facts.people.members if one.plan.exchange_account == account)
        member = next(members, None)
        return None if member is None or bot_id is None else (member, bot_id)


@dataclass(slots=True)
class _Pressed:
    """A kill that was answered, as long as storage does not have it."""

    life: Life
    #: when storage first took anything of that process after it
    written_s: float | None = None


class KillObeyed(_Barring):
    id = "I13"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._pressed: dict[str, _Pressed] = {}  # kill's id -> what is known
        #: when storage took anything, while a kill was not stored
        self._taken_s: list[float] = []
        self._told_lost: set[str] = set()  # ids of kills of which a process has said that it could not store them

    def committed(self, life: Life, kind: str) -> None:
        """Once storage can be written a kill is written before long."""
        if kind not in ("write", "journal"):
            return
        if not self._pressed:
            self._taken_s.clear()
            return
        now_s = self.world.loop.time()
        self._taken_s.append(now_s)
        for kill_id, pressed in tuple(self._pressed.items()):
            if self._is_stored(kill_id):
                del self._pressed[kill_id]
            elif pressed.life is life and pressed.written_s is None:
                pressed.written_s = now_s
            elif pressed.written_s is not None and now_s - pressed.written_s > STORED_WITHIN_S:
                self.broken(f"kill {kill_id} is in force since before {pressed.written_s:.3f} s and not stored")

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        if event.get("event") == "kill lost":
            self._told_lost.add(str(event["kill"]))

    def ended(self, life: Life, how: str) -> None:
        """What only its memory had goes with a process that is killed; one that ends by itself stores it, or says that
        storage took nothing for as long as it waited."""
        now_s = self.world.loop.time()
        for kill_id in [kill_id for kill_id, pressed in self._pressed.items() if pressed.life is life]:
            del self._pressed[kill_id]
            if how == "killed" or self._is_stored(kill_id):
                continue
            if kill_id not in self._told_lost:
                self.broken(f"{life.name} ends with kill {kill_id}, which is not stored, and does not say so")
            elif any(MISSED_WITHIN_S < now_s - taken_s < STORED_WITHIN_S for taken_s in self._taken_s):
                self.broken(f"{life.name} ends with kill {kill_id}, which is not stored, and storage could be written")

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        if fault_id in RESTORES and what == "strikes":
            self._pressed.clear()

    def _is_stored(self, kill_id: str) -> bool:
        return bool(self.facts.stored.rows("SELECT 1 FROM kills WHERE id = ?", kill_id))

    def stored(self) -> Iterable[_Bar]:
        for row in self.facts.stored.rows(
            "SELECT id, scope_kind, scope_id, done_at FROM kills WHERE rearmed_at IS NULL"
        ):
            if row["done_at"] is not None:
                self._is_done(row["id"], row["scope_kind"], row["scope_id"])
            yield self._kill(row["id"], row["scope_kind"], row["scope_id"])

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        if path == "/kills" and method == "POST" and status < 300:
            said = json.loads(body)
            self._pressed.setdefault(said["id"], _Pressed(life))
            self.answered(life, self._kill(said["id"], said["scope"]["kind"], said["scope"]["id"]))
        elif path.startswith("/kills") and method == "GET" and status == 200:
            for kill in json.loads(body)["kills"]:
                if kill["state"] == "done":
                    self._is_done(kill["id"], kill["scope"]["kind"], kill["scope"]["id"])

    def _kill(self, kill_id: str, kind: str, scope_id: str) -> _Bar:
        def still() -> bool:
            rows = self.facts.stored.rows("SELECT rearmed_at FROM kills WHERE id = ?", kill_id)
            return not rows or rows[0]["rearmed_at"] is None

        return _Bar(key=f"kill {kill_id}", kind=kind, scope_id=scope_id, still=still)

    def _is_done(self, kill_id: str, kind: str, scope_id: str) -> None:
        """Shown as done, so the exchange holds nothing of it."""
        bar = self._kill(kill_id, kind, scope_id)
        if not bar.still():
            return
        for member, order in self._standing.everywhere():
            bot_id = self._standing.bot_of(order.client_order_id)
            if bot_id is None and kind == "bot":
                continue
            if bar.covers(self._owner(member, bot_id), bot_id or "", order.symbol):
                self.broken(f"kill {kill_id} is done, and {order.client_order_id} stands at the exchange")

    def _owner(self, first: Member, bot_id: str | None) -> Member:
        """Two clients may have one exchange account."""
        found = (one for one in self.facts.people.members if bot_id in one.bots.values())
        return next(found, first)


class AtRest(_Barring):
    id = "I14"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._disturbance = Disturbance(facts.world)
        self.world.watchers.add(self._disturbance)
        self._since: dict[str, float] = {}  # bar's key -> since when it is known to stand
        self._unclear_s: dict[str, float] = {}  # bot id -> when storage last had a create of it without an answer

    def stored(self) -> Iterable[_Bar]:
        for row in self.facts.stored.rows("SELECT id FROM bots WHERE status = 'stopped' OR archived_at IS NOT NULL"):
            yield self._stopped(row["id"])
        for row in self.facts.stored.rows("SELECT * FROM holds WHERE lifted_at IS NULL"):
            yield self._hold(row)

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        if path == "/holds" and method == "POST" and status < 300:
            self.answered(life, self._hold(_flat(json.loads(body))))

    def each_second(self) -> None:
        super().each_second()
        now_s, quiet_s = self.world.loop.time(), self._disturbance.quiet_s()
        for gone in [key for key in self._since if key not in self._bars]:
            del self._since[gone]
        if self._bars:
            self._unclear_s.update((bot_id, now_s) for bot_id in self._unclear())
        for key, bar in self._bars.items():
            rested_s = min(now_s - self._since.setdefault(key, now_s), quiet_s)
            if rested_s > RESTS_WITHIN_S and bar.kind == "bot" and key.startswith("stop"):
                self._rests(bar.scope_id, rested_s)

    def _unclear(self) -> list[str]:
        query = "SELECT DISTINCT bot_id FROM orders WHERE live AND state IN ('pending_new', 'unresolved')"
        return [row["bot_id"] for row in self.facts.stored.rows(query)]

    def _rests(self, bot_id: str, rested_s: float) -> None:
        for _, order in self._standing.everywhere():
            if self._standing.bot_of(order.client_order_id) == bot_id:
                self.broken(f"{bot_id} is stopped for {RESTS_WITHIN_S:g} s, and {order.client_order_id} stands")
        if self._awaits_an_answer(bot_id, rested_s):
            return
        trading = self.world.trading
        if trading is not None and trading.platform is not None and bot_id in trading.platform.runner._workers:
            self.broken(f"{bot_id} is stopped for {rested_s:g} s, and a task of {trading.life.name} works for it")

    def _awaits_an_answer(self, bot_id: str, rested_s: float) -> bool:
        """Its worker stays to cancel what an unanswered create may have left, until that cannot be live any more, and
        has seen so soon after."""
        unclear_s = self._unclear_s.get(bot_id)
        if unclear_s is None or rested_s > RESTS_WITHIN_S + UNCLEAR_FOR_S:
            return False
        return self.world.loop.time() - unclear_s <= SEEN_WITHIN_S

    def _stopped(self, bot_id: str) -> _Bar:
        def still() -> bool:
            rows = self.facts.stored.rows("SELECT status, archived_at FROM bots WHERE id = ?", bot_id)
            return bool(rows) and (rows[0]["status"] == "stopped" or rows[0]["archived_at"] is not None)

        return _Bar(key=f"stop of {bot_id}", kind="bot", scope_id=bot_id, still=still)

    def _hold(self, row: dict[str, Any]) -> _Bar:
        def still() -> bool:
            rows = self.facts.stored.rows("SELECT lifted_at FROM holds WHERE id = ?", row["id"])
            return bool(rows) and rows[0]["lifted_at"] is None

        return _Bar(
            key=f"hold {row['id']}",
            kind=row["scope_kind"],
            scope_id=row["scope_id"],
            still=still,
            starts_at=datetime.fromisoformat(row["starts_at"]),
            ends_at=None if row["ends_at"] is None else datetime.fromisoformat(row["ends_at"]),
        )


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    """A hold as its row has it."""
    return {**said, "scope_kind": said["scope"]["kind"], "scope_id": said["scope"]["id"]}
