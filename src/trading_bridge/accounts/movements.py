"""What own fills did to each currency since the last balance that was believed."""

from decimal import Decimal

from trading_bridge.core.balance import NOTHING, Balances
from trading_bridge.core.conservation import changes_of
from trading_bridge.core.trade import Trade

_ZERO = Decimal(0)


class Movements:
    """A fill and the balance that contains it become known in either order. What one read cannot account for is carried
    to the next one, and no further: then it was no fill."""

    def __init__(self) -> None:
        self._told: dict[str, Decimal] = {}  # currency -> sum of what fills added, since the last balance
        #: currency -> above zero: a fall that a fill may explain which is told later; below: told, and not seen yet
        self._carried: dict[str, Decimal] = {}

    def filled(self, fill: Trade) -> None:
        for currency, change in changes_of(fill).items():
            self._add(currency, change)

    def expected(self, currency: str, had: Decimal) -> Decimal:
        """What should be left of it."""
        return had + self._told.get(currency, _ZERO) + self._carried.get(currency, _ZERO)

    def settle(self, before: Balances, now: Balances) -> None:
        """A balance was believed after the one before it."""
        carried = {
            currency: self._left_over(currency, before, now)
            for currency in {**before.by_currency, **now.by_currency, **self._told}
        }
        self._carried = {currency: amount for currency, amount in carried.items() if amount}
        self._told.clear()

    def _left_over(self, currency: str, before: Balances, now: Balances) -> Decimal:
        had, has = (one.by_currency.get(currency, NOTHING).total for one in (before, now))
        unseen = self.expected(currency, had) - has
        if unseen > 0:
            return _ZERO if self._carried.get(currency, _ZERO) > 0 else unseen
        return max(unseen, min(self._told.get(currency, _ZERO), _ZERO))

    def _add(self, currency: str, amount: Decimal) -> None:
        self._told[currency] = self._told.get(currency, _ZERO) + amount
