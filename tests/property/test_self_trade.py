"""No two live orders of a client's market cross, whatever its bots wish and in whichever order (invariant I5)."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import market
from trading_bridge.core.crossing import REPRICE_WITHIN_BPS, cleared
from trading_bridge.core.decision import Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side

MARKET = market(min_amount=Decimal(1))


@dataclass(frozen=True)
class Live:
    bot: int
    side: Side
    price: Decimal


WISHES = st.tuples(
    st.integers(min_value=0, max_value=3),
    st.sampled_from(Side),
    st.integers(min_value=24_000, max_value=26_000),
    st.booleans(),
)
#: a wish, or the place of a live order that ends
STEPS = st.lists(st.one_of(WISHES, st.integers(min_value=0, max_value=30)), max_size=40)


@given(STEPS)
def test_I5_no_two_live_orders_of_a_market_cross(steps: list[tuple[int, Side, int, bool] | int]) -> None:
    live: list[Live] = []
    for step in steps:
        if isinstance(step, int):
            if step < len(live):
                live.pop(step)
            continue
        bot, side, price, post_only = step
        wish = Wanted(side=side, price=Ticks(price), amount=Lots(10_000), post_only=post_only)
        found = cleared(
            wish,
            MARKET,
            own=[one for one in live if one.bot == bot],
            others=[one for one in live if one.bot != bot],
            room_bps=REPRICE_WITHIN_BPS,
        )
        if found.wish is not None:
            assert abs(found.wish.price - price) * 10_000 <= price * REPRICE_WITHIN_BPS
            live.append(Live(bot, side, MARKET.price(found.wish.price)))
    bids = [one.price for one in live if one.side is Side.BUY]
    asks = [one.price for one in live if one.side is Side.SELL]
    assert not bids or not asks or max(bids) < min(asks)
