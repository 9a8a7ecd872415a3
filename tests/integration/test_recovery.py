"""A start takes over what stands at the exchange; a look now and then finds what nobody told (faults S4, S5, D2)."""

import shutil
from decimal import Decimal

from tests.integration.wire import ACTIVE, INFO, MATCHES, PLACE, Held, timed_out
from tests.integration.world import World, quiet, still_book
from tests.sandbox_exchange import ETH, atoms
from tests.sandbox_exchange import SHARP as SHARP_USDT
from trading_bridge.accounts.account import Account
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.core.client import Credentials
from trading_bridge.core.decision import Wanted
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.reconcile import Plan
from trading_bridge.execution.executor import Work

BUY = (Side.BUY, 25_500, 200_000)
SELL = (Side.SELL, 25_700, 200_000)
USDT, SHARP = Decimal(10_000), Decimal(1_000_000)


def ours(world: World, random_part: str = "abc123") -> str:
    return f"tb{world.server.database.installation_id}{random_part}"


async def starts(world: World) -> None:
    """A new life in which the bots run that are wished running."""
    await world.server.kill()
    server = await world.start()
    server.begin(server.runner.run())
    await world.pass_time(3)


# what a start takes over


async def test_orders_of_a_running_bot_keep_their_place_over_a_restart(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    standing = [order.id for order in world.open_orders()]
    await starts(world)
    await world.pass_time(20)
    assert [order.id for order in world.open_orders()] == standing
    assert world.server.account.recovering is None
    assert world.server.wire.arrivals == []
    assert world.server.wire.count(INFO) == 0, "one list of the open orders was enough"


async def test_orders_of_a_bot_that_is_stopped_or_archived_are_cancelled_at_the_start(world: World) -> None:
    stopped, archived, runs = await world.bot("one"), await world.bot("two"), await world.bot("three")
    for bot, price in ((stopped, 25_400), (archived, 25_300), (runs, 25_200)):
        await world.server.place(bot, (Side.BUY, price, 200_000))
    await world.pass_time(1)
    async with world.server.database.unit_of_work() as uow:
        await uow.bots.archive(archived.id)
        await uow.bots.set_status(runs.id, BotStatus.RUNNING)
    await world.server.kill()
    await world.start()  # no bot acts: what is cancelled, the recovery cancels
    await world.pass_time(3)
    assert [int(order.price) for order in world.open_orders()] == [25_200]
    assert world.server.account.recovering is None
    assert sorted(world.states()) == ["canceled", "canceled", "new"]


async def test_an_order_in_a_market_that_its_bot_left_is_wanted_by_nobody(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, BUY)
    await world.pass_time(1)
    async with world.server.database.unit_of_work() as uow:
        await uow.bots.update(
            bot.id,
            name=bot.name,
            connector=bot.connector,
            symbol=ETH,
            bot_type=bot.bot_type,
            config=bot.config,
            market_verified=True,
            note=None,
            budget=None,
        )
        await uow.bots.set_status(bot.id, BotStatus.RUNNING)
    await world.server.kill()
    await world.start()
    await world.pass_time(3)
    assert world.open_orders() == []


async def test_what_filled_while_no_server_ran_is_booked_before_a_bot_trades(world: World) -> None:
    """One order in part and one whole: both from the market's trades, with one look."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    buy, sell = (next(o for o in world.open_orders() if o.side is side) for side in Side)
    await world.server.kill()
    world.exchange.engine.cancel_all("market-maker")
    world.exchange.take(Side.SELL, int(buy.price), 70_000)
    world.exchange.take(Side.BUY, int(sell.price), int(sell.lots))
    still_book(world)
    server = await world.start()
    while server.account.recovering is not None:
        assert server.wire.arrivals == []
        await world.pass_time(0.2)
    assert world.booked("USDT", USDT) == world.held("USDT")
    assert world.booked("SHARP", SHARP) == world.held("SHARP")
    assert {row["side"]: row["state"] for row in world.orders()} == {"buy": "partially_filled", "sell": "filled"}
    assert {bot_id for bot_id, _ in server.told} == {bot.id}


async def test_fault_D2_a_market_with_an_unresolved_intent_waits_and_the_others_trade_at_once(world: World) -> None:
    still_book(world, bid=250_000, ask=250_100, symbol=ETH)
    world.exchange.engine.deposit("alice", "ETH", atoms("10"))
    waits, trades = await world.bot("one"), await world.bot("two", symbol=ETH)
    world.server.wire.before[PLACE] = [held := Held()]
    await world.server.placing(waits, BUY)
    await held.reached.wait()
    for bot in (waits, trades):
        async with world.server.database.unit_of_work() as uow:
            await uow.bots.set_status(bot.id, BotStatus.RUNNING)
    await starts(world)
    account = world.server.account
    assert account.recovering is None
    finding = account.recovering_in(waits.symbol)
    assert finding is not None
    assert finding.code == "order.unresolved"
    assert account.recovering_in(trades.symbol) is None
    await world.quoting(trades)
    for _ in range(20):
        await world.pass_time(1)
        assert {arrival.symbol for arrival in world.server.wire.arrivals} == {"ETHUSDT"}
        assert account.recovering_in(waits.symbol) is not None
    await world.pass_time(60)
    assert account.recovering_in(waits.symbol) is None
    assert world.states().count("absent") == 1
    await world.quoting(waits)


# orders without a row


async def test_fault_S4_an_order_with_our_id_and_no_row_is_cancelled_and_told(world: World) -> None:
    """The tail of the log is lost: the exchange has what storage does not."""
    lost = world.exchange.limit(Side.BUY, 25_400, 200_000, client_order_id=ours(world))
    await world.restart()
    await world.pass_time(5)
    assert not world.exchange_order(lost).is_open
    account = world.server.account
    assert account.recovering is None
    (finding,) = [one for one in account.findings() if one.code == "orders.drift"]
    assert finding.parameters["orphans"] == "1"
    await world.pass_time(95)
    assert [one.code for one in account.findings()] == [], "the next look agreed"


async def test_fault_S4_an_orphan_that_appears_later_goes_after_the_second_look(world: World) -> None:
    lost = world.exchange.limit(Side.BUY, 25_400, 200_000, client_order_id=ours(world))
    await world.pass_time(25)
    assert world.exchange_order(lost).is_open, "what is under way could look the same once"
    await world.pass_time(40)
    assert not world.exchange_order(lost).is_open


async def test_fault_S5_a_restored_backup_books_what_it_missed_and_cancels_what_it_does_not_know(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, (Side.BUY, 25_300, 100_000))
    await world.pass_time(1)
    before = world.server.epoch
    await world.server.kill()
    for suffix in ("", "-wal"):
        source = world.folder / f"platform.db{suffix}"
        if source.exists():
            shutil.copy(source, world.folder / f"backup.db{suffix}")
    await world.start()
    await world.pass_time(2)
    await world.server.place(bot, BUY, SELL)
    await world.pass_time(1)
    world.exchange.engine.cancel_all("market-maker")
    world.exchange.take(Side.SELL, 25_500, 70_000)
    await world.server.kill()
    used = {order.client_order_id for order in world.exchange_orders()}
    for suffix in ("", "-wal", "-shm"):
        (world.folder / f"platform.db{suffix}").unlink(missing_ok=True)
    for suffix in ("", "-wal"):
        source = world.folder / f"backup.db{suffix}"
        if source.exists():
            shutil.copy(source, world.folder / f"platform.db{suffix}")
    still_book(world)
    server = await world.start()
    while server.account.recovering is not None:
        await world.pass_time(0.2)
    assert len(world.fills()) == 1, "before anything is placed"
    assert server.epoch > before
    assert world.open_orders() == []
    assert [(row["bot_id"], row["amount"]) for row in world.fills()] == [(None, "700")]
    assert world.booked("USDT", USDT) == world.held("USDT")
    assert world.booked("SHARP", SHARP) == world.held("SHARP")
    drift = [one for one in server.account.findings() if one.code == "orders.drift"]
    assert drift, "somebody restores a backup and should know what that meant"
    await world.server.place(bot, BUY)
    assert used.isdisjoint(arrival.client_order_id for arrival in server.wire.arrivals)


# the exchange comes back


async def test_fault_X16_after_an_outage_everything_is_compared_before_anything_is_placed(world: World) -> None:
    """All orders are gone: one of them was filled first."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    wire = world.server.wire
    wire.trouble = lambda when, path: timed_out() if when == "before" else None
    world.exchange.engine.cancel_all("market-maker")
    buy = next(order for order in world.open_orders() if order.side is Side.BUY)
    world.exchange.take(Side.SELL, int(buy.price), int(buy.lots))
    for order in world.open_orders():
        world.exchange.engine.cancel(order)
    still_book(world)
    await world.pass_time(40)
    sent = len(wire.arrivals)
    wire.trouble = lambda when, path: None
    asked = wire.count(ACTIVE)
    wire.before[MATCHES] = [held := Held()]
    for step in range(40):
        world.exchange.quote(Side.BUY, 24_000 - step, 1_000)
        await world.pass_time(0.2)
    assert held.reached.is_set()
    assert len(wire.arrivals) == sent, "trades are not compared yet"
    held.release()
    for step in range(150):
        if len(wire.arrivals) > sent:
            break
        world.exchange.quote(Side.BUY, 25_000 - step, 1_000)  # the market is alive again
        await world.pass_time(0.2)
    assert len(wire.arrivals) > sent, (world.server.runner.state(bot.id), list(world.server.account.findings()))
    assert wire.count(ACTIVE) > asked, "the open orders were read first"
    assert sorted(world.states()[:2]) == ["canceled", "filled"]
    await world.quoting(bot)
    assert len(wire.arrivals) == sent + 2
    assert world.booked("USDT", USDT) == world.held("USDT")


# one exchange account, several keys


async def test_fault_K4_two_keys_of_one_account_adopt_their_own_and_spend_the_money_once(world: World) -> None:
    await world.add("second")
    await world.server.manager.sync()
    one, two = await world.bot("one", connector="coinstore"), await world.bot("two", connector="second")
    await world.pass_time(3)
    first, second = world.server.manager.accounts()
    for account in (first, second):
        await account.reader.read(max_age_s=0.0, force=True)
    await quiet()
    market = await _market(world)
    before = second.spendable(Side.BUY, market)
    assert before is not None
    await _place(world, first, one, BUY)
    after = second.spendable(Side.BUY, market)
    assert after is not None
    assert before - after == Decimal("51"), "promised by the other key, and in no balance yet"
    await _place(world, second, two, (Side.SELL, 25_700, 200_000))
    async with world.server.database.unit_of_work() as uow:
        for bot in (one, two):
            await uow.bots.set_status(bot.id, BotStatus.RUNNING)
    standing = [order.id for order in world.open_orders()]
    await world.server.kill()
    await world.start()
    await world.pass_time(70)
    assert [order.id for order in world.open_orders()] == standing
    for account in world.server.manager.accounts():
        assert account.recovering is None
        assert account.held is None
        assert len(account.tracker.live()) == 1
        assert [finding.code for finding in account.findings()] == []


async def test_fault_K4_a_rotated_key_goes_on_resolving_the_old_intents(world: World) -> None:
    bot = await world.bot()
    world.server.wire.after[PLACE] = [timed_out()]
    world.server.wire.before[ACTIVE] = [timed_out() for _ in range(3)]
    await world.server.place(bot, BUY)
    assert world.states() == ["unresolved"]
    fresh = world.exchange.key("alice")
    (connector,) = world.server.manager.connectors("client_sharp").values()
    async with world.server.database.unit_of_work() as uow:
        credentials = Credentials(api_key=fresh.api_key, secret=fresh.secret)
        await uow.connectors.replace_credentials(connector.id, credentials)
        await uow.bots.set_status(bot.id, BotStatus.RUNNING)
    await world.server.manager.sync()
    await world.pass_time(5)
    assert world.states() == ["new"]
    assert len(world.exchange_orders()) == 1


async def _market(world: World) -> Market:
    known = await world.server.manager.accounts()[0].route.rules.market(SHARP_USDT)
    market: Market = known.value  # type: ignore[union-attr, assignment]
    return market


async def _place(world: World, account: Account, bot: Bot, place: tuple[Side, int, int]) -> None:
    side, price, lots = place
    work = Work(
        bot=bot,
        account=account,
        market=await _market(world),
        plan=Plan(place=(Wanted(side=side, price=Ticks(price), amount=Lots(lots)),)),
        decision_id="decision",
        decided_at=world.clock.now(),
    )
    applied = await world.server.executor.apply(work)
    assert applied.placed == 1, applied
