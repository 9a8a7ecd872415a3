"""Bots against a market: own quotes are never followed or met, balances never promised twice, refusals make pauses."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from math import ceil, floor

import pytest

from tests.integration.files import rows_of
from tests.integration.wire import BALANCES, CANCEL, DEPTH, INFO, PLACE, Held, timed_out
from tests.integration.world import World, quiet, still_book
from tests.sandbox_exchange import ETH, SHARP, SandboxExchange
from trading_bridge.core.book import without_own
from trading_bridge.core.bot import BotStatus, StateCode
from trading_bridge.core.client import Credentials
from trading_bridge.core.known import Ok
from trading_bridge.core.market import Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.errors import NotReady
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.markets import SHARP_USDT

USDT, SHARPS = Decimal(10_000), Decimal(1_000_000)


def mid_of_others(world: World, symbol: str = SHARP) -> Decimal:
    """Half-ticks are kept."""
    best = {}
    for side in Side:
        prices = [
            order.price for order in world.exchange.engine.open_orders(MARKET_MAKER, symbol) if order.side is side
        ]
        best[side] = max(prices) if side is Side.BUY else min(prices)
    return Decimal(best[Side.BUY] + best[Side.SELL]) / 2


def move_market(world: World, bid: int, ask: int, symbol: str = SHARP) -> None:
    world.exchange.engine.cancel_all(MARKET_MAKER, symbol)
    still_book(world, bid=bid, ask=ask, symbol=symbol)


def quote_prices(mid: Decimal) -> tuple[int, int]:
    """Of a bot with 40 bps, in ticks."""
    return floor(mid * (1 - Decimal("0.002"))), ceil(mid * (1 + Decimal("0.002")))


async def another_key(world: World) -> None:
    """Of the same exchange account, and a session with it that has recovered."""
    key, connector = world.exchange.key("alice"), world.server.account.connector
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(connector.id, Credentials(api_key=key.api_key, secret=key.secret))
    await world.server.manager.sync()
    await world.pass_time(0.4)
    assert world.server.account.recovering is None


# own quotes


async def test_M3_a_bot_that_is_the_whole_touch_never_follows_itself(world: World) -> None:
    """One-sided and far inside a wide market: following its own ask would walk it down tick by tick."""
    await world.withdraw("USDT", "10000")
    move_market(world, 24_600, 26_600)
    bot = await world.bot()
    await world.run(bot)
    await world.pass_time(60)
    (order,) = world.open_orders()
    assert order.side is Side.SELL
    assert order.price == quote_prices(Decimal(25_600))[1]
    assert len(world.orders()) == 1


async def test_M3_own_quotes_are_out_of_the_book_at_every_moment_of_cancel_and_replace(world: World) -> None:
    """Answers take their time and the market moves: each order was priced by a mid that others made."""
    await world.withdraw("USDT", "10000")
    delays = [0.3, 0.1, 0.7, 0.2, 0.4, 0.05]
    turn = 0

    def latency() -> float:
        nonlocal turn
        turn += 1
        return delays[turn % len(delays)]

    world.server.wire.latency = latency
    bot = await world.bot()
    await world.run(bot)
    seen: set[int] = set()
    for step in range(30):
        move_market(world, 24_600 + 37 * (step % 7), 26_600 - 31 * (step % 5))
        seen.add(quote_prices(mid_of_others(world))[1])
        await world.pass_time(4)
    priced = {int(Decimal(arrival.price) * 10**6) for arrival in world.server.wire.arrivals}
    assert len(priced) >= 10
    assert priced <= seen


async def test_M3_an_order_whose_answer_has_not_come_is_own_already(world: World) -> None:
    await world.withdraw("USDT", "10000")
    move_market(world, 24_600, 26_600)
    bot = await world.bot()
    world.server.wire.after[PLACE] = [held := Held()]
    await world.run(bot)
    while not held.reached.is_set():
        await world.pass_time(0.2)
    await world.pass_time(3)  # books with the order in it
    world.server.wire.after[DEPTH] = [(depth := Held())]
    held.release()
    await world.pass_time(2)
    depth.release()
    await world.pass_time(20)
    assert len(world.server.wire.arrivals) == 1


async def test_M3_what_was_just_filled_is_not_somebody_elses(world: World) -> None:
    """The book was read before a fill that is known now."""
    bot = await world.bot()
    server = world.server
    await server.place(bot, (Side.BUY, 25_600, 200_000))
    feed = server.account.route.feed(SHARP)
    feed.want(60)
    await world.pass_time(2)
    world.server.wire.before[DEPTH] = [Held()]
    world.exchange.take(Side.SELL, 25_600, 150_000)
    await world.pass_time(1.4)
    market = await server.market()
    assert server.live(bot)[0].filled == Decimal(1500)
    assert server.account.tracker.own_in_book(market, *feed.span) == ((Side.BUY, 25_600, 200_000),)


async def test_M3_what_was_just_cancelled_is_not_somebody_elses(world: World) -> None:
    """The exchange made the book before the cancel, and the book arrives after it."""
    bot, server = await world.bot(), world.server
    await server.place(bot, (Side.BUY, 25_600, 200_000))
    feed = server.account.route.feed(SHARP)
    feed.want(60)
    await world.pass_time(2)
    server.wire.after[DEPTH] = [held := Held()]
    await world.pass_time(1.2)
    assert held.reached.is_set()
    await server.account.cancel(server.live(bot)[0].client_order_id)
    await world.pass_time(1.6)
    server.wire.before[DEPTH] = [following := Held()]
    held.release()
    await quiet()
    assert not server.live(bot)
    book = feed.book()
    assert isinstance(book, Ok)
    assert book.value.best_bid == 25_600
    own = server.account.tracker.own_in_book(await server.market(), *feed.span)
    assert without_own(book.value, own).best_bid == 25_590
    following.release()
    await world.pass_time(1)
    assert server.account.tracker.own_in_book(await server.market(), *feed.span) == ()


async def test_M3_what_ended_under_the_key_before_is_not_somebody_elses(world: World) -> None:
    """The book is the market's, and outlives the session that the orders were cancelled in."""
    bot, server = await world.bot(), world.server
    await server.place(bot, (Side.BUY, 25_600, 200_000))
    feed, market = server.account.route.feed(SHARP), await server.market()
    feed.want(60)
    await world.pass_time(2)
    server.wire.before[DEPTH] = [Held()]
    await server.account.cancel(server.live(bot)[0].client_order_id)
    await another_key(world)
    await another_key(world)
    assert not server.live()
    own = server.manager.own_orders.in_book(server.account, market, *feed.span)
    assert own == ((Side.BUY, 25_600, 200_000),)
    later = world.clock.monotonic()
    assert server.manager.own_orders.in_book(server.account, market, later, later) == ()


