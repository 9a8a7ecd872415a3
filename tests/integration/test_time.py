"""A server whose lease ran out, which stood still, or whose clock was set: the whole platform."""

from datetime import timedelta
from decimal import Decimal

from tests.integration.test_trading import move_market
from tests.integration.wire import DEPTH, Held, timed_out
from tests.integration.world import World, quiet
from tests.storage.test_lease import Away, leased
from trading_bridge.core.known import Ok
from trading_bridge.core.order import Side
from trading_bridge.core.view import BALANCE_AGE_MAX, BOOK_AGE_MAX
from trading_bridge.storage.lease import MARGIN_S, Lease
from trading_bridge.storage.postgresql import LEASE_TTL_S

#: between two moves of the market, each of which moves a bot's orders
MOVES = ((24_600, 26_600), (25_590, 25_610), (25_000, 25_400), (25_700, 25_900))


async def under_a_lease(world: World) -> tuple[Lease, Away]:
    """The server anew, under a lease that it renews as long as the database lets it."""
    database = Away()
    database.back = True
    lease = leased(database, world.clock)
    await world.server.kill()
    server = await world.start(barred=lambda _: lease.barred(world.clock.monotonic()))
    server.begin(lease.run())
    return lease, database


async def moving(world: World, seconds: float) -> None:
    """The market moves every 2 s: bots cancel and place."""
    for turn in range(round(seconds / 2)):
        move_market(world, *MOVES[turn % len(MOVES)])
        await world.pass_time(2)


def creates(world: World) -> int:
    return len(world.server.wire.arrivals)


async def test_fault_D1_no_create_leaves_at_or_after_the_end_of_the_lease_less_the_margin(world: World) -> None:
    bot = await world.bot()
    lease, database = await under_a_lease(world)
    await world.run(bot)
    await world.quoting(bot)
    await moving(world, 12)
    assert lease.finding() is None
    database.back = False
    renewed = world.clock.monotonic()
    sent_at: list[float] = []
    count(world, sent_at)
    await moving(world, 30)
    assert sent_at, "until then it goes on"
    assert max(sent_at) < renewed + LEASE_TTL_S - MARGIN_S
    found = lease.finding()
    assert found is not None
    assert found.code == "lease.lost"
    assert world.open_orders() == [], "what the market has left behind is still cancelled by id"
    database.back = True
    before = creates(world)
    await moving(world, 10)
    assert creates(world) > before
    assert lease.finding() is None


def count(world: World, sent_at: list[float]) -> None:
    """Notes when each create reaches the exchange."""
    arrivals = world.server.wire.arrivals

    class Noted(list):  # type: ignore[type-arg]
        def append(self, arrival: object) -> None:
            sent_at.append(world.clock.monotonic())
            super().append(arrival)

    world.server.wire.arrivals = Noted(arrivals)


async def test_fault_T3_an_intent_whose_commit_outlasts_the_lease_is_not_sent(world: World) -> None:
    """The time is taken before the commit; the lease is looked at after it, with nothing between that and the send."""
    lease, database = await under_a_lease(world)
    bot = await world.bot()
    database.back = False
    await world.pass_time(LEASE_TTL_S - MARGIN_S - 2)
    assert lease.barred(world.clock.monotonic()) is None
    placing = await world.server.placing(bot, (Side.BUY, 25_500, 200_000), commit=(held := Held()))
    await held.reached.wait()
    await world.pass_time(3)
    barred = lease.barred(world.clock.monotonic())
    assert barred is not None
    world.server.barred.append(barred)
    held.release()
    applied = await placing
    assert [reason.code for reason in applied.withheld] == ["lease.lost"]
    assert world.states() == ["not_sent"]
    assert creates(world) == 0


