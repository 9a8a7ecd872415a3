"""Who would trade with whom, and where an order may stand instead."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from tests.factories import market, standing
from trading_bridge.core.crossing import REPRICE_WITHIN_BPS, Cleared, cleared, meets, without_churn
from trading_bridge.core.decision import Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.reconcile import Plan


@dataclass(frozen=True)
class There:
    side: Side
    price: Decimal | None


def wish(side: Side, price: int, *, lots: int = 10_000, post_only: bool = True) -> Wanted:
    return Wanted(side=side, price=Ticks(price), amount=Lots(lots), post_only=post_only)


def there(side: Side, price: str | None) -> There:
    return There(side, None if price is None else Decimal(price))


def clear(wanted: Wanted, *others: There, own: tuple[There, ...] = ()) -> Cleared:
    return cleared(wanted, market(), own=own, others=others, room_bps=REPRICE_WITHIN_BPS)


def outcome(found: Cleared) -> tuple[int | None, str | None]:
    return None if found.wish is None else found.wish.price, None if found.note is None else found.note.code


@pytest.mark.parametrize(
    ("wanted", "other", "whether"),
    [
        (wish(Side.BUY, 25_600), there(Side.SELL, "0.025600"), True),
        (wish(Side.BUY, 25_599), there(Side.SELL, "0.025600"), False),
        (wish(Side.SELL, 25_600), there(Side.BUY, "0.025600"), True),
        (wish(Side.SELL, 25_601), there(Side.BUY, "0.025600"), False),
        (wish(Side.BUY, 25_600), there(Side.BUY, "0.025600"), False),
        (wish(Side.BUY, 1), there(Side.SELL, None), True),
    ],
)
def test_an_order_meets_what_it_would_trade_with(wanted: Wanted, other: There, whether: bool) -> None:
    assert meets(wanted, market(), [other]) is whether


@pytest.mark.parametrize(
    ("wanted", "others", "expected"),
    [
        (wish(Side.BUY, 25_600), (), (25_600, None)),
        (wish(Side.BUY, 25_600), (there(Side.SELL, "0.0256"),), (25_599, "self_trade.repriced")),
        (wish(Side.SELL, 25_600), (there(Side.BUY, "0.0256"),), (25_601, "self_trade.repriced")),
        # the best of several decides
        (
            wish(Side.BUY, 25_600),
            (there(Side.SELL, "0.0256"), there(Side.SELL, "0.02558"), there(Side.SELL, "0.0259")),
            (25_579, "self_trade.repriced"),
        ),
        # a price of another tick size: never on it, never through it
        (wish(Side.BUY, 25_600), (there(Side.SELL, "0.0255995"),), (25_599, "self_trade.repriced")),
        (wish(Side.SELL, 25_600), (there(Side.BUY, "0.0256005"),), (25_601, "self_trade.repriced")),
        # 1 % away and no further
        (wish(Side.BUY, 10_000), (there(Side.SELL, "0.009901"),), (9_900, "self_trade.repriced")),
        (wish(Side.BUY, 10_000), (there(Side.SELL, "0.009900"),), (None, "self_trade.withheld")),
        (wish(Side.BUY, 25_600), (there(Side.SELL, None),), (None, "self_trade.withheld")),
        # one that may take is not moved to where it would rest
        (wish(Side.BUY, 25_600, post_only=False), (there(Side.SELL, "0.0256"),), (None, "self_trade.withheld")),
    ],
)
def test_fault_X21_behind_it_or_not_at_all(
    wanted: Wanted, others: tuple[There, ...], expected: tuple[int | None, str | None]
) -> None:
    assert outcome(clear(wanted, *others)) == expected


def test_nothing_is_repriced_below_the_markets_minimum() -> None:
    rules = market(min_cost=Decimal("2.56"))
    found = cleared(
        wish(Side.BUY, 25_600), rules, own=(), others=(there(Side.SELL, "0.0256"),), room_bps=REPRICE_WITHIN_BPS
    )
    assert outcome(found) == (None, "self_trade.withheld")


def test_a_bots_own_order_is_waited_for() -> None:
    own = (there(Side.SELL, "0.0256"),)
    assert outcome(clear(wish(Side.BUY, 25_600), own=own)) == (None, "self_trade.withheld")


def test_what_stands_where_its_successor_would_come_to_stand_stays() -> None:
    stands, ask = standing(Side.BUY, 25_599, 10_000), standing(Side.SELL, 25_700, 10_000)
    wanted, other = wish(Side.BUY, 25_600), wish(Side.SELL, 25_650)
    plan, served = without_churn(Plan(cancel=(stands, ask), place=(wanted, other)), [(wanted, wish(Side.BUY, 25_599))])
    assert plan == Plan(keep=(stands,), cancel=(ask,), place=(other,))
    assert served == (wanted,)


@pytest.mark.parametrize(("price", "lots"), [(25_598, 10_000), (25_599, 4_000), (25_599, 12_000)])
def test_what_stands_elsewhere_or_with_another_amount_goes(price: int, lots: int) -> None:
    plan = Plan(cancel=(standing(Side.BUY, price, lots),), place=(wanted := wish(Side.BUY, 25_600),))
    assert without_churn(plan, [(wanted, wish(Side.BUY, 25_599))]) == (plan, ())