async def test_M3_what_filled_under_the_key_before_is_not_somebody_elses(world: World) -> None:
    bot, server = await world.bot(), world.server
    await server.place(bot, (Side.BUY, 25_600, 200_000))
    feed, market = server.account.route.feed(SHARP), await server.market()
    feed.want(60)
    await world.pass_time(2)
    server.wire.before[DEPTH] = [Held()]
    world.exchange.take(Side.SELL, 25_600, 150_000)
    await world.pass_time(1.4)
    assert server.live(bot)[0].filled == Decimal(1500)
    await another_key(world)
    own = server.manager.own_orders.in_book(server.account, market, *feed.span)
    assert own == ((Side.BUY, 25_600, 200_000),)


async def test_M3_what_stands_under_a_key_that_cannot_be_read_is_not_somebody_elses(world: World) -> None:
    bot, server = await world.bot(), world.server
    await server.place(bot, (Side.BUY, 25_600, 200_000))
    market, broken = await server.market(), server.account.connector
    second = await world.add("second")
    with closing(sqlite3.connect(world.path)) as connection, connection:
        connection.execute("UPDATE connectors SET credentials = 'gAAAAAB', version = 2 WHERE id = ?", (broken.id,))
    await server.manager.sync()
    assert server.account.connector.id == second.id
    later = world.clock.monotonic() + 5
    own = server.manager.own_orders.in_book(server.account, market, later, later)
    assert own == ((Side.BUY, 25_600, 200_000),)
    server = await world.restart()
    own = server.manager.own_orders.in_book(server.account, market, later, later)
    assert own == ((Side.BUY, 25_600, 200_000),)


