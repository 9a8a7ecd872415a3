"""The values that bound what a bot, a client and the platform may do; each has a default that is on."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one bot. A share is of the bot's worth: its budget in quote, or its account's balances at its first start."""

    #: an order may be priced this far from the reference
    collar_bps: Decimal = Decimal(500)
    #: largest price x amount of one order, in quote
    max_order_notional: Decimal = Decimal(5_000)
    #: and as a share
    max_order_share: Decimal = Decimal("0.5")
    max_open_orders: int = 20
    #: notional of all live orders, both sides
    max_exposure_share: Decimal = Decimal(1)
    #: a bid and an ask each second
    orders_per_minute: int = 120
    cancels_per_minute: int = 120
    #: so many for one cause, and nothing more is asked for
    refusals_in_row: int = 10
    #: what own fills made of the inventory, long or short
    max_inventory_share: Decimal = Decimal("0.3")
    #: what own fills cost against the mid a minute later, and in fees, in a day
    execution_loss_share: Decimal = Decimal("0.02")
    #: fees alone, in a day
    fee_share: Decimal = Decimal("0.02")
    #: loss of the bot's own net position: quotes go further out, ...
    drawdown_widen_share: Decimal = Decimal("0.02")
    #: ... become smaller too, ...
    drawdown_shrink_share: Decimal = Decimal("0.03")
    #: ... stand on the bid alone, inside the band, ...
    drawdown_bid_only_share: Decimal = Decimal("0.05")
    #: ... and end
    drawdown_hold_share: Decimal = Decimal("0.08")
    #: a mid that moves so far within the window trips the breaker
    shock_bps: Decimal = Decimal(1_000)
    shock_window_s: int = 60
    #: how long the breaker keeps quotes out
    cool_down_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLimits:
    """Of all bots of one client together, or of all on the platform; amounts count per quote currency."""

    orders_per_minute: int
    cancels_per_minute: int
    #: notional of all live orders; None: only each bot's own limit holds
    max_exposure_quote: Decimal | None = None
    #: in a day; None: only each bot's own limit holds
    execution_loss_quote: Decimal | None = None


CLIENT_LIMITS = ScopeLimits(orders_per_minute=1_200, cancels_per_minute=1_200)
PLATFORM_LIMITS = ScopeLimits(orders_per_minute=12_000, cancels_per_minute=12_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What a bot has in inventory and orders: its budget, moved by its own fills."""

    base: Decimal
    quote: Decimal

    def worth(self, price: Decimal) -> Decimal:
        """In quote."""
        return self.base * price + self.quote
