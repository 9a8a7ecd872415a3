"""Holds: a bot stops quoting for a while, with its orders cancelled or left, and goes on if its start checks pass."""

from datetime import timedelta

from tests.integration.world import World
from trading_bridge.core.bot import Bot, BotState, BotStatus, StateCode
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.restraint import Hold, Scope, ScopeKind, StandingOrders


async def hold(
    world: World,
    scope: Scope,
    *,
    orders: StandingOrders = StandingOrders.CANCEL,
    after_s: float = 0,
    for_s: float | None = None,
) -> Hold:
    """As another process does: it is only in storage."""
    starts_at = world.clock.now() + timedelta(seconds=after_s)
    made = Hold(
        id=world.entropy.token(16),
        scope=scope,
        reason="Token migration",
        orders=orders,
        starts_at=starts_at,
        ends_at=None if for_s is None else starts_at + timedelta(seconds=for_s),
        made_by="ops@example.com",
        made_at=world.clock.now(),
    )
    async with world.server.database.unit_of_work() as uow:
        await uow.holds.add(made)
    return made


def of(bot: Bot) -> Scope:
    return Scope(kind=ScopeKind.BOT, id=bot.id)


def state(world: World, bot: Bot) -> BotState:
    found = world.server.runner.state(bot.id)
    assert found is not None
    return found


async def quoting_bot(world: World) -> Bot:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    return bot


async def test_a_hold_cancels_what_stands_and_ends_by_itself(world: World) -> None:
    bot = await quoting_bot(world)
    made = await hold(world, of(bot), for_s=30)
    await world.pass_time(6)
    assert world.open_orders() == []
    found = state(world, bot)
    assert (found.code, found.reason, found.until) == (StateCode.HELD, "hold.active", made.ends_at)
    assert found.parameters["why"] == "Token migration"
    assert [held.finding.code for held in world.server.runner.findings()] == ["hold.active"]
    sent = len(world.server.wire.arrivals)
    await world.pass_time(22)
    assert len(world.server.wire.arrivals) == sent
    await world.pass_time(6)
    await world.quoting(bot)
    assert state(world, bot).code in (StateCode.TRADING, StateCode.WAITING)


async def test_a_hold_that_keeps_leaves_orders_with_their_place_in_the_queue(world: World) -> None:
    bot = await quoting_bot(world)
    before = [order.id for order in world.open_orders()]
    await hold(world, of(bot), orders=StandingOrders.KEEP, for_s=20)
    await world.pass_time(8)
    assert state(world, bot).code is StateCode.HELD
    assert [order.id for order in world.open_orders()] == before
    assert not world.server.runner._workers
    await world.pass_time(18)
    assert state(world, bot).code is StateCode.TRADING
    assert [order.id for order in world.open_orders()] == before


async def test_a_stop_during_a_hold_that_keeps_cancels_what_it_left(world: World) -> None:
    bot = await quoting_bot(world)
    await hold(world, of(bot), orders=StandingOrders.KEEP)
    await world.pass_time(5)
    async with world.server.database.unit_of_work() as uow:
        await uow.bots.set_status(bot.id, BotStatus.STOPPED)
    world.server.runner.wake()
    confirmed = world.server.begin(world.server.runner.stopped(bot.id, 5.0))
    await world.pass_time(4)
    assert confirmed.result() is True
    assert world.open_orders() == []


async def test_a_planned_hold_of_a_market_starts_by_itself(world: World) -> None:
    bot = await quoting_bot(world)
    await hold(world, Scope(kind=ScopeKind.MARKET, id="coinstore SHARP/USDT"), after_s=10, for_s=60)
    await hold(world, Scope(kind=ScopeKind.MARKET, id="coinstore ETH/USDT"))
    await world.pass_time(8)
    assert state(world, bot).code is StateCode.TRADING
    await world.pass_time(6)
    assert state(world, bot).code is StateCode.HELD
    assert world.open_orders() == []


async def test_no_create_passes_from_the_start_of_a_planned_hold_on(world: World) -> None:
    """The gate looks at the time itself, and waits for nobody."""
    bot = await quoting_bot(world)
    made = await hold(world, of(bot), after_s=10)
    await world.pass_time(9.8)
    gate = world.server.runner._gate
    assert gate(bot.id) is None
    await world.clock.advance((made.starts_at - world.clock.now()).total_seconds())
    barred = gate(bot.id)
    assert barred is not None
    assert barred.code == "hold.active"


async def test_a_restart_in_the_middle_of_a_hold_changes_nothing_about_it(world: World) -> None:
    bot = await quoting_bot(world)
    await hold(world, of(bot), for_s=60)
    await world.pass_time(5)
    await world.restart()
    world.server.begin(world.server.runner.run())
    await world.pass_time(30)
    assert state(world, bot).code is StateCode.HELD
    assert world.server.wire.arrivals == []
    await world.pass_time(30)
    await world.quoting(bot)


async def test_a_hold_that_a_dead_server_began_is_carried_out_by_the_next(world: World) -> None:
    bot = await quoting_bot(world)
    await hold(world, of(bot), for_s=60)
    await world.restart()
    world.server.begin(world.server.runner.run())
    await world.pass_time(10)
    assert world.open_orders() == []
    assert state(world, bot).code is StateCode.HELD
    assert world.server.wire.arrivals == []


async def test_after_a_hold_a_bot_goes_on_only_if_its_start_checks_pass(world: World) -> None:
    bot = await quoting_bot(world)
    await hold(world, of(bot), for_s=5)
    world.obstacle = Finding(
        code="budget.exceeds_account",
        severity=Severity.WARNING,
        since=world.clock.now(),
        parameters={"bots": "SHARP-SB", "sum": "9", "has": "1", "currency": "USDT"},
    )
    await world.pass_time(12)
    sent = len(world.server.wire.arrivals)
    found = state(world, bot)
    assert (found.code, found.reason) == (StateCode.HELD, "hold.resume_blocked")
    assert found.parameters["cause"]
    await world.pass_time(20)
    assert len(world.server.wire.arrivals) == sent
    world.obstacle = None
    await world.pass_time(8)
    await world.quoting(bot)


async def test_a_restart_forgets_no_obstacle_to_a_return(world: World) -> None:
    bot = await quoting_bot(world)
    await hold(world, of(bot), for_s=5)
    world.obstacle = Finding(
        code="budget.exceeds_account",
        severity=Severity.WARNING,
        since=world.clock.now(),
        parameters={"bots": "SHARP-SB", "sum": "9", "has": "1", "currency": "USDT"},
    )
    await world.pass_time(12)
    await world.restart()
    world.server.begin(world.server.runner.run())
    await world.pass_time(15)
    assert state(world, bot).reason == "hold.resume_blocked"
    assert world.server.wire.arrivals == []
    world.obstacle = None
    await world.pass_time(8)
    await world.quoting(bot)


async def test_lifted_by_another_process_it_ends_within_seconds(world: World) -> None:
    bot = await quoting_bot(world)
    made = await hold(world, of(bot))
    await world.pass_time(5)
    async with world.server.database.unit_of_work() as uow:
        assert await uow.holds.lift(made.id, by="ops", reason="done", at=world.clock.now())
    await world.pass_time(4)
    await world.quoting(bot)
