"""Runs a source of flow events on a bare book, without an exchange, and looks at it once a second."""

import math
from itertools import pairwise
from statistics import fmean, median, pstdev
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.flow.events import SetLevel, Steps, Take
from trading_bridge.sandbox.matching import Book


class Rest:
    def __init__(self, number: int, side: Side, price: Ticks, remaining: Lots) -> None:
        self.id, self.side, self.price, self.remaining = number, side, price, remaining


class Seen(NamedTuple):
    seconds: float
    times_s: list[float]
    signs: list[int]
    values: list[float]
    #: best bid and ask in ticks, once per `second_s`
    quotes: list[tuple[int, int]]
    #: amount of bid levels, best first, at each of them
    bids: list[list[int]]


def watch(steps: Steps, seconds: float, *, second_s: float, unit: float) -> Seen:
    """`unit` is the quote value of one tick x one lot."""
    book: Book[Rest] = Book()
    resting: dict[tuple[Side, Ticks], Rest] = {}
    seen = Seen(seconds, [], [], [], [], [])
    number, look_s = 0, second_s
    for at_s, events in steps:
        while look_s <= min(at_s, seconds):
            bid, ask = book.best(Side.BUY), book.best(Side.SELL)
            assert bid is not None
            assert ask is not None
            seen.quotes.append((bid, ask))
            seen.bids.append([lots for _, lots in book.depth(Side.BUY, 5)])
            look_s += second_s
        if at_s > seconds:
            return seen
        for event in events:
            if isinstance(event, Take):
                seen.times_s.append(at_s)
                seen.signs.append(1 if event.side is Side.BUY else -1)
                seen.values.append(event.amount * event.price * unit)
                for match in book.match(event.side, limit=event.price, lots=event.amount):
                    if match.maker.remaining == 0:
                        del resting[match.maker.side, match.maker.price]
            elif isinstance(event, SetLevel):
                old = resting.pop((event.side, event.price), None)
                if old is not None:
                    book.remove(old)
                if event.amount:
                    assert not book.would_take(event.side, event.price), "a market that trades with itself"
                    number += 1
                    rest = resting[event.side, event.price] = Rest(number, event.side, event.price, event.amount)
                    book.add(rest)
    raise AssertionError("a source without end ended")


def autocorrelation(values: list[int], lag: int) -> float:
    mean = fmean(values)
    spread = sum((value - mean) ** 2 for value in values)
    return sum((a - mean) * (b - mean) for a, b in zip(values, values[lag:], strict=False)) / spread


def per_minute(seen: Seen, minute_s: float) -> list[int]:
    counts = [0] * int(seen.seconds / minute_s)
    for time_s in seen.times_s:
        counts[min(int(time_s / minute_s), len(counts) - 1)] += 1
    return counts


def fano(counts: list[int]) -> float:
    return pstdev(counts) ** 2 / fmean(counts)


def spread_bps(seen: Seen) -> float:
    return median((ask - bid) / (ask + bid) * 2e4 for bid, ask in seen.quotes)


def minute_volatility_bps(seen: Seen) -> float:
    mids = [math.log((bid + ask) / 2) for bid, ask in seen.quotes[::60]]
    return pstdev([(b - a) * 1e4 for a, b in pairwise(mids)])


def response_bps(seen: Seen, second_s: float, after: int) -> float:
    """Mean move of the mid in the direction of an order, from just before it to so many looks later."""
    mids = [math.log((bid + ask) / 2) for bid, ask in seen.quotes]
    moves = []
    for time_s, sign in zip(seen.times_s, seen.signs, strict=True):
        before = int(time_s / second_s) - 1
        if before >= 0 and before + after + 1 < len(mids):
            moves.append(sign * (mids[before + after + 1] - mids[before]) * 1e4)
    return fmean(moves)