# balances


async def test_I9_two_bots_on_two_markets_never_promise_the_same_usdt(world: World) -> None:
    """Room for one bid and a part of the other's, in markets that move at once."""
    await world.withdraw("USDT", "9930")
    await world.withdraw("SHARP", "1000000")
    still_book(world, bid=250_000, ask=250_100, symbol=ETH)
    bots = [await world.bot("one"), await world.bot("two", symbol=ETH)]
    await world.run(*bots)
    for step in range(25):
        move_market(world, 25_590 + 60 * (step % 3), 25_610 + 60 * (step % 3))
        move_market(world, 250_000 + 600 * (step % 3), 250_100 + 600 * (step % 3), ETH)
        await world.pass_time(3)
    assert world.server.wire.refusals == []
    sent = {arrival.symbol for arrival in world.server.wire.arrivals}
    assert sent == {"SHARPUSDT", "ETHUSDT"}
    assert len(world.server.wire.arrivals) > 20


async def test_I9_two_decisions_of_one_moment_do_not_promise_the_same_usdt(world: World) -> None:
    await world.withdraw("USDT", "9930")
    one, other = await world.bot("one"), await world.bot("two", symbol=ETH)
    still_book(world, bid=250_000, ask=250_100, symbol=ETH)
    works = [
        await world.server.work(one, (Side.BUY, 25_000, 200_000)),
        await world.server.work(other, (Side.BUY, 240_000, 200)),
    ]
    done = [world.server.begin(world.server.executor.apply(work)) for work in works]
    await quiet()
    withheld = [reason.code for task in done for reason in task.result().withheld]
    assert withheld == ["balance.insufficient"]
    assert world.server.wire.refusals == []
    assert len(world.server.wire.arrivals) == 1


async def test_X19_a_replaced_order_may_use_what_the_old_one_held(world: World) -> None:
    """All the money is in one order; its successor needs it, before a balance was read again."""
    await world.withdraw("USDT", "9940")
    bot = await world.bot()
    await world.server.place(bot, (Side.BUY, 25_000, 200_000))
    await world.pass_time(1)
    await world.server.account.reader.read(max_age_s=0.0, force=True)
    await world.pass_time(1)
    (own,) = world.server.live(bot)
    reads = world.server.wire.count(BALANCES)
    work = await world.server.work(bot, (Side.BUY, 25_100, 200_000), cancel=(own.client_order_id,))
    applied = await world.server.executor.apply(work)
    assert (applied.canceled, applied.placed) == (1, 1)
    assert world.server.wire.count(BALANCES) == reads


# refusals


async def test_X2_refusals_make_growing_pauses(world: World) -> None:
    """The exchange says `insufficient` although its balance says enough: somebody else is quicker, each time."""
    engine, wire = world.exchange.engine, world.server.wire
    await world.withdraw("SHARP", "1000000")

    async def takes_all() -> None:
        world.exchange.limit(Side.BUY, 20_000, 49_900_000, client_order_id=f"by-hand-{len(wire.arrivals)}")

    async def gives_back() -> None:
        for order in world.open_orders():
            if order.client_order_id.startswith("by-hand"):
                engine.cancel(order)

    wire.before[PLACE], wire.after[PLACE] = [takes_all] * 50, [gives_back] * 50
    bot = await world.bot()
    await world.run(bot)
    await world.pass_time(70)
    assert set(world.states()) == {"rejected"}
    assert {row["refusal_code"] for row in world.orders()} == {"3113"}
    assert 3 <= len(wire.arrivals) <= 6
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert (state.code, state.reason) == (StateCode.BLOCKED, "balance.insufficient")
    wire.before[PLACE].clear()
    wire.after[PLACE].clear()
    await world.pass_time(61)
    assert [row["state"] for row in world.orders()][-1] == "new"


