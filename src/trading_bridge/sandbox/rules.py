"""A market's rules as data, and the only place where the sandbox turns decimals into whole numbers and back.

Money is counted in atoms of 10**-18 of a currency. A market is only accepted when price, amount and fee rate together
need no more than 18 decimals, so no sum of the ledger is ever rounded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from typing import TypeVar

from trading_bridge.core.market import Lots, Ticks

ATOM_DECIMALS = 18
#: larger numbers are refused before they reach a 64-bit column
MAX_UNITS = 10**15
#: wide enough that scaling never rounds
_EXACT = Context(prec=200)

N = TypeVar("N", bound=int)


class RefusalCode(StrEnum):
    """Why the exchange did not take a request; each dialect has its own number and text for it."""

    MARKET_UNKNOWN = "market_unknown"
    MARKET_CLOSED = "market_closed"
    PRICE_PRECISION = "price_precision"
    AMOUNT_PRECISION = "amount_precision"
    COST_PRECISION = "cost_precision"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_MANY_ORDERS = "too_many_orders"
    DUPLICATE_ID = "duplicate_id"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    WOULD_TAKE = "would_take"


@dataclass(frozen=True, slots=True)
class Refusal:
    code: RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRules:
    #: unified, `BASE/QUOTE`
    symbol: str
    market_id: int
    base: str
    quote: str
    #: decimals of the price and of the amount
    tick_decimals: int
    lot_decimals: int
    min_price: Decimal
    min_amount: Decimal
    #: smallest quote of a market buy, smallest base of a market sell
    min_market_cost: Decimal
    min_market_amount: Decimal
    maker_fee: Decimal = Decimal("0.002")
    taker_fee: Decimal = Decimal("0.002")
    open: bool = True
    #: Unix milliseconds
    listed_at_ms: int = 1_609_813_531_019

    def __post_init__(self) -> None:
        fee_decimals = max(_decimals(self.maker_fee), _decimals(self.taker_fee))
        if self.tick_decimals + self.lot_decimals + fee_decimals > ATOM_DECIMALS:
            raise ValueError(f"{self.symbol}: price, amount and fee decimals together must be at most {ATOM_DECIMALS}")

    @property
    def cost_decimals(self) -> int:
        """Of the quote amount of a market buy."""
        return min(self.tick_decimals, 2)

    @property
    def atoms_per_lot(self) -> int:
        """Of base."""
        return int(10 ** (ATOM_DECIMALS - self.lot_decimals))

    @property
    def atoms_per_unit(self) -> int:
        """Of quote, for one tick x one lot."""
        return int(10 ** (ATOM_DECIMALS - self.tick_decimals - self.lot_decimals))

    def price(self, ticks: int) -> Decimal:
        return Decimal(ticks).scaleb(-self.tick_decimals, _EXACT)

    def amount(self, lots: int) -> Decimal:
        return Decimal(lots).scaleb(-self.lot_decimals, _EXACT)

    def cost(self, units: int) -> Decimal:
        """Quote of so many ticks x lots."""
        return Decimal(units).scaleb(-self.tick_decimals - self.lot_decimals, _EXACT)

    def ticks(self, price: Decimal) -> Ticks | Refusal:
        return _whole(price, self.tick_decimals, RefusalCode.PRICE_PRECISION, Ticks)

    def lots(self, amount: Decimal) -> Lots | Refusal:
        return _whole(amount, self.lot_decimals, RefusalCode.AMOUNT_PRECISION, Lots)

    def budget(self, cost: Decimal) -> int | Refusal:
        """Ticks x lots of a market buy's quote amount."""
        coarse = _whole(cost, self.cost_decimals, RefusalCode.COST_PRECISION, int)
        if isinstance(coarse, Refusal):
            return coarse
        return int(coarse * 10 ** (self.tick_decimals + self.lot_decimals - self.cost_decimals))


def is_sane(value: Decimal) -> bool:
    """Small enough in size and digits that scaling it is exact and cheap; `1E+999999999` is not."""
    return value.is_finite() and -40 <= value.adjusted() <= 40 and len(value.as_tuple().digits) <= 60


def to_atoms(amount: Decimal) -> int | None:
    """None: it has more than 18 decimals, or is beyond all sense."""
    if not is_sane(amount):
        return None
    scaled = amount.scaleb(ATOM_DECIMALS, _EXACT)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def from_atoms(atoms: int) -> Decimal:
    return Decimal(atoms).scaleb(-ATOM_DECIMALS, _EXACT)


def plain(value: Decimal) -> str:
    """No exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _whole(value: Decimal, decimals: int, refusal: RefusalCode, kind: Callable[[int], N]) -> N | Refusal:
    if not value.is_finite() or value <= 0:
        return Refusal(RefusalCode.TOO_SMALL)
    if value.adjusted() + decimals > 15:
        return Refusal(RefusalCode.TOO_LARGE)
    if not is_sane(value) or _decimals(value) > decimals:
        return Refusal(refusal)
    scaled = int(value.scaleb(decimals, _EXACT))
    return kind(scaled) if scaled <= MAX_UNITS else Refusal(RefusalCode.TOO_LARGE)


def _decimals(value: Decimal) -> int:
    """Of the value itself: 1.50 has one, 1E+3 none."""
    exponent = value.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
