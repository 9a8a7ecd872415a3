"""Nothing of a client trades with anything else of it: over bots, accounts, orders in flight and unresolved ones."""

from decimal import Decimal

from tests.integration.wire import ACTIVE, PLACE, Held, timed_out
from tests.integration.world import World, quiet
from tests.sandbox_exchange import SHARP
from trading_bridge.core.bot import Bot, StateCode
from trading_bridge.core.client import Credentials
from trading_bridge.core.order import Side
from trading_bridge.execution.work import Applied
from trading_bridge.sandbox.directory import MARKET_MAKER

SELL = (Side.SELL, 25_600, 200_000)
MEETING = (Side.BUY, 25_605, 200_000)


async def two_accounts(world: World) -> tuple[Bot, Bot]:
    """Two keys of one client, each of an exchange account of its own, and a bot on each, on one market."""
    world.exchange.account("bob", USDT="10000", SHARP="1000000")
    key = world.exchange.key("bob")
    await world.add("second", credentials=Credentials(api_key=key.api_key, secret=key.secret))
    await world.server.manager.sync()
    await world.pass_time(3)
    return await world.bot("one"), await world.bot("other", connector="second")


def codes(applied: Applied) -> tuple[list[str], list[str]]:
    return [one.code for one in applied.withheld], [one.code for one in applied.repriced]


def prices(world: World, account: str = "alice") -> list[tuple[Side, int]]:
    return [(order.side, int(order.price)) for order in world.open_orders(account) if order.price is not None]


async def test_fault_X21_an_order_that_would_meet_another_bots_is_repriced_behind_it(world: World) -> None:
    one, other = await world.bot("one"), await world.bot("other")
    await world.server.place(one, SELL)
    applied = await world.server.place(other, MEETING)
    assert codes(applied) == ([], ["self_trade.repriced"])
    assert dict(applied.repriced[0].parameters) == {"side": "buy", "price": "0.025599", "planned": "0.025605"}
    assert prices(world) == [(Side.SELL, 25_600), (Side.BUY, 25_599)]


async def test_fault_X21_an_order_of_another_account_of_the_client_counts(world: World) -> None:
    one, other = await two_accounts(world)
    await world.server.place(one, SELL)
    applied = await world.server.place(other, MEETING)
    assert codes(applied) == ([], ["self_trade.repriced"])
    assert prices(world, "bob") == [(Side.BUY, 25_599)]


async def test_fault_X21_what_would_have_to_go_too_far_is_withheld(world: World) -> None:
    one, other = await two_accounts(world)
    await world.server.place(one, SELL)
    applied = await world.server.place(other, (Side.BUY, 25_900, 200_000))
    assert codes(applied) == (["self_trade.withheld"], [])
    assert len(world.server.wire.arrivals) == 1


async def test_fault_X21_an_order_whose_answer_has_not_come_counts(world: World) -> None:
    one, other = await two_accounts(world)
    world.server.wire.before[PLACE] = [held := Held()]
    await world.server.placing(one, SELL)
    await held.reached.wait()
    applied = await world.server.place(other, MEETING)
    assert codes(applied) == ([], ["self_trade.repriced"])
    held.release()
    await quiet()
    sent = {(arrival.side, Decimal(arrival.price)) for arrival in world.server.wire.arrivals}
    assert sent == {("sell", Decimal("0.0256")), ("buy", Decimal("0.025599"))}


async def test_fault_X21_an_order_that_nobody_answered_for_counts(world: World) -> None:
    one, other = await two_accounts(world)
    wire = world.server.wire
    wire.before[PLACE], wire.before[ACTIVE] = [timed_out()], [unasked := Held()]
    await world.server.place(one, SELL)
    assert world.states() == ["unresolved"]
    assert codes(await world.server.place(other, MEETING)) == ([], ["self_trade.repriced"])
    unasked.release()


async def test_fault_X21_two_that_waited_for_their_turn_at_the_limiter_do_not_meet(world: World) -> None:
    one, other = await world.bot("one"), await world.bot("other")
    works = [await world.server.work(one, SELL), await world.server.work(other, MEETING)]
    world.server.account.session._user_limiter.exceeded(2.0)
    both = [world.server.begin(world.server.executor.apply(work)) for work in works]
    await world.pass_time(4)
    assert [codes(applied.result()) for applied in both] == [([], []), ([], ["self_trade.repriced"])]
    assert prices(world) == [(Side.SELL, 25_600), (Side.BUY, 25_599)]


async def test_a_bots_own_order_is_waited_for_and_nothing_is_repriced_for_it(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, SELL)
    assert codes(await world.server.place(bot, MEETING)) == (["self_trade.withheld"], [])


async def test_a_repriced_order_keeps_its_place_while_the_other_stands(world: World) -> None:
    """The bot goes on to want what it wanted, and nothing is cancelled and sent again each second."""
    one, other = await world.bot("one"), await world.bot("other")
    await world.server.place(one, SELL)
    await world.server.place(other, MEETING)
    (own,) = world.server.live(other)
    work = await world.server.work(other, MEETING, cancel=(own.client_order_id,))
    applied = await world.server.executor.apply(work)
    assert (applied.canceled, applied.placed) == (0, 0)
    assert codes(applied) == ([], ["self_trade.repriced"])
    assert len(world.server.wire.arrivals) == 2


async def test_fault_K4_two_keys_of_one_exchange_account_do_not_trade_with_each_other(world: World) -> None:
    await world.add("second")
    await world.server.manager.sync()
    await world.pass_time(3)
    one, other = await world.bot("one"), await world.bot("other", connector="second")
    await world.server.place(one, SELL)
    assert codes(await world.server.place(other, MEETING)) == ([], ["self_trade.repriced"])


async def test_fault_K4_orders_of_a_key_that_is_being_exchanged_count(world: World) -> None:
    """While no session follows them they are as they were."""
    one, other = await two_accounts(world)
    await world.server.place(one, SELL)
    await world.server.manager._end(one_id := world.server.account_of(one).connector.id)
    assert codes(await world.server.place(other, MEETING)) == ([], ["self_trade.repriced"])
    assert one_id not in {account.connector.id for account in world.server.manager.accounts()}
    assert prices(world, "bob") == [(Side.BUY, 25_599)]


async def test_fault_X21_a_self_deal_that_the_exchange_reports_kills_the_client(world: World) -> None:
    """Somebody trades by hand on the bot's account, and meets the bot's order."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    ask = next(order for order in world.open_orders() if order.side is Side.SELL)
    assert ask.price is not None
    world.exchange.engine.cancel_all(MARKET_MAKER, SHARP)
    world.exchange.limit(Side.BUY, int(ask.price), 100_000, client_order_id="by-hand")
    sent = len(world.server.wire.arrivals)
    await world.pass_time(3)
    runner = world.server.runner
    state = runner.state(bot.id)
    assert state is not None
    assert state.code is StateCode.KILLED
    assert "self_trade.happened" in {held.finding.code for held in runner.findings()}
    await world.pass_time(20)
    assert world.open_orders() == []
    assert len(world.server.wire.arrivals) == sent
    fills = [fill for fill in world.exchange_fills() if fill.self_deal]
    assert len(fills) == 2
    world.self_deals_expected = True
