"""What limits remember, on both databases: stored, read with the fills that came since, moved by labelled transfers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, fill, transfer
from tests.storage.conftest import CREDENTIALS, World
from trading_bridge.core.bot import Budget
from trading_bridge.core.order import Side
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk.limits import Purse
from trading_bridge.core.risk.state import Basis, Halt, Hour, Markout, Reference, Refusals, RiskState
from trading_bridge.core.transfer import TransferLabel
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreFill, StoreRisk, StoreTransfer
from trading_bridge.storage.repositories.risk import read, written

TINY = Decimal("0.000000000000000001")
FULL = RiskState(
    basis=Basis(
        held=Purse(base=Decimal(10**12) + TINY, quote=TINY),
        price=Decimal("1E-10"),
        at=NOW,
        budget=Budget(base=Decimal(1), quote=Decimal("2.50")),
        transferred=Purse(base=Decimal(-1), quote=Decimal(0)),
    ),
    moved=Purse(base=Decimal(10**12) + TINY, quote=-TINY),
    moved_before_budget=Purse(base=Decimal(7), quote=Decimal(8)),
    position=Decimal(-5),
    entry=Decimal("0.128"),
    hours=(Hour(start=NOW.replace(minute=0), slippage=Decimal("-1.5"), fees=TINY, realised=Decimal(3)),),
    pending=(Markout(at=NOW, side=Side.SELL, price=Decimal("0.0256"), amount=Decimal(5)),),
    worst_fee=Decimal("0.002"),
    fills_through=17,
    refusals=Refusals(code="order.refused", count=2, at=NOW, parameters={"symbol": "SHARP/USDT"}),
    strokes=(NOW, NOW + timedelta(seconds=6)),
    halt=Halt(code="limit.shock", parameters={"bps": "1200"}, since=NOW, until=NOW + timedelta(seconds=300)),
    reference=Reference(price=Decimal("0.0256"), at=NOW),
    bought_at=NOW,
    sold_at=NOW - timedelta(seconds=3),
)


def a_fill(world: World, number: int, *, bot_id: str | None, **changed: object) -> StoreFill:
    return StoreFill(
        trade=fill(trade_id=str(number), exchange_order_id="1", **changed),
        exchange="coinstore",
        connector_id=world.connector.id,
        bot_id=bot_id,
        client_order_id=None,
    )


@pytest.mark.parametrize("state", [RiskState(), FULL, replace(FULL, halt=Halt(code="limit.fees", since=NOW))])
def test_nothing_is_lost_on_the_way_to_storage(state: RiskState) -> None:
    assert read(written(state)) == state


async def test_fills_that_were_stored_later_are_taken_in_once(
    database: Database, journal: Journal, world: World
) -> None:
    mine = world.bot.id
    await journal.write(a_fill(world, 1, bot_id=mine))
    async with database.unit_of_work(read_only=True) as uow:
        begun = await uow.risk.of(mine)
        assert await uow.risk.of_all() == ()
    assert begun == RiskState(fills_through=begun.fills_through), "what was traded before is no position"
    assert begun.fills_through > 0
    await journal.write(StoreRisk(bot_id=mine, state=written(begun)))
    await journal.write(
        a_fill(world, 2, bot_id=mine), a_fill(world, 3, bot_id=None), a_fill(world, 4, bot_id=mine, side=Side.SELL)
    )
    await journal.write(a_fill(world, 2, bot_id=mine))
    async with database.unit_of_work(read_only=True) as uow:
        now = await uow.risk.of(mine)
        assert [one.state for one in await uow.risk.of_all()] == [now]
    assert (now.position, len(now.pending)) == (0, 2)
    assert now.moved.base == Decimal("-0.4"), "their fees"
    await journal.write(StoreRisk(bot_id=mine, state=written(now)))
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.risk.of(mine) == now


@pytest.mark.parametrize("damaged", ["", "garbage{", "[]", '{"moved": 7}', written(FULL).replace('"-5"', '"NaN"')])
async def test_a_state_that_nobody_can_read_halts_its_bot_and_counts_its_position_anew(
    damaged: str, database: Database, journal: Journal, world: World
) -> None:
    mine = world.bot.id
    await journal.write(a_fill(world, 1, bot_id=mine), StoreRisk(bot_id=mine, state=damaged))
    async with database.unit_of_work(read_only=True) as uow:
        state = await uow.risk.of(mine)
        assert [one.state for one in await uow.risk.of_all()] == [state]
    assert state.halt is not None
    assert (state.halt.code, state.halt.until) == ("limit.unreadable", None), "only a person ends it"
    assert state.position == fill().amount
    assert read(written(state)) == state


async def test_labelled_transfers_of_the_exchange_account_move_the_basis(
    database: Database, journal: Journal, world: World
) -> None:
    connector, deposit = world.connector.id, TransferLabel.DEPOSIT
    for number, (currency, amount, label, seconds) in enumerate(
        [
            ("USDT", "100.5", deposit, 1),
            ("USDT", "-0.25", TransferLabel.FEE, 2),
            ("SHARP", "7", TransferLabel.AIRDROP, 3),
            ("USDT", "1000", None, 4),
            ("BTC", "1", deposit, 5),
            ("USDT", "5000", deposit, -1),
        ]
    ):
        await journal.write(
            StoreTransfer(
                transfer=transfer(
                    id=f"t{number}",
                    connector_id=connector,
                    currency=currency,
                    amount=Decimal(amount),
                    label=label,
                    at=NOW + timedelta(seconds=seconds),
                )
            )
        )
    sum_of = Purse(base=Decimal(7), quote=Decimal("100.25"))
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.risk.transferred(connector, "SHARP/USDT", NOW) == sum_of
    async with database.unit_of_work() as uow:
        second = await uow.connectors.add(
            client_id=world.client.id, name="second", exchange="coinstore", credentials=CREDENTIALS
        )
        assert await uow.risk.transferred(second.id, "SHARP/USDT", NOW) == Purse(base=Decimal(0), quote=Decimal(0))
        await uow.connectors.set_exchange_account(second.id, "1134971")
        assert await uow.risk.transferred(second.id, "SHARP/USDT", NOW) == sum_of


async def test_a_state_and_settings_are_written_over(database: Database, world: World) -> None:
    scope = Scope(kind=ScopeKind.BOT, id=world.bot.id)
    for state, settings in ((FULL, {"collar_bps": "300"}), (RiskState(), {"fee_share": "0.01"})):
        async with database.unit_of_work() as uow:
            await uow.risk.store(world.bot.id, state)
            await uow.limits.set(scope, settings, by="ops")
        async with database.unit_of_work(read_only=True) as uow:
            assert await uow.risk.of(world.bot.id) == state
            assert await uow.limits.of(scope) == settings
            assert await uow.limits.all() == {scope: settings}
            assert await uow.limits.of(Scope(kind=ScopeKind.PLATFORM, id="")) == {}
