from tests.factories import standing
from trading_bridge.core.decision import Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.reconcile import Plan, reconcile


def wish(side: Side, price: int, amount: int = 1000) -> Wanted:
    return Wanted(side=side, price=Ticks(price), amount=Lots(amount))


def test_an_order_within_tolerance_keeps_its_place() -> None:
    own = standing(Side.BUY, 100, 1000)
    assert reconcile((wish(Side.BUY, 102),), (own,), Ticks(2)) == Plan(keep=(own,))


def test_an_order_beyond_tolerance_is_replaced() -> None:
    own = standing(Side.BUY, 100, 1000)
    wanted = wish(Side.BUY, 103)
    assert reconcile((wanted,), (own,), Ticks(2)) == Plan(cancel=(own,), place=(wanted,))


def test_a_partly_filled_order_is_kept_until_half_is_gone() -> None:
    half, less = standing(Side.SELL, 100, 500), standing(Side.SELL, 100, 499)
    assert reconcile((wish(Side.SELL, 100),), (half,), Ticks(0)).keep == (half,)
    assert reconcile((wish(Side.SELL, 100),), (less,), Ticks(0)).cancel == (less,)


def test_no_decision_leaves_what_stands() -> None:
    own = standing(Side.BUY, 100, 1000)
    assert reconcile(None, (own,), Ticks(0)) == Plan(keep=(own,))


def test_nothing_wanted_takes_everything_out() -> None:
    own = standing(Side.BUY, 100, 1000)
    assert reconcile((), (own,), Ticks(0)) == Plan(cancel=(own,))


def test_an_order_under_way_blocks_its_side_only() -> None:
    for state in (OrderState.UNRESOLVED, OrderState.PENDING_NEW, OrderState.PENDING_CANCEL):
        own = standing(Side.BUY, 100, 1000, state)
        plan = reconcile((wish(Side.BUY, 100), wish(Side.SELL, 110)), (own,), Ticks(0))
        assert plan == Plan(keep=(own,), place=(wish(Side.SELL, 110),))


def test_two_orders_for_one_wish_leave_one() -> None:
    first, second = standing(Side.BUY, 100, 1000, name="a"), standing(Side.BUY, 100, 1000, name="b")
    plan = reconcile((wish(Side.BUY, 100),), (first, second), Ticks(0))
    assert plan == Plan(keep=(first,), cancel=(second,))
