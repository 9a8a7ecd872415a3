"""A server dies at some point of a send or a cancel; the next one on its files finds everything (faults S1, R1)."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from tests.integration.wire import ACTIVE, CANCEL, DEPTH, MATCHES, PLACE, Held, timed_out
from tests.integration.world import World, quiet, until
from trading_bridge.core.bot import Bot
from trading_bridge.core.order import Side
from trading_bridge.exchanges.limiter import CallKind

BUY = (Side.BUY, 25_500, 200_000)
SELL = (Side.SELL, 25_700, 200_000)
USDT, SHARP = Decimal(10_000), Decimal(1_000_000)

Death = Callable[[World, Bot], Awaitable[None]]


async def before_the_send(world: World, bot: Bot) -> None:
    """After the intent's commit, before a byte of the request."""
    world.server.wire.before[PLACE] = [held := Held()]
    await _dying(world, bot, held)


async def before_the_answer(world: World, bot: Bot) -> None:
    """The exchange has the order, and nobody heard."""
    world.server.wire.after[PLACE] = [held := Held()]
    await _dying(world, bot, held)


async def before_the_answers_commit(world: World, bot: Bot) -> None:
    """The answer was read, and storage does not have it."""
    held = Held()

    async def hold_commits() -> None:
        world.server.database.before = [held]

    world.server.wire.after[PLACE] = [hold_commits]
    await _dying(world, bot, held)


async def before_the_cancel(world: World, bot: Bot) -> None:
    """A cancel was decided, and nothing of it left."""
    world.server.wire.before[CANCEL] = [held := Held()]
    await _cancelling(world, bot, held)


async def before_the_cancels_answer(world: World, bot: Bot) -> None:
    """The order is gone, and nobody heard."""
    world.server.wire.after[CANCEL] = [held := Held()]
    await _cancelling(world, bot, held)


async def _dying(world: World, bot: Bot, held: Held) -> None:
    await world.server.placing(bot, BUY)
    await held.reached.wait()
    await quiet()


async def _cancelling(world: World, bot: Bot, held: Held) -> None:
    await world.server.place(bot, BUY)
    (order,) = world.server.live(bot)
    world.server.begin(world.server.account.cancel(order.client_order_id))
    await held.reached.wait()
    await quiet()


POINTS: list[Death] = [
    before_the_send,
    before_the_answer,
    before_the_answers_commit,
    before_the_cancel,
    before_the_cancels_answer,
]


async def trades_again(world: World, bot: Bot) -> None:
    """A recovered account quotes on both sides, and storage has exactly what stands at the exchange."""
    await world.run(bot)
    await world.quoting(bot)
    assert {str(order.id) for order in world.open_orders()} == {
        order.exchange_order_id for order in world.server.live(bot)
    }
    sent = [arrival.client_order_id for server in world.servers for arrival in server.wire.arrivals]
    assert sorted(sent) == sorted(order.client_order_id for order in world.exchange_orders())


@pytest.mark.parametrize("dies", POINTS)
async def test_fault_S1_a_start_after_a_death_at_any_point_leaves_no_orphan_and_sends_none_twice(
    world: World, dies: Death
) -> None:
    bot = await world.bot()
    await dies(world, bot)
    sent = len(world.server.wire.arrivals)
    await world.restart()
    await world.pass_time(75)
    assert world.open_orders() == []
    assert world.server.account.recovering is None
    assert len(world.exchange_orders()) == sent
    assert world.states() == ["absent" if dies is before_the_send else "canceled"]
    await trades_again(world, bot)


@pytest.mark.parametrize("dies", POINTS[1:4])
async def test_fault_S1_fills_between_a_death_and_the_start_are_booked_once(world: World, dies: Death) -> None:
    bot = await world.bot()
    await dies(world, bot)
    await world.server.kill()
    world.exchange.engine.cancel_all("market-maker")
    world.exchange.take(Side.SELL, 25_500, 70_000)
    await world.start()
    await world.pass_time(5)
    assert world.states() == ["canceled"]
    assert [str(row["amount"]) for row in world.fills()] == ["700"]
    assert world.booked("USDT", USDT) == world.held("USDT")
    assert world.booked("SHARP", SHARP) == world.held("SHARP")
    assert [(bot_id, fill.amount) for bot_id, fill in world.server.told] == [(bot.id, Decimal(700))]


async def test_fault_R1_a_death_during_the_recovery_changes_nothing(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, BUY, SELL)
    await world.pass_time(1)
    for hold in ("before", "after"):
        await world.server.kill()
        await world.start(lambda wire, hold=hold: getattr(wire, hold).update({CANCEL: [Held()]}))
        await world.pass_time(3)
        assert world.server.account.recovering is not None
    await world.restart()
    await world.pass_time(5)
    assert world.open_orders() == []
    assert world.states() == ["canceled", "canceled"]


async def test_fault_R1_a_death_after_each_request_of_the_recovery_leaves_every_order_in_its_place(
    world: World,
) -> None:
    """The bot is wished running: what stood keeps its place in the queue, however often the server dies."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    standing = [order.id for order in world.open_orders()]
    for path in (ACTIVE, MATCHES, ACTIVE, MATCHES):
        await world.server.kill()
        held = Held()
        await world.start(lambda wire, path=path, held=held: wire.after.update({path: [held]}))
        world.server.begin(world.server.runner.run())
        await world.pass_time(3)
        assert held.reached.is_set()
        assert world.server.account.recovering is not None
    await world.restart()
    world.server.begin(world.server.runner.run())
    await world.pass_time(15)
    assert [order.id for order in world.open_orders()] == standing
    assert len(world.exchange_orders()) == len(world.orders()) == 2


async def test_nothing_is_placed_before_the_recovery_is_over(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.server.kill()
    for order in world.open_orders():
        world.exchange.engine.cancel(order)
    server = await world.start(lambda wire: wire.before.update({ACTIVE: [timed_out() for _ in range(6)]}))
    server.begin(server.runner.run())  # the wish is stored
    await world.pass_time(8)
    while world.server.account.recovering is not None:
        assert server.wire.arrivals == []
        await world.pass_time(0.2)
    assert world.states()[:2] == ["canceled", "canceled"]
    await world.quoting(bot)


async def test_quotes_keep_their_place_while_the_first_book_after_a_start_is_on_its_way(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    standing = world.open_orders()
    await world.server.kill()
    server = await world.start()
    server.wire.before[DEPTH] = [held := Held()]
    await world.run(bot)
    while not held.reached.is_set():
        await world.pass_time(0.2)
    await world.pass_time(2)
    held.release()
    await world.quoting(bot)
    assert world.open_orders() == standing


async def test_what_a_start_must_read_waits_for_nobody_elses_reads(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.server.kill()
    held = Held()
    server = await world.start(lambda wire: wire.before.update({ACTIVE: [held]}))
    await until(held.reached.is_set)
    session, began = server.account.session, world.clock.monotonic()
    others = [asyncio.ensure_future(session.grant(CallKind.PUBLIC, "fetch_order_book")) for _ in range(500)]
    held.release()
    await until(lambda: server.account.recovering is None and server.account.reader.good is not None)
    await quiet()
    read = server.account.reader.good
    assert read is not None
    assert read.started == began
    assert not session.recovering
    for other in others:
        other.cancel()
