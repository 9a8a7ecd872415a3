"""What was certified in the field: kept as it went, told newest first."""

from dataclasses import replace
from datetime import timedelta

from tests.factories import NOW
from tests.storage.conftest import World
from trading_bridge.core.certification import FieldRecord, FieldStep, StepResult
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.storage.database import Database

GOOD = FieldStep(name="balances", result=StepResult.PASSED, detail="spot: 5 USDT")
LEFT = FieldStep(name="order", result=StepResult.SKIPPED, detail="none was asked for")
BAD = FieldStep(
    name="cancel",
    result=StepResult.FAILED,
    detail="the exchange did not confirm it",
    finding=Finding(
        code="order.unresolved", severity=Severity.WARNING, since=NOW, parameters={"client_order_id": "tb1"}
    ),
)


async def test_a_record_is_kept_with_its_steps_and_findings(database: Database, world: World) -> None:
    record = FieldRecord(
        id="first",
        connector_id=world.connector.id,
        exchange="coinstore",
        base_url=None,
        at=NOW,
        symbol="SHARP/USDT",
        build="0.1.0",
        ccxt="4.5.71",
        asked_by="ops (command line)",
        steps=(GOOD, LEFT, BAD),
    )
    passed = replace(record, id="second", at=NOW + timedelta(days=1), symbol=None, base_url="http://a", steps=(GOOD,))
    async with database.unit_of_work() as uow:
        await uow.certifications.add(record)
        await uow.certifications.add(passed)
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.certifications.of_connector(world.connector.id) == (passed, record)
        assert await uow.certifications.passed() == (passed,)
        assert await uow.certifications.of_connector("another") == ()
