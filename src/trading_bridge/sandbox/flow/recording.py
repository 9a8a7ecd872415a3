"""Reads a recorded market (books of 20 levels once a second, and trades) into whole ticks and lots.

ts_ms,bid_px_1,bid_sz_1,ask_px_1,ask_sz_1,bid_px_2,...
1723161256000,2683.11,2.086,2683.12,16.0392,2683.01,...

ts_ms,trade_id,price,amount,side
1723161255611,1520538925,2683.8,0.002,sell
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side

Levels = dict[Ticks, Lots]


class BookRow(NamedTuple):
    time_ms: int
    bids: Levels
    asks: Levels


class TakenOrder(NamedTuple):
    """One aggressive order: the consecutive fills of one time and side."""

    time_ms: int
    side: Side
    #: price -> amount, in the order of the fills
    fills: Levels


class Recording(NamedTuple):
    books: tuple[BookRow, ...]
    orders: tuple[TakenOrder, ...]


def ethusdt_20240808(*, tick_decimals: int, lot_decimals: int) -> Recording:
    """Ten minutes of ETH/USDT over midnight UTC (see recorded/NOTICE)."""
    grid = _Grid(tick_decimals, lot_decimals)
    return Recording(
        books=tuple(_books(_rows("binance_ethusdt_20240808_l2_top20_1s.csv.gz"), grid)),
        orders=tuple(_orders(_rows("binance_ethusdt_20240808_trades.csv.gz"), grid)),
    )


class _Grid(NamedTuple):
    tick_decimals: int
    lot_decimals: int

    def ticks(self, price: str) -> Ticks:
        return Ticks(_whole(price, self.tick_decimals))

    def lots(self, amount: str) -> Lots:
        return Lots(_whole(amount, self.lot_decimals))


def _whole(number: str, decimals: int) -> int:
    """A recorded number must lie on the market's grid: values are never changed."""
    scaled = Decimal(number).scaleb(decimals)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{number} has more than {decimals} decimals: the recording needs a finer market")
    return whole


def _rows(name: str) -> Iterator[list[str]]:
    packed = files("trading_bridge.sandbox.flow").joinpath("recorded", name).read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode("ascii")))
    next(rows)
    return rows


def _books(rows: Iterable[list[str]], grid: _Grid) -> Iterator[BookRow]:
    for time_ms, *levels in rows:
        yield BookRow(
            time_ms=int(time_ms),
            bids=_side(levels[0::4], levels[1::4], grid),
            asks=_side(levels[2::4], levels[3::4], grid),
        )


def _side(prices: list[str], amounts: list[str], grid: _Grid) -> Levels:
    return {grid.ticks(price): grid.lots(amount) for price, amount in zip(prices, amounts, strict=True) if price}


def _orders(rows: Iterable[list[str]], grid: _Grid) -> Iterator[TakenOrder]:
    for (time_ms, side), fills in groupby(rows, key=lambda row: (row[0], row[4])):
        taken: Levels = {}
        for _, _, price, amount, _ in fills:
            ticks = grid.ticks(price)
            taken[ticks] = Lots(taken.get(ticks, 0) + grid.lots(amount))
        yield TakenOrder(int(time_ms), Side(side), taken)
