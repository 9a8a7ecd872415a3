"""What an exchange account holds, as its exchange said it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One currency. People read `free`, `used`, `total` as Available, Locked, Total."""

    free: Decimal
    used: Decimal

    @property
    def total(self) -> Decimal:
        return self.free + self.used


NOTHING = Balance(free=Decimal(0), used=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """One answer of the exchange about one wallet."""

    wallet: str
    #: the exchange's own id of the account; None where its answer does not say
    exchange_account: str | None
    by_currency: Mapping[str, Balance]
    #: the exchange documents that a currency which it does not list is zero
    complete: bool

    def of(self, currency: str) -> Balance | None:
        """None: the exchange did not say; that is unknown, never zero."""
        held = self.by_currency.get(currency)
        if held is None and self.complete:
            return NOTHING
        return held
