from decimal import Decimal

import pytest
from pydantic import ValidationError

from tests.factories import book, market, view
from trading_bridge.core.order import Side
from trading_bridge.core.strategies.spread import SpreadParameters, decide

P = SpreadParameters(spread_bps=Decimal(40), order_amount_quote=Decimal(50))


def test_bid_and_ask_lie_the_spread_apart_around_the_mid() -> None:
    decision = decide(view(), P)
    buy, sell = decision.wanted or ()
    assert decision.reason.code == "quoting"
    assert (buy.side, buy.price) == (Side.BUY, 25_548)  # 25600 - 51.2, down
    assert (sell.side, sell.price) == (Side.SELL, 25_652)  # 25600 + 51.2, up
    assert buy.post_only
    assert sell.post_only
    assert market().cost(buy.price, buy.amount) <= 50
    assert market().cost(buy.price, buy.amount) > Decimal("49.99")


def test_a_quote_never_reaches_the_other_side_of_the_book() -> None:
    wide = book(bids=((25_000, 10_000),), asks=((26_200, 10_000),))
    tight = SpreadParameters(
        spread_bps=Decimal("0.5"), order_amount_quote=Decimal(50), refresh_tolerance_bps=Decimal(0)
    )
    narrow = book(bids=((25_600, 10_000),), asks=((25_601, 10_000),))
    for one in (wide, narrow):
        buy, sell = decide(view(book=one), tight).wanted or ()
        assert buy.price < one.asks[0].price
        assert sell.price > one.bids[0].price


def test_a_short_balance_makes_the_quote_smaller_and_says_so() -> None:
    decision = decide(view(spendable_quote=Decimal(20)), P)
    buy, _ = decision.wanted or ()
    assert market().cost(buy.price, buy.amount) <= 20
    assert [note.code for note in decision.notes] == ["balance.insufficient"]


def test_an_empty_balance_leaves_one_side_and_says_which() -> None:
    decision = decide(view(spendable_base=Decimal(0)), P)
    assert [wish.side for wish in decision.wanted or ()] == [Side.BUY]
    assert decision.reason.code == "quoting.one_sided"
    assert decision.notes[0].parameters["currency"] == "SHARP"


def test_no_balance_at_all_is_the_reason() -> None:
    decision = decide(view(spendable_base=Decimal(0), spendable_quote=Decimal(0)), P)
    assert decision.wanted == ()
    assert decision.reason.code == "balance.insufficient"


def test_an_amount_below_the_minimum_is_the_reason() -> None:
    small = SpreadParameters(spread_bps=Decimal(40), order_amount_quote=Decimal("0.2"))
    assert decide(view(), small).reason.code == "order.too_small"


def test_a_book_of_one_side_has_no_mid() -> None:
    decision = decide(view(book=book(asks=())), P)
    assert decision.reason.code == "book.one_sided"
    assert decision.wanted == ()


@pytest.mark.parametrize(
    "config",
    [
        {"spread_bps": "-1"},
        {"spread_bps": "1000000"},
        {"order_amount_quote": "0"},
        {"order_amount_quote": "NaN"},
        {"refresh_tolerance_bps": "21"},  # more than half of the spread: the quote could stand beyond the mid
        {"spread": "10"},
    ],
)
def test_absurd_settings_are_refused(config: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SpreadParameters.model_validate({"spread_bps": "40", **config})
