"""The connectors table and the live accounts: in step without a restart, each one's trouble its own, reads shared."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from tests.integration.wire import BALANCES, PLACE, Held
from tests.integration.world import ACCOUNT, BASE_URL, World, quiet
from trading_bridge.accounts.account import Account
from trading_bridge.core.bot import BotStatus, StateCode
from trading_bridge.core.client import Credentials
from trading_bridge.core.finding import Finding
from trading_bridge.core.known import Ok, Unknown
from trading_bridge.core.order import Side

BUY = (Side.BUY, 25_500, 200_000)


def is_live(world: World, connector_id: str) -> bool:
    return isinstance(world.server.manager.account(connector_id), Account)


async def test_readers_of_one_moment_share_one_request(world: World) -> None:
    manager, connector_id = world.server.manager, world.server.account.connector.id
    await world.pass_time(6)
    before = world.server.wire.count(BALANCES)
    known = await asyncio.gather(*(manager.balances(connector_id) for _ in range(50)))
    assert world.server.wire.count(BALANCES) == before + 1
    assert all(isinstance(read, Ok) for read in known)
    await world.pass_time(4)
    await manager.balances(connector_id)
    assert world.server.wire.count(BALANCES) == before + 1
    await asyncio.gather(*(manager.balances(connector_id, force=True) for _ in range(50)))
    assert world.server.wire.count(BALANCES) == before + 2


async def test_a_bot_and_readers_share_the_balance(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(4)
    wire, manager = world.server.wire, world.server.manager
    before = wire.count(BALANCES)
    for _ in range(30):
        await asyncio.gather(*(manager.balances(world.server.account.connector.id) for _ in range(5)))
        await world.pass_time(1)
    assert wire.count(BALANCES) - before <= 6  # one in 5 s


async def test_a_connector_that_is_added_is_live_within_five_seconds(world: World) -> None:
    connector = await world.add("second")
    finding = world.server.manager.account(connector.id)
    assert isinstance(finding, Finding)
    assert finding.code == "connector.not_synced"
    await world.pass_time(5.2)
    assert is_live(world, connector.id)
    assert isinstance(await world.server.manager.balances(connector.id), Ok)


@pytest.mark.parametrize("account", [ACCOUNT, ACCOUNT.upper(), f"  {ACCOUNT.title()} "])
@pytest.mark.parametrize("name", ["coinstore", "Coinstore", "COINSTORE", " CoinStore "])
async def test_a_bot_finds_its_connector_in_any_letter_case(world: World, account: str, name: str) -> None:
    match = world.server.manager.match(account, name)
    assert (match.connector_id, match.rule) == (world.server.account.connector.id, "name")


async def test_a_connector_matches_by_name_first_and_else_as_the_only_one_at_its_exchange(world: World) -> None:
    manager, first = world.server.manager, world.server.account.connector
    second = await world.add("Desk Two")
    await manager.sync(ACCOUNT.upper())
    assert manager.match(ACCOUNT, "desk two").connector_id == second.id
    assert manager.match(ACCOUNT, "coinstore").connector_id == first.id
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.update(
            first.id,
            name="desk one",
            exchange="coinstore",
            base_url=BASE_URL,
            proxy_url=None,
            ipv4_only=False,
            timeout_s=None,
        )
    await manager.sync(ACCOUNT)
    finding = manager.match(ACCOUNT, "coinstore").finding
    assert finding is not None
    assert finding.code == "connector.ambiguous"


async def test_a_changed_key_makes_a_new_session_and_its_orders_stay_known(world: World) -> None:
    bot, connector = await world.bot(), world.server.account.connector
    await world.server.place(bot, BUY)
    old = world.server.account
    key = world.exchange.key("alice")
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(
            connector.id, Credentials(api_key=key.api_key, secret=key.secret, memo=None)
        )
    for spent in world.exchange.engine.directory.keys("alice")[:1]:
        world.exchange.engine.directory.change_key(spent.api_key, revoked=True)
    await world.server.manager.sync(ACCOUNT)
    assert world.server.account is not old
    await world.pass_time(5)
    assert world.server.account.recovering is None
    assert world.open_orders() == []
    assert world.states() == ["canceled"]


async def test_a_bot_whose_session_ends_while_it_has_orders_is_not_said_to_have_stopped(world: World) -> None:
    bot, connector = await world.bot(), world.server.account.connector
    await world.run(bot)
    await world.quoting(bot)
    with closing(sqlite3.connect(world.path)) as connection, connection:
        connection.execute("UPDATE connectors SET credentials = 'gAAAAAB', version = 2 WHERE id = ?", (connector.id,))
    await world.server.manager.sync(ACCOUNT)
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(3)
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert (state.code, state.finding and state.finding.code) == (StateCode.STOPPING, "credentials.undecryptable")
    key = world.exchange.key("alice")
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(connector.id, Credentials(api_key=key.api_key, secret=key.secret))
    await world.pass_time(10)
    assert world.open_orders() == []
    assert world.server.runner.state(bot.id) is None


async def test_a_bot_whose_orders_of_an_earlier_life_are_gone_stops_without_its_connector(world: World) -> None:
    bot, connector = await world.bot(), world.server.account.connector
    await world.run(bot)
    await world.quoting(bot)
    await world.restart()
    await world.run(bot)
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(5)
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.delete(connector.id)
    await world.server.manager.sync(ACCOUNT)
    await world.wish(bot, BotStatus.RUNNING)
    await world.pass_time(2)
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(3)
    assert world.server.runner.state(bot.id) is None


async def test_nothing_is_sent_by_a_session_that_another_has_replaced(world: World) -> None:
    """A send that was waiting for its commit when the key was changed: its order would be known to nobody."""
    bot, held, connector = await world.bot(), Held(), world.server.account.connector
    placing = await world.server.placing(bot, BUY, commit=held)
    await held.reached.wait()
    key = world.exchange.key("alice")
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(connector.id, Credentials(api_key=key.api_key, secret=key.secret))
    await world.server.manager.sync(ACCOUNT)
    held.release()
    applied = await placing
    assert [reason.code for reason in applied.withheld] == ["account.recovering"]
    assert world.open_orders() == []
    await world.pass_time(5)
    assert world.states() == ["not_sent"]


async def test_an_order_in_flight_while_its_session_is_replaced_is_found_by_the_next(world: World) -> None:
    bot, held, connector = await world.bot(), Held(), world.server.account.connector
    world.server.wire.before[PLACE] = [held]
    await world.server.placing(bot, BUY)
    await held.reached.wait()
    key = world.exchange.key("alice")
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(connector.id, Credentials(api_key=key.api_key, secret=key.secret))
    await world.server.manager.sync(ACCOUNT)
    await world.pass_time(3)
    held.release()
    await world.pass_time(3)
    (order,) = world.open_orders()
    assert [own.exchange_order_id for own in world.server.live(bot)] == [str(order.id)]
    assert world.states() == ["new"]


async def test_a_fill_that_is_being_stored_while_its_session_is_replaced_is_counted(world: World) -> None:
    bot, held, connector = await world.bot(), Held(), world.server.account.connector
    await world.server.place(bot, (Side.BUY, 25_600, 200_000))
    await world.pass_time(1)
    world.exchange.take(Side.SELL, 25_600, 50_000)
    world.server.database.before = [held]
    await world.pass_time(1.2)
    assert held.reached.is_set()
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.update(
            connector.id,
            name="renamed",
            exchange="coinstore",
            base_url=BASE_URL,
            proxy_url=None,
            ipv4_only=False,
            timeout_s=None,
        )
    replacing = world.server.begin(world.server.manager.sync(ACCOUNT))
    await quiet()
    held.release()
    await replacing
    await world.pass_time(5)
    assert len(world.fills()) == 1
    assert len(world.server.told) == 1


async def test_a_removed_connector_ends_its_session(world: World) -> None:
    connector = world.server.account.connector
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.delete(connector.id)
    await world.server.manager.sync(ACCOUNT)
    assert not is_live(world, connector.id)
    assert world.server.manager.accounts() == ()
    passed = len(world.server.wire.passed)
    await world.pass_time(10)
    assert len(world.server.wire.passed) == passed


async def test_a_sync_of_one_client_hides_no_change_of_another(world: World) -> None:
    """The table is read whole; what was not looked after then is looked after next time."""
    manager, gone = world.server.manager, await world.add("gone", account="client_two")
    changed = await world.add("changed", account="client_two")
    await manager.sync()
    before = manager.account(changed.id)
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.delete(gone.id)
        await uow.connectors.replace_credentials(changed.id, Credentials(api_key="new", secret="new"))
    await manager.sync(ACCOUNT)
    assert is_live(world, gone.id)
    await manager.sync("client_two")
    assert not is_live(world, gone.id)
    assert manager.account(changed.id) is not before


async def test_S9_an_undecryptable_key_is_out_alone_and_comes_back_when_it_is_entered_anew(world: World) -> None:
    good, bad = world.server.account.connector, await world.add("bad")
    with closing(sqlite3.connect(world.path)) as connection, connection:
        connection.execute("UPDATE connectors SET credentials = 'gAAAAAB' WHERE id = ?", (bad.id,))
    await world.restart()
    manager = world.server.manager
    known = await manager.balances(bad.id)
    assert isinstance(known, Unknown)
    assert known.finding.code == "credentials.undecryptable"
    assert isinstance(await manager.balances(good.id), Ok)
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    key = world.exchange.key("alice")
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(bad.id, Credentials(api_key=key.api_key, secret=key.secret))
    await manager.sync(ACCOUNT)
    assert isinstance(await manager.balances(bad.id), Ok)


async def test_S9_a_connector_without_a_key_is_out_alone(world: World) -> None:
    async with world.server.database.unit_of_work() as uow:
        client = await uow.clients.by_account(ACCOUNT)
        assert client is not None
        stored = [
            await uow.connectors.add(
                client_id=client.id, name=name, exchange="coinstore", credentials=credentials, base_url=BASE_URL
            )
            for name, credentials in (("none", None), ("empty", Credentials(api_key="", secret="")))
        ]
    manager = world.server.manager
    await manager.sync(ACCOUNT)
    for connector in stored:
        known = await manager.balances(connector.id)
        assert isinstance(known, Unknown), "unknown is never zero"
        assert known.finding.code == "credentials.empty"
    first = next(account for account in manager.accounts() if account.connector.name == "coinstore")
    assert isinstance(await manager.balances(first.connector.id), Ok)


async def test_K1_a_revoked_key_keeps_the_last_numbers_as_stale_and_sends_no_orders(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(5)
    (key,) = world.exchange.engine.directory.keys("alice")
    world.exchange.engine.directory.change_key(key.api_key, revoked=True)
    sent = len(world.server.wire.arrivals)
    await world.pass_time(15)
    known = await world.server.manager.balances(world.server.account.connector.id)
    assert not isinstance(known, Ok | Unknown)
    assert known.finding.code == "credentials.rejected"
    assert known.value.of("USDT") is not None
    assert len(world.server.wire.arrivals) == sent
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert state.finding is not None
    assert state.finding.code == "credentials.rejected"
