"""Money that comes and goes: booked to the digit, told, and never a reason for a bot to stop but when it leaves."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.altered import Altered, changed, more, without
from tests.integration.files import Row, rows_of
from tests.integration.wire import BALANCES, MATCHES, Held, raising, timed_out
from tests.integration.world import World, a_world, quiet, still_book
from trading_bridge.core.bot import StateCode
from trading_bridge.core.client import ManualTrading
from trading_bridge.core.known import Ok
from trading_bridge.core.order import Side
from trading_bridge.core.transfer import TransferLabel
from trading_bridge.sandbox.accounts import EntryKind
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.rules import to_atoms
from trading_bridge.storage.journal_rows import StoreTransfer

DEPOSITS = "/deposit/record/list"
WITHDRAWALS = "/withdraw/record/list"


def transfers(world: World) -> list[Row]:
    return rows_of(world.path, "SELECT * FROM transfers ORDER BY at, id")


def codes(world: World) -> set[str]:
    return {held.finding.code for held in world.server.manager.findings()}


def atoms(amount: str) -> int:
    found = to_atoms(Decimal(amount))
    assert found is not None
    return found


def deposit(world: World, amount: str, currency: str = "USDT") -> None:
    world.exchange.engine.deposit("alice", currency, atoms(amount))


def withdraw(world: World, amount: str, currency: str = "USDT") -> None:
    world.exchange.engine.withdraw("alice", currency, atoms(amount))


def move(world: World, amount: str, currency: str = "USDT") -> None:
    """Into the account, or out of it, by a way of which the exchange keeps no record."""
    engine = world.exchange.engine
    engine.ledger.begin(engine.now_ms())
    engine.ledger.post(engine.directory.account("alice"), currency, EntryKind.DEPOSIT, 0, free=atoms(amount))


async def label(world: World, row: Row, said: TransferLabel = TransferLabel.WITHDRAWAL) -> None:
    """As the service does."""
    async with world.server.database.unit_of_work() as uow:
        await uow.transfers.label(str(row["id"]), said, None, by="somebody")
        found = await uow.transfers.get(str(row["id"]))
    assert found is not None
    world.server.manager.labelled(found[0])
    await quiet()


async def test_fault_X18_a_deposit_is_booked_with_its_record_and_stops_no_bot(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot = await world.bot()
        await world.run(bot)
        await world.quoting(bot)
        orders = len(world.orders())
        deposit(world, "500.25")
        await world.pass_time(12)
        (row,) = transfers(world)
        assert (row["currency"], row["amount"], row["source"], row["label"]) == (
            "USDT",
            "500.25",
            "exchange",
            "deposit",
        )
        assert str(row["exchange_id"]).startswith("deposit-")
        assert "funds.received" in codes(world)
        assert world.server.account.funds_held is None
        state = world.server.runner.state(bot.id)
        assert state is not None
        assert state.code is StateCode.TRADING
        assert len(world.orders()) == orders


async def test_fault_X18_what_the_exchange_does_not_record_is_booked_once_two_reads_agree(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        move(world, "1.5", "SHARP")
        move(world, "70")
        await world.server.account.reader.read(max_age_s=0, force=True)
        await world.pass_time(2)
        assert transfers(world) == []
        await world.pass_time(20)
        assert [(row["currency"], row["amount"], row["source"], row["label"]) for row in transfers(world)] == [
            ("USDT", "70", "observed", None)
        ]  # 1.5 of a million is dust, which waits until it is more
        assert "funds.received" in codes(world)
        assert world.server.account.funds_held is None


async def test_fault_X18_what_comes_and_leaves_between_two_reads_is_told_by_its_records(tmp_path: Path) -> None:
    """A theft beside a deposit of the same size shows in no balance."""
    async with a_world(tmp_path) as world:
        await world.pass_time(70)
        deposit(world, "500")
        withdraw(world, "500")
        withdraw(world, "0.005", "SHARP")
        await world.pass_time(400)
        assert {(row["currency"], row["amount"], row["source"]) for row in transfers(world)} == {
            ("USDT", "500", "exchange"),
            ("USDT", "-500", "exchange"),
            ("SHARP", "-0.005", "exchange"),
        }
        held = world.server.account.funds_held
        assert held is not None
        assert (held.code, held.parameters["amount"]) == ("funds.left", "0.005 SHARP, 500 USDT")


async def test_fault_X18_many_movements_at_once_are_booked_as_recorded(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.pass_time(70)
        moved = [Decimal(15 + 7 * place) + Decimal(place) / 8 for place in range(24)]
        for place, amount in enumerate(moved):
            (deposit if place % 2 else withdraw)(world, f"{amount}")
            await world.pass_time(1)
        await world.pass_time(400)
        signed = sorted(amount if place % 2 else -amount for place, amount in enumerate(moved))
        assert sorted(Decimal(str(row["amount"])) for row in transfers(world)) == signed
        assert {row["source"] for row in transfers(world)} == {"exchange"}


async def test_fault_X18_money_that_left_holds_new_orders_until_a_person_labels_it(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        withdraw(world, "300")
        await world.pass_time(70)
        (row,) = transfers(world)
        assert (row["amount"], row["source"], row["label"]) == ("-300", "exchange", None)
        assert "funds.left" in codes(world)
        held = world.server.account.funds_held
        assert held is not None
        assert (held.code, held.parameters["amount"]) == ("funds.left", "300 USDT")
        await world.restart()
        assert world.server.account.recovering is None
        assert world.server.account.funds_held is not None, "no order leaves before the hold is known again"
        await label(world, row)
        assert world.server.account.funds_held is None
        assert "funds.left" not in codes(world)
        await world.restart()
        await world.pass_time(10)
        assert world.server.account.funds_held is None
        assert len(transfers(world)) == 1


async def test_fault_S3_a_word_whose_answer_was_lost_lifts_the_hold_all_the_same(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        withdraw(world, "300")
        await world.pass_time(70)
        (row,) = transfers(world)
        async with world.server.database.unit_of_work() as uow:
            await uow.transfers.label(str(row["id"]), TransferLabel.WITHDRAWAL, None, by="somebody")
        await world.pass_time(15)
        assert world.server.account.funds_held is None


async def test_fault_S6_a_word_that_is_said_before_the_booking_is_answered_counts(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        answer, booked = Held(), world.server.journal.write

        async def slowly(*rows: Any) -> Any:
            done = await booked(*rows)
            await answer()
            return done

        def write(*rows: Any) -> Any:
            return slowly(*rows) if isinstance(rows[0], StoreTransfer) else booked(*rows)

        world.server.journal.write = write  # type: ignore[method-assign]
        withdraw(world, "300")
        await world.pass_time(70)
        assert answer.reached.is_set()
        await label(world, transfers(world)[0])
        answer.release()
        await world.pass_exactly(2)
        assert world.server.account.funds_held is None
        assert "funds.left" not in codes(world)


async def test_fault_D2_a_movement_that_another_process_has_booked_waits_for_no_second_word(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        withdraw(world, "300")
        booked = world.server.journal.write

        def beside(*rows: Any) -> Any:
            """The other process is a moment earlier, and looked at another balance."""
            for one in rows:
                if isinstance(one, StoreTransfer):
                    booked(replace(one, transfer=replace(one.transfer, id="booked-beside")))
            return booked(*rows)

        world.server.journal.write = beside  # type: ignore[method-assign]
        await world.pass_time(70)
        (row,) = transfers(world)
        assert (row["id"], row["amount"]) == ("booked-beside", "-300")
        assert world.server.account.funds_held is not None
        await label(world, row)
        assert world.server.account.funds_held is None


async def test_fault_X18_a_bot_places_nothing_new_while_money_that_left_has_no_label(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot = await world.bot()
        await world.run(bot)
        await world.quoting(bot)
        withdraw(world, "300")
        await world.pass_time(12)
        sent = len(world.server.wire.arrivals)
        for order in world.open_orders():
            world.exchange.engine.cancel(order)
        await world.pass_time(20)
        assert len(world.server.wire.arrivals) == sent
        state = world.server.runner.state(bot.id)
        assert state is not None
        assert (state.code, state.reason) == (StateCode.BLOCKED, "funds.left")
        (row,) = transfers(world)
        await label(world, row)
        await world.quoting(bot)


async def test_a_currency_that_is_withdrawn_whole_is_zero_and_booked(tmp_path: Path) -> None:
    """Also where the exchange lists it no more."""
    async with a_world(tmp_path) as world:
        withdraw(world, "1000000", "SHARP")
        world.exchange.faults.add(Fault(kind=FaultKind.CURRENCY_MISSING, currency="SHARP"))
        await world.pass_time(90)
        known = await world.server.account.reader.read(max_age_s=0)
        assert isinstance(known, Ok), known
        held = known.value.of("SHARP")
        assert held is not None
        assert held.total == 0
        assert [(row["currency"], row["amount"]) for row in transfers(world)] == [("SHARP", "-1000000")]


@pytest.mark.parametrize("is_known", [False, True], ids=["from the first answer on", "from a start on"])
async def test_fault_X12_a_coin_that_goes_by_a_wrong_name_for_a_while_has_not_moved(
    tmp_path: Path, is_known: bool
) -> None:
    """Whether the books began with it, or the session with the balance forgotten and the books not."""
    async with a_world(tmp_path) as world:
        connector = world.server.account.connector
        if is_known:
            async with world.server.database.unit_of_work() as uow:
                await uow.connectors.set_manual_trading(connector.id, ManualTrading.EXPECTED)
                await uow.balances.forget(connector.id)
        else:
            await world.server.kill()
            database = await world.open()
            async with database.unit_of_work() as uow:
                await uow.balances.forget(connector.id)
            await database.close()
        wrong = world.exchange.faults.add(Fault(kind=FaultKind.CURRENCY_RENAMED, currency="USDT", to="USDT2"))
        await (world.server.manager.sync() if is_known else world.start())
        await world.server.account.reader.read(max_age_s=0)
        await world.pass_time(90)
        world.exchange.faults.clear(wrong)
        await world.pass_time(90)
        assert transfers(world) == []
        deposit(world, "100")
        await world.pass_time(90)
        assert [(row["currency"], row["amount"]) for row in transfers(world)] == [("USDT", "100")]


async def test_money_that_moved_while_no_server_ran_is_found_at_the_start(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot = await world.bot()
        await world.server.place(bot, (Side.SELL, 25_600, 1_000))
        await world.pass_time(12)
        await world.server.kill()
        world.exchange.take(Side.BUY, 25_600, 1_000)
        withdraw(world, "12.5")
        deposit(world, "7000", "SHARP")
        await world.start()
        await world.pass_time(20)
        assert {(row["currency"], row["amount"]) for row in transfers(world)} == {("USDT", "-12.5"), ("SHARP", "7000")}


async def test_books_stay_exact_under_trading_deposits_and_withdrawals(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.exchange.engine.cancel_all(MARKET_MAKER)
        still_book(world, bid=24_600, ask=26_600)
        bot = await world.bot()
        await world.run(bot)
        await world.quoting(bot)
        for step in range(12):
            for order in world.open_orders():
                world.exchange.take(order.side.opposite, order.price, 300)
                break
            if step % 3 == 0:
                deposit(world, "100.000000000000000001")
            if step % 4 == 0:
                deposit(world, "2500", "SHARP")
            await world.pass_time(3)
        await world.pass_time(30)
        assert len(world.fills()) >= 3
        for currency, start in (("USDT", Decimal(10_000)), ("SHARP", Decimal(1_000_000))):
            moved = sum((Decimal(str(r["amount"])) for r in transfers(world) if r["currency"] == currency), Decimal(0))
            assert world.booked(currency, start) + moved == world.held(currency)
        assert {row["source"] for row in transfers(world)} == {"exchange"}
        state = world.server.runner.state(bot.id)
        assert state is not None
        assert state.code is StateCode.TRADING


async def test_a_record_that_comes_late_proves_what_was_observed(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        lost = [raising(ConnectionResetError()) for _ in range(200)]
        world.server.wire.before[DEPOSITS] = lost
        deposit(world, "250")
        await world.pass_time(150)
        (row,) = transfers(world)
        assert (row["source"], row["label"]) == ("observed", None)
        lost.clear()
        await world.pass_time(400)
        (row,) = transfers(world)
        assert (row["source"], row["label"], str(row["exchange_id"]).partition("-")[0]) == (
            "observed",
            "deposit",
            "deposit",
        )


async def test_fault_X17_a_fill_that_is_taken_back_is_a_mismatch_and_nothing_is_adjusted(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot = await world.bot()
        await world.server.place(bot, (Side.SELL, 25_600, 4_000_000))
        world.exchange.take(Side.BUY, 25_600, 4_000_000)
        await world.pass_time(10)
        (fill,) = world.fills()
        got = Decimal(str(fill["cost"])) - Decimal(str(fill["fee"]))
        move(world, f"-{got}")
        move(world, str(fill["amount"]), "SHARP")
        await world.server.account.reader.read(max_age_s=0, force=True)
        await world.pass_time(20)
        held = world.server.account.funds_held
        assert held is not None
        assert held.code == "ledger.mismatch"
        assert str(fill["trade_id"]) in held.parameters["trades"]
        assert codes(world) & {"funds.left", "funds.received"} == set()
        assert transfers(world) == []
        assert len(world.fills()) == 1
        move(world, str(got))
        move(world, f"-{fill['amount']}", "SHARP")  # corrected
        await world.pass_time(15)
        assert world.server.account.funds_held is None
        assert transfers(world) == []


async def test_a_contradiction_that_stays_is_recorded_for_a_person_to_judge(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot = await world.bot()
        await world.server.place(bot, (Side.SELL, 25_600, 4_000_000))
        world.exchange.take(Side.BUY, 25_600, 4_000_000)
        await world.pass_time(10)
        (fill,) = world.fills()
        move(world, f"-{Decimal(str(fill['cost'])) - Decimal(str(fill['fee']))}")
        move(world, str(fill["amount"]), "SHARP")
        await world.server.account.reader.read(max_age_s=0, force=True)
        await world.pass_time(100)
        rows = transfers(world)
        assert {row["source"] for row in rows} == {"contradiction"}
        assert len(rows) == 2
        for row in rows:
            held = world.server.account.funds_held
            assert held is not None
            assert held.code == "ledger.mismatch"
            await label(world, row, TransferLabel.OTHER)
        assert world.server.account.funds_held is None


async def test_fault_X18_trades_by_hand_are_trades_and_no_movement_of_money(tmp_path: Path) -> None:
    """In a market in which no bot trades."""
    async with a_world(tmp_path) as world:
        await world.pass_time(10)
        world.exchange.limit(Side.BUY, 25_610, 200_000, client_order_id="by-hand-1")
        await world.pass_time(90)
        assert transfers(world) == []
        assert len(world.fills()) == 1
        assert world.server.account.funds_held is None
        assert world.open_orders() == []


@pytest.mark.parametrize("ahead_s", [119, 7200])
async def test_fault_T1_a_fill_beyond_books_that_a_clock_which_was_ahead_has_stored_is_counted(
    tmp_path: Path, ahead_s: int
) -> None:
    async with a_world(tmp_path) as world:
        bot = await world.bot()
        await world.run(bot)
        await world.quoting(bot)
        world.clock.step(ahead_s)
        await world.server.account.reader.read(max_age_s=0, force=True)
        await world.pass_time(12)
        world.server.wire.before[BALANCES] = [timed_out()] * 100
        world.clock.step(-ahead_s)
        world.exchange.limit(Side.BUY, 25_610, 200_000, client_order_id="by-hand-1")
        await world.pass_time(40)
        assert len(world.fills()) == 1
        await world.restart()
        await world.pass_time(90)
        assert transfers(world) == []


async def test_two_keys_of_one_account_book_a_movement_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.add("second")
        await world.server.manager.sync()
        for account in world.server.manager.accounts():
            await account.reader.read(max_age_s=0)
        await world.pass_time(12)
        withdraw(world, "90")
        await world.pass_time(70)
        assert len(transfers(world)) == 1
        held = [account.funds_held for account in world.server.manager.accounts()]
        assert len(held) == 2
        assert None not in held


async def test_fault_X8_a_fee_that_the_exchange_corrects_is_no_movement_of_money(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot, altered = await world.bot(), Altered(world.exchange)
        await world.server.place(bot, (Side.BUY, 25_600, 9_000_000))
        altered.edits[MATCHES] = changed(fee=more("20"))
        world.exchange.take(Side.SELL, 25_600, 7_000_000)
        await world.pass_time(4)
        altered.edits.clear()
        world.exchange.take(Side.SELL, 25_600, 1_000_000)
        await world.pass_time(4)
        assert world.booked("SHARP", Decimal(1_000_000)) == world.held("SHARP"), "storage follows"
        await world.pass_time(130)
        assert transfers(world) == []
        assert not {"ledger.mismatch", "funds.received", "funds.left"} & codes(world)
        assert world.server.account.funds_held is None
        await world.restart()
        await world.pass_time(130)
        assert transfers(world) == []


async def test_fault_X23_a_deposit_beside_a_fee_that_was_not_stated_is_booked_as_it_came(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot, altered = await world.bot(), Altered(world.exchange)
        await world.server.place(bot, (Side.BUY, 25_600, 9_000_000))
        altered.edits[MATCHES] = without("fee")
        world.unstated_fees_expected = True
        world.exchange.take(Side.SELL, 25_600, 9_000_000)
        deposit(world, "500.25", "SHARP")
        await world.pass_time(90)
        (fill,) = world.fills()
        assert fill["fee"] is None
        came, fee = transfers(world)
        assert (came["amount"], came["source"], came["label"]) == ("500.25", "exchange", "deposit")
        assert (fee["source"], fee["label"]) == ("observed", "fee")
        assert Decimal(str(fee["amount"])) == world.held("SHARP") - 1_000_000 - 90_000 - Decimal("500.25")


async def test_fault_X23_fees_that_were_not_stated_add_up_and_are_no_withdrawal(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        bot, altered = await world.bot(), Altered(world.exchange)
        altered.edits[MATCHES] = without("fee")
        world.unstated_fees_expected = True
        for _ in range(12):
            await world.server.place(bot, (Side.BUY, 25_600, 100_000))
            world.exchange.take(Side.SELL, 25_600, 100_000)
            await world.pass_time(4)
        await world.pass_time(40)
        booked = transfers(world)
        ids = [str(fill["trade_id"]) for fill in world.fills()]
        assert len(ids) == 12
        assert {(row["source"], row["label"]) for row in booked} == {("observed", "fee")}
        altered.edits.clear()
        await world.pass_time(130)
        assert transfers(world) == booked, "what is stated later is in none of them twice"
