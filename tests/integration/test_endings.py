"""Orders that end though we asked for no cancel: people cancel them at the exchange, or they would have taken."""

from collections.abc import Callable

from tests.integration.test_trading import move_market
from tests.integration.wire import PLACE
from tests.integration.world import World
from trading_bridge.core.bot import Bot, StateCode
from trading_bridge.core.order import OrderState, Side
from trading_bridge.sandbox.orders import SandboxOrder

BUY = (Side.BUY, 25_500, 200_000)


def cancel(world: World, *orders: SandboxOrder) -> None:
    for order in orders:
        world.exchange.engine.cancel(order)


async def strike(world: World, bot: Bot, which: Callable[[World], list[SandboxOrder]]) -> None:
    """Somebody looks at the bot's orders for a while, and cancels."""
    await world.quoting(bot)
    await world.pass_time(6)
    cancel(world, *which(world))
    await world.pass_time(3)


async def test_fault_O6_orders_that_people_cancel_are_replaced_three_times_and_then_the_bot_holds(
    world: World,
) -> None:
    bot = await world.bot()
    await world.run(bot)
    for _ in range(3):
        await strike(world, bot, lambda world: world.open_orders()[:1])
    await world.quoting(bot)
    await strike(world, bot, lambda world: world.open_orders()[:1])
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert (state.code, state.reason) == (StateCode.HALTED, "orders.cancelled_by_hand")
    await world.pass_time(10)
    assert world.open_orders() == []
    sent = len(world.server.wire.arrivals)
    await world.pass_time(30)
    assert len(world.server.wire.arrivals) == sent


async def test_fault_O6_all_that_is_cancelled_at_one_stroke_counts_once(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    for _ in range(3):
        await strike(world, bot, lambda world: world.open_orders())
    await world.quoting(bot)


async def test_our_own_cancels_are_nobody_elses(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    for step in range(6):
        move_market(world, 25_590 + 40 * (step % 2), 25_610 + 40 * (step % 2))
        await world.pass_time(8)
    assert world.states().count("canceled") >= 6
    await world.quoting(bot)


async def test_fault_X20_what_would_take_is_repriced_a_few_times_and_then_its_side_holds(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire

    async def market_falls() -> None:
        move_market(world, 25_000, 25_020)

    async def market_is_back() -> None:
        move_market(world, 25_590, 25_610)

    wire.before[PLACE], wire.after[PLACE] = [market_falls] * 9, [market_is_back] * 9
    for _ in range(6):
        await world.server.place(bot, BUY)
        await world.pass_time(2)
    orders = [row for row in world.orders() if row["side"] == "buy"]
    assert [row["price"] for row in orders] == ["0.025500", "0.025499", "0.025498", "0.025497"]
    assert {row["state"] for row in orders} == {OrderState.CANCELED}
    assert world.exchange_fills() == []
    applied = await world.server.place(bot, BUY)
    assert [reason.code for reason in applied.withheld] == ["order.would_take"]
    wire.before[PLACE].clear()
    wire.after[PLACE].clear()
    await world.pass_time(30)
    assert (await world.server.place(bot, BUY)).placed == 1
