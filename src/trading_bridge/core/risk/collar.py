"""Price collar: no order far from where the market has been."""

from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.view import MarketView

_BPS = Decimal(10_000)


def outside_collar(wish: Wanted, view: MarketView, collar_bps: Decimal) -> Reason | None:
    """Why the order may not stand; None: it may. Without a reference nothing may: the collar is never off."""
    if view.reference is None:
        return Reason(code="risk.reference_unknown", parameters={"symbol": view.market.symbol})
    price = view.market.price(wish.price)
    allowed = view.reference * collar_bps / _BPS
    if abs(price - view.reference) <= allowed:
        return None
    return Reason(
        code="risk.collar",
        parameters={
            "side": wish.side.value,
            "price": f"{price:f}",
            "reference": readable(view.reference),
            "collar_bps": f"{collar_bps:f}",
        },
    )
