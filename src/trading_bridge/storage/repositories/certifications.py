"""Certifications in the field: what was tried with a connector, when, and what came of it."""

import json
from datetime import datetime

from sqlalchemy import insert, select

from trading_bridge.core.certification import FieldRecord, FieldStep, StepResult
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import certifications
from trading_bridge.storage.types import AnyRow


class Certifications:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    def new_id(self) -> str:
        return self._context.new_id()

    async def add(self, one: FieldRecord) -> None:
        await self._connection.execute(
            insert(certifications).values(
                id=one.id,
                connector_id=one.connector_id,
                exchange=one.exchange,
                base_url=one.base_url,
                at=one.at,
                passed=one.passed,
                symbol=one.symbol,
                build=one.build,
                ccxt=one.ccxt,
                asked_by=one.asked_by,
                steps=json.dumps([_written(step) for step in one.steps]),
            )
        )

    async def of_connector(self, connector_id: str) -> tuple[FieldRecord, ...]:
        """Newest first."""
        return await self._read(certifications.c.connector_id == connector_id)

    async def passed(self) -> tuple[FieldRecord, ...]:
        """Newest first."""
        return await self._read(certifications.c.passed.is_(True))

    async def _read(self, which: object) -> tuple[FieldRecord, ...]:
        wanted = select(certifications).where(which)  # type: ignore[arg-type]
        found = await self._connection.execute(wanted.order_by(certifications.c.at.desc(), certifications.c.id))
        return tuple(map(_certification, found))


def _certification(row: AnyRow) -> FieldRecord:
    return FieldRecord(
        id=row.id,
        connector_id=row.connector_id,
        exchange=row.exchange,
        base_url=row.base_url,
        at=row.at,
        symbol=row.symbol,
        build=row.build,
        ccxt=row.ccxt,
        asked_by=row.asked_by,
        steps=tuple(_step(one, row.at) for one in json.loads(row.steps)),
    )


def _written(step: FieldStep) -> dict[str, object]:
    """`{"name": "cancel", "result": "passed", "detail": "...", "code": null, "parameters": {}}`"""
    finding = step.finding
    return {
        "name": step.name,
        "result": step.result.value,
        "detail": step.detail,
        "code": None if finding is None else finding.code,
        "parameters": {} if finding is None else dict(finding.parameters),
    }


def _step(written: dict[str, object], at: datetime) -> FieldStep:
    code, parameters = written["code"], written["parameters"]
    assert isinstance(parameters, dict)
    finding = None
    if code is not None:
        finding = Finding(code=str(code), severity=Severity.WARNING, since=at, parameters=parameters)
    return FieldStep(
        name=str(written["name"]),
        result=StepResult(str(written["result"])),
        detail=str(written["detail"]),
        finding=finding,
    )
