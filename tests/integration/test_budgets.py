"""Bots that share an exchange account stay within what is theirs, and the sum is compared with what there is."""

from decimal import Decimal

from tests.integration.altered import Altered, nothing
from tests.integration.test_trading import move_market
from tests.integration.wire import BALANCES, MATCHES, Held
from tests.integration.world import World
from tests.sandbox_exchange import ETH, SHARP, atoms
from trading_bridge.accounts.locked import Locked
from trading_bridge.core.bot import Bot, Budget
from trading_bridge.core.known import Ok
from trading_bridge.core.order import Side
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk.basis import purse_of
from trading_bridge.core.risk.limits import Limits, Purse, ScopeLimits
from trading_bridge.execution.executor import Executor
from trading_bridge.execution.work import Applied
from trading_bridge.services.budget_watch import BudgetWatch

BUY = (Side.BUY, 25_000, 200_000)


async def placed(world: World, bot: Bot, *wishes: tuple[Side, int, int], **changed: object) -> Applied:
    work = await world.server.work(bot, *wishes)
    for name, value in changed.items():
        object.__setattr__(work, name, value)
    return await world.server.executor.apply(work)


def codes(applied: Applied) -> list[str]:
    return [reason.code for reason in applied.withheld]


async def test_a_bot_sends_nothing_beyond_its_budget(world: World) -> None:
    bot = await world.bot()
    purse = Purse(base=Decimal(0), quote=Decimal(99))
    assert (await placed(world, bot, BUY, purse=purse)).placed == 1
    assert codes(await placed(world, bot, BUY, purse=purse)) == ["budget.spent"]
    assert codes(await placed(world, bot, (Side.SELL, 26_000, 200_000), purse=purse)) == ["budget.spent"]
    assert (await placed(world, bot, BUY, purse=Purse(base=Decimal(0), quote=Decimal(100)))).placed == 1


async def test_a_budget_moves_with_the_bots_own_fills_also_over_a_restart(world: World) -> None:
    bot = await world.bot(budget=Budget(base=Decimal(10_000), quote=Decimal(500)))
    await world.run(bot)
    await world.quoting(bot)
    bid = next(order for order in world.open_orders() if order.side is Side.BUY)
    assert bid.price is not None
    world.exchange.engine.cancel_all("market-maker", SHARP)
    world.exchange.take(Side.SELL, int(bid.price), 10**9)
    await world.pass_time(4)
    bought = sum((Decimal(str(fill["amount"])) for fill in world.fills()), Decimal(0))
    paid = sum((Decimal(str(fill["cost"])) for fill in world.fills()), Decimal(0))
    fees = sum((Decimal(str(fill["fee"])) for fill in world.fills()), Decimal(0))
    assert bought > 0
    expected = Purse(base=10_000 + bought - fees, quote=500 - paid)
    assert world.server.runner.risk.purse(bot) == expected
    await world.restart()
    async with world.server.database.unit_of_work(read_only=True) as uow:
        assert purse_of(await uow.risk.of(bot.id), bot.budget) == expected


async def test_budgets_that_an_account_does_not_hold_any_more_are_named(world: World) -> None:
    """Two looks must see it, since fills reach balance and budget at different times."""
    await world.bot("one", budget=Budget(base=Decimal(1_000), quote=Decimal(6_000)))
    await world.bot("two", symbol=ETH, budget=Budget(base=Decimal(0), quote=Decimal(4_000)))
    server = world.server
    watch = BudgetWatch(server.database, server.manager, world.clock)

    async def told() -> list[dict[str, str]]:
        await server.account.reader.read(max_age_s=0.0, force=True)
        await watch.look()
        return [dict(held.finding.parameters) for held in watch.findings() if held.finding.code == EXCEEDS]

    assert [await told(), await told()] == [[], []]
    world.exchange.engine.withdraw("alice", "USDT", atoms("0.5"))
    assert await told() == []
    assert await told() == [{"currency": "USDT", "sum": "10000", "has": "9999.5", "bots": "one, two"}]
    world.exchange.engine.deposit("alice", "USDT", atoms("0.5"))
    assert await told() == []


EXCEEDS = "budget.exceeds_account"


