"""What is at an exchange account and not ours: people's, another installation's, or a thief's (faults X18, D6)."""

from collections.abc import Callable

import pytest

from tests.coinstore_wire import TRADES_PAGE
from tests.integration.wire import INFO, timed_out
from tests.integration.world import World, quiet, still_book
from trading_bridge.accounts.own_trades import ASKED_AT_ONCE
from trading_bridge.core.bot import Bot, StateCode
from trading_bridge.core.client import Credentials, ManualTrading
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxOrder

BY_HAND = "by-hand-1"
ANOTHER_PLATFORM = "tbzzzzzt85s00aaaaaaaaaaab"


def findings(world: World, prefix: str = "account.") -> dict[str, Finding]:
    return {one.code: one for one in world.server.account.findings() if one.code.startswith(prefix)}


def state(world: World, bot: Bot) -> tuple[StateCode, str]:
    found = world.server.runner.state(bot.id)
    assert found is not None
    return found.code, found.reason


async def expects_manual_trading(world: World) -> None:
    (connector,) = world.server.manager.connectors("client_sharp").values()
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.set_manual_trading(connector.id, ManualTrading.EXPECTED)
    await world.server.manager.sync()
    await world.pass_time(2)


async def answers(world: World) -> None:
    (connector,) = world.server.manager.connectors("client_sharp").values()
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.answer_strangers(connector.id)
    await world.server.manager.sync()
    await world.pass_time(2)


async def until(world: World, true: Callable[[], bool], seconds: float) -> None:
    for _ in range(int(seconds / 0.2)):
        if true():
            return
        await world.pass_time(0.2)
    raise AssertionError(findings(world))


def stranger(world: World, client_order_id: str = BY_HAND, price: int = 25_900) -> SandboxOrder:
    return world.exchange.limit(Side.SELL, price, 200_000, client_order_id=client_order_id)


# nobody trades there by hand


