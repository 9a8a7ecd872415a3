"""Weaker parts of storage: leases, intents, fills, kills."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from trading_bridge.accounts.own_trades import OwnTrades
from trading_bridge.accounts.shelf import Shelf
from trading_bridge.core.finding import Finding
from trading_bridge.core.trade import TradeMark
from trading_bridge.exchanges.trade_reader import Stretch
from trading_bridge.runner.restraints import Restraints
from trading_bridge.storage.journal_group import FillKey, Group, Stored, Under, fill_key
from trading_bridge.storage.journal_rows import OpenIntent, Row, StoreFill, Written
from trading_bridge.storage.lease import Lease, Occupied, Taken, take


class AnyEpoch(Group):
    """Takes an intent of whichever epoch."""

    def __init__(self, stored: Stored, under: Under | None = None, untold: Set[FillKey] = frozenset()) -> None:
        super().__init__(stored, under, untold)
        self._leases = stored.epochs

    def take(self, rows: Sequence[Row]) -> tuple[Written, ...]:
        for row in rows:
            if isinstance(row, OpenIntent):
                self._leases[row.shard] = row.order.epoch
        return super().take(rows)


class EachFillAgain(Group):
    """A fill that comes again is one more row."""

    def __init__(self, stored: Stored, under: Under | None = None, untold: Set[FillKey] = frozenset()) -> None:
        super().__init__(stored, under, untold)
        self._known = set(stored.fills)

    def take(self, rows: Sequence[Row]) -> tuple[Written, ...]:
        taken = [_anew(row, self._known) if isinstance(row, StoreFill) else row for row in rows]
        return super().take(taken)


def _anew(row: StoreFill, known: set[FillKey]) -> StoreFill:
    key = fill_key(row)
    if key not in known:
        known.add(key)
        return row
    return replace(row, trade=replace(row.trade, trade_id=f"{row.trade.trade_id}-again"))


class LeaseToTheEnd(Lease):
    """Sends until the very end of its lease."""

    def _deadline_after(self, began: float) -> float | None:
        return None if self._ttl_s is None else began + self._ttl_s


def take_next_epoch(
    connection: Connection,
    shard: int,
    *,
    holder: str | None,
    build: str | None,
    now: datetime,
    ttl_s: float | None,
) -> Taken | Occupied:
    """The epoch that follows the one that is stored, whatever the time is."""
    return take(connection, shard, holder=holder, build=build, now=datetime.fromtimestamp(0, UTC), ttl_s=ttl_s)


class _NewestFill(Shelf):
    async def marks(self, symbols: Collection[str]) -> Mapping[str, TradeMark]:
        async with self._database.unit_of_work(read_only=True) as uow:
            fills = await uow.trades.of_connector(self._connector.id, after=datetime.fromtimestamp(0, UTC))
        trades = [fill.trade for fill in fills if fill.trade.symbol in symbols]
        return {one.symbol: TradeMark(trade_id=one.trade_id, exchange_time=one.exchange_time) for one in trades}


class OnFromTheNewest(OwnTrades):
    """Each look at the trades goes on after the newest that the look before has told, a start after the newest fill."""

    def __init__(self, **parts: Any) -> None:
        shelf: Shelf = parts["shelf"]
        super().__init__(**{**parts, "shelf": _NewestFill(shelf._database, shelf._connector)})

    async def _go_on(self, symbol: str, stretch: Stretch) -> Finding | None:
        if stretch.trades:
            newest = stretch.trades[-1]
            await self._store_mark(symbol, TradeMark(trade_id=newest.trade_id, exchange_time=newest.exchange_time))
        return None


class KillsInMemory(Restraints):
    """Whatever is pressed stays in this process."""

    async def write(self) -> bool:
        return True