async def test_X14_a_tick_that_changed_costs_one_refusal(world: World) -> None:
    bot = await world.bot(config={"spread_bps": "40", "order_amount_quote": "50"})
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(6)  # what ends sooner would have taken
    path = world.folder / "exchange.db"
    for order in world.open_orders():
        world.exchange.engine.cancel(order)
    world.exchange.engine.commit()
    world.exchange.store.close()
    coarser = replace(SHARP_USDT, tick_decimals=5)
    world.exchange = SandboxExchange(path, markets=(coarser,), clock=world.clock)
    world.server.wire.exchange = world.exchange
    still_book(world, bid=2_559, ask=2_561)
    await world.pass_time(20)
    assert all("3104" in refusal for refusal in world.server.wire.refusals)
    assert 1 <= len(world.server.wire.refusals) <= 2  # one a side, sent together
    await world.quoting(bot)
    assert {int(order.price) for order in world.open_orders()} == {2_554, 2_566}


async def test_X20_a_post_only_order_that_would_take_is_ended_by_the_exchange_and_found_by_asking(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire

    async def market_falls() -> None:
        move_market(world, 25_000, 25_020)

    wire.before[PLACE] = [market_falls]
    await world.run(bot)
    while not wire.arrivals:
        await world.pass_time(0.2)
    asked = wire.count(INFO)
    await world.pass_time(3)
    taken = next(row for row in world.orders() if row["side"] == "buy")
    assert (taken["state"], taken["filled"]) == (OrderState.CANCELED, "0")
    assert wire.count(INFO) > asked
    assert world.exchange_fills() == []
    await world.quoting(bot)
    assert {Ticks(order.price) for order in world.open_orders()} == set(quote_prices(Decimal(25_010)))


async def test_X20_an_order_that_left_the_open_ones_is_asked_for(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire

    async def market_falls() -> None:
        move_market(world, 25_000, 25_020)

    wire.before[PLACE] = [market_falls]
    assert (await world.server.place(bot, (Side.BUY, 25_550, 200_000))).placed == 1
    wire.before[INFO] = [timed_out()]
    await world.pass_time(0.4)
    assert world.states() == ["new"], "missing from the open ones proves nothing"
    await world.pass_time(2)
    assert world.states() == ["canceled"]
    assert wire.count(INFO) == 1


# stop


async def test_a_stop_cancels_and_is_over_only_when_the_exchange_has_said_so(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    world.server.wire.before[CANCEL] = [timed_out(), timed_out(), timed_out()]
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(0.2)  # the journal may wait for others to join
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert state.code is StateCode.STOPPING
    await world.pass_time(5)
    assert world.server.runner.state(bot.id) is None
    assert world.open_orders() == []
    assert set(world.states()) == {"canceled"}


async def test_an_end_that_storage_could_not_take_is_stored_though_no_bot_runs_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, log = await world.bot(), world.server.runner._decisions
    await world.run(bot)
    await world.quoting(bot)

    class Full:
        def write(self, *rows: object) -> "asyncio.Future[object]":
            refused: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            refused.set_exception(NotReady("storage.slow", "too many rows wait for the storage already"))
            return refused

    with monkeypatch.context() as patched:
        patched.setattr(log, "_journal", Full())
        await world.wish(bot, BotStatus.STOPPED)
        await world.pass_time(5)
    assert world.server.runner.state(bot.id) is None
    assert log.failure is not None
    await world.pass_time(5)
    assert log.failure is None
    assert [row["id"] for row in rows_of(world.path, "SELECT * FROM decisions WHERE ended_at IS NULL")] == []
