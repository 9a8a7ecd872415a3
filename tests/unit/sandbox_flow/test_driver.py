import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from random import Random
from statistics import fmean

import pytest

from tests.unit.sandbox_flow.exchange import BOT, ETH, SHARP, Exchange
from trading_bridge.clock import CountingEntropy
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.flow.driver import CATCH_UP_MAX_S, Flow
from trading_bridge.sandbox.flow.events import Step, Steps, Take
from trading_bridge.sandbox.flow.preset import THIN
from trading_bridge.sandbox.flow.recording import BookRow, Recording, TakenOrder, ethusdt_20240808
from trading_bridge.sandbox.flow.replay import HALT_S, replay
from trading_bridge.sandbox.flow.sources import default_flow
from trading_bridge.sandbox.flow.synthetic import Grid, SyntheticMarket

LOOK_S = 0.5


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@asynccontextmanager
async def running(flow: Flow, exchange: Exchange) -> AsyncIterator[None]:
    task = asyncio.create_task(flow.run(exchange.clock))
    await exchange.clock.advance(0)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def synthetic() -> Steps:
    grid = Grid(tick_size=Decimal("0.000001"), lot_size=Decimal("0.01"), min_lots=Lots(100))
    return SyntheticMarket(THIN, grid, Random(1), anchor=Decimal("0.0256"), speed=6.0).steps()


def pass_time(flow: Flow, seconds: float) -> None:
    for _ in range(round(seconds / 0.2)):
        flow.advance(0.2)


def tiny(*orders: TakenOrder) -> Recording:
    """Two seconds of a market that falls from 1000/1001 to 990/991."""
    bids = {Ticks(1000): Lots(50), Ticks(999): Lots(50)}, {Ticks(990): Lots(50)}
    asks = {Ticks(1001): Lots(50)}, {Ticks(991): Lots(50), Ticks(992): Lots(50)}
    return Recording((BookRow(0, bids[0], asks[0]), BookRow(1000, bids[1], asks[1])), orders)


def test_a_resting_order_fills_when_the_recorded_market_trades_through_it(exchange: Exchange) -> None:
    """Bid 300 ticks under the first recorded book; its time is when the recording first goes there."""
    recording = ethusdt_20240808(tick_decimals=2, lot_decimals=4)
    flow = Flow(exchange.engine, {ETH: replay(recording)})
    flow.advance(0.0)
    first = recording.books[0]
    order = exchange.rest(ETH, Side.BUY, max(first.bids) - 300, 1000)
    there_ms = min(
        [taken.time_ms for taken in recording.orders if taken.side is Side.SELL and min(taken.fills) < order.price]
        + [row.time_ms for row in recording.books if min(row.asks) <= order.price]
    )
    touched_ms = min(taken.time_ms for taken in recording.orders if min(taken.fills) <= order.price)
    assert touched_ms > first.time_ms, "the recording starts above it"
    flow.advance((touched_ms - first.time_ms - 1) / 1000)
    assert order.filled == 0
    flow.advance((there_ms - touched_ms + 2) / 1000)
    assert order.filled > 0
    flow.advance(1.0)
    assert order.state is OrderState.FILLED


def test_a_better_price_is_met_first_by_recorded_takers(exchange: Exchange) -> None:
    sale = TakenOrder(300, Side.SELL, {Ticks(1000): Lots(30)})
    flow = Flow(exchange.engine, {ETH: replay(tiny(sale))})
    flow.advance(0.0)
    exchange.engine.cancel_all(MARKET_MAKER, ETH)
    order = exchange.rest(ETH, Side.BUY, 1002, 20)
    flow.advance(0.4)
    assert order.state is OrderState.FILLED
    taker = exchange.engine.public_trades(ETH, 1)[0]
    assert (taker.price, taker.lots, taker.seller) == (1002, 20, MARKET_TAKER)


def test_at_the_market_price_the_queue_decides(exchange: Exchange) -> None:
    sales = [TakenOrder(300, Side.SELL, {Ticks(1000): Lots(50)}), TakenOrder(600, Side.SELL, {Ticks(1000): Lots(4)})]
    flow = Flow(exchange.engine, {ETH: replay(tiny(*sales))})
    flow.advance(0.0)
    order = exchange.rest(ETH, Side.BUY, 1000, 20)
    flow.advance(0.4)
    assert order.filled == 0
    flow.advance(0.3)
    assert order.filled == 4


