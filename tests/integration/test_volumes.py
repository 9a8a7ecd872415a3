"""Volume after a restart is the volume before it, in each currency on its own."""

from decimal import Decimal

from tests.integration.world import World
from trading_bridge.accounts.volume import Volumes
from trading_bridge.app import load_volumes
from trading_bridge.core.order import Side
from trading_bridge.storage.database import Database

LOTS = 200_000
INSIDE = 25_600


async def loaded(database: Database, world: World) -> Volumes:
    volumes = Volumes(world.clock, lambda _: (world.clock.now(), None))
    await load_volumes(database, volumes, world.clock)
    return volumes


async def test_what_was_traded_is_what_a_start_finds(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, (Side.SELL, INSIDE, LOTS))
    world.exchange.take(Side.BUY, INSIDE, LOTS)
    await world.pass_time(3)
    before = Volumes(world.clock, lambda _: (world.clock.now(), None))
    for bot_id, fill in world.server.told:
        before.add(bot_id, fill)
    after = await loaded(world.server.database, world)
    assert after.of(bot) == before.of(bot)
    assert after.of(bot).today == Decimal("51.2")
    world.clock.jump(24 * 3600)
    assert (await loaded(world.server.database, world)).of(bot).today == 0
