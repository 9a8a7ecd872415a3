"""Fault X8: an exchange tells a fill again with another fee. The row follows, with an audit row; nothing else does."""

import json
from dataclasses import replace
from decimal import Decimal

from tests.factories import fill
from tests.storage.conftest import World
from trading_bridge.core.user import AskerKind, AuditEntry
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, StoreFill, Written

FIRST = fill(trade_id="7", fee=Decimal("0.2"), fee_currency="SHARP")


def told(world: World, **changed: object) -> StoreFill:
    return StoreFill(
        trade=replace(FIRST, **changed),  # type: ignore[arg-type]
        exchange="coinstore",
        connector_id=world.connector.id,
        bot_id=world.bot.id,
        client_order_id="tb00000x0001",
    )


async def fee(database: Database, world: World) -> tuple[Decimal | None, str | None]:
    async with database.unit_of_work(read_only=True) as uow:
        (stored,) = (await uow.trades.list(world.bot.id)).items
    return stored.trade.fee, stored.trade.fee_currency


async def corrections(database: Database) -> tuple[AuditEntry, ...]:
    async with database.unit_of_work(read_only=True) as uow:
        return tuple(entry for entry in (await uow.audit.list()).items if entry.verb == "trade.fee_corrected")


async def test_fault_X8_a_corrected_fee_is_an_audited_update(
    database: Database, journal: Journal, world: World
) -> None:
    await journal.write(told(world))
    for was in ((Decimal("0.2"), "SHARP"), None):
        corrected = await journal.write(told(world, fee=Decimal("0.3"), fee_currency="USDT"))
        assert corrected == (Written(duplicate=True, corrected=was),)
    assert await fee(database, world) == (Decimal("0.3"), "USDT")
    (entry,) = await corrections(database)
    assert (entry.asker.kind, entry.asker.name, entry.subject_id) == (AskerKind.SYSTEM, "coinstore", "7")
    details = json.loads(str(entry.details))
    assert (details["was"], details["is"]) == (["0.2", "SHARP"], ["0.3", "USDT"])
    async with database.unit_of_work(read_only=True) as uow:
        (day,) = await uow.totals.of(world.bot.id)
    assert day.trades == 1


async def test_a_fee_that_was_not_told_at_first_is_stored_later(
    database: Database, journal: Journal, world: World
) -> None:
    await journal.write(told(world, fee=None, fee_currency=None))
    await journal.write(told(world))
    assert await fee(database, world) == (Decimal("0.2"), "SHARP")
    assert len(await corrections(database)) == 1


async def test_what_a_later_answer_leaves_out_is_not_taken_back(
    database: Database, journal: Journal, world: World
) -> None:
    await journal.write(told(world))
    await journal.write(told(world, fee=None, fee_currency=None))
    await journal.write(told(world, fee_currency=None))
    await journal.write(told(world, fee=Decimal("0.200")))
    assert await fee(database, world) == (Decimal("0.2"), "SHARP")
    assert await corrections(database) == ()
