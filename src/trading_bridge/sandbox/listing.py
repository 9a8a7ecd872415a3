"""One market as it trades, and the sums of its orders and matches."""

from collections import deque

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import Account, AccountKind
from trading_bridge.sandbox.matching import Book
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import MarketRules


class Listing:
    """One market as it trades."""

    def __init__(self, rules: MarketRules, trades: deque[SandboxTrade]) -> None:
        self.rules = rules
        self.book: Book[SandboxOrder] = Book()
        #: oldest first
        self.trades = trades
        self.last_number = trades[-1].number if trades else 0


def cost_to_hold(
    rules: MarketRules, side: Side, price: Ticks | None, lots: Lots | None, budget: int | None
) -> tuple[str, int]:
    """Currency and atoms."""
    if side is Side.BUY and price is None:
        assert budget is not None, "a market buy names its budget"
        return rules.quote, budget * rules.atoms_per_unit
    assert lots is not None, "every other order names its lots"
    if side is Side.SELL or price is None:
        return rules.base, lots * rules.atoms_per_lot
    return rules.quote, price * lots * rules.atoms_per_unit


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