def test_an_order_that_the_recorded_book_passes_is_filled(exchange: Exchange) -> None:
    flow = Flow(exchange.engine, {ETH: replay(tiny())})
    flow.advance(0.0)
    order = exchange.rest(ETH, Side.BUY, 995, 120)
    flow.advance(1.0)
    assert order.filled == 100
    flow.advance(1.0)
    assert order.filled == 100, "a halt fills nothing"


def test_a_halt_keeps_the_orders_of_others_and_the_book_is_rebuilt(exchange: Exchange) -> None:
    flow = Flow(exchange.engine, {ETH: replay(tiny())})
    flow.advance(0.0)
    order = exchange.rest(ETH, Side.BUY, 900, 20)
    flow.advance(2.0)
    assert exchange.depth(ETH) == ([(900, 20)], [])
    flow.advance(HALT_S)
    assert exchange.depth(ETH) == ([(1000, 50), (999, 50), (900, 20)], [(1001, 50)])
    assert order.is_open


def test_the_mirrored_book_is_the_recorded_one(exchange: Exchange) -> None:
    """Whatever was eaten and added in between, by the recorded market or by others."""
    recording = ethusdt_20240808(tick_decimals=2, lot_decimals=4)
    flow = Flow(exchange.engine, {ETH: replay(recording)})
    flow.advance(0.0)
    for number, row in enumerate(recording.books[:120]):
        own = exchange.rest(ETH, Side.BUY, max(row.bids), 50) if number % 3 == 0 else None
        if own is not None:
            exchange.engine.cancel(own)
        bids, asks = exchange.depth(ETH)
        assert (dict(bids), dict(asks)) == (row.bids, row.asks)
        exchange.engine.place(BOT, ETH, Side.BUY, price=Ticks(min(row.asks)), lots=Lots(30))
        exchange.engine.cancel_all(BOT)
        flow.advance(1.0)


@pytest.mark.parametrize(("side", "inward"), [(Side.BUY, 1), (Side.SELL, -1)])
def test_synthetic_takers_do_not_avoid_a_better_quote(exchange: Exchange, side: Side, inward: int) -> None:
    flow = default_flow(exchange.engine, CountingEntropy())
    flow.advance(0.0)
    for _ in range(3000):
        best = exchange.engine.book(SHARP).best(side)
        other = exchange.engine.book(SHARP).best(side.opposite)
        assert best is not None
        assert other is not None
        if abs(other - best) > 1:
            order = exchange.rest(SHARP, side, best + inward, 1000)
            before = len(exchange.engine.public_trades(SHARP, 100))
            flow.advance(0.2)
            trades = exchange.engine.public_trades(SHARP, 100)
            if len(trades) > before and trades[-1 - before].taker_side is not side:
                assert BOT in (trades[-1 - before].buyer, trades[-1 - before].seller)
                assert order.filled > 0
                return
            exchange.engine.cancel(order)
        else:
            flow.advance(0.2)
    raise AssertionError("no taker came in ten minutes")


def test_funds_are_conserved_over_both_flows(exchange: Exchange) -> None:
    flow = default_flow(exchange.engine, CountingEntropy())
    flow.advance(0.0)
    for _ in range(120):
        for symbol, lots in ((ETH, 500), (SHARP, 50_000)):
            exchange.engine.cancel_all(BOT, symbol)
            for side in Side:
                best = exchange.engine.book(symbol).best(side)
                if best is not None:
                    exchange.rest(symbol, side, best, lots)
        pass_time(flow, 1.0)
    assert exchange.store.fills(BOT, ETH, order_id=None, side=None, offset=0, limit=10)
    assert exchange.store.fills(BOT, SHARP, order_id=None, side=None, offset=0, limit=10)
    assert exchange.held() == exchange.deposited()


async def test_it_runs_in_time(exchange: Exchange) -> None:
    async with running(default_flow(exchange.engine, CountingEntropy()), exchange):
        assert len(exchange.depth(ETH)[0]) == 20
        assert len(exchange.depth(SHARP)[0]) > 10
        before = exchange.engine.sequence
        await exchange.clock.advance(20)
        assert exchange.engine.sequence > before


