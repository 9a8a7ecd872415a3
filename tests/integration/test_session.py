"""Minutes of trading against order flow, seeded: to the last digit storage says what the exchange's ledger says."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from tests.integration.files import rows_of
from tests.integration.wire import CANCEL, INFO, MATCHES, PLACE, Fault, raising, refused_connection, timed_out
from tests.integration.world import World, a_world
from tests.sandbox_exchange import ETH, SHARP
from trading_bridge.core.bot import BotStatus
from trading_bridge.core.market import Lots
from trading_bridge.core.order import OrderState, Side, is_final, is_ours
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.flow.driver import Flow
from trading_bridge.sandbox.flow.preset import THIN
from trading_bridge.sandbox.flow.recording import ethusdt_20240808
from trading_bridge.sandbox.flow.replay import replay
from trading_bridge.sandbox.flow.synthetic import Grid, SyntheticMarket

DEPOSITS = {"USDT": "1500", "SHARP": "40000", "ETH": "0.4"}
#: wide enough to be hit in a market at 6x, narrow enough to be hit often
SHARP_BOT = {"spread_bps": "12", "order_amount_quote": "400"}
ETH_BOT = {"spread_bps": "3", "order_amount_quote": "400"}
STEP_S = 0.2

Trouble = Callable[[str, str], Fault | None]


def flow_of(world: World, seed: int) -> Flow:
    world.exchange.engine.cancel_all(MARKET_MAKER)
    grid = Grid(tick_size=Decimal("0.000001"), lot_size=Decimal("0.01"), min_lots=Lots(100))
    synthetic = SyntheticMarket(THIN, grid, Random(seed), anchor=Decimal("0.0256"), speed=20.0)
    recording = ethusdt_20240808(tick_decimals=2, lot_decimals=4)
    return Flow(world.exchange.engine, {SHARP: synthetic.steps(), ETH: replay(recording)})


def troubles(chance: Random) -> Trouble:
    """What a bad network does, to about one request in twenty."""

    def fault(when: str, path: str) -> Fault | None:
        if not any(place in path for place in (PLACE, CANCEL, INFO, MATCHES)) or chance.random() > 0.05:
            return None
        if when == "after":
            return chance.choice([timed_out(), raising(ConnectionResetError("reset"))])
        return chance.choice([timed_out(), refused_connection()])

    return fault


class Session:
    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = Random(seed)
        self.flow = flow_of(world, seed)

    async def trade(self, seconds: float, *, exactly: bool = False) -> None:
        """`exactly`: nothing done at one moment overlaps the next."""
        for _ in range(round(seconds / STEP_S)):
            self.flow.advance(STEP_S)
            await (self.world.pass_exactly(STEP_S) if exactly else self.world.pass_time(STEP_S))
            self.check()

    def check(self) -> None:
        """I3: nothing of ours stands that storage does not know to be live. I9 and I10: no refusal."""
        world = self.world
        live = {str(row["client_order_id"]) for row in world.orders() if not is_final(OrderState(str(row["state"])))}
        ours = [
            order.client_order_id
            for order in world.open_orders()
            if is_ours(order.client_order_id, world.server.database.installation_id)
        ]
        assert set(ours) <= live
        assert world.server.wire.refusals == []
        for symbol in (SHARP, ETH):
            open_here = [order for order in world.open_orders() if order.symbol == symbol]
            for side in Side:
                assert len([order for order in open_here if order.side is side]) <= 1

    def agree(self) -> None:
        """Storage, the exchange's ledger, and what the volumes were told."""
        world = self.world
        theirs = {str(fill.id) for fill in world.exchange_fills()}
        stored = [str(row["trade_id"]) for row in world.fills()]
        assert len(stored) == len(set(stored))
        assert set(stored) == theirs
        for currency, deposit in DEPOSITS.items():
            assert world.booked(currency, Decimal(deposit)) == world.held(currency)
        told = [fill.trade_id for server in world.servers for _, fill in server.told]
        assert sorted(told) == sorted(stored)
        totals = rows_of(world.path, "SELECT * FROM bot_day_totals")
        for name in ("volume", "trades", "buys", "sells"):
            summed = sum(Decimal(str(row[name])) for row in totals)
            fills = world.fills()
            by_fills = {
                "volume": sum(Decimal(str(row["cost"])) for row in fills),
                "trades": len(fills),
                "buys": len([row for row in fills if row["side"] == "buy"]),
                "sells": len([row for row in fills if row["side"] == "sell"]),
            }
            assert summed == by_fills[name]


async def start(world: World, seed: int) -> Session:
    session = Session(world, seed)
    delays = Random(seed + 1)
    world.server.wire.latency = lambda: delays.choice([0.0, 0.02, 0.05, 0.15, 0.6])
    session.flow.advance(0.0)
    one = await world.bot("sharp", config=SHARP_BOT)
    two = await world.bot("eth", symbol=ETH, config=ETH_BOT)
    await world.run(one, two)
    return session


async def stop(session: Session) -> None:
    world = session.world
    world.server.wire.trouble = lambda when, path: None
    async with world.server.database.unit_of_work(read_only=True) as uow:
        bots = await uow.bots.running()
    for bot in bots:
        await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(90)
    assert world.open_orders() == []
    assert all(is_final(OrderState(state)) for state in world.states())
    assert all(world.server.runner.state(bot.id) is None for bot in bots)


@pytest.mark.parametrize("seed", [1, 2])
async def test_I16_after_minutes_of_trading_the_books_agree_to_the_last_digit(tmp_path: Path, seed: int) -> None:
    async with a_world(tmp_path, **DEPOSITS) as world:
        session = await start(world, seed)
        await session.trade(200)
        await stop(session)
        session.agree()
        assert len(world.fills()) > 20
        assert all(row["is_maker"] for row in world.fills())


@pytest.mark.parametrize("seed", [3, 4])
async def test_I16_the_books_agree_after_a_bad_network(tmp_path: Path, seed: int) -> None:
    async with a_world(tmp_path, **DEPOSITS) as world:
        session = await start(world, seed)
        world.server.wire.trouble = troubles(session.chance)
        await session.trade(200)
        await stop(session)
        session.agree()
        assert "absent" in world.states() or "not_sent" in world.states()
        assert len(world.fills()) > 5


async def test_R1_the_books_agree_after_deaths_while_trading(tmp_path: Path) -> None:
    async with a_world(tmp_path, **DEPOSITS) as world:
        session = await start(world, 5)
        for _ in range(8):
            await session.trade(session.chance.choice([7.4, 11.0, 15.2]))
            await world.restart()
            world.server.begin(world.server.runner.run())
        await session.trade(20)
        await stop(session)
        session.agree()
        assert len(world.fills()) > 5


async def test_I29_the_same_seed_makes_the_same_session(tmp_path: Path) -> None:
    traces = []
    for run in ("one", "two"):
        async with a_world(tmp_path / run, **DEPOSITS) as world:
            session = await start(world, 6)
            world.server.wire.trouble = troubles(session.chance)
            await session.trade(40, exactly=True)
            traces.append([(arrival.side, arrival.price, arrival.amount) for arrival in world.server.wire.arrivals])
    assert traces[0] == traces[1]
    assert traces[0]
