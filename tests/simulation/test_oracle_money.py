"""Each invariant of money, answers, restraints, findings and healing turns red on what it forbids."""

import gc
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.simulation.loop import Life, SimLoop, run_simulated
from tests.simulation.oracle.audit import Audited
from tests.simulation.oracle.findings import Decided, Fair, Named
from tests.simulation.oracle.healed import Healed, Wished
from tests.simulation.oracle.invariant import Facts, Invariant, Stored, Violation
from tests.simulation.oracle.money import Conserved
from tests.simulation.oracle.restraint import AtRest, KillObeyed
from tests.simulation.oracle.secrets import SecretsKept
from tests.simulation.oracle.shown import OwnOnly, TimesShown, TruthShown
from tests.simulation.oracle.tasks import Bounded, WholeAfterCrash
from tests.simulation.people import Member, People
from tests.simulation.scenario import AccountPlan, BotPlan, Scenario
from tests.simulation.server import PASSWORD, Server
from tests.simulation.watch import PLACE, Call, Heard
from tests.simulation.world import World
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.directory import MARKET_TAKER
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.orders import SandboxOrder

ACCOUNT, SYMBOL, ORDER = "account-1", "SHARP/USDT", "tbaaaaa1xyz"
T = "2026-01-05 09:00:00.000000+00:00"


class Case:
    """A world in which nothing runs, with one client, a bot and an order of it, and what an invariant says to it."""

    def __init__(self, loop: SimLoop) -> None:
        self.loop = loop
        self.world = World(loop, 1, markets=1)
        self.said: list[str] = []
        bot = BotPlan(name="bot-1-1", symbol=SYMBOL, connector="coinstore", config={}, base="1", quote="1")
        plan = AccountPlan(
            client="client_1", exchange_account=ACCOUNT, connectors=("coinstore",), deposits={}, bots=(bot,)
        )
        scenario = Scenario(
            seed=1, fault_s=60, accounts=(plan,), servers=1, each_way_s=0.02, crowd_every_s=1.0, doses={}
        )
        self.people = People(self.world)
        self.member = Member(plan=plan, client_id="c1", connectors={"coinstore": "k1"}, bots={"bot-1-1": "b1"})
        self.member.wishes["b1"] = "running"
        self.facts = Facts(
            world=self.world,
            people=self.people,
            scenario=scenario,
            stored=Stored(str(self.world.path)),
            broken=self._broken,
        )
        self.exchange = self.world.exchange
        self.exchange.account(ACCOUNT, {"USDT": "1000", "SHARP": "1000"})
        self.people.members.append(self.member)
        self.put("installation", id="aaaaa", created_at=T)
        self.put("bots", id="b1", client_id="c1", symbol=SYMBOL, status="running")
        self.put("orders", client_order_id=ORDER, bot_id="b1", connector_id="k1", symbol=SYMBOL)

    def _broken(self, violation: Violation) -> None:
        self.said.append(violation.invariant)

    def watch(self, make: type[Invariant]) -> Any:
        invariant = make(self.facts)
        self.world.watchers.add(invariant)
        return invariant

    def put(self, table: str, **values: object) -> None:
        """A row whose other columns are empty."""
        with closing(sqlite3.connect(self.world.path)) as connection, connection:
            for _, name, kind, needed, default, _ in connection.execute(f"PRAGMA table_info({table})"):
                if needed and default is None and name not in values and kind != "INTEGER PRIMARY KEY":
                    values[name] = T if "DATE" in kind else 0 if kind in ("INTEGER", "BOOLEAN", "BIGINT") else "0"
            names, marks = ", ".join(values), ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))

    def server(self) -> Server:
        return self.world.start()

    def trading(self, **runner: Any) -> Server:
        server = self.server()
        server.platform = SimpleNamespace(runner=SimpleNamespace(**runner))  # type: ignore[assignment]
        return server

    def stands(self) -> SandboxOrder:
        order = self.exchange.engine.place(
            ACCOUNT, SYMBOL, Side.SELL, price=Ticks(30_000), lots=Lots(10_000), client_order_id=ORDER
        )
        assert isinstance(order, SandboxOrder)
        return order

    def create(self, server: Server, *, begun_s: float) -> Call:
        body = json.dumps({"clOrdId": ORDER}).encode()
        return Call(
            number=1, life=server.life, method="POST", endpoint=PLACE, query="", body=body, headers={}, begun_s=begun_s
        )

    def served(self, server: Server, method: str, path: str, said: object, status: int = 200) -> None:
        self.world.watchers.served(server.life, method, path, status, json.dumps(said).encode())

    def at_end(self, invariant: Invariant) -> None:
        run_simulated(self.loop, invariant.at_end())

    def close(self) -> None:
        self.facts.stored.close()
        self.world.close()


