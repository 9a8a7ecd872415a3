"""Each invariant of orders, wire and limits says what is broken, and only that: made-up events on a real world."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, create_engine, insert, update

from tests.simulation.clock import BEGIN
from tests.simulation.loop import Life, SimLoop
from tests.simulation.oracle.crossing import SENT_WITHIN_S, NoCrossing
from tests.simulation.oracle.freshness import Fresh
from tests.simulation.oracle.harm import NoMoreHarm
from tests.simulation.oracle.invariant import Facts, Invariant, Stored, Violation
from tests.simulation.oracle.leases import InLease
from tests.simulation.oracle.limits import InLimits
from tests.simulation.oracle.market_rules import InRules
from tests.simulation.oracle.orders import NoOrphan, Once, OneWriter, Recorded
from tests.simulation.oracle.promises import Promises
from tests.simulation.oracle.rates import InRate
from tests.simulation.oracle.trades import FillsAreTrue, NoSelfTrade
from tests.simulation.people import Member, People
from tests.simulation.scenario import AccountPlan, draw
from tests.simulation.watch import PLACE, Call, Heard
from tests.simulation.world import World
from trading_bridge.core.bot import BotStatus
from trading_bridge.core.client import ManualTrading
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, OrderType, Side, TimeInForce, client_order_id
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.storage.tables import (
    bots,
    clients,
    connectors,
    installation,
    leases,
    limit_settings,
    orders,
    trade_logs,
)

SYMBOL, CODE = "SHARP/USDT", "sharpusdt"
DEPTH = f"/v1/market/depth/{CODE.upper()}"
BALANCES = "/spot/accountList"
SYMBOLS = "/v2/public/config/spot/symbols"
TICK, LOT = Decimal("0.000001"), Decimal("0.01")
MID = 25_600


class Told:
    """A world without servers, in which a test plays all parts."""

    def __init__(self, invariant: type[Invariant]) -> None:
        self.loop = SimLoop(Random(1))
        asyncio.set_event_loop(self.loop)
        self.world = World(self.loop, 1, markets=1)
        self.life = Life("server-1")
        self.broken: list[Violation] = []
        people = People(self.world)
        self.facts = Facts(
            world=self.world,
            people=people,
            scenario=draw(1, 1, ()),
            stored=Stored(str(self.world.path)),
            broken=self.broken.append,
        )
        self.watching = invariant(self.facts)
        self.world.watchers.add(self.watching)
        self._engine = create_engine(f"sqlite:///{self.world.path}")
        self._calls = self._ids = 0
        self.sent: dict[str, Call] = {}
        for place in (1, 2):
            self.world.exchange.account(f"account-{place}", {"USDT": "20000", "SHARP": "500000"})
            people.members.append(_member(place))
        now = BEGIN
        self.store(installation, id="abcde", created_at=now)
        for place in (1, 2):
            self.store(
                clients, id=f"client-{place}", name="a", account=f"{place}", account_key=f"{place}", created_at=now
            )
            self.store(
                connectors,
                id=f"connector-{place}",
                client_id=f"client-{place}",
                name="coinstore",
                exchange="coinstore",
                ipv4_only=False,
                version=1,
                created_at=now,
                updated_at=now,
                manual_trading=ManualTrading.NONE,
            )
            self.store(
                bots,
                id=f"bot-{place}",
                client_id=f"client-{place}",
                name="a",
                connector="coinstore",
                symbol=SYMBOL,
                bot_type="spread",
                config="{}",
                status=BotStatus.RUNNING,
                market_verified=True,
                created_at=now,
                updated_at=now,
                budget_base=Decimal(200_000),
                budget_quote=Decimal(6_000),
            )
        self.commit("write")

    @property
    def words(self) -> list[str]:
        return [one.words for one in self.broken]

    def store(self, table: Table, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(table).values(**values))

    def change(self, order_id: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(orders).where(orders.c.client_order_id == order_id).values(**values))
        self.commit("journal")

    def commit(self, kind: str) -> None:
        self.world.watchers.committed(self.life, kind)

    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(self.world.clock.sleep(seconds))

    def new_id(self, epoch: int = 5) -> str:
        self._ids += 1
        return client_order_id(installation_id="abcde", epoch=epoch, number=self._ids, random_part=f"{self._ids:012d}")

    def intent(
        self, side: Side, ticks: int, lots: int, *, of: int = 1, epoch: int = 5, signed_s: float | None = None
    ) -> str:
        """Committed, not sent."""
        order_id, now = self.new_id(epoch), self.world.clock.now()
        self.store(
            orders,
            client_order_id=order_id,
            bot_id=f"bot-{of}",
            connector_id=f"connector-{of}",
            symbol=SYMBOL,
            side=side,
            type=OrderType.LIMIT,
            price=TICK * ticks,
            amount=LOT * lots,
            filled=Decimal(0),
            time_in_force=TimeInForce.GTC,
            post_only=True,
            state=OrderState.PENDING_NEW,
            live=True,
            epoch=epoch,
            decision_id="a",
            decided_at=now,
            signed_at=now if signed_s is None else BEGIN + timedelta(seconds=signed_s),
            created_at=now,
            updated_at=now,
        )
        self.commit("journal")
        return order_id

    def call(self, endpoint: str, fields: object = None, *, method: str = "GET", signed_ms: int | None = None) -> Call:
        """It has left."""
        self._calls += 1
        headers = {"x-cs-apikey": "key", "x-cs-expires": str(signed_ms)} if method == "POST" else {}
        call = Call(
            number=self._calls,
            life=self.life,
            method=method,
            endpoint=endpoint,
            query="",
            body=b"" if fields is None else json.dumps(fields).encode(),
            headers=headers,
            begun_s=self.loop.time(),
        )
        self.world.watchers.departed(call)
        return call

    def send(self, order_id: str, **other: object) -> Call:
        """As its intent says, but for what is given here."""
        stored = self.facts.stored.rows("SELECT * FROM orders WHERE client_order_id = ?", order_id)
        row = stored[0] if stored else {"side": "buy", "price": "1", "amount": "1", "signed_at": BEGIN.isoformat()}
        fields = {
            "clOrdId": order_id,
            "side": row["side"].upper(),
            "ordPrice": row["price"],
            "ordQty": row["amount"],
            "symbol": CODE.upper(),
        }
        signed_at = BEGIN.fromisoformat(row["signed_at"])
        call = self.call(PLACE, {**fields, **other}, method="POST", signed_ms=int(signed_at.timestamp() * 1000))
        self.sent[order_id] = call
        self.world.watchers.arrived(call)
        return call

    def accept(self, order_id: str, side: Side, ticks: int, lots: int, *, of: int = 1) -> SandboxOrder:
        placed = self.world.exchange.engine.place(
            f"account-{of}", SYMBOL, side, price=Ticks(ticks), lots=Lots(lots), client_order_id=order_id
        )
        assert isinstance(placed, SandboxOrder)
        return placed

    def live(self, side: Side, ticks: int, lots: int, *, of: int = 1, epoch: int = 5) -> str:
        """Recorded, sent and accepted."""
        order_id = self.intent(side, ticks, lots, of=of, epoch=epoch)
        self.send(order_id)
        self.accept(order_id, side, ticks, lots, of=of)
        return order_id

    def answer(self, endpoint: str, data: object, *, method: str = "GET") -> None:
        """Asked for, made and heard at this moment."""
        call = self.call(endpoint, method=method, signed_ms=0)
        self.world.watchers.arrived(call)
        self.world.watchers.heard(call, Heard(status=200, body=json.dumps({"code": 0, "data": data}).encode()))

    def book(self, ticks: int = MID) -> None:
        bid, ask = TICK * (ticks - 40), TICK * (ticks + 40)
        self.answer(DEPTH, {"b": [[f"{bid}", "500", 1]], "a": [[f"{ask}", "500", -1]]})

    def balance(self, usdt: str = "20000", sharp: str = "500000") -> None:
        rows = [{"currency": "USDT", "balance": usdt, "type": 1}, {"currency": "SHARP", "balance": sharp, "type": 1}]
        self.answer(BALANCES, rows, method="POST")

    def rules(self) -> None:
        row = {"symbolCode": CODE.upper(), "tickSz": 6, "lotSz": 2, "minLmtPr": "0.0002", "minLmtSz": "1"}
        self.answer(SYMBOLS, [row], method="POST")

    def fill(self, order_id: str, trade_id: str, side: Side, ticks: int, lots: int, *, fee: str = "0") -> None:
        self.store(
            trade_logs,
            exchange="coinstore",
            exchange_account="1",
            symbol=SYMBOL,
            trade_id=trade_id,
            exchange_order_id="1",
            connector_id="connector-1",
            bot_id="bot-1",
            client_order_id=order_id,
            side=side,
            price=TICK * ticks,
            amount=LOT * lots,
            cost=TICK * ticks * LOT * lots,
            fee=Decimal(fee),
            fee_currency="USDT",
            exchange_time=self.world.clock.now(),
            created_at=self.world.clock.now(),
        )
        self.commit("journal")

    def limit(self, **limits: str) -> None:
        now = self.world.clock.now()
        values = {"limits": json.dumps(limits), "updated_at": now, "updated_by": "a"}
        self.store(limit_settings, scope_kind="bot", scope_id="bot-1", **values)
        self.commit("write")

    def close(self) -> None:
        self._engine.dispose()
        self.facts.stored.close()
        self.world.close()
        super(SimLoop, self.loop).close()  # without the search for what ended lives left: there were none
        asyncio.set_event_loop(None)


def _member(place: int) -> Member:
    plan = AccountPlan(
        client=f"client-{place}",
        exchange_account=f"account-{place}",
        connectors=("coinstore",),
        deposits={},
        bots=(),
    )
    return Member(
        plan=plan,
        client_id=f"client-{place}",
        connectors={"coinstore": f"connector-{place}"},
        bots={"bot": f"bot-{place}"},
    )


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Iterator[Told]:
    """Watched by the invariant that the test names."""
    made = Told(request.param)
    yield made
    made.close()


def of(invariant: type[Invariant]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("told", [invariant], indirect=True, ids=[invariant.id])


@of(Recorded)
def test_a_create_without_its_intent_breaks_I1(told: Told) -> None:
    told.send(told.intent(Side.BUY, MID, 5000))
    assert not told.words

    told.send(told.intent(Side.BUY, MID, 5000), ordPrice="0.0257")
    told.send(told.new_id())

    assert len(told.words) == 4  # each as it leaves and as it arrives
    assert "its intent says" in told.words[0]
    assert "without a committed intent" in told.words[2]


@of(Once)
def test_an_id_that_serves_two_requests_or_orders_breaks_I2(told: Told) -> None:
    order_id = told.live(Side.BUY, MID, 5000)
    assert not told.words

    told.send(order_id)
    told.world.watchers.placed(told.accept(told.new_id(), Side.BUY, MID, 5000), "account-1", order_id)

    assert "is sent by #1 and #2" in told.words[0]
    assert "has the orders" in told.words[1]


@of(NoOrphan)
def test_a_live_order_that_storage_holds_for_ended_breaks_I3(told: Told) -> None:
    order_id = told.live(Side.BUY, MID, 5000)
    assert not told.words

    told.change(order_id, state=OrderState.CANCELED, live=False)

    assert told.words == [f"{order_id} lives at the exchange and is canceled in storage"]


@of(NoOrphan)
def test_an_order_that_ended_at_the_exchange_may_be_ended_in_storage(told: Told) -> None:
    order_id = told.intent(Side.BUY, MID, 5000)
    told.world.exchange.engine.cancel(told.accept(order_id, Side.BUY, MID, 5000))

    told.change(order_id, state=OrderState.CANCELED, live=False)

    assert not told.words


@of(NoSelfTrade)
def test_two_orders_of_ours_that_trade_break_I4(told: Told) -> None:
    told.live(Side.BUY, MID, 5000)
    told.accept("by-hand", Side.SELL, MID, 100)
    assert not told.words

    told.live(Side.SELL, MID, 5000, of=2)

    assert len(told.words) == 1


@of(NoCrossing)
def test_two_intents_that_cross_break_I5(told: Told) -> None:
    told.intent(Side.BUY, MID, 5000)
    told.intent(Side.SELL, MID + 1, 5000)
    assert not told.words

    told.intent(Side.SELL, MID, 5000)

    assert len(told.words) == 1
    assert "crosses" in told.words[0]


@of(NoCrossing)
def test_an_unresolved_order_is_crossed_until_the_exchange_has_refused_it(told: Told) -> None:
    order_id = told.intent(Side.BUY, MID, 5000)
    call = told.send(order_id)
    told.change(order_id, state=OrderState.UNRESOLVED)
    told.intent(Side.SELL, MID, 5000)
    assert len(told.words) == 1

    told.broken.clear()
    told.world.watchers.heard(call, Heard(status=200, body=b'{"code":3113}'))
    told.intent(Side.SELL, MID, 5000)

    assert not told.words


@of(NoCrossing)
def test_an_intent_that_storage_kept_back_until_it_was_too_old_is_crossed_only_if_it_was_sent(told: Told) -> None:
    """Storage took it late, and takes its end later still."""
    order_id = told.intent(Side.BUY, MID, 5000)
    told.wait(SENT_WITHIN_S + 1)
    told.live(Side.SELL, MID, 5000)
    assert not told.words

    told.send(order_id)
    told.accept(order_id, Side.BUY, MID - 1, 5000)
    assert not told.words
    told.intent(Side.SELL, MID - 1, 5000)
    assert len(told.words) == 1


@of(NoCrossing)
@pytest.mark.parametrize("state", [OrderState.PENDING_NEW, OrderState.UNRESOLVED])
def test_an_order_that_was_sent_long_ago_is_crossed(told: Told, state: OrderState) -> None:
    order_id = told.intent(Side.BUY, MID, 5000)
    told.send(order_id)
    told.change(order_id, state=state)
    told.wait(SENT_WITHIN_S + 1)
    told.intent(Side.SELL, MID, 5000)
    assert len(told.words) == 1


@of(NoCrossing)
def test_an_intent_that_is_sent_after_all_breaks_I5_once_it_is_accepted(told: Told) -> None:
    late = told.intent(Side.BUY, MID, 5000)
    told.wait(SENT_WITHIN_S + 1)
    told.live(Side.SELL, MID + 1, 5000)
    told.intent(Side.SELL, MID, 5000)
    assert not told.words

    told.send(late)
    told.accept(late, Side.BUY, MID, 5000)
    assert len(told.words) == 1


@of(NoCrossing)
def test_two_clients_in_one_market_break_I5(told: Told) -> None:
    told.live(Side.BUY, MID, 5000)

    told.live(Side.BUY, MID, 5000, of=2)

    assert ["of another client" in words for words in told.words] == [True]


@of(InLimits)
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"collar_bps": "300"}, "is outside"),
        ({"max_order_notional": "100"}, "is worth"),
        ({"max_order_share": "0.01"}, "is worth"),
        ({"max_open_orders": "2"}, "3th open order"),
        ({"max_exposure_share": "0.03"}, "of live orders"),
        ({"max_inventory_share": "0.02"}, "leaves the band"),
    ],
    ids=str,
)
def test_an_order_beyond_a_limit_breaks_I6(told: Told, limits: dict[str, str], words: str) -> None:
    for _ in range(5):
        told.book()
    ticks, lots = MID - MID * 4 // 100, 500_000
    for _ in range(3):
        told.live(Side.BUY, ticks, lots)
    assert not told.words

    told.limit(**limits)
    told.wait(10)
    for order in told.world.exchange.engine.cancel_all("account-1"):
        told.change(order.client_order_id, state=OrderState.CANCELED, live=False)
    for _ in range(3):
        told.live(Side.BUY, ticks, lots)

    assert told.words
    assert all(words in one for one in told.words)


@of(InRate)
@pytest.mark.parametrize(("seconds", "broken"), [(2.9, True), (3.1, False)])
def test_a_key_that_asks_too_often_breaks_I7(told: Told, seconds: float, broken: bool) -> None:
    for _ in range(121):
        told.call(BALANCES, method="POST", signed_ms=0)
        told.wait(seconds / 120)

    assert bool(told.words) is broken


@of(InRate)
def test_a_bot_that_orders_too_often_breaks_I7(told: Told) -> None:
    told.limit(orders_per_minute="3")
    told.wait(70)
    for _ in range(4):
        told.send(told.intent(Side.BUY, MID, 5000))
        told.wait(10)

    assert told.words == ["bot-1 began 4 calls within 30.000 s"]


@of(InRate)
def test_too_many_without_a_fault_of_rate_breaks_I7(told: Told) -> None:
    too_many = Heard(status=429, body=b'{"code":429}')
    told.world.watchers.fault("N12", "begins")
    told.world.watchers.heard(told.call(BALANCES), too_many)
    told.world.watchers.fault("N12", "heals")
    told.world.watchers.heard(told.call(BALANCES), too_many)
    assert not told.words

    told.wait(61)
    told.world.watchers.heard(told.call(BALANCES), too_many)

    assert len(told.words) == 1


@of(NoMoreHarm)
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"fee_share": "0.0001"}, "of fees"),
        ({"execution_loss_share": "0.0001"}, "execution loss"),
        ({"drawdown_hold_share": "0.0001"}, "drawdown"),
        ({"max_inventory_share": "0.001"}, "leaves the band"),
    ],
    ids=str,
)
def test_an_order_after_a_limit_over_time_was_hit_breaks_I8(told: Told, limits: dict[str, str], words: str) -> None:
    for _ in range(5):
        told.book()
    first = told.live(Side.BUY, MID, 500_000)
    fee = "2" if "fee_share" in limits else "0"
    told.fill(first, "7", Side.BUY, MID + 1000, 400_000, fee=fee)
    assert not told.words

    told.limit(**limits)
    told.wait(80)
    told.book()
    told.live(Side.BUY, MID - 100, 5000)

    assert words in told.words[0]


@of(NoMoreHarm)
def test_counters_begin_anew_after_a_resume(told: Told) -> None:
    told.book()
    told.fill(told.live(Side.BUY, MID, 500_000), "7", Side.BUY, MID, 1000, fee="2")
    told.limit(fee_share="0.0001")
    told.wait(80)
    told.world.watchers.served(told.life, "POST", "/bots/bot-1/resume", 200, b"")
    told.wait(10)

    told.live(Side.BUY, MID - 100, 5000)

    assert not told.words


@of(Promises)
def test_promises_beyond_the_balance_break_I9(told: Told) -> None:
    told.balance(usdt="200")
    told.send(told.intent(Side.BUY, MID, 500_000))
    assert not told.words

    told.send(told.intent(Side.BUY, MID, 500_000))

    assert "promise 256.0" in told.words[0]


@of(Promises)
def test_a_refusal_for_funds_that_nobody_else_took_breaks_I9(told: Told) -> None:
    told.balance()
    told.world.exchange.withdraw("account-1", "USDT", "19950")
    first = told.intent(Side.BUY, MID, 500_000)
    told.send(first)
    told.world.exchange.engine.place(
        "account-1", SYMBOL, Side.BUY, price=Ticks(MID), lots=Lots(500_000), client_order_id=first
    )
    assert not told.words

    told.wait(16)
    told.balance()
    second = told.intent(Side.BUY, MID, 500_000)
    told.send(second)
    told.world.exchange.engine.place(
        "account-1", SYMBOL, Side.BUY, price=Ticks(MID), lots=Lots(500_000), client_order_id=second
    )

    assert "promised what is not there" in told.words[0]


@of(InRules)
def test_an_order_that_breaks_known_rules_breaks_I10(told: Told) -> None:
    told.rules()
    told.wait(6)
    call = told.send(told.intent(Side.BUY, MID, 5000))
    assert not told.words

    told.send(told.intent(Side.BUY, MID, 5000), ordPrice="0.0256001")
    told.send(told.intent(Side.BUY, MID, 5000), ordQty="0.5")
    told.world.watchers.heard(call, Heard(status=200, body=b'{"code":3104}'))

    assert ["breaks the rules" in words for words in told.words] == [True, True, False]


@of(InRules)
def test_a_refusal_for_rules_that_changed_since_they_were_read_is_none(told: Told) -> None:
    told.rules()
    told.wait(6)
    told.world.watchers.fault("X14", "begins")

    call = told.send(told.intent(Side.BUY, MID, 5000))
    told.world.watchers.heard(call, Heard(status=200, body=b'{"code":3104}'))

    assert not told.words


@of(OneWriter)
def test_an_older_epoch_after_a_newer_one_breaks_I11(told: Told) -> None:
    for epoch in (5, 5, 6):
        told.live(Side.BUY, MID, 5000, epoch=epoch)
    assert not told.words

    told.live(Side.BUY, MID, 5000, epoch=5)

    assert len(told.words) == 1


@of(InLease)
@pytest.mark.parametrize(("signed_s", "late"), [(7.9, False), (8.1, True), (9.5, True)])
def test_a_time_signed_within_the_margin_breaks_I12(told: Told, signed_s: float, late: bool) -> None:
    expires_at = BEGIN + timedelta(seconds=10)
    told.store(leases, shard=0, epoch=5, taken_at=BEGIN, holder="server-1", expires_at=expires_at, build="1")
    told.commit("lease")
    told.wait(10)

    told.send(told.intent(Side.BUY, MID, 5000, signed_s=signed_s))

    assert bool(told.words) is late


@of(FillsAreTrue)
def test_a_fill_that_the_exchange_does_not_have_breaks_I15(told: Told) -> None:
    told.fill(told.live(Side.BUY, MID, 5000), "7", Side.BUY, MID, 100)

    assert "at the exchange it is None" in told.words[0]


@of(FillsAreTrue)
def test_a_filled_amount_that_shrinks_and_an_order_that_reopens_break_I15(told: Told) -> None:
    order_id = told.live(Side.BUY, MID, 5000)
    told.accept("by-hand", Side.SELL, MID, 100)
    told.change(order_id, state=OrderState.PARTIALLY_FILLED, filled=Decimal(1))
    told.change(order_id, state=OrderState.CANCELED, live=False)
    assert not told.words

    told.change(order_id, state=OrderState.NEW, live=True, filled=Decimal(0))
    told.change(order_id, filled=Decimal(2))

    assert "was filled 1 and is filled 0" in told.words[0]
    assert "was canceled and is new" in told.words[1]
    assert "not so at the exchange" in told.words[2]


@of(Fresh)
@pytest.mark.parametrize(("waits_s", "stale"), [(2.9, []), (3.1, ["book"]), (10.1, ["book", "balance"])])
def test_an_order_signed_on_something_old_breaks_I18(told: Told, waits_s: float, stale: list[str]) -> None:
    told.rules()
    told.balance()
    told.book()
    told.wait(waits_s)

    told.send(told.intent(Side.BUY, MID, 5000))

    assert [next(what for what in ("book", "balance") if f" {what} of" in words) for words in told.words] == stale
