"""The order of a certification: as small as the market takes, as far as limits let it, on the side that can pay."""

from decimal import Decimal

import pytest

from tests.factories import NOW, balances, book, market
from trading_bridge.core.book import Book
from trading_bridge.core.certification import FarOrder, described, far_order
from trading_bridge.core.finding import Finding
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.risk.limits import Limits

RICH = balances(SHARP="1000000", USDT="10000")
#: mid 25600; 4 % away
BUY = FarOrder(side=Side.BUY, price=Ticks(24_576), amount=Lots(1000), touch=Ticks(25_590), mid=Decimal("0.0256"))


def chosen(
    of: Market | None = None, at: Book | None = None, has: object = RICH, limits: Limits | None = None
) -> FarOrder | Finding:
    return far_order(of or market(), at or book(), has, limits or Limits(), NOW)  # type: ignore[arg-type]


def test_it_buys_the_least_that_the_market_takes_four_percent_below() -> None:
    assert chosen() == BUY


def test_it_sells_where_there_is_nothing_to_buy_with() -> None:
    found = chosen(has=balances(SHARP="10", USDT="0.2"))
    assert found == FarOrder(
        side=Side.SELL, price=Ticks(26_624), amount=Lots(1000), touch=Ticks(25_610), mid=Decimal("0.0256")
    )


@pytest.mark.parametrize(
    ("collar_bps", "price"), [("100", 25_395), ("500", 24_576), ("5000", 23_040)], ids=["narrow", "default", "wide"]
)
def test_it_stays_within_the_collar_and_within_ten_percent(collar_bps: str, price: int) -> None:
    found = chosen(limits=Limits(collar_bps=Decimal(collar_bps)))
    assert isinstance(found, FarOrder)
    assert abs(found.price - price) <= 1
    assert found.is_far_from(book(), market(), Limits(collar_bps=Decimal(collar_bps)))


@pytest.mark.parametrize(
    ("changed", "amount"),
    [
        ({"min_amount": None}, "0.01"),
        ({"min_amount": Decimal("0.015")}, "0.02"),
        ({"min_cost": Decimal(5)}, "203.46"),
        ({"min_amount": None, "min_cost": Decimal("0.0000001")}, "0.01"),
    ],
)
def test_every_minimum_is_kept_and_nothing_more_is_bought(changed: dict[str, object], amount: str) -> None:
    of = market(**changed)
    found = chosen(of)
    assert isinstance(found, FarOrder)
    assert of.amount(found.amount) == Decimal(amount)
    assert of.allows(found.price, found.amount)
    assert found.amount == 1 or not of.allows(found.price, Lots(found.amount - 1))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"of": market(active=False, closed="market.no_api")}, "market.no_api"),
        ({"at": book(bids=(), asks=())}, "book.empty"),
        ({"at": book(asks=())}, "book.empty"),
        ({"at": book(bids=((25_700, 1),))}, "book.crossed"),
        ({"has": balances(SHARP="9", USDT="0.2")}, "balance.insufficient"),
        ({"has": balances(USDT="0.2", complete=False)}, "balance.unknown"),
        ({"limits": Limits(max_order_notional=Decimal("0.2"))}, "risk.notional"),
    ],
)
def test_without_a_market_or_money_there_is_none_and_a_finding_says_why(given: dict[str, object], code: str) -> None:
    found = chosen(**given)  # type: ignore[arg-type]
    assert isinstance(found, Finding)
    assert found.code == code


@pytest.mark.parametrize(
    ("bid", "ask", "far"),
    [
        (25_590, 25_610, True),
        (25_200, 25_220, True),
        (25_000, 25_020, False),  # it came half the way
        (24_500, 24_520, False),  # it would take
        (25_800, 25_820, True),
        (25_900, 25_920, False),  # the collar went
    ],
)
def test_it_is_sent_only_where_the_market_has_not_moved_much(bid: int, ask: int, far: bool) -> None:
    assert BUY.is_far_from(book(bids=((bid, 1),), asks=((ask, 1),)), market(), Limits()) is far


def test_it_is_said_in_words_what_would_be_placed_and_what_it_would_cost() -> None:
    assert described(BUY, market()) == (
        "BUY 10 SHARP at 0.024576 USDT (SHARP/USDT): limit, post-only, 4.0 % below the best bid of 0.02559.",
        "If it filled before its cancel, it would pay 0.24576 USDT, and a maker's fee of 0.2 %.",
    )
    sell = FarOrder(side=Side.SELL, price=Ticks(26_624), amount=Lots(1000), touch=Ticks(25_610), mid=Decimal("0.0256"))
    placed, cost = described(sell, market(maker_fee=None))
    assert placed.startswith("SELL 10 SHARP at 0.026624 USDT")
    assert "above the best ask" in placed
    assert cost.endswith("it would bring 0.26624 USDT, and the exchange's fee, which it does not state.")