@pytest.fixture(scope="module", autouse=True)
def _few_objects() -> Iterator[None]:
    """Each loop collects at its end; what was there before is not looked through each time."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def case() -> Iterator[Case]:
    loop = SimLoop(Random(1))
    made = Case(loop)
    yield made
    made.close()
    loop.close()


def test_i13_a_create_after_a_kill(case: Case) -> None:
    case.watch(KillObeyed)
    server = case.server()
    case.put("kills", id="kill1", scope_kind="client", scope_id="c1")
    case.served(server, "POST", "/kills", {"id": "kill1", "scope": {"kind": "client", "id": "c1"}}, 201)
    case.world.watchers.arrived(case.create(server, begun_s=0.0))
    case.stands()
    assert case.said == []  # it had begun before
    case.exchange.engine.cancel_all(ACCOUNT)
    case.put("orders", client_order_id=f"{ORDER}2", bot_id="b1", connector_id="k1", symbol=SYMBOL)
    late = case.create(server, begun_s=1.0)
    late.fields["clOrdId"] = f"{ORDER}2"  # type: ignore[index]
    case.world.watchers.arrived(late)
    case.exchange.engine.place(
        ACCOUNT, SYMBOL, Side.SELL, price=Ticks(30_000), lots=Lots(10_000), client_order_id=f"{ORDER}2"
    )
    assert case.said == ["I13"]


@pytest.mark.parametrize(
    ("how", "is_stored", "is_told", "taken_before_s", "said"),
    [
        ("killed", False, False, None, []),
        ("stopped", True, False, None, []),
        ("stopped", False, False, None, ["I13"]),
        ("LeaseLost()", False, False, None, ["I13"]),
        ("stopped", False, True, None, []),
        ("stopped", False, True, 3.0, []),
        ("stopped", False, True, 9.0, ["I13"]),
    ],
)
def test_i13_a_kill_that_a_process_takes_with_it(
    case: Case, how: str, is_stored: bool, is_told: bool, taken_before_s: float | None, said: list[str]
) -> None:
    case.watch(KillObeyed)
    server = case.server()
    case.served(server, "POST", "/kills", {"id": "kill1", "scope": {"kind": "client", "id": "c1"}}, 201)
    if is_stored:
        case.put("kills", id="kill1", scope_kind="client", scope_id="c1")
    if is_told:
        case.world.watchers.logged(server.life, {"event": "kill lost", "kill": "kill1"})
    if taken_before_s is not None:
        case.world.watchers.committed(Life("another"), "write")
        case.loop._now += taken_before_s
    case.world.watchers.ended(server.life, how)
    assert case.said == said


def test_i13_done_while_an_order_stands(case: Case) -> None:
    invariant = case.watch(KillObeyed)
    case.stands()
    case.put("kills", id="kill1", scope_kind="bot", scope_id="b1", done_at=T)
    invariant.each_second()
    assert case.said == ["I13"]


def test_i14_a_stopped_bot_with_an_order(case: Case) -> None:
    invariant = case.watch(AtRest)
    case.stands()
    case.put("bots", id="b2", status="stopped")
    for _ in range(60):
        case.loop._now += 1
        invariant.each_second()
    assert case.said == []
    case.put("orders", client_order_id="tbaaaaa1other", bot_id="b2", connector_id="k1", symbol=SYMBOL)
    case.exchange.engine.place(
        ACCOUNT, SYMBOL, Side.SELL, price=Ticks(30_000), lots=Lots(10_000), client_order_id="tbaaaaa1other"
    )
    invariant.each_second()
    assert case.said == ["I14"]


@pytest.mark.parametrize(
    ("state", "clear_s", "broken_s"),
    [("open", None, 31), ("unresolved", None, 101), ("pending_new", 50, 54), ("unresolved", 20, 31)],
    ids=["nothing unclear", "for ever unclear", "clear after 50 s", "clear after 20 s"],
)
def test_i14_the_worker_of_a_stopped_bot_stays_while_a_create_without_an_answer_may_be_live(
    case: Case, state: str, clear_s: int | None, broken_s: int
) -> None:
    case.trading(_workers={"b2": None})
    invariant = case.watch(AtRest)
    case.put("bots", id="b2", status="stopped")
    case.put("orders", client_order_id="tbaaaaa1other", bot_id="b2", connector_id="k1", state=state, live=1)
    invariant.each_second()
    for second in range(1, broken_s + 1):
        assert case.said == [], second
        case.loop._now += 1
        if second == clear_s:
            with closing(sqlite3.connect(case.world.path)) as connection, connection:
                connection.execute("UPDATE orders SET live = 0, state = 'absent' WHERE bot_id = 'b2'")
        invariant.each_second()
    assert case.said == ["I14"]


def test_i14_a_create_for_a_stopped_bot(case: Case) -> None:
    invariant = case.watch(AtRest)
    server = case.server()
    case.put("bots", id="b2", status="stopped")
    case.put("orders", client_order_id="tbaaaaa1other", bot_id="b2", connector_id="k1", symbol=SYMBOL)
    for _ in range(5):
        invariant.each_second()
    call = case.create(server, begun_s=1.0)
    call.fields["clOrdId"] = "tbaaaaa1other"  # type: ignore[index]
    case.world.watchers.arrived(call)
    case.exchange.engine.place(
        ACCOUNT, SYMBOL, Side.SELL, price=Ticks(30_000), lots=Lots(10_000), client_order_id="tbaaaaa1other"
    )
    assert case.said == ["I14"]


def test_i16_a_fill_that_is_not_stored(case: Case) -> None:
    invariant = case.watch(Conserved)
    case.exchange.deposit(ACCOUNT, "USDT", "5")
    invariant._moved[ACCOUNT, "USDT"] += 1000
    invariant._later.clear()
    case.at_end(invariant)
    assert case.said == []
    case.stands()
    case.exchange.engine.place(MARKET_TAKER, SYMBOL, Side.BUY, price=Ticks(30_000), lots=Lots(10_000))
    invariant._moved[ACCOUNT, "SHARP"] += 1000
    case.at_end(invariant)
    assert case.said == ["I16"]


def opens_books(case: Case, read_s_before: float, account_id: str | None = None) -> None:
    told_as = account_id or str(case.exchange.engine.directory.account(ACCOUNT).account_id)
    told = {"event": "books opened", "exchange_account": told_as, "read_s_before": read_s_before}
    case.world.watchers.logged(case.server().life, told)


def books(case: Case, currency: str, amount: str) -> None:
    case.put("transfers", id=f"{currency}{amount}", connector_id="k1", currency=currency, amount=amount)


@pytest.mark.parametrize(("read_s_before", "red"), [(45.0, []), (0.5, ["I16"])], ids=["before it", "after it"])
def test_i16_what_moved_since_the_balance_that_books_begin_with_was_read_is_booked(
    case: Case, read_s_before: float, red: list[str]
) -> None:
    invariant = case.watch(Conserved)
    for currency in ("USDT", "SHARP"):
        invariant._moved[ACCOUNT, currency] += 1000
    case.loop._now = 100.0
    case.exchange.deposit(ACCOUNT, "USDT", "5")
    case.loop._now = 140.0
    opens_books(case, read_s_before)
    books(case, "USDT", "5")
    case.at_end(invariant)
    assert case.said == red


def test_i16_books_of_an_account_that_no_answer_names(case: Case) -> None:
    invariant = case.watch(Conserved)
    opens_books(case, 0.5, "connector:k1")
    assert list(invariant._opened) == [ACCOUNT]
    opens_books(case, 0.5, "connector:of another")
    assert list(invariant._opened) == [ACCOUNT]


@pytest.mark.parametrize(
    ("keys_set_at", "red"),
    [(("09:01:00", "09:02:00"), []), (("08:59:00", "09:02:00"), ["I16"])],
    ids=["before both keys", "since one of them"],
)
def test_i16_what_people_traded_before_a_key_was_entered_is_booked_once(
    case: Case, keys_set_at: tuple[str, str], red: list[str]
) -> None:
    invariant = case.watch(Conserved)
    case.member.connectors["second"] = "k2"
    for key, at in zip(("k1", "k2"), keys_set_at, strict=True):
        case.put("connectors", id=key, name=key, key_set_at=f"2026-01-05 {at}.000000+00:00", created_at=T)
    for currency in ("USDT", "SHARP"):
        invariant._moved[ACCOUNT, currency] += 1000
    opens_books(case, 0.5)
    case.exchange.engine.place(ACCOUNT, SYMBOL, Side.SELL, price=Ticks(30_000), lots=Lots(10_000))
    case.exchange.engine.place(MARKET_TAKER, SYMBOL, Side.BUY, price=Ticks(30_000), lots=Lots(10_000))
    invariant._fills = list  # type: ignore[method-assign]
    (traded,) = invariant._by_hand
    for currency, amount in traded.moved.items():
        books(case, currency, str(amount))
    case.at_end(invariant)
    assert case.said == red


@pytest.mark.parametrize(
    ("free", "as_of", "red"),
    [
        ("1000", "2026-01-05T09:00:02Z", []),
        ("0", "2026-01-05T09:00:02Z", ["I17"]),
        ("1000", "2026-01-05T09:00:03Z", ["I17"]),
    ],
    ids=["true", "a false zero", "a time of no answer"],
)
def test_i17_what_is_shown(case: Case, free: str, as_of: str, red: list[str]) -> None:
    case.watch(TruthShown)
    case.exchange.deposit(ACCOUNT, "KITE", "1")  # the purse's history begins
    server, key = case.server(), case.exchange.key(ACCOUNT)
    call = Call(
        number=1,
        life=server.life,
        method="POST",
        endpoint="/spot/accountList",
        query="",
        body=b"{}",
        headers={"x-cs-apikey": key.api_key},
    )
    case.loop._now = 1.0
    case.world.watchers.arrived(call)
    case.loop._now = 2.0
    row = {"currency": "USDT", "balance": "1000", "typeName": "AVAILABLE"}
    case.world.watchers.heard(call, Heard(status=200, body=json.dumps({"code": 0, "data": [row]}).encode()))
    shown = {
        "bot_id": "b1",
        "status": "ok",
        "available": {"USDT": free},
        "locked": {"USDT": "0"},
        "as_of": as_of,
        "finding": None,
    }
    case.served(server, "GET", "/bots/b1/balance-and-volume", shown)
    assert case.said == red


@pytest.mark.parametrize(
    ("heard_s", "began_s", "now_s", "is_noticed", "as_of", "red"),
    [
        (0.0, 60.0, 0.0, True, "2026-01-05T08:59:00Z", []),
        (0.0, 60.0, 0.0, False, "2026-01-05T08:59:00Z", ["I17"]),
        (0.0, 0.0, 0.0, False, "2026-01-05T08:59:00Z", ["I17"]),
        (1.861427, 0.0, -3600.0, True, "2026-01-05T08:00:01.861427Z", []),
        (1.861427, 0.0, -3600.0, False, "2026-01-05T08:00:01.861427Z", ["I17"]),
        (1.861427, 0.0, -1800.0, True, "2026-01-05T08:00:01.861427Z", ["I17"]),
        (1.861427, 0.0, 60.0, True, "2026-01-05T09:01:01.861427Z", ["I17"]),
    ],
)
def test_i17_a_stored_time_goes_back_only_with_the_clock_of_who_shows_it(
    case: Case, heard_s: float, began_s: float, now_s: float, is_noticed: bool, as_of: str, red: list[str]
) -> None:
    case.watch(TruthShown)
    case.exchange.deposit(ACCOUNT, "KITE", "1")
    server, key = case.server(), case.exchange.key(ACCOUNT)
    case.world.watchers.fault("T2", "strikes", life=server.life.name, off_s=heard_s)
    call = Call(
        number=1,
        life=server.life,
        method="POST",
        endpoint="/spot/accountList",
        query="",
        body=b"{}",
        headers={"x-cs-apikey": key.api_key},
    )
    case.world.watchers.arrived(call)
    row = {"currency": "USDT", "balance": "1000", "typeName": "AVAILABLE"}
    case.world.watchers.heard(call, Heard(status=200, body=json.dumps({"code": 0, "data": [row]}).encode()))
    later = case.server()
    case.world.watchers.fault("T2", "strikes", life=later.life.name, off_s=began_s)
    case.world.watchers.logged(later.life, {"event": "session started"})
    case.world.watchers.fault("T2", "strikes", life=later.life.name, off_s=now_s)
    if is_noticed:
        case.world.watchers.logged(later.life, {"event": "wall clock was set", "seconds": round(now_s - began_s, 1)})
    shown = {
        "bot_id": "b1",
        "status": "stale",
        "available": {"USDT": "1000"},
        "locked": {"USDT": "0"},
        "as_of": as_of,
        "finding": {"code": "balance.stale"},
    }
    case.served(later, "GET", "/bots/b1/balance-and-volume", shown)
    assert case.said == red


def test_i17_unknown_without_a_finding(case: Case) -> None:
    case.watch(TruthShown)
    shown = {"bot_id": "b1", "status": "unknown", "available": None, "locked": None, "as_of": None, "finding": None}
    case.world.watchers.served(case.server().life, "GET", "/bots", 200, json.dumps(shown).encode())
    assert case.said == ["I17"]


def test_i19_two_decisions_of_one_cycle_and_an_order_of_none(case: Case) -> None:
    invariant = case.watch(Decided)
    invariant.cycled("b1", 2)
    assert case.said == []
    invariant.cycled("b1", 3)
    case.at_end(invariant)
    assert case.said == ["I19", "I19"]


def test_i20_a_finding_of_nothing(case: Case) -> None:
    invariant = case.watch(Named)
    invariant.each_second()
    assert case.said == []
    case.put("findings", id="f1", code="book.stale", subject_kind="bot", subject_id="b1")
    invariant.each_second()
    assert case.said == ["I20"]


def test_i20_a_fault_without_its_finding(case: Case) -> None:
    case.facts.scenario.doses["N1-dns"] = "light"  # type: ignore[assignment]
    invariant = case.watch(Named)
    case.trading()
    for second in range(50):
        case.loop._now += 1
        if second == 30:
            case.world.watchers.fault("N1", "begins", form="dns")
        invariant.each_second()
    assert case.said == ["I20"]


@pytest.mark.parametrize(
    ("met", "told", "red"),
    [("", False, []), ("heard", False, ["I20"]), ("unheard", False, ["I20"]), ("heard", True, [])],
    ids=["unmet", "mute", "mute unheard", "told"],
)
def test_i20_a_fault_of_creates_is_told_once_one_has_met_it(case: Case, met: str, told: bool, red: list[str]) -> None:
    """Nobody sends another while that one is unresolved, so it may be over before the fault is."""
    case.facts.scenario.doses["X1-not-done"] = "heavy"  # type: ignore[assignment]
    invariant = case.watch(Named)
    server = case.trading()
    case.exchange.faults.add(Fault(kind=FaultKind.SERVER_ERROR, endpoint=PLACE, status=503))
    for second in range(50):
        case.loop._now += 1
        if second == 25:
            case.world.watchers.fault("X1", "begins", form="not-done")
        if second == 30 and met == "heard":
            case.world.watchers.heard(case.create(server, begun_s=55), Heard(status=503, body=b""))
        if second == 30 and met == "unheard":
            case.world.watchers.unheard(case.create(server, begun_s=55), ConnectionResetError())
        if second == 31 and told:
            case.put("findings", id="f1", code="exchange.no_answer", subject_kind="bot", subject_id="b1")
            case.world.watchers.committed(server.life, "write")
            with closing(sqlite3.connect(case.world.path)) as connection, connection:
                connection.execute("UPDATE findings SET resolved_at = ?", (T,))
        invariant.each_second()
    assert case.said == red


def test_i20_a_finding_that_outlives_its_cause(case: Case) -> None:
    invariant = case.watch(Named)
    case.put("findings", id="f1", code="funds.received", subject_kind="connector", subject_id="k1")
    case.at_end(invariant)
    assert case.said == []
    case.put("findings", id="f2", code="book.stale", subject_kind="bot", subject_id="b1")
    case.at_end(invariant)
    assert case.said == ["I20"]


def test_i22_another_clients_bot(case: Case) -> None:
    case.watch(OwnOnly)
    other = Member(plan=case.member.plan, client_id="c2", connectors={}, bots={"other": "zz9"})
    case.people.members.append(other)
    case.served(case.server(), "GET", "/bots/b1", {"id": "b1"})
    assert case.said == []
    case.served(case.world.servers[0], "GET", "/bots/b1/orders", {"orders": [{"bot_id": "zz9"}]})
    assert case.said == ["I22"]


def test_i23_a_secret_in_a_log_an_answer_a_row_and_a_body(case: Case) -> None:
    invariant = case.watch(SecretsKept)
    server, key = case.server(), case.exchange.key(ACCOUNT)
    case.world.watchers.logged(server.life, {"event": "tried", "error": key.secret})
    case.served(server, "GET", "/connectors", {"key": key.api_key})
    call = case.create(server, begun_s=0)
    case.world.watchers.departed(Call(**{**vars(call), "body": PASSWORD.encode()}))
    case.put("kills", id="kill1", reason=f"because {PASSWORD}")
    invariant._rows()
    assert case.said == ["I23"] * 4


def test_i24_a_change_without_its_row_and_a_row_without_its_change(case: Case) -> None:
    invariant = case.watch(Audited)
    server = case.server()
    case.world.watchers.did("people", "POST /bots/b1/stop")
    case.put("audit_log", id=1, asker_kind="user", verb="bot.stop", subject_id="b1")
    case.served(server, "POST", "/bots/b1/stop", {})
    assert case.said == []
    case.world.watchers.did("people", "POST /bots/b1/stop")
    case.served(server, "POST", "/bots/b1/stop", {})
    assert case.said == ["I24"]
    for place in (2, 3, 4):
        case.put("audit_log", id=place, asker_kind="user", verb="bot.stop", subject_id="b1")
    with closing(sqlite3.connect(case.world.path)) as connection, connection:
        connection.execute("UPDATE bots SET status = 'stopped'")
    case.put("audit_log", id=5, asker_kind="user", verb="bot.create", subject_id="b1")
    run_simulated(SimLoop(Random(1)), invariant.at_end())
    assert case.said == ["I24", "I24"]


@pytest.mark.parametrize("fault_id", ["S4", "S5"])
def test_i24_what_a_restore_takes_back_is_not_done_and_what_comes_after_it_counts(case: Case, fault_id: str) -> None:
    case.watch(Audited)
    lost = case.server()
    for place in (1, 2):
        case.world.watchers.did("people", "POST /bots/b1/stop")
        case.put("audit_log", id=place, asker_kind="user", verb="bot.stop", subject_id="b1")
        case.served(lost, "POST", "/bots/b1/stop", {})
    with closing(sqlite3.connect(case.world.path)) as connection, connection:
        connection.execute("DELETE FROM audit_log WHERE id = 2")
    case.world.watchers.fault(fault_id, "strikes")
    case.served(lost, "POST", "/bots/b1/stop", {})  # given before it died
    after = case.server()
    case.world.watchers.did("people", "POST /bots/b1/stop")
    case.put("audit_log", id=2, asker_kind="user", verb="bot.stop", subject_id="b1")
    case.served(after, "POST", "/bots/b1/stop", {})
    assert case.said == []
    case.world.watchers.did("people", "POST /bots/b1/stop")
    case.served(after, "POST", "/bots/b1/stop", {})
    assert case.said == ["I24"]


def test_i24_more_rows_than_were_asked_for_since_a_restore(case: Case) -> None:
    invariant = case.watch(Audited)
    for _ in range(3):
        case.world.watchers.did("people", "POST /bots/b1/stop")
    case.world.watchers.fault("S4", "strikes")
    case.put("audit_log", id=1, asker_kind="user", verb="bot.stop", subject_id="b1")
    case.put("audit_log", id=2, asker_kind="user", verb="bot.create", subject_id="b1")
    with closing(sqlite3.connect(case.world.path)) as connection, connection:
        connection.execute("UPDATE bots SET status = 'stopped'")
    run_simulated(SimLoop(Random(1)), invariant.at_end())
    assert case.said == ["I24"]


def test_i25_an_error_that_nobody_caught_and_tasks_that_grow(case: Case) -> None:
    invariant = case.watch(Bounded)
    server = case.server()
    for tasks in range(60):
        invariant._look(server, tasks)
    assert set(case.said) == {"I25"}
    case.said.clear()
    case.loop.unhandled.append("of a task")
    invariant.each_second()
    assert case.said == ["I25"]


@pytest.mark.parametrize(
    "shown", [{"age_seconds": -0.1}, {"since": "2026-01-05T09:00:00+01:00"}, {"since": "1970-01-01T00:00:00Z"}]
)
def test_i27_a_time_that_cannot_be(case: Case, shown: object) -> None:
    case.watch(TimesShown)
    server = case.server()
    case.served(server, "GET", "/bots", {"age_seconds": 0.0, "since": "2026-01-05T09:00:00Z"})
    assert case.said == []
    case.served(server, "GET", "/bots", shown)
    assert case.said == ["I27"]


def test_i28_rows_that_point_nowhere_after_a_crash(case: Case) -> None:
    case.watch(WholeAfterCrash)
    case.world.watchers.ended(case.server().life, "stopped")
    assert case.said == []
    case.world.watchers.ended(case.world.servers[0].life, "killed")  # the bot of the case has no client
    assert case.said == ["I28"]


def test_i30_nobody_trades(case: Case) -> None:
    case.at_end(case.watch(Healed))
    assert case.said == ["I30"]


def test_i30_an_order_that_nobody_knows(case: Case) -> None:
    invariant = case.watch(Healed)
    case.stands()
    assert invariant._only_at_exchange() == [ORDER]
    with closing(sqlite3.connect(case.world.path)) as connection, connection:
        connection.execute("UPDATE orders SET live = 1, state = 'unresolved'")
    assert (invariant._only_at_exchange(), invariant._unresolved()) == ([], [ORDER])


def test_i31_a_bot_wished_stopped_with_an_order_and_one_wished_running_with_none(case: Case) -> None:
    invariant = case.watch(Wished)
    case.at_end(invariant)
    assert case.said == ["I31"]
    case.member.wishes["b1"] = "stopped"
    case.at_end(invariant)
    assert case.said == ["I31"]
    case.stands()
    case.at_end(invariant)
    assert case.said == ["I31", "I31"]


def test_i32_a_bot_without_a_turn(case: Case) -> None:
    invariant = case.watch(Fair)
    case.trading(decision=lambda bot_id: None)
    for _ in range(4):
        invariant.each_second()
    assert case.said == []
    invariant.each_second()
    assert case.said == ["I32"]
