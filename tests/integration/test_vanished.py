"""A currency that the exchange lists no more: truly gone where own fills took it, a riddle where they did not (X12)."""

from pathlib import Path

from tests.integration.world import World, a_world, quiet
from trading_bridge.core.balance import NOTHING, Balances
from trading_bridge.core.known import Known, Ok, Stale
from trading_bridge.core.order import Side
from trading_bridge.sandbox.faults import Fault, FaultKind

ALL = 200_000
INSIDE = 25_600


async def read(world: World) -> Known[Balances]:
    known = await world.server.account.reader.read(max_age_s=0, force=True)
    await quiet()
    return known


async def forget_balances(world: World) -> None:
    """As a new key does; no server runs."""
    database = await world.open()
    async with database.unit_of_work() as uow:
        for connector in await uow.connectors.list(None):
            await uow.balances.forget(connector.id)
    await database.close()


async def sold_out(world: World) -> None:
    """An own order took everything, and storage has its fill; the last balance that was believed is from before."""
    bot = await world.bot()
    await world.server.place(bot, (Side.SELL, INSIDE, ALL))
    await read(world)
    world.exchange.faults.add(Fault(kind=FaultKind.CURRENCY_MISSING, currency="SHARP"))
    world.exchange.take(Side.BUY, INSIDE, ALL)
    await world.pass_time(3)
    assert len(world.fills()) == 1


async def test_what_an_own_order_sold_is_zero(tmp_path: Path) -> None:
    async with a_world(tmp_path, USDT="10000", SHARP="2000") as world:
        await sold_out(world)
        known = await read(world)
        assert isinstance(known, Ok)
        assert known.value.of("SHARP") == NOTHING


async def test_what_an_own_order_sold_before_a_restart_is_zero(tmp_path: Path) -> None:
    async with a_world(tmp_path, USDT="10000", SHARP="2000") as world:
        await sold_out(world)
        await world.restart()
        known = await read(world)
        assert isinstance(known, Ok)
        assert known.value.of("SHARP") == NOTHING


async def test_a_second_key_of_the_account_hears_of_the_sale(tmp_path: Path) -> None:
    async with a_world(tmp_path, USDT="10000", SHARP="2000") as world:
        await world.server.place(await world.bot(), (Side.SELL, INSIDE, ALL))
        first = world.server.account
        await world.add("second")
        await world.server.manager.sync()
        (second,) = [one for one in world.server.manager.accounts() if one is not first]
        await second.reader.read(max_age_s=0)
        await world.pass_time(1)
        world.exchange.faults.add(Fault(kind=FaultKind.CURRENCY_MISSING, currency="SHARP"))
        world.exchange.take(Side.BUY, INSIDE, ALL)
        await world.pass_time(3)
        assert isinstance(await second.reader.read(max_age_s=0, force=True), Ok)


async def test_what_nobody_sold_is_a_riddle_across_a_restart_too(tmp_path: Path) -> None:
    async with a_world(tmp_path, USDT="10000", SHARP="2000") as world:
        world.exchange.faults.add(Fault(kind=FaultKind.CURRENCY_MISSING, currency="SHARP"))
        for _ in range(2):
            known = await read(world)
            assert isinstance(known, Stale)
            assert known.finding.code == "balance.currency_missing"
            assert known.value.by_currency["SHARP"].total == 2000
            await world.restart()


async def test_a_first_answer_under_a_wrong_name_does_not_make_the_right_one_doubtful(tmp_path: Path) -> None:
    """Market and coin went by it at once (X15, X12), the coin is healed first, and the account's bot knows its pair.
    So does the session of a key that has no bots."""
    async with a_world(tmp_path, USDT="10000", SHARP="2000") as world:
        await world.bot()
        await world.add("second")
        await world.server.kill()
        await forget_balances(world)
        faults = world.exchange.faults
        faults.add(Fault(kind=FaultKind.MARKET_RENAMED, symbol="SHARP/USDT", to="SHARP2/USDT"))
        wrong = faults.add(Fault(kind=FaultKind.CURRENCY_RENAMED, currency="SHARP", to="SHARP2"))
        await world.start()
        sessions = world.server.manager.accounts()
        assert len(sessions) == 2
        for one in sessions:
            known = await one.reader.read(max_age_s=0, force=True)
            assert isinstance(known, Ok)
            assert "SHARP" not in known.value.by_currency
            assert "SHARP2" not in known.value.untraded
        faults.clear(wrong)
        for one in sessions:
            known = await one.reader.read(max_age_s=0, force=True)
            assert isinstance(known, Ok)
            assert known.value.by_currency["SHARP"].total == 2000
