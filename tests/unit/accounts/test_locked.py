"""Whose orders hold what an exchange account has locked."""

from decimal import Decimal

from tests.factories import order
from trading_bridge.accounts.locked import Locked, locked
from trading_bridge.core.order import Order, OrderReport, OrderState, Side


def ours(bot_id: str, side: Side, price: str, amount: str, filled: str = "0", symbol: str = "SHARP/USDT") -> Order:
    return order(
        bot_id=bot_id,
        side=side,
        price=Decimal(price),
        amount=Decimal(amount),
        filled=Decimal(filled),
        symbol=symbol,
        state=OrderState.NEW,
    )


BY_HAND = OrderReport(
    exchange_order_id="7",
    client_order_id=None,
    symbol="ETH/USDT",
    side=Side.BUY,
    price=Decimal(2_000),
    amount=Decimal("0.5"),
    filled=Decimal("0.1"),
    state=OrderState.PARTIALLY_FILLED,
    exchange_time=None,
)


def test_a_currency_is_held_by_sells_of_it_and_by_bids_that_pay_with_it() -> None:
    orders = (
        ours("bot1", Side.BUY, "0.02", "1000", filled="250"),
        ours("bot1", Side.SELL, "0.03", "500"),
        ours("bot2", Side.BUY, "2000", "0.01", symbol="ETH/USDT"),
        ours("bot2", Side.SELL, "2100", "3", symbol="ETH/USDT"),
    )
    usdt = locked("USDT", "bot1", orders, (BY_HAND,))
    assert usdt == Locked(this_bot=Decimal(15), other_bots=Decimal(20), by_hand=Decimal(800))
    sharp = locked("SHARP", "bot2", orders, (BY_HAND,))
    assert sharp == Locked(this_bot=Decimal(0), other_bots=Decimal(500), by_hand=Decimal(0))


def test_a_market_order_holds_nothing_that_could_be_told() -> None:
    taking = order(side=Side.BUY, price=None, state=OrderState.NEW)
    assert locked("USDT", "bot1", (taking,), ()).this_bot == 0
