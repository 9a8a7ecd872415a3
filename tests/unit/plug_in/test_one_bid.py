from decimal import Decimal
from importlib.metadata import EntryPoint

import pytest

from tests.factories import book, market, view
from tests.unit.plug_in.one_bid import ONE_BID, OneBidParameters, decide
from trading_bridge.bot_types import GROUP, with_plug_ins


@pytest.mark.parametrize(
    ("seen", "code", "worth"),
    [
        ({}, "quoting.one_sided", "50"),
        ({"spendable_quote": Decimal(20)}, "quoting.one_sided", "20"),
        ({"spendable_quote": Decimal("0.1")}, "balance.insufficient", None),
        ({"book": book(bids=())}, "book.one_sided", None),
        ({"market": market(min_cost=Decimal(60))}, "order.too_small", None),
    ],
)
def test_it_bids_below_others_or_says_why_not(seen: dict[str, object], code: str, worth: str | None) -> None:
    decision = decide(view(**seen), OneBidParameters())
    assert decision.reason.code == code
    bids = [(wish.price, market().cost(wish.price, wish.amount)) for wish in decision.wanted or ()]
    assert len(bids) == (0 if worth is None else 1)
    for price, cost in bids:
        assert price == 25_564  # 25590 less 10 basis points, down
        assert worth is not None
        assert Decimal(worth) - Decimal("0.001") < cost <= Decimal(worth)


def test_the_platform_takes_it() -> None:
    entry = EntryPoint(name="one_bid", value="tests.unit.plug_in.one_bid:ONE_BID", group=GROUP)
    assert with_plug_ins([entry]).types["one_bid"] is ONE_BID