async def test_fault_K4_limits_of_a_client_count_over_all_its_keys(world: World) -> None:
    """Two keys, and one client whose live orders are bounded together, those in flight included."""
    await world.add("second")
    await world.server.manager.sync()
    await world.pass_time(3)
    one, other = await world.bot("one"), await world.bot("other", connector="second")
    world.server.executor = bounded(world, ScopeLimits(orders_per_minute=3, cancels_per_minute=9))
    assert (await placed(world, one, BUY, (Side.SELL, 26_000, 200_000))).placed == 2
    assert codes(await placed(world, other, (Side.BUY, 24_900, 200_000), (Side.SELL, 26_100, 200_000))) == [
        "limit.order_rate"
    ]
    bound = ScopeLimits(orders_per_minute=99, cancels_per_minute=9, max_exposure_quote=Decimal(250))
    world.server.executor = bounded(world, bound)  # 50 + 52 + 49.8 live
    assert codes(await placed(world, other, (Side.SELL, 26_100, 400_000))) == ["limit.exposure"]
    assert (await placed(world, other, (Side.SELL, 26_100, 200_000))).placed == 1
    assert codes(await placed(world, one, (Side.BUY, 24_000, 200_000))) == ["limit.exposure"]


async def test_open_orders_and_exposure_of_a_bot(world: World) -> None:
    bot = await world.bot()
    limits = Limits(max_open_orders=1)
    assert (await placed(world, bot, BUY, limits=limits)).placed == 1
    assert codes(await placed(world, bot, (Side.SELL, 26_000, 200_000), limits=limits)) == ["limit.open_orders"]
    purse = Purse(base=Decimal(2_000), quote=Decimal(52))  # worth 104 at 0.026
    tight = Limits(max_exposure_share=Decimal("0.9"))
    assert codes(await placed(world, bot, (Side.SELL, 26_000, 200_000), limits=tight, purse=purse)) == [
        "limit.exposure"
    ]
    assert (await placed(world, bot, (Side.SELL, 26_000, 150_000), limits=tight, purse=purse)).placed == 1


async def test_replacements_wait_while_cancels_come_too_fast_and_a_pull_does_not(world: World) -> None:
    bot = await world.bot()
    world.server.executor = bounded(world, ScopeLimits(orders_per_minute=99, cancels_per_minute=0))
    await placed(world, bot, BUY)
    (own,) = world.server.live(bot)
    work = await world.server.work(bot, (Side.BUY, 25_100, 200_000), cancel=(own.client_order_id,))
    applied = await world.server.executor.apply(work)
    assert (applied.canceled, applied.placed, codes(applied)) == (0, 0, ["limit.cancel_rate"])
    work = await world.server.work(bot, cancel=(own.client_order_id,))
    assert (await world.server.executor.apply(work)).canceled == 1


def bounded(world: World, limits: ScopeLimits) -> Executor:
    """An executor under these limits of a client."""
    server = world.server
    return Executor(
        journal=server.journal,
        clock=world.clock,
        entropy=world.entropy,
        installation_id=server.database.installation_id,
        shard=0,
        epoch=server.epoch,
        gate=lambda _: None,
        own_orders=server.manager.own_orders,
        scope_limits=lambda _: limits,
    )


async def test_locked_money_is_told_apart(world: World) -> None:
    one, other = await world.bot("one"), await world.bot("other")
    await placed(world, one, BUY)
    await placed(world, other, (Side.SELL, 26_000, 100_000))
    world.exchange.limit(Side.SELL, 26_500, 50_000, client_order_id="by-hand")
    manager, connector_id = world.server.manager, world.server.account.connector.id
    await world.pass_time(3)
    split = manager.locked_by(connector_id, one)
    assert split is not None
    assert split["USDT"] == Locked(this_bot=Decimal(50), other_bots=Decimal(0), by_hand=Decimal(0))
    assert split["SHARP"] == Locked(this_bot=Decimal(0), other_bots=Decimal(1_000), by_hand=Decimal(500))
    known = await manager.balances(connector_id, force=True)
    assert isinstance(known, Ok)
    locked = {currency: known.value.by_currency[currency].used for currency in split}
    assert locked == {currency: one.this_bot + one.other_bots + one.by_hand for currency, one in split.items()}