async def test_pause_stops_everything_and_resume_goes_on_where_it_stood(exchange: Exchange) -> None:
    step = Step(10.0, (Take(Side.SELL, Ticks(1), Lots(5)),))
    flow = Flow(exchange.engine, {ETH: iter([step]), SHARP: synthetic()})
    order = exchange.rest(ETH, Side.BUY, 1000, 20)
    async with running(flow, exchange):
        await exchange.clock.advance(9)
        flow.pause()
        assert flow.paused
        sequence, depth = exchange.engine.sequence, exchange.depth(SHARP)
        await exchange.clock.advance(600)
        assert (exchange.engine.sequence, exchange.depth(SHARP)) == (sequence, depth)
        assert order.filled == 0
        flow.resume()
        assert not flow.paused
        await exchange.clock.advance(0.7)
        assert order.filled == 0, "its time stood still too"
        await exchange.clock.advance(1)
        assert order.filled == 5
        assert exchange.depth(SHARP) != depth


async def test_a_flow_that_starts_paused_starts_when_resumed(exchange: Exchange) -> None:
    flow = default_flow(exchange.engine, CountingEntropy())
    flow.pause()
    async with running(flow, exchange):
        await exchange.clock.advance(5)
        assert exchange.depth(ETH) == ([], [])
        flow.resume()
        await exchange.clock.advance(1)
        assert len(exchange.depth(ETH)[0]) == 20


async def test_after_a_long_sleep_it_does_not_catch_up(exchange: Exchange) -> None:
    class Sleepy:
        """A machine that was suspended for an hour during the first wait."""

        def __init__(self) -> None:
            self.elapsed_s = 0.0

        def __getattr__(self, name: str) -> object:
            return getattr(exchange.clock, name)

        def monotonic(self) -> float:
            return exchange.clock.monotonic() + self.elapsed_s

    steps = [Step(at_s, (Take(Side.SELL, Ticks(1), Lots(1)),)) for at_s in range(1, 3601)]
    order = exchange.rest(ETH, Side.BUY, 1000, 5000)
    clock = Sleepy()
    task = asyncio.create_task(Flow(exchange.engine, {ETH: iter(steps)}).run(clock))  # type: ignore[arg-type]
    await exchange.clock.advance(0)
    clock.elapsed_s = 3600
    await exchange.clock.advance(0.2)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert order.filled == CATCH_UP_MAX_S


def test_effects_are_committed_with_each_advance(exchange: Exchange) -> None:
    commits: list[int] = []
    engine = exchange.engine

    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(engine, name)

        def commit(self) -> None:
            commits.append(engine.sequence)
            engine.commit()

    Flow(Watched(), {ETH: replay(tiny())}).advance(0.0)  # type: ignore[arg-type]
    assert commits == [engine.sequence]


def test_a_maker_is_filled_against_the_coming_move(exchange: Exchange) -> None:
    """Passive fills of a bot at the best quotes: ten of the market's seconds later the mid has moved against them."""
    flow = Flow(exchange.engine, {SHARP: synthetic()})
    flow.advance(0.0)
    mids: list[float] = []
    filled: list[tuple[int, int]] = []  # look at which it was known, +1 bought and -1 sold
    for look in range(round(1800 / LOOK_S)):
        book = exchange.engine.book(SHARP)
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        assert bid is not None
        assert ask is not None
        mids.append((bid + ask) / 2)
        orders = [exchange.rest(SHARP, side, price, 20_000) for side, price in ((Side.BUY, bid), (Side.SELL, ask))]
        flow.advance(LOOK_S)
        filled += [(look, 1 if order.side is Side.BUY else -1) for order in orders if order.filled]
        exchange.engine.cancel_all(BOT)
    later = round(10 / 6 / LOOK_S)
    moves_bps = [
        sign * (mids[look + later] / mids[look] - 1) * 1e4 for look, sign in filled if look + later < len(mids)
    ]
    assert len(moves_bps) > 50
    assert -7 < fmean(moves_bps) < -1
