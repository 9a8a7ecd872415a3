"""The price that quotes lie around, from the book that others make."""

from collections.abc import Iterable
from decimal import Decimal

from trading_bridge.core.book import Book, Level
from trading_bridge.core.market import Market

_BPS = Decimal(10_000)


def mid(book: Book, market: Market) -> Decimal:
    """Halfway between the best prices; the book has both sides, as for the others here."""
    return market.tick_size * (book.bids[0].price + book.asks[0].price) / 2


def micro_price(book: Book, market: Market) -> Decimal:
    """Between the best prices, nearer to the side on which less is displayed: that side gives way first."""
    bid, ask = book.bids[0], book.asks[0]
    weighed = bid.price * ask.amount + ask.price * bid.amount
    return market.tick_size * weighed / (bid.amount + ask.amount)


def depth_price(book: Book, market: Market, depth_quote: Decimal) -> Decimal:
    """Halfway between what selling and what buying `depth_quote` would come to on average; all there is where the book
    holds less. One small order at the best price moves it by its share only."""
    most = market.ticks_down(depth_quote / market.lot_size)
    return market.tick_size * (_average(book.bids, most) + _average(book.asks, most)) / 2


def banded(price: Decimal, middle: Decimal, band_bps: Decimal) -> Decimal:
    """Within `band_bps` of the middle."""
    room = middle * band_bps / _BPS
    return min(max(price, middle - room), middle + room)


def _average(levels: Iterable[Level], most: int) -> Decimal:
    """In ticks, of the first levels; `most`: tick-lots."""
    cost = lots = Decimal(0)
    for level in levels:
        costs = level.price * level.amount
        if cost + costs >= most:
            taken = (most - cost) / level.price
            lots, cost = lots + taken, cost + taken * level.price
            break
        lots, cost = lots + level.amount, cost + costs
    return cost / lots