async def test_a_restart_forgives_no_rate(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    sent = len(world.server.wire.arrivals)
    server = await world.restart()
    await server.runner.executor.load(server.database)
    pace = server.runner.executor._screening.pace
    assert [pace.orders(of) for of in (bot.id, bot.client_id, "")] == [sent, sent, sent]
    await world.clock.advance(61)
    assert pace.orders(bot.id) == 0


async def test_what_a_limit_held_back_at_the_send_is_in_the_next_decision(world: World) -> None:
    bot = await world.bot()
    async with world.server.database.unit_of_work() as uow:
        await uow.limits.set(Scope(kind=ScopeKind.BOT, id=bot.id), {"max_open_orders": "1"}, by="a person")
    await world.run(bot)
    await world.pass_time(12)
    assert len(world.open_orders()) == 1
    decision = world.server.runner.decision(bot.id)
    assert decision is not None
    assert (decision.reason.code, [note.code for note in decision.notes]) == ("quoting", ["limit.open_orders"])
    assert dict(decision.notes[0].parameters) == {"open_orders": "1", "limit": "1"}


async def test_fault_X19_a_refusal_for_lack_of_money_names_the_order_that_holds_it(world: World) -> None:
    """The balance that was read says enough; the exchange knows better."""
    one, other = await world.bot("one"), await world.bot("other")
    await placed(world, one, (Side.BUY, 25_000, 20_000_000))
    world.exchange.engine.withdraw("alice", "USDT", atoms("5000"))
    applied = await world.server.executor.apply(await world.server.work(other, BUY))
    (finding,) = applied.refused
    (holding,) = world.open_orders()
    assert finding.code == "balance.insufficient"
    assert finding.parameters["holder"] == f"order {holding.id} in {SHARP} with 5000"
    assert holding.id is not None
    reads = world.server.wire.count(BALANCES)
    await world.server.account.reader.read_after(world.server.account.tracker.moved_at)
    assert world.server.wire.count(BALANCES) == reads + 1, "the next decision waits for what is there now"
    applied = await placed(world, other, BUY)
    assert codes(applied) == ["balance.insufficient"], "and asks for nothing that is not"


async def test_a_bot_spends_no_money_twice_while_the_trades_of_a_filled_order_lag(world: World) -> None:
    """Its account has more than the bot may have; what has filled is gone from the budget before its fills are told."""
    bot, altered = await world.bot(budget=Budget(base=Decimal(10_000), quote=Decimal(60))), Altered(world.exchange)
    await world.run(bot)
    await world.quoting(bot)
    altered.edits[MATCHES] = nothing
    await take_the_bid(world)
    await world.pass_time(10)
    assert world.fills() == []
    assert worth_bid(world) <= Decimal(60)
    altered.edits.clear()
    await world.pass_time(5)
    assert len(world.fills()) == 1
    assert worth_bid(world) <= Decimal(60)


async def test_a_bot_spends_no_money_twice_when_its_bid_fills_while_a_cycle_waits_for_the_balance(
    world: World,
) -> None:
    bot = await world.bot(budget=Budget(base=Decimal(10_000), quote=Decimal(60)))
    await world.run(bot)
    await world.quoting(bot)
    answer = Held()
    world.server.wire.after[BALANCES] = [answer]
    while not answer.reached.is_set():
        await world.pass_time(0.2)
    await take_the_bid(world)
    await world.pass_time(3)
    assert len(world.fills()) == 1, "stored meanwhile"
    answer.release()
    await world.pass_time(1)
    assert worth_bid(world) <= Decimal(60)


async def take_the_bid(world: World) -> None:
    (bid,) = [order for order in world.open_orders() if order.side is Side.BUY]
    world.exchange.engine.cancel_all("market-maker", SHARP)
    world.exchange.take(Side.SELL, bid.price, bid.lots)
    move_market(world, 25_590, 25_610)


def worth_bid(world: World) -> Decimal:
    """What the bot has paid and may still pay."""
    bids = [order for order in world.open_orders() if order.side is Side.BUY]
    resting = sum((Decimal(order.remaining * order.price) / 10**8 for order in bids), Decimal(0))
    paid = sum((fill.price * fill.lots for fill in world.exchange_fills()), 0)
    return resting + Decimal(paid) / 10**8
