"""Windows into what is stored: oldest first, from a number or a moment on, else the newest.

Times are Unix milliseconds, both ends included; None leaves an end open.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trading_bridge.sandbox.candles import Candle
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rows import read_candle, read_fill, read_order, read_trade

Value = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    #: the first number that counts
    from_number: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    limit: int

    @property
    def from_the_oldest(self) -> bool:
        return self.from_number is not None or self.since_ms is not None


class History:
    def __init__(self, read: Callable[..., sqlite3.Cursor]) -> None:
        """`read` takes a query and its values, and sees everything that was handed to the store."""
        self._read = read

    def trades(self, symbol: str, window: Window) -> list[SandboxTrade]:
        return [read_trade(row) for row in self._window("trades", {"symbol": symbol}, "number", "time_ms", window)]

    def fills(self, account: str, symbol: str, window: Window, *, order_id: int | None = None) -> list[Fill]:
        """Numbers are those of the market's trades."""
        where: dict[str, Value] = {"account": account, "symbol": symbol}
        if order_id is not None:
            where["order_id"] = order_id
        return [read_fill(row) for row in self._window("fills", where, "number", "time_ms", window)]

    def orders(self, account: str, symbol: str, window: Window) -> list[SandboxOrder]:
        where: dict[str, Value] = {"account": account, "symbol": symbol}
        return [read_order(row) for row in self._window("orders", where, "id", "created_ms", window)]

    def candles(self, symbol: str, since_ms: int, before_ms: int) -> list[Candle]:
        """Of the minutes that begin from `since_ms` on and before `before_ms`."""
        query = "SELECT * FROM candles WHERE symbol = ? AND minute_ms >= ? AND minute_ms < ? ORDER BY minute_ms"
        return [read_candle(row) for row in self._read(query, symbol, since_ms, before_ms)]

    def candle_from(self, symbol: str, moment_ms: int) -> Candle | None:
        """The oldest of a minute that began then or later."""
        query = "SELECT * FROM candles WHERE symbol = ? AND minute_ms >= ? ORDER BY minute_ms LIMIT 1"
        row = self._read(query, symbol, moment_ms).fetchone()
        return None if row is None else read_candle(row)

    def candle_before(self, symbol: str, moment_ms: int) -> Candle | None:
        """The newest of a minute that began before."""
        query = "SELECT * FROM candles WHERE symbol = ? AND minute_ms < ? ORDER BY minute_ms DESC LIMIT 1"
        row = self._read(query, symbol, moment_ms).fetchone()
        return None if row is None else read_candle(row)

    def changed_ms(self, account: str) -> int | None:
        """When its money last changed; None: never."""
        query = "SELECT time_ms FROM entries WHERE account = ? ORDER BY sequence DESC LIMIT 1"
        row = self._read(query, account).fetchone()
        return None if row is None else int(row[0])

    def _window(
        self, table: str, where: Mapping[str, Value], number: str, time: str, window: Window
    ) -> Sequence[sqlite3.Row]:
        bounds: list[tuple[str, Value]] = [(f"{column} = ?", value) for column, value in where.items()]
        for bound, limit in (
            (f"{number} >= ?", window.from_number),
            (f"{time} >= ?", window.since_ms),
            (f"{time} <= ?", window.until_ms),
        ):
            if limit is not None:
                bounds.append((bound, limit))
        order = "ASC" if window.from_the_oldest else "DESC"
        # every part of the text is written in this file
        query = (
            f"SELECT * FROM {table} WHERE {' AND '.join(text for text, _ in bounds)} ORDER BY {number} {order} LIMIT ?"  # noqa: S608
        )
        rows = self._read(query, *(value for _, value in bounds), window.limit).fetchall()
        return rows if window.from_the_oldest else rows[::-1]
