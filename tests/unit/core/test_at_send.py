"""Limits at the moment of a send: what is live already counts, in flight and unresolved included."""

from decimal import Decimal

import pytest

from tests.factories import market, order, standing
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Order, OrderState, Side
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.restraint import ScopeKind
from trading_bridge.core.risk import at_send
from trading_bridge.core.risk.limits import Limits, Purse


def told(reason: Reason | None) -> tuple[str, dict[str, str]] | None:
    return None if reason is None else (reason.code, dict(reason.parameters))


def wish(side: Side, price: int = 25_000, lots: int = 200_000) -> Wanted:
    return Wanted(side=side, price=Ticks(price), amount=Lots(lots))


def live(side: Side, price: str = "0.025", amount: str = "1000", filled: str = "0", **more: object) -> Order:
    return order(side=side, price=Decimal(price), amount=Decimal(amount), filled=Decimal(filled), **more)


def test_open_orders() -> None:
    limits = Limits(max_open_orders=2)
    assert at_send.too_many_open(1, limits) is None
    assert told(at_send.too_many_open(2, limits)) == ("limit.open_orders", {"open_orders": "2", "limit": "2"})


@pytest.mark.parametrize(
    ("side", "own", "purse", "left"),
    [
        # 2,000 SHARP at 0.025: 50 USDT
        (Side.BUY, (), Purse(base=Decimal(0), quote=Decimal(50)), None),
        (Side.BUY, (), Purse(base=Decimal(9_999), quote=Decimal("49.99")), "49.99"),
        (Side.BUY, (live(Side.BUY),), Purse(base=Decimal(0), quote=Decimal(75)), None),
        (Side.BUY, (live(Side.BUY),), Purse(base=Decimal(0), quote=Decimal("74.9")), "49.9"),
        (Side.BUY, (live(Side.BUY, filled="400"),), Purse(base=Decimal(0), quote=Decimal(65)), None),
        (Side.BUY, (live(Side.BUY, state=OrderState.UNRESOLVED),), Purse(base=Decimal(0), quote=Decimal(50)), "25"),
        (Side.BUY, (live(Side.SELL),), Purse(base=Decimal(0), quote=Decimal(50)), None),
        (Side.SELL, (live(Side.SELL),), Purse(base=Decimal(3_000), quote=Decimal(0)), None),
        (Side.SELL, (live(Side.SELL),), Purse(base=Decimal(2_999), quote=Decimal(9_999)), "1999"),
        # its fills cost more than its budget had
        (Side.SELL, (), Purse(base=Decimal(-5), quote=Decimal(0)), "-5"),
    ],
)
def test_a_budget_bounds_what_its_bot_has_in_orders(
    side: Side, own: tuple[Order, ...], purse: Purse, left: str | None
) -> None:
    found = told(at_send.overspent(wish(side), market(), own, purse))
    buys = side is Side.BUY
    needs, currency = ("50", "USDT") if buys else ("2000", "SHARP")
    expected = {"side": side.value, "currency": currency, "has": left, "needs": needs}
    assert found == (None if left is None else ("budget.spent", expected))


def test_exposure() -> None:
    assert at_send.overexposed(Decimal(60), Decimal(40), Decimal(100), ScopeKind.CLIENT) is None
    found = told(at_send.overexposed(Decimal(60), Decimal("40.1"), Decimal(100), ScopeKind.CLIENT))
    assert found == ("limit.exposure", {"of": "the client", "amount": "100.1", "limit": "100"})


def test_rates() -> None:
    assert at_send.too_many_orders(119, 120, ScopeKind.BOT) is None
    assert told(at_send.too_many_orders(120, 120, ScopeKind.BOT)) == (
        "limit.order_rate",
        {"of": "the bot", "limit": "120"},
    )
    assert at_send.too_many_cancels(118, 2, 120, ScopeKind.PLATFORM) is None
    assert told(at_send.too_many_cancels(119, 2, 120, ScopeKind.PLATFORM)) == (
        "limit.cancel_rate",
        {"of": "the platform", "limit": "120"},
    )


def test_only_what_would_be_replaced_is_throttled() -> None:
    bid, ask, far = standing(Side.BUY, 25_000, 1), standing(Side.SELL, 26_000, 1), standing(Side.SELL, 27_000, 1)
    plan = Plan(keep=(far,), cancel=(bid, ask), place=(wish(Side.BUY),))
    assert at_send.replaced(plan) == 1
    assert at_send.without_replacing(plan) == Plan(keep=(far, bid), cancel=(ask,), place=())


def test_a_pull_is_never_throttled() -> None:
    plan = Plan(cancel=(standing(Side.BUY, 25_000, 1), standing(Side.SELL, 26_000, 1)))
    assert at_send.replaced(plan) == 0
    assert at_send.without_replacing(plan) == plan