async def test_fault_X18_a_foreign_order_is_critical_at_once_and_holds_new_orders(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    standing = {order.id for order in world.open_orders()}
    by_hand = stranger(world)
    await until(world, lambda: bool(findings(world)), 5)
    finding = findings(world)["account.foreign_order"]
    assert finding.severity is Severity.CRITICAL
    assert finding.parameters["exchange_order_id"] == str(by_hand.id)
    for order in world.open_orders():
        if order.id in standing:
            world.exchange.engine.cancel(order)
    sent = len(world.server.wire.arrivals)
    await world.pass_time(10)
    assert len(world.server.wire.arrivals) == sent
    assert state(world, bot) == (StateCode.BLOCKED, "account.foreign_order")
    assert world.exchange_order(by_hand).is_open, "what is not ours is never cancelled"


async def test_fault_X18_the_hold_outlives_a_restart_and_the_order_and_ends_with_an_answer(world: World) -> None:
    bot = await world.bot()
    by_hand = stranger(world)
    await until(world, lambda: bool(findings(world)), 65)
    world.exchange.engine.cancel(world.exchange_order(by_hand))
    await world.restart()
    await world.run(bot)
    await world.pass_time(40)
    assert list(findings(world)) == ["account.foreign_order"]
    assert world.server.wire.arrivals == []
    await answers(world)
    assert findings(world) == {}
    await world.quoting(bot)


async def test_fault_X18_what_was_answered_for_stays_and_the_next_one_is_told(world: World) -> None:
    stranger(world)
    await until(world, lambda: bool(findings(world)), 65)
    await answers(world)
    await world.pass_time(65)
    account = world.server.account
    assert account.held is None
    assert findings(world)["account.foreign_order"].severity is Severity.INFO
    stranger(world, "by-hand-2")
    await until(world, lambda: account.held is not None, 65)


async def test_fault_X18_a_foreign_trade_is_stored_without_a_bot_and_holds_new_orders(world: World) -> None:
    """A market order of somebody with a key: never in the list of open orders."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    world.exchange.limit(Side.SELL, 25_590, 100_000, client_order_id=BY_HAND)
    await until(world, lambda: bool(findings(world)), 35)
    finding = findings(world)["account.foreign_trade"]
    assert finding.severity is Severity.CRITICAL
    (fill,) = world.fills()
    assert (fill["bot_id"], fill["client_order_id"], fill["amount"]) == (None, BY_HAND, "1000")
    assert world.server.told == []
    sent = len(world.server.wire.arrivals)
    for order in world.open_orders():
        world.exchange.engine.cancel(order)
    await world.pass_time(10)
    assert len(world.server.wire.arrivals) == sent
    await world.restart()
    await world.pass_time(65)
    assert len(world.fills()) == 1
    assert world.server.account.held is not None


async def test_trades_from_before_the_key_was_entered_are_the_accounts_past(world: World) -> None:
    world.exchange.limit(Side.SELL, 25_590, 100_000, client_order_id=BY_HAND)
    await world.pass_time(5)
    (connector,) = world.server.manager.connectors("client_sharp").values()
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.delete(connector.id)
    await world.add()
    await world.bot()
    await world.server.manager.sync()
    await world.pass_time(65)
    assert findings(world) == {}
    assert world.fills() == []


# people trade there by hand, as expected


async def test_fault_X18_expected_manual_trading_is_shown_counted_and_left_alone(world: World) -> None:
    await expects_manual_trading(world)
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    by_hand = stranger(world)
    world.exchange.limit(Side.SELL, 25_590, 100_000, client_order_id="by-hand-2")
    await until(world, lambda: len(findings(world)) == 2, 35)
    assert {one.severity for one in findings(world).values()} == {Severity.INFO}
    account = world.server.account
    assert account.held is None
    assert [report.exchange_order_id for report in account.foreign_orders("SHARP/USDT")] == [str(by_hand.id)]
    assert state(world, bot)[0] is StateCode.TRADING
    assert world.fills()[0]["bot_id"] is None
    await world.restart()
    world.server.begin(world.server.runner.run())
    await world.pass_time(5)
    await world.quoting(bot)
    assert world.exchange_order(by_hand).is_open
    assert len(world.fills()) == 1


async def test_fault_X18_the_first_look_finds_what_people_traded_however_long_ago(world: World) -> None:
    """More trades than a page since the key was entered, and none of them is stored: no server could read them."""
    await expects_manual_trading(world)
    await world.bot()
    await world.server.kill()
    sharp, usdt = world.held("SHARP"), world.held("USDT")
    world.exchange.limit(Side.SELL, 25_590, 100_000, client_order_id=BY_HAND)
    stranger(world, "by-hand-2", 25_600)
    for _ in range(TRADES_PAGE + 10):
        world.exchange.take(Side.BUY, 25_600, 100)
    await world.start()
    await world.pass_time(5)
    assert len(world.fills()) == TRADES_PAGE + 11
    assert world.booked("SHARP", sharp) == world.held("SHARP")
    assert world.booked("USDT", usdt) == world.held("USDT")


async def test_fault_X18_what_people_traded_while_the_trades_could_not_be_told_is_found_by_the_next_start(
    world: World,
) -> None:
    """Fills of the bot's orders are stored meanwhile: how far looks have come is another matter."""
    await expects_manual_trading(world)
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    world.server.wire.trouble = lambda when, path: timed_out() if when == "before" and INFO in path else None
    world.exchange.limit(Side.SELL, 25_590, 1_000, client_order_id=BY_HAND)
    world.exchange.engine.cancel_all("market-maker")
    for _ in range(12):
        bid = next(order for order in world.open_orders() if order.side is Side.BUY)
        world.exchange.take(Side.SELL, int(bid.price), 100)
        still_book(world)
        await world.pass_time(6)
        world.exchange.engine.cancel_all("market-maker")
    assert BY_HAND not in [fill["client_order_id"] for fill in world.fills()]
    assert len(world.fills()) == 12
    await world.restart()
    await world.pass_time(5)
    assert [fill["client_order_id"] for fill in world.fills()].count(BY_HAND) == 1


async def test_fault_X18_many_orders_of_the_past_do_not_hide_what_people_trade_now(world: World) -> None:
    for number in range(2 * ASKED_AT_ONCE):
        world.exchange.limit(Side.SELL, 25_590, 100, client_order_id=f"past-{number}")
    await world.pass_time(5)
    (connector,) = world.server.manager.connectors("client_sharp").values()
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.delete(connector.id)
    await world.add()
    await world.bot()
    await world.server.manager.sync()
    await expects_manual_trading(world)
    world.exchange.limit(Side.SELL, 25_590, 100, client_order_id=BY_HAND)
    await world.pass_time(35)
    assert [fill["client_order_id"] for fill in world.fills()] == [BY_HAND]


async def test_fault_K4_all_since_the_key_was_entered_is_found_where_one_look_does_not_reach_what_is_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trading_bridge.exchanges.trade_reader.TRADE_PAGES_MAX", 2)
    await expects_manual_trading(world)
    await world.bot()
    world.exchange.limit(Side.SELL, 25_590, 100_000, client_order_id=BY_HAND)
    await until(world, lambda: len(world.fills()) == 1, 35)
    (connector,) = world.server.manager.connectors("client_sharp").values()
    await world.server.kill()
    stranger(world, "before-the-key", 25_600)
    for _ in range(2 * TRADES_PAGE):
        world.exchange.take(Side.BUY, 25_600, 100)
    await world.clock.advance(5)
    database = await world.open()
    key = world.exchange.key("alice")
    async with database.unit_of_work() as uow:
        credentials = Credentials(api_key=key.api_key, secret=key.secret)
        await uow.connectors.replace_credentials(connector.id, credentials)
    await database.close()
    await world.clock.advance(5)
    stranger(world, "after-the-key", 25_600)
    for order in world.open_orders():
        if order.client_order_id == "before-the-key":
            world.exchange.engine.cancel(order)
    for _ in range(TRADES_PAGE + 10):
        world.exchange.take(Side.BUY, 25_600, 100)
    await world.start()
    await world.pass_time(5)
    assert [fill["client_order_id"] for fill in world.fills()] == [BY_HAND] + ["after-the-key"] * (TRADES_PAGE + 10)


async def test_fault_X18_an_order_of_ours_does_not_meet_one_that_was_placed_by_hand(world: World) -> None:
    await expects_manual_trading(world)
    bot = await world.bot()
    world.exchange.engine.cancel_all("market-maker")
    stranger(world, price=25_600)
    await world.pass_time(65)
    applied = await world.server.place(bot, (Side.BUY, 25_650, 200_000))
    assert not any(fill.self_deal for fill in world.exchange_fills())
    told = [reason.code for reason in (*applied.withheld, *applied.repriced)]
    assert told
    assert told[0].startswith("self_trade.")


# another installation


@pytest.mark.parametrize("manual_trading", list(ManualTrading))
async def test_fault_D6_another_installations_orders_hold_the_bots_and_stay(
    world: World, manual_trading: ManualTrading
) -> None:
    if manual_trading is ManualTrading.EXPECTED:
        await expects_manual_trading(world)
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    other = stranger(world, ANOTHER_PLATFORM)
    await until(world, lambda: bool(findings(world)), 5)
    finding = findings(world)["account.shared"]
    assert finding.severity is Severity.CRITICAL
    held = world.server.account.held
    assert held is not None
    assert held.code == "account.shared"
    await world.pass_time(40)
    await world.restart()
    await world.pass_time(10)
    assert world.exchange_order(other).is_open
    assert world.server.account.held is not None


async def test_fault_D6_another_installations_trade_is_told_though_its_order_was_never_seen(world: World) -> None:
    await world.bot()
    await world.server.manager.sync()
    world.exchange.limit(Side.SELL, 25_590, 100_000, client_order_id=ANOTHER_PLATFORM)
    await until(world, lambda: bool(findings(world)), 65)
    assert list(findings(world)) == ["account.shared"]


async def test_two_servers_on_one_key_touch_only_their_own(world: World) -> None:
    """Two installations: each sees the other, and cancels nothing of it."""
    bot = await world.bot()
    await world.server.place(bot, (Side.BUY, 25_500, 200_000))
    (standing,) = world.open_orders()
    first = world.server
    second = await world.start(path=world.folder / "other.db")
    await world.add()
    await second.manager.sync()
    assert second.database.installation_id != first.database.installation_id
    await world.pass_time(5)
    assert second.account.recovering is None
    assert second.account.held is not None
    assert second.account.held.code == "account.shared"
    await quiet()
    assert world.open_orders() == [standing]
