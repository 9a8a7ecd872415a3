"""What bots decided, and why, read only: the journal writes it."""

import json
from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select

from trading_bridge.core.decision import Reason, StoredDecision, WantedOrder
from trading_bridge.core.order import Side
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import decisions
from trading_bridge.storage.types import AnyRow, plain


class Decisions:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def get(self, decision_id: str) -> StoredDecision | None:
        found = await self._connection.execute(select(decisions).where(decisions.c.id == decision_id))
        row = found.one_or_none()
        return None if row is None else _decision(row)

    async def list(self, bot_id: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[StoredDecision]:
        """Newest first. One without an end that is not the newest stood when its server died."""
        wanted = (
            select(decisions)
            .where(decisions.c.bot_id == bot_id)
            .order_by(decisions.c.decided_at.desc(), decisions.c.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            keys, last = compared(decisions.c.decided_at, decisions.c.id, cursor, str)
            wanted = wanted.where(keys < last)
        rows = (await self._connection.execute(wanted)).all()
        found = tuple(_decision(row) for row in rows[:limit])
        return Page(items=found, next=after(found[-1].decided_at, found[-1].id) if len(rows) > limit else None)


def written(decision: StoredDecision) -> dict[str, object]:
    """The row's values."""
    return {
        "id": decision.id,
        "bot_id": decision.bot_id,
        "decided_at": decision.decided_at,
        "reason": decision.reason.code,
        "parameters": json.dumps(dict(decision.reason.parameters)),
        "notes": json.dumps([{"code": note.code, "parameters": dict(note.parameters)} for note in decision.notes]),
        "finding_code": decision.finding_code,
        "wanted": None if decision.wanted is None else _written_orders(decision.wanted),
        "ended_at": decision.ended_at,
        "cycles": decision.cycles,
        "config": decision.config,
    }


def _written_orders(wanted: Iterable[WantedOrder]) -> str:
    """`[{"side": "buy", "price": "0.02559", "amount": "2000"}]`"""
    return json.dumps([{"side": o.side.value, "price": plain(o.price), "amount": plain(o.amount)} for o in wanted])


def _decision(row: AnyRow) -> StoredDecision:
    return StoredDecision(
        id=row.id,
        bot_id=row.bot_id,
        decided_at=row.decided_at,
        reason=Reason(code=row.reason, parameters=json.loads(row.parameters)),
        notes=tuple(Reason(**note) for note in json.loads(row.notes)),
        finding_code=row.finding_code,
        wanted=None if row.wanted is None else tuple(_order(order) for order in json.loads(row.wanted)),
        ended_at=row.ended_at,
        cycles=row.cycles,
        config=row.config,
    )


def _order(written: dict[str, str]) -> WantedOrder:
    return WantedOrder(side=Side(written["side"]), price=Decimal(written["price"]), amount=Decimal(written["amount"]))
