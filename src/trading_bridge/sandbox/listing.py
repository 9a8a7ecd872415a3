"""One market as it trades, and the sums of its orders and matches."""

from collections import deque

from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import Account, AccountKind
from trading_bridge.sandbox.candles import Candle
from trading_bridge.sandbox.matching import Book, Taking
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import MarketRules


class Listing:
    """One market as it trades."""

    def __init__(self, rules: MarketRules, trades: deque[SandboxTrade], candle: Candle | None) -> None:
        self.rules = rules
        self.book: Book[SandboxOrder] = Book()
        #: oldest first
        self.trades = trades
        #: of the last minute that had a trade
        self.candle = candle
        self.last_number = trades[-1].number if trades else 0


def taking_of(book: Book[SandboxOrder], order: SandboxOrder) -> Taking[SandboxOrder]:
    """What an order that arrives would get."""
    return book.taking(
        order.side,
        limit=None if order.is_market else order.price,
        lots=order.remaining if order.lots else None,
        budget=order.budget or None,
        self_trade=order.self_trade,
        is_own=lambda maker: maker.account == order.account,
    )


def is_too_small(rules: MarketRules, order: SandboxOrder) -> bool:
    if order.budget:
        return rules.cost(order.budget) < rules.min_market_cost
    amount = rules.amount(order.lots)
    if order.is_market:
        return amount < rules.min_market_amount
    return rules.price(order.price) < rules.min_price or amount < rules.min_amount


def sized(book: Book[SandboxOrder], order: SandboxOrder) -> None:
    """A market order has what it needs to be held: a buy by lots what these cost, a sell by budget its lots."""
    if not order.is_market or (order.side is Side.BUY) is bool(order.budget):
        return
    taking = taking_of(book, order)
    if order.side is Side.BUY:
        order.budget = taking.cost
    else:
        order.lots = order.remaining = taking.lots


def to_hold(rules: MarketRules, order: SandboxOrder) -> tuple[str, int]:
    """Currency and atoms that it holds while it is open."""
    if order.side is Side.SELL:
        return rules.base, order.remaining * rules.atoms_per_lot
    units = order.budget - order.filled_cost if order.is_market else order.price * order.remaining
    return rules.quote, units * rules.atoms_per_unit


def fee_of(rules: MarketRules, received: int, account: Account, *, is_maker: bool) -> int:
    """Atoms of what is received; exact, as the market's decimals leave room for its rates."""
    if account.kind is not AccountKind.REGULAR:
        return 0
    rate = rules.maker_fee if is_maker else rules.taker_fee
    numerator, denominator = rate.as_integer_ratio()
    return received * numerator // denominator


def fill_of(trade: SandboxTrade, order: SandboxOrder, fee: int, *, is_maker: bool) -> Fill:
    return Fill(
        2 * trade.match_id + (0 if is_maker else 1),
        trade.match_id,
        trade.number,
        order.account,
        trade.symbol,
        order.id,
        order.side,
        trade.price,
        trade.lots,
        is_maker,
        fee,
        order.remaining,
        trade.buyer == trade.seller,
        trade.time_ms,
    )
