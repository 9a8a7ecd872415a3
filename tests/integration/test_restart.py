"""A server dies at some point of a send or a cancel; the next one on its files finds everything (faults S1, R1)."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from tests.integration.wire import CANCEL, PLACE, Held, timed_out
from tests.integration.world import World, quiet
from trading_bridge.core.bot import Bot
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxOrder

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
async def test_S1_a_start_after_a_death_at_any_point_leaves_no_orphan_and_sends_none_twice(
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
async def test_S1_fills_between_a_death_and_the_start_are_booked_once(world: World, dies: Death) -> None:
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


async def test_R1_a_death_during_the_recovery_changes_nothing(world: World) -> None:
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


async def test_nothing_is_placed_before_the_recovery_is_over(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.server.kill()
    left = world.open_orders()
    assert len(left) == 2
    server = await world.start(lambda wire: wire.before.update({CANCEL: [timed_out() for _ in range(12)]}))
    server.begin(server.runner.run())  # the wish is stored
    await world.pass_time(15)
    assert len(world.open_orders()) == 2, "the recovery takes longer than a bot needs to be ready"
    while world.open_orders() == left or world.server.account.recovering is not None:
        assert server.wire.arrivals == []
        await world.pass_time(0.2)
    assert world.open_orders() == []
    await world.quoting(bot)


async def test_S1_an_order_without_a_row_that_carries_our_id_is_cancelled_at_start(world: World) -> None:
    """A restored backup: the exchange has what storage lost (faults S4, S5)."""
    ours = f"tb{world.server.database.installation_id}abc123"
    lost = world.exchange.limit(Side.BUY, 25_400, 200_000, client_order_id=ours)
    await world.restart()
    await world.pass_time(5)
    assert not world.exchange_order(lost).is_open
    assert world.server.account.recovering is None


async def test_orders_of_a_foreign_id_are_left_alone(world: World) -> None:
    other = "zzzzz"
    assert other != world.server.database.installation_id
    strangers: list[SandboxOrder] = [
        world.exchange.limit(Side.BUY, 25_400, 200_000, client_order_id=f"tb{other}abc123"),
        world.exchange.limit(Side.SELL, 25_900, 200_000, client_order_id="by-hand-1"),
    ]
    await world.restart()
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(10)
    assert all(world.exchange_order(stranger).is_open for stranger in strangers)
    assert [order for order in world.open_orders() if order.id in {stranger.id for stranger in strangers}] == strangers


async def test_two_servers_on_one_key_touch_only_their_own(world: World) -> None:
    """Two installations: what one cancels at its start is its own."""
    bot = await world.bot()
    await world.server.place(bot, BUY)
    (standing,) = world.open_orders()
    first = world.server
    second = await world.start(path=world.folder / "other.db")
    await world.add()
    await second.manager.sync()
    assert second.database.installation_id != first.database.installation_id
    await world.pass_time(5)
    assert second.account.recovering is None
    assert world.open_orders() == [standing]
