"""Orders that stay where they are in the real cycle: until they have rested, after fills, over a restart."""

from tests.integration.test_quarantine import become
from tests.integration.test_trading import move_market
from tests.integration.world import World
from trading_bridge.core.bot import StateCode
from trading_bridge.core.order import Side


async def test_an_order_rests_before_it_follows_the_market(world: World) -> None:
    bot = await world.bot(config={"spread_bps": "40", "order_amount_quote": "50", "minimum_rest_s": 20})
    await world.run(bot)
    await world.quoting(bot)
    first = {order.client_order_id for order in world.server.live(bot)}
    move_market(world, 25_620, 25_640)
    await world.pass_time(10)
    assert {order.client_order_id for order in world.server.live(bot)} == first
    await world.pass_time(15)
    assert not first & {order.client_order_id for order in world.server.live(bot)}


async def test_after_a_fill_nothing_new_follows_on_that_side_not_even_after_a_restart(world: World) -> None:
    bot = await world.bot(config={"spread_bps": "40", "order_amount_quote": "50", "filled_order_delay_s": 60})
    await world.run(bot)
    await world.quoting(bot)
    bid = next(order for order in world.server.live(bot) if order.side is Side.BUY)
    assert bid.price is not None
    move_market(world, 25_400, 25_610)
    world.exchange.take(Side.SELL, int(bid.price * 1_000_000), 10**6)
    await world.pass_time(10)
    assert [order.side for order in world.server.live(bot)] == [Side.SELL]
    await world.restart()
    await world.run()
    await world.pass_time(30)
    assert [order.side for order in world.server.live(bot)] == [Side.SELL]
    await world.pass_time(30)
    assert {order.side for order in world.server.live(bot)} == {Side.BUY, Side.SELL}


async def test_a_bot_whose_type_is_not_installed_any_more_says_so(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    stood = {order.client_order_id for order in world.server.live(bot)}
    await become(world, bot, "gone", {})
    await world.pass_time(5)
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert (state.code, state.reason) == (StateCode.BLOCKED, "strategy.unavailable")
    assert {order.client_order_id for order in world.server.live(bot)} == stood
