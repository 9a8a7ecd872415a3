"""Without storage nothing is sent; after half a minute what stands is cancelled, which needs no storage."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Connection, select

from tests.integration.files import rows_of
from tests.integration.wire import BALANCES, CANCEL, Held
from tests.integration.world import World, quiet
from trading_bridge.core.bot import StateCode
from trading_bridge.core.order import Side
from trading_bridge.storage.tables import orders

T = TypeVar("T")


async def test_fault_S2_after_30_s_without_storage_orders_are_cancelled_by_id(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    standing, sent = [order.id for order in world.open_orders()], len(world.server.wire.arrivals)
    world.server.database.down = True
    await world.pass_time(20)
    assert [order.id for order in world.open_orders()] == standing
    await world.pass_time(25)
    assert world.open_orders() == []
    assert len(world.server.wire.arrivals) == sent
    assert world.server.wire.count(CANCEL) == 2
    world.server.database.down = False
    await world.pass_time(10)
    await world.quoting(bot)
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert state.code in (StateCode.TRADING, StateCode.WAITING)
    assert world.states().count("canceled") == 2


async def test_fault_S2_a_storage_that_never_answers_is_away_too(world: World) -> None:
    bot, hung = await world.bot(), Held()
    await world.run(bot)
    await world.quoting(bot)
    world.server.database.before = [hung]
    await world.pass_time(60)
    assert hung.reached.is_set()
    assert world.open_orders() == []
    hung.release()
    await world.pass_time(10)
    await world.quoting(bot)


async def test_a_short_absence_touches_nothing(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    standing = [order.id for order in world.open_orders()]
    world.server.database.down = True
    await world.pass_time(20)
    world.server.database.down = False
    await world.pass_time(40)
    assert [order.id for order in world.open_orders()] == standing


async def comes_through() -> None:
    return None


async def lost() -> None:
    raise ConnectionResetError("the answer to COMMIT was lost")


async def gone() -> None:
    raise ConnectionRefusedError("nobody listens")


async def test_fault_S3_an_intent_of_unknown_outcome_is_not_sent_and_closed_once_storage_is_back(world: World) -> None:
    bot, server = await world.bot(), world.server
    work = await server.work(bot, (Side.BUY, 25_500, 200_000))
    server.database.before, server.database.after = [comes_through, gone, gone], [lost]
    applied = await server.executor.apply(work)
    assert [finding.code for finding in applied.failed] == ["storage.unwritable"]
    assert world.states() == ["pending_new"]
    await world.pass_time(5)
    assert world.states() == ["not_sent"]
    assert (world.open_orders(), server.live()) == ([], ())


async def test_fault_S3_an_intent_of_unknown_outcome_that_storage_never_had_is_let_go(world: World) -> None:
    bot, server = await world.bot(), world.server
    work = await server.work(bot, (Side.BUY, 25_500, 200_000))
    taken_back, ids = server.database.transact, set[str]()

    def breaks(function: Callable[[Connection], T]) -> Awaitable[T]:
        def then(connection: Connection) -> T:
            function(connection)
            ids.update(connection.scalars(select(orders.c.client_order_id)))
            raise ConnectionResetError("the connection dropped before COMMIT")

        return taken_back(then)

    server.database.transact = breaks  # type: ignore[method-assign, assignment]
    applied = await server.executor.apply(work)
    server.database.transact = taken_back  # type: ignore[method-assign]
    assert [finding.code for finding in applied.failed] == ["storage.unwritable"]
    await world.pass_time(5)
    assert (world.states(), server.live(), list(server.manager.findings())) == ([], (), [])
    known = server.account.tracker.order(ids.pop())
    assert known is None or known.frozen is None


async def test_fault_K4_the_account_that_a_key_opens_is_stored_once_storage_is_back(world: World) -> None:
    """Whoever reads the row counts the budgets of its bots with those of every other key of the account."""
    server, named = world.server, Held()
    await world.add("second")
    await server.manager.sync()
    (account,) = [one for one in server.manager.accounts() if one.connector.name == "second"]
    server.wire.after[BALANCES] = [named]
    server.begin(account.reader.read(max_age_s=0, force=True))
    await named.reached.wait()
    server.database.down = True
    named.release()
    await world.pass_time(1)
    assert stored_accounts(world)["second"] is None
    server.database.down = False
    await account.reader.read(max_age_s=0, force=True)
    await quiet()
    stored = stored_accounts(world)
    assert stored["second"] == stored["coinstore"] is not None


def stored_accounts(world: World) -> dict[object, object]:
    """By name of the connector."""
    return {row["name"]: row["exchange_account"] for row in rows_of(world.path, "SELECT * FROM connectors")}
