"""One bid, a distance below the best bid of others."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.quoting.sizing import Size, room_of, sized
from trading_bridge.core.strategies.bot_type import BotType
from trading_bridge.core.view import MarketView

_BPS = Decimal(10_000)


class OneBidParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    below_bps: Decimal = Field(
        default=Decimal(10),
        ge=1,
        le=500,
        description="Distance of the bid from the best bid of others.",
        json_schema_extra={"group": "Orders", "unit": "basis points"},
    )
    order_amount_quote: Decimal = Field(
        default=Decimal(50),
        gt=0,
        le=10_000,
        description="Value of the bid.",
        json_schema_extra={"group": "Orders", "unit": "quote currency"},
    )


def decide(view: MarketView, parameters: OneBidParameters) -> Decision:
    best, market = view.book.best_bid, view.market
    if best is None:
        return Decision(reason=Reason(code="book.one_sided", parameters={"empty": "bids"}), wanted=())
    price = market.ticks_down(market.price(best) * (1 - parameters.below_bps / _BPS))
    if price <= 0:
        return Decision(reason=_too_small(), wanted=())
    amount = Size(quote=parameters.order_amount_quote).lots(price, market, Decimal(1))
    found = sized([(price, amount)], room_of(Side.BUY, market, view.spendable_quote), _too_small)
    if not found.wanted:
        return Decision(reason=found.notes[0], wanted=())
    wanted: tuple[Wanted, ...] = found.wanted
    return Decision(
        reason=Reason(code="quoting.one_sided", parameters={"side": "buy"}), wanted=wanted, notes=found.notes
    )


def _too_small() -> Reason:
    return Reason(code="order.too_small", parameters={"side": "buy"})


def tolerance(parameters: OneBidParameters, market: Market, price: Decimal) -> Ticks:
    return market.ticks_down(price * parameters.below_bps / 4 / _BPS)


ONE_BID = BotType(id="one_bid", label="One bid", parameters=OneBidParameters, decide=decide, tolerance=tolerance)
