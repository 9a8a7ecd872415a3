"""Money that came or left other than by trading: the journal writes it, a person says what it was."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update

from trading_bridge.core.transfer import Transfer, TransferLabel
from trading_bridge.errors import NotFound
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import connectors, transfers
from trading_bridge.storage.types import AnyRow

_NAMED = select(transfers, connectors.c.name).join(connectors, transfers.c.connector_id == connectors.c.id)


class Transfers:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def get(self, transfer_id: str) -> tuple[Transfer, str] | None:
        """With the name of its connector."""
        found = await self._connection.execute(_NAMED.where(transfers.c.id == transfer_id))
        row = found.one_or_none()
        return None if row is None else (_transfer(row), str(row.name))

    async def list(
        self,
        *,
        connector_id: str | None = None,
        unlabelled: bool = False,
        cursor: str | None = None,
        limit: int = PAGE_SIZE,
    ) -> Page[tuple[Transfer, str]]:
        """Each with the name of its connector, newest first; `connector_id`: of the exchange account that it opens."""
        wanted = _NAMED.order_by(transfers.c.at.desc(), transfers.c.id.desc()).limit(limit + 1)
        if connector_id is not None:
            wanted = wanted.where(_seen_with(connector_id))
        if unlabelled:
            wanted = wanted.where(transfers.c.label.is_(None))
        if cursor is not None:
            keys, last = compared(transfers.c.at, transfers.c.id, cursor, str)
            wanted = wanted.where(keys < last)
        rows = (await self._connection.execute(wanted)).all()
        found = tuple((_transfer(row), str(row.name)) for row in rows[:limit])
        return Page(items=found, next=after(found[-1][0].at, found[-1][0].id) if len(rows) > limit else None)

    async def of_account(self, exchange: str, exchange_account: str, *, since: datetime) -> tuple[Transfer, ...]:
        """Those that nobody has labelled yet, and those since a time, oldest first."""
        found = await self._connection.execute(
            select(transfers)
            .where(
                transfers.c.exchange == exchange,
                transfers.c.exchange_account == exchange_account,
                or_(transfers.c.label.is_(None), transfers.c.at >= since),
            )
            .order_by(transfers.c.at, transfers.c.id)
        )
        return tuple(_transfer(row) for row in found)

    async def stored_since(self, exchange: str, exchange_account: str, time: datetime) -> tuple[Transfer, ...]:
        """By our time of storing them, which is not that of the exchange's record."""
        found = await self._connection.execute(
            select(transfers).where(
                transfers.c.exchange == exchange,
                transfers.c.exchange_account == exchange_account,
                transfers.c.created_at >= time,
            )
        )
        return tuple(_transfer(row) for row in found)

    async def keys_of(self, connector_id: str) -> tuple[str, ...]:
        """The connectors that open the same exchange account as this one, itself included, but for deleted ones."""
        opens = connectors.alias()
        found = await self._connection.execute(
            select(connectors.c.id)
            .join(
                opens,
                or_(
                    opens.c.id == connectors.c.id,
                    and_(
                        opens.c.exchange == connectors.c.exchange,
                        opens.c.exchange_account == connectors.c.exchange_account,
                    ),
                ),
            )
            .where(opens.c.id == connector_id, connectors.c.deleted_at.is_(None))
            .order_by(connectors.c.id)
        )
        return tuple(found.scalars())

    async def label(self, transfer_id: str, label: TransferLabel, note: str | None, *, by: str) -> None:
        """What a person says it was, again where it was said before. Raises NotFound."""
        values = {"label": label, "note": note, "labelled_by": by, "labelled_at": self._context.clock.now()}
        changed = await self._connection.execute(
            update(transfers).where(transfers.c.id == transfer_id).values(**values)
        )
        if changed.rowcount == 0:
            raise NotFound("transfer.not_found", f"there is no transfer {transfer_id!r}")


def _seen_with(connector_id: str) -> ColumnElement[bool]:
    """Seen with this connector, or with another key of the same exchange account."""
    opens = connectors.alias()
    same = select(opens.c.id).where(
        opens.c.id == connector_id,
        opens.c.exchange == transfers.c.exchange,
        opens.c.exchange_account == transfers.c.exchange_account,
    )
    return or_(transfers.c.connector_id == connector_id, same.correlate(transfers).exists())


def _transfer(row: AnyRow) -> Transfer:
    return Transfer(
        id=row.id,
        exchange=row.exchange,
        exchange_account=row.exchange_account,
        connector_id=row.connector_id,
        currency=row.currency,
        amount=row.amount,
        at=row.at,
        source=row.source,
        exchange_id=row.exchange_id,
        label=row.label,
        note=row.note,
        labelled_by=row.labelled_by,
        labelled_at=row.labelled_at,
    )
