"""Two-sided quotes around the mid of others: bid and ask `spread_bps` apart."""

from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.view import MarketView

_HALF_BPS = Decimal(20_000)
_BPS = Decimal(10_000)


class SpreadParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    spread_bps: Decimal = Field(
        default=Decimal(40),
        ge=Decimal("0.5"),
        le=Decimal(2_000),
        description="Distance between own bid and own ask, in basis points of the mid.",
    )
    order_amount_quote: Decimal = Field(
        default=Decimal(50),
        gt=0,
        le=Decimal(1_000_000),
        description="Value of each of the two orders, in the quote currency.",
    )
    refresh_tolerance_bps: Decimal | None = Field(
        default=None,
        ge=0,
        le=Decimal(1_000),
        description="A resting order that is at most this far from where it should be keeps its place in the queue; "
        "without a value, an eighth of the spread.",
    )

    @property
    def tolerance_bps(self) -> Decimal:
        return self.spread_bps / 8 if self.refresh_tolerance_bps is None else self.refresh_tolerance_bps

    @field_validator("refresh_tolerance_bps")
    @classmethod
    def _inside_the_spread(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        spread_bps: Decimal | None = info.data.get("spread_bps")
        if value is not None and spread_bps is not None and value * 2 > spread_bps:
            raise ValueError(
                f"it may be at most half of spread_bps ({spread_bps / 2:f}), "
                "else a resting order could stand on the wrong side of the mid"
            )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quote:
    wish: Wanted | None
    note: Reason | None


def decide(view: MarketView, parameters: SpreadParameters) -> Decision:
    """Post-only bid and ask around the mid, each never past the balance, rounded away from the mid."""
    bid, ask = view.book.best_bid, view.book.best_ask
    if bid is None or ask is None:
        empty = "bids" if bid is None else "asks"
        return Decision(reason=Reason(code="book.one_sided", parameters={"empty": empty}), wanted=())
    market = view.market
    mid = market.tick_size * (bid + ask) / 2
    half = mid * parameters.spread_bps / _HALF_BPS
    quotes = (
        _buy(Ticks(min(market.ticks_down(mid - half), ask - 1)), view, parameters.order_amount_quote),
        _sell(Ticks(max(market.ticks_up(mid + half), bid + 1)), view, parameters.order_amount_quote),
    )
    wanted = tuple(quote.wish for quote in quotes if quote.wish is not None)
    notes = tuple(quote.note for quote in quotes if quote.note is not None)
    if len(wanted) == 2:
        return Decision(reason=Reason(code="quoting"), wanted=wanted, notes=notes)
    if wanted:
        reason = Reason(code="quoting.one_sided", parameters={"side": wanted[0].side.value})
        return Decision(reason=reason, wanted=wanted, notes=notes)
    return Decision(reason=notes[0], wanted=(), notes=notes[1:])


def tolerance(parameters: SpreadParameters, market: Market, mid: Decimal) -> Ticks:
    return market.ticks_down(mid * parameters.tolerance_bps / _BPS)


def _buy(price: Ticks, view: MarketView, amount_quote: Decimal) -> _Quote:
    market = view.market
    if price <= 0:
        return _Quote(wish=None, note=Reason(code="order.too_small", parameters={"side": Side.BUY.value}))
    affordable = market.lots_down(view.spendable_quote / market.price(price))
    return _sized(Side.BUY, price, amount_quote, affordable, view.spendable_quote, market.quote, market)


def _sell(price: Ticks, view: MarketView, amount_quote: Decimal) -> _Quote:
    market = view.market
    affordable = market.lots_down(view.spendable_base)
    return _sized(Side.SELL, price, amount_quote, affordable, view.spendable_base, market.base, market)


def _sized(
    side: Side, price: Ticks, amount_quote: Decimal, affordable: Lots, has: Decimal, currency: str, market: Market
) -> _Quote:
    amount = market.lots_down(amount_quote / market.price(price))
    if not market.allows(price, amount):
        parameters = {"side": side.value, "order_amount_quote": f"{amount_quote:f}", "symbol": market.symbol}
        return _Quote(wish=None, note=Reason(code="order.too_small", parameters=parameters))
    if affordable >= amount:
        return _Quote(wish=Wanted(side=side, price=price, amount=amount), note=None)
    needs = market.cost(price, amount) if side is Side.BUY else market.amount(amount)
    note = Reason(
        code="balance.insufficient",
        parameters={"side": side.value, "currency": currency, "has": readable(has), "needs": readable(needs)},
    )
    if market.allows(price, affordable):
        return _Quote(wish=Wanted(side=side, price=price, amount=affordable), note=note)
    return _Quote(wish=None, note=note)
