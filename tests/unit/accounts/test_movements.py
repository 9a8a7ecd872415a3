"""Fills and balances become known in either order; what they leave of a currency is the same."""

from decimal import Decimal

from tests.factories import balances, fill
from trading_bridge.accounts.movements import Movements
from trading_bridge.core.order import Side

HUNDRED, FIFTY, NONE = balances(SHARP="100"), balances(SHARP="50"), balances(SHARP="0")


def sold(amount: str) -> object:
    return fill(side=Side.SELL, amount=Decimal(amount), cost=Decimal(1), fee=None)


def left(movements: Movements, had: str) -> Decimal:
    return movements.expected("SHARP", Decimal(had))


def test_a_fill_moves_both_currencies_and_the_fee() -> None:
    movements = Movements()
    movements.filled(fill(side=Side.BUY, amount=Decimal(10), cost=Decimal(4), fee=Decimal("0.5"), fee_currency="SHARP"))
    assert movements.expected("SHARP", Decimal(0)) == Decimal("9.5")
    assert movements.expected("USDT", Decimal(9)) == 5


def test_a_sale_that_is_told_first_counts_until_the_balance_shows_it() -> None:
    movements = Movements()
    movements.filled(sold("50"))  # type: ignore[arg-type]
    assert left(movements, "100") == 50
    movements.settle(HUNDRED, HUNDRED)  # read before the exchange had booked it
    assert left(movements, "100") == 50
    movements.settle(HUNDRED, FIFTY)
    assert left(movements, "50") == 50


def test_a_sale_that_the_balance_shows_first_is_not_counted_twice() -> None:
    movements = Movements()
    movements.settle(HUNDRED, FIFTY)
    movements.filled(sold("50"))  # type: ignore[arg-type]
    assert left(movements, "50") == 50


def test_a_fall_that_no_fill_explains_is_not_waited_for_for_ever() -> None:
    movements = Movements()
    movements.settle(HUNDRED, FIFTY)  # withdrawn
    movements.settle(FIFTY, FIFTY)
    movements.filled(sold("50"))  # type: ignore[arg-type]
    assert left(movements, "50") == 0


def test_a_deposit_explains_no_loss() -> None:
    movements = Movements()
    movements.settle(NONE, HUNDRED)
    assert left(movements, "100") == 100
