"""Addresses from which exchanges have seen this host."""

from collections.abc import Iterable

from sqlalchemy import insert, select, update

from trading_bridge.core.egress import SeenAddress
from trading_bridge.errors import Conflict
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import egress_addresses


class EgressAddresses:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def all(self) -> tuple[SeenAddress, ...]:
        """By route and family, the one seen last first."""
        found = await self._connection.execute(
            select(egress_addresses).order_by(
                egress_addresses.c.route,
                egress_addresses.c.family,
                egress_addresses.c.last_seen.desc(),
                egress_addresses.c.address,
            )
        )
        return tuple(
            SeenAddress(
                route=row.route,
                family=row.family,
                address=row.address,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
            )
            for row in found
        )

    async def put(self, rows: Iterable[SeenAddress]) -> None:
        """An address that was seen before keeps its first time. Raises Conflict where another server stores the same
        one for the first time at this moment."""
        for row in rows:
            key = {"route": row.route, "family": row.family, "address": row.address}
            seen_before = await self._connection.execute(
                update(egress_addresses).filter_by(**key).values(last_seen=row.last_seen)
            )
            if seen_before.rowcount == 0:
                await self._context.write(
                    insert(egress_addresses).values(**key, first_seen=row.first_seen, last_seen=row.last_seen),
                    Conflict("egress.exists", f"the address {row.address} is stored already"),
                )
