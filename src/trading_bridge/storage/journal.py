"""The one writer of the money tables: rows go in, futures come back, and one commit serves all that wait."""

import asyncio

from trading_bridge.storage.database import Database
from trading_bridge.storage.journal_rows import OpenIntent, Row, StoreBalances, StoreFill, UpdateOrder, Written

__all__ = ["Journal", "OpenIntent", "Row", "StoreBalances", "StoreFill", "UpdateOrder", "Written"]


class Journal:
    def __init__(self, database: Database) -> None: ...

    async def run(self) -> None:
        """The writer; ends after `close`, when everything is written."""

    def write(self, *rows: Row) -> "asyncio.Future[tuple[Written, ...]]":
        """Done after the commit. The rows of one call stand or fall together, and after those of earlier calls."""
        raise NotImplementedError

    def close(self) -> None: ...
