"""Price shock breaker."""

from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason

_BPS = Decimal(10_000)


def shocked(mid: Decimal, low: Decimal, high: Decimal, limit_bps: Decimal) -> Reason | None:
    """Whether the mid has moved too far from a price of the window, whose lowest and highest are given."""
    moved = max(high - mid, mid - low)
    start = high if high - mid >= mid - low else low
    if start <= 0 or moved * _BPS < limit_bps * start:
        return None
    bps = (moved / start * _BPS).quantize(Decimal(1))
    return Reason(code="limit.shock", parameters={"bps": readable(bps), "allowed_bps": readable(limit_bps)})
