"""What people wish, raced and repeated: the last wish wins, and each decision names its config."""

from tests.integration.files import rows_of
from tests.integration.world import CONFIG, World
from trading_bridge.core.bot import Bot, BotStatus, StateCode, config_version

WIDE = {"spread_bps": "80", "order_amount_quote": "50"}


async def edit(world: World, bot: Bot, config: dict[str, str]) -> None:
    async with world.server.database.unit_of_work() as uow:
        await uow.bots.update(
            bot.id,
            name=bot.name,
            connector=bot.connector,
            symbol=bot.symbol,
            bot_type=bot.bot_type,
            config=config,
            market_verified=True,
            note=None,
            budget=bot.budget,
        )
    world.server.runner.wake()


async def set_status(world: World, bot: Bot, status: BotStatus) -> None:
    async with world.server.database.unit_of_work() as uow:
        await uow.bots.set_status(bot.id, status)
    world.server.runner.wake()


async def test_fault_O2_of_starts_and_stops_in_a_row_the_last_one_wins(world: World) -> None:
    bot = await world.bot()
    world.server.begin(world.server.runner.run())
    for step in range(12):
        await set_status(world, bot, BotStatus.RUNNING if step % 2 == 0 else BotStatus.STOPPED)
        await world.pass_time(0.2 * (step % 4))
    await world.pass_time(10)
    assert world.server.runner.state(bot.id) is None
    assert world.open_orders() == []
    for step in range(13):
        await set_status(world, bot, BotStatus.RUNNING if step % 2 == 0 else BotStatus.STOPPED)
        await world.pass_time(0.2 * (step % 3))
    await world.pass_time(10)
    await world.quoting(bot)
    found = world.server.runner.state(bot.id)
    assert found is not None
    assert found.code in (StateCode.TRADING, StateCode.WAITING)
    assert len(world.open_orders()) == 2


async def test_fault_O2_each_decision_stores_the_version_of_its_config(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await edit(world, bot, WIDE)
    await world.pass_time(8)
    await world.quoting(bot)
    rows = rows_of(world.path, "SELECT config, ended_at FROM decisions ORDER BY decided_at, id")
    configs = [str(row["config"]) for row in rows]
    assert configs == sorted(configs, key=[config_version(CONFIG), config_version(WIDE)].index)
    assert set(configs) == {config_version(CONFIG), config_version(WIDE)}
    assert [row["ended_at"] is None for row in rows][-1]
    current = world.server.runner.decision(bot.id)
    assert current is not None
    assert current.config == config_version(WIDE)
    placed = {str(row["decision_id"]) for row in world.orders()}
    assert placed <= {str(row["id"]) for row in rows_of(world.path, "SELECT id FROM decisions")}


async def test_I14_a_stopped_bot_has_no_task_left(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await set_status(world, bot, BotStatus.STOPPED)
    await world.pass_time(5)
    assert world.server.runner.bots_on(world.server.account.connector.id) == ()
    assert world.server.runner.decision(bot.id) is None
