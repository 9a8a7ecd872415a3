"""Deposits and withdrawals at random moments under trading: no bot stops, and it trades the same to the last digit."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from tests.integration.files import Row, rows_of
from tests.integration.test_funds import deposit, move, withdraw
from tests.integration.watched import Watched, watch
from tests.integration.world import World, a_world, quiet
from tests.sandbox_exchange import SHARP
from trading_bridge.core.bot import Budget
from trading_bridge.core.order import Side
from trading_bridge.core.risk.assess import Counters
from trading_bridge.core.risk.limits import Purse
from trading_bridge.core.risk.state import RiskState
from trading_bridge.sandbox.directory import MARKET_MAKER

STARTS = {"USDT": "10000", "SHARP": "1000000", "ETH": "40"}
#: one that is less than 0.001 % of what is there waits until it is more
LEAST = {"USDT": 1, "SHARP": 50, "ETH": 1}
#: bots decide at other moments than books are compared at
APART_S = 0.37
SECONDS = 150
FILL = "id symbol side price amount cost fee fee_currency is_maker exchange_time"
ORDER = "symbol side price amount filled state created_at"
AMOUNTS = ("price", "amount", "cost", "fee", "filled")
DECISION = "decided_at reason finding_code"
DECISIONS = "SELECT * FROM decisions ORDER BY decided_at, id"
#: what is under way is over by then, also what is read once a minute
AFTERWARDS_S = 70
BUDGET = Budget(base=Decimal(20_000), quote=Decimal(600))


@dataclass
class Moved:
    """What the test has moved, by the way in which it did."""

    recorded: list[tuple[str, Decimal]] = field(default_factory=list)
    unrecorded: list[tuple[str, Decimal]] = field(default_factory=list)

    def sums(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for currency, amount in (*self.recorded, *self.unrecorded):
            found[currency] = found.get(currency, Decimal(0)) + amount
        return found


@dataclass(frozen=True)
class Result:
    """What a bot made of a market."""

    fills: tuple[Row, ...]
    decisions: tuple[Row, ...]
    #: each state and reason in turn
    states: tuple[tuple[str, str], ...]
    risk: RiskState
    counters: Counters | None
    purse: Purse | None
    orders: tuple[Row, ...]
    moved: Moved


def market(random: Random, world: World) -> Iterator[None]:
    """A wide market in which the bot is the touch: its mid walks, and somebody takes now and then. Never asks what the
    account has."""
    mid = 25_600
    while True:
        mid += random.choice((-40, -15, 0, 0, 0, 15, 40))
        world.exchange.engine.cancel_all(MARKET_MAKER, SHARP)
        world.exchange.quote(Side.BUY, mid - 1_000, 50_000_000)
        world.exchange.quote(Side.SELL, mid + 1_000, 50_000_000)
        if random.random() < 0.35:
            side = random.choice(list(Side))
            world.exchange.take(side, mid + 900 if side is Side.BUY else mid - 900, random.randint(500, 260_000))
        yield


def movements(random: Random, world: World, moved: Moved) -> Iterator[None]:
    """Money comes and goes, with a record of the exchange or without."""
    while True:
        if random.random() < 0.06:
            currency = random.choice(list(STARTS))
            amount = f"{random.randint(LEAST[currency], 40 * LEAST[currency])}.{random.randrange(10**18):018d}"
            comes, is_recorded = random.random() < 0.6, random.random() < 0.5
            signed = Decimal(amount) if comes else -Decimal(amount)
            if is_recorded:
                (deposit if comes else withdraw)(world, amount, currency)
                moved.recorded.append((currency, signed))
            else:
                move(world, str(signed), currency)
                moved.unrecorded.append((currency, signed))
        yield


async def label_what_left(watched: Watched) -> None:
    """A person says at once that it was meant to leave."""
    if watched.world.server.account.funds_held is None:
        return
    listed = await watched.client.get("/api/transfers?unlabelled=true")
    for one in listed.json["transfers"]:
        if one["amount"].startswith("-"):
            answer = await watched.client.post(f"/api/transfers/{one['id']}/label", {"label": "withdrawal"})
            assert answer.status == 200, answer.body
    assert watched.world.server.account.funds_held is None


async def pass_exactly(seconds: float, watched: Watched, codes: set[str], states: list[tuple[str, str]]) -> None:
    """Whatever is done at one moment is over before the next begins, so that threads make no run differ; and who
    labels what left is as quick."""
    clock, server = watched.world.clock, watched.world.server
    end = clock.monotonic() + seconds
    while True:
        await quiet()
        codes |= {held.finding.code for held in server.manager.findings()}
        await label_what_left(watched)
        state = server.runner.state(watched.bot.id)
        assert state is not None
        if not states or states[-1] != (state.code.value, state.reason):
            states.append((state.code.value, state.reason))
        await quiet()
        if clock.next_wake is None or clock.next_wake > end:
            break
        await clock.advance(clock.next_wake - clock.monotonic())
    await clock.advance(end - clock.monotonic())


async def trade(folder: Path, seed: int, budget: Budget | None, *, with_movements: bool) -> Result:
    async with a_world(folder, **STARTS) as world:
        await world.clock.advance(APART_S)
        watched = await watch(world, budget=budget)
        runner, bot, moved = world.server.runner, watched.bot, Moved()
        flow, money = market(Random(seed), world), movements(Random(f"money {seed}"), world, moved)
        states: list[tuple[str, str]] = []
        codes: set[str] = set()
        for _ in range(SECONDS):
            next(flow)
            await pass_exactly(0.5, watched, codes, states)
            if with_movements:
                next(money)
            await pass_exactly(0.5, watched, codes, states)
        await pass_exactly(AFTERWARDS_S, watched, codes, states)
        books_are_exact(world, moved, codes)
        report = runner.risk.report(bot.id)
        assert report is not None
        return Result(
            fills=tuple(picked(row, FILL) for row in world.fills()),
            decisions=tuple(picked(row, DECISION) for row in rows_of(world.path, DECISIONS)),
            states=tuple(states),
            risk=report.state,
            counters=report.counters,
            purse=runner.risk.purse(bot),
            orders=in_order(world.orders()),
            moved=moved,
        )


def in_order(orders: list[Row]) -> tuple[tuple[object, ...], ...]:
    """By time and side: two of one moment are told apart by random ids, and each finding takes one."""
    ordered = sorted(orders, key=lambda row: (str(row["created_at"]), str(row["side"])))
    return tuple(picked(row, ORDER) for row in ordered)


def picked(row: Row, names: str) -> tuple[object, ...]:
    return tuple(Decimal(str(row[name])) if name in AMOUNTS else row[name] for name in names.split())


def books_are_exact(world: World, moved: Moved, codes: set[str]) -> None:
    """Nothing is lost, nothing is invented, and nothing of it is called a contradiction. `codes` are the findings that
    ever held."""
    rows = rows_of(world.path, "SELECT * FROM transfers ORDER BY at, id")
    sums = moved.sums()
    for currency, start in STARTS.items():
        booked = sum((Decimal(str(row["amount"])) for row in rows if row["currency"] == currency), Decimal(0))
        assert booked == sums.get(currency, Decimal(0))
        assert world.booked(currency, Decimal(start)) + booked == world.held(currency)
    assert {row["source"] for row in rows} <= {"exchange", "observed"}
    assert Counter((row["currency"], Decimal(str(row["amount"]))) for row in rows if row["source"] == "exchange") <= (
        Counter(moved.recorded)
    )
    for row in rows:
        comes = not str(row["amount"]).startswith("-")
        wanted = {"deposit"} if row["source"] == "exchange" else {None, "deposit"}
        assert row["label"] in (wanted if comes else {"withdrawal"}), row
    came = [row for row in rows if not str(row["amount"]).startswith("-")]
    assert ("funds.received" in codes) is bool(came)
    assert ("funds.left" in codes) is (len(rows) > len(came))
    assert "ledger.mismatch" not in codes


@pytest.mark.parametrize(("seed", "budget"), [(1, None), (2, BUDGET)])
async def test_execution_is_the_same_to_the_last_digit_with_and_without_movements_of_money(
    tmp_path: Path, seed: int, budget: Budget | None
) -> None:
    for name in ("moved", "still"):
        (tmp_path / name).mkdir()
    moved = await trade(tmp_path / "moved", seed, budget, with_movements=True)
    still = await trade(tmp_path / "still", seed, budget, with_movements=False)
    assert len(still.fills) >= 20
    assert len(moved.moved.recorded) >= 3
    assert len(moved.moved.unrecorded) >= 3
    assert moved.fills == still.fills
    assert moved.orders == still.orders
    assert moved.states == still.states
    assert moved.decisions == still.decisions
    assert moved.counters == still.counters
    assert moved.purse == still.purse
    assert replace(moved.risk, basis=None) == replace(still.risk, basis=None)
    if budget is not None:
        assert moved.risk.basis == still.risk.basis, "a budget is moved by own fills alone"
