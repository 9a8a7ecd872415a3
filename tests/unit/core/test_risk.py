from decimal import Decimal

from tests.factories import market, view
from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.risk import Limits, review


def decision(*wanted: Wanted) -> Decision:
    return Decision(reason=Reason(code="quoting"), wanted=wanted)


def wish(price: int, amount: int = 100_000) -> Wanted:
    return Wanted(side=Side.BUY, price=Ticks(price), amount=Lots(amount))


def test_a_price_far_from_the_reference_is_refused_with_its_reason() -> None:
    verdict = review(decision(wish(20_000), wish(25_000)), view(), Limits(collar_bps=Decimal(500)))
    assert verdict.wanted == (wish(25_000),)
    assert [note.code for note in verdict.notes] == ["risk.collar"]


def test_without_a_reference_nothing_may_stand() -> None:
    verdict = review(decision(wish(25_000)), view(reference=None), Limits())
    assert verdict.wanted == ()
    assert verdict.notes[0].code == "risk.reference_unknown"


def test_a_large_order_is_cut_down_never_up() -> None:
    verdict = review(decision(wish(25_000, 10_000_000)), view(), Limits(max_order_notional=Decimal(100)))
    (cut,) = verdict.wanted or ()
    assert market().cost(cut.price, cut.amount) <= 100
    assert cut.amount == 400_000
    assert verdict.notes[0].code == "risk.notional"


def test_no_decision_passes_untouched() -> None:
    assert review(Decision(reason=Reason(code="balance.stale"), wanted=None), view(), Limits()).wanted is None