async def test_fault_D1_what_is_signed_after_the_margin_is_not_sent_although_the_lease_is_renewed_meanwhile(
    world: World,
) -> None:
    lease, database = await under_a_lease(world)
    bot = await world.bot()
    database.back = False
    await world.pass_time(LEASE_TTL_S - MARGIN_S + 1)
    barred = lease.barred(world.clock.monotonic())
    assert barred is not None
    world.server.barred.append(barred)
    placing = await world.server.placing(bot, (Side.BUY, 25_500, 200_000), commit=(held := Held()))
    await quiet()
    database.back = True
    await world.pass_time(2)
    assert lease.barred(world.clock.monotonic()) is None
    world.server.barred.clear()
    held.release()
    applied = await placing
    assert [reason.code for reason in applied.withheld] == ["lease.lost"]
    assert creates(world) == 0


async def test_fault_T5_what_was_filled_while_the_machine_slept_is_known_before_anything_is_placed(
    world: World,
) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    before = creates(world)
    (best,) = [order for order in world.open_orders() if order.side is Side.BUY]
    await quiet()
    world.exchange.engine.cancel_all("market-maker")
    world.exchange.take(Side.SELL, best.price, best.lots)
    world.clock.jump(3 * 3600)
    move_market(world, *MOVES[0])
    fills_at_create: list[int] = []
    noted(world, fills_at_create)
    await world.pass_time(0.2)
    found = world.server.stall.finding()
    assert found is not None
    assert found.code == "runner.stalled"
    await world.quoting(bot)
    assert creates(world) > before
    assert fills_at_create
    assert all(booked == 1 for booked in fills_at_create), "each create came after the fill was stored"
    await world.pass_time(5)
    assert world.server.stall.barred(bot.id) is None


def noted(world: World, fills_at_create: list[int]) -> None:
    arrivals = world.server.wire.arrivals

    class Noted(list):  # type: ignore[type-arg]
        def append(self, arrival: object) -> None:
            fills_at_create.append(len(world.fills()))
            super().append(arrival)

    world.server.wire.arrivals = Noted(arrivals)


async def test_fault_T2_a_wall_clock_that_is_set_neither_stalls_nor_hurries_anything(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    for hours in (1, -2, 1):
        before, asked = creates(world), len(world.server.wire.passed)
        world.clock.step(3600 * hours)
        await world.pass_time(1)
        read = world.server.account.reader.good
        assert read is not None
        assert timedelta(0) <= world.clock.now() - read.as_of <= BALANCE_AGE_MAX
        await world.pass_time(14)
        assert 15 <= len(world.server.wire.passed) - asked <= 150, "no stall, no burst"
        assert creates(world) - before <= 4
        assert world.server.stall.finding() is None
        state = world.server.runner.state(bot.id)
        assert state is not None
        assert (state.code.value, state.finding) == ("trading", None)
        book = world.server.account.route.feed(bot.symbol).book()
        assert isinstance(book, Ok)
        assert timedelta(0) <= world.clock.now() - book.as_of <= BOOK_AGE_MAX


async def test_fault_T2_a_wall_clock_that_is_set_back_makes_no_old_book_young(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    world.server.wire.before[DEPTH] = [timed_out()] * 20
    await world.pass_time(8)
    before = creates(world)
    assert world.open_orders() == []
    for _ in range(6):  # between two beats of the one who notices it by itself
        world.clock.step(-3600)
        await world.pass_time(0.7)
    assert creates(world) == before


async def test_fault_T2_a_wall_clock_that_is_set_keeps_no_old_price_in_a_limit(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.pass_time(60)
    world.clock.step(-7200)
    move_market(world, 25_990, 26_010)
    await world.pass_time(40)
    risk = world.server.runner.risk
    assert risk.halt(bot.id) is None
    assert risk.reference(bot.id, world.clock.now()) == Decimal("0.026"), "the median of the last minute"


async def test_fault_T2_a_cool_down_is_as_long_as_it_is_when_the_wall_clock_is_set(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    move_market(world, 29_990, 30_010)
    await world.pass_time(2)
    risk = world.server.runner.risk
    for hours in (2, -4, 2):
        world.clock.step(3600 * hours)
        await world.pass_time(2)
        halt = risk.halt(bot.id)
        assert halt is not None
        assert halt.until is not None
        assert timedelta(0) < halt.until - world.clock.now() <= timedelta(seconds=300)
