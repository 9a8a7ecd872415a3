"""A bot that crashes again and again is taken out; nobody else notices."""

from collections.abc import Mapping

from tests.integration.files import rows_of
from tests.integration.world import CONFIG, World
from trading_bridge.core.bot import Bot, BotState, BotStatus, StateCode
from trading_bridge.core.order import Side


def state(world: World, bot: Bot) -> BotState:
    found = world.server.runner.state(bot.id)
    assert found is not None
    return found


async def become(world: World, bot: Bot, bot_type: str, config: Mapping[str, object]) -> None:
    """As a version leaves it that knew this type: here it has no strategy, and running it is a bug."""
    async with world.server.database.unit_of_work() as uow:
        await uow.bots.update(
            bot.id,
            name=bot.name,
            connector=bot.connector,
            symbol=bot.symbol,
            bot_type=bot_type,
            config=config,
            market_verified=True,
            note=None,
            budget=bot.budget,
        )
    world.server.runner.wake()


def decided(world: World, bot: Bot) -> list[tuple[str, str]]:
    rows = rows_of(world.path, "SELECT * FROM decisions WHERE bot_id = ? ORDER BY decided_at, id", bot.id)
    return [(str(row["reason"]), str(row["finding_code"])) for row in rows]


async def test_fault_R2_a_bot_that_crashes_at_every_start_is_taken_out_and_an_edit_brings_it_back(world: World) -> None:
    world.exchange.quote(Side.BUY, 250_000, 100_000, "ETH/USDT")
    world.exchange.quote(Side.SELL, 250_100, 100_000, "ETH/USDT")
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await become(world, bot, "volume", {})
    crashes: list[str] = []

    def watch() -> None:
        found = world.server.runner.state(bot.id)
        if found is not None and (not crashes or crashes[-1] != found.reason):
            crashes.append(found.reason)

    await world.pass_time(60, watch)
    found = state(world, bot)
    assert (found.code, found.reason) == (StateCode.BLOCKED, "bot.quarantined")
    assert found.parameters == {"crashes": "4", "error": "AssertionError"}
    assert "internal.error" in crashes
    assert world.open_orders() == []
    held = [one.finding.code for one in world.server.runner.findings()]
    assert held == ["bot.quarantined"]
    await world.pass_time(130)
    assert state(world, bot).reason == "bot.quarantined"
    await become(world, bot, "spread", CONFIG)
    await world.pass_time(5)
    await world.quoting(bot)


async def test_fault_R2_the_end_of_the_server_takes_the_orders_of_a_crashed_bot_too(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await become(world, bot, "volume", {})
    while state(world, bot).reason != "internal.error" or not world.server.runner._workers[bot.id].paused:
        await world.pass_time(0.2)
    await world.pass_time(1 + 2 + 1)  # the third crash is followed by 5 s
    ending = world.server.begin(world.server.runner.close(cancel=True, timeout_s=20.0))
    await world.pass_time(3)
    assert ending.result() == ()
    assert world.open_orders() == []


async def test_fault_R2_a_stop_ends_a_quarantine(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await become(world, bot, "volume", {})
    await world.pass_time(60)
    assert state(world, bot).reason == "bot.quarantined"
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(5)
    assert world.server.runner.state(bot.id) is None


async def test_fault_R2_every_other_bot_decides_as_without_it(world: World) -> None:
    ill, well = await world.bot("ill"), await world.bot("well")
    await become(world, ill, "volume", {})
    await world.run(ill, well)
    await world.quoting(well)
    await world.pass_time(60)
    assert state(world, ill).reason == "bot.quarantined"
    assert state(world, well).code is StateCode.TRADING
    with_it = decided(world, well)
    alone = await world.bot("alone")
    assert decided(world, ill) == []
    await world.wish(well, BotStatus.STOPPED)
    await world.wish(ill, BotStatus.STOPPED)
    await world.pass_time(5)
    await world.wish(alone, BotStatus.RUNNING)
    await world.quoting(alone)
    await world.pass_time(60)
    assert decided(world, alone) == with_it
