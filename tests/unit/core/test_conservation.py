"""What a difference between books and balance may be: fills under way, records, a fill taken back, or a riddle."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, fill
from trading_bridge.core.conservation import (
    MAYBE_MAX,
    Doubt,
    beside_a_fee,
    changes_of,
    differences,
    dust_of,
    recorded,
    renamed,
    takes_back,
    unseen,
    unstated_fees,
)
from trading_bridge.core.order import Side
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import TransferRecord

SOLD = fill(side=Side.SELL, amount=Decimal(1000), cost=Decimal("25.6"), fee=Decimal("0.05"), fee_currency="USDT")
NONE = {"SHARP": Decimal("0.00000001"), "USDT": Decimal("0.00000001")}


def amounts(*texts: str) -> frozenset[Decimal]:
    return frozenset(Decimal(text) for text in texts)


def record(amount: str, *, fee: str = "0", name: str = "deposit-1", minutes: int = 0) -> TransferRecord:
    return TransferRecord(
        exchange_id=name,
        currency="USDT",
        amount=Decimal(amount),
        fee=Decimal(fee),
        at=NOW + timedelta(minutes=minutes),
        completed=True,
    )


def found(difference: str, *records: TransferRecord) -> list[tuple[str, Decimal]]:
    return [(one.exchange_id, one.amount) for one in recorded(Decimal(difference), records, Decimal(0))]


@pytest.mark.parametrize(
    ("one", "changes"),
    [
        (SOLD, {"SHARP": "-1000", "USDT": "25.55"}),
        (fill(amount=Decimal(10), cost=Decimal(4), fee=Decimal("0.5")), {"SHARP": "9.5", "USDT": "-4"}),
        (fill(fee=Decimal("0.1"), fee_currency="CS"), {"SHARP": "100", "USDT": "-2.559", "CS": "-0.1"}),
        (fill(fee=None, fee_currency=None), {"SHARP": "100", "USDT": "-2.559"}),
        (fill(fee=Decimal("-0.2")), {"SHARP": "100.2", "USDT": "-2.559"}),
    ],
    ids=["sale", "fee in base", "fee in a third", "no fee stated", "rebate"],
)
def test_what_a_fill_does(one: Trade, changes: dict[str, str]) -> None:
    assert changes_of(one) == {currency: Decimal(change) for currency, change in changes.items()}


def test_a_read_may_have_seen_any_part_of_what_is_under_way() -> None:
    assert differences(Decimal(110), Decimal(100), ()) == amounts("10")
    assert differences(Decimal(110), Decimal(100), (Decimal(10), Decimal(-3))) == amounts("10", "0", "13", "3")
    many = [Decimal(2) ** power for power in range(MAYBE_MAX + 1)]
    assert differences(Decimal(0), Decimal(0), many) is None
    assert differences(Decimal(0), Decimal(0), [Decimal(5)] * 50) is not None  # alike ones are few sums


def test_digits_beyond_those_of_python_count() -> None:
    small = Decimal("0.000000000000000001")
    (one,) = differences(Decimal("100000000000000000000.000000000000000001"), Decimal(10**20), ()) or ()
    assert one == small


def test_dust_grows_with_what_is_there_and_is_never_nothing() -> None:
    assert dust_of(Decimal(1_000_000)) == 10
    assert dust_of(Decimal(0)) == Decimal("0.00000001")


# -- doubts


def test_two_reads_must_agree_and_leave_one_difference() -> None:
    doubt = Doubt(candidates=amounts("10", "7"), since=1.0)
    assert doubt.agreed is None
    assert doubt.seen_again(amounts("10", "7"), 2.0).agreed is None
    again = doubt.seen_again(amounts("10", "3"), 2.0)
    assert (again.agreed, again.since) == (10, 1.0)


def test_another_difference_is_seen_for_the_first_time() -> None:
    again = Doubt(candidates=amounts("10"), since=1.0).seen_again(amounts("11"), 2.0)
    assert (again.reads, again.since, again.agreed) == (1, 2.0, None)


# -- records


def test_records_explain_what_is_exactly_their_sum() -> None:
    assert found("100", record("100")) == [("deposit-1", 100)]
    assert found("100", record("99")) == []
    both = record("100"), record("-30", name="withdrawal-2")
    assert found("70", *both) == [("deposit-1", 100), ("withdrawal-2", -30)]
    assert found("-30", *both) == [("withdrawal-2", -30)]


def test_a_withdrawals_fee_is_within_its_amount_or_beside_it() -> None:
    one = record("-30", fee="1", name="withdrawal-2")
    assert found("-30", one) == [("withdrawal-2", -30)]
    assert found("-31", one) == [("withdrawal-2", -31)]
    assert found("-29", one) == []


# -- contradictions


def test_fault_X17_a_fill_that_a_balance_takes_back_is_named() -> None:
    bought = fill(trade_id="2", amount=Decimal(5), cost=Decimal("0.128"), fee=None)
    undone = {currency: -change for currency, change in changes_of(SOLD).items()}
    assert takes_back(undone, (SOLD, bought), NONE) == (SOLD,)
    both = {"SHARP": Decimal(995), "USDT": Decimal("-25.422")}
    assert takes_back(both, (SOLD, bought), NONE) == (SOLD, bought)


def test_fault_X17_a_fee_that_is_charged_again_or_given_back_contradicts_its_fill() -> None:
    for change in ("0.05", "-0.05"):
        assert takes_back({"USDT": Decimal(change)}, (SOLD,), NONE) == (SOLD,)


@pytest.mark.parametrize(
    "moved",
    [{"USDT": "-25.55"}, {"SHARP": "1000"}, {"SHARP": "1000", "USDT": "25.55"}, {"SHARP": "1000", "USDT": "-30"}],
    ids=["quote alone", "base alone", "both came", "another amount"],
)
def test_what_moves_otherwise_is_a_movement_of_money(moved: dict[str, str]) -> None:
    assert takes_back({currency: Decimal(change) for currency, change in moved.items()}, (SOLD,), NONE) == ()


SILENT = fill(side=Side.SELL, amount=Decimal(1000), cost=Decimal("25.6"), fee=None, fee_currency=None)
BOUGHT = fill(trade_id="2", side=Side.BUY, amount=Decimal(500), cost=Decimal("12.8"), fee=None, fee_currency=None)
SOLD_TOO = replace(SILENT, trade_id="3")


@pytest.mark.parametrize(
    ("difference", "fills", "found"),
    [
        ("-0.05", (SILENT,), (SILENT,)),
        ("-0.5", (SILENT,), ()),
        ("0.05", (SILENT,), ()),
        ("-0.05", (SOLD,), ()),
        ("-0.5", (SILENT, SOLD, SOLD_TOO), (SILENT, SOLD_TOO)),
        ("-0.52", (SILENT, SOLD, SOLD_TOO), ()),
        ("-0.2", (BOUGHT, SILENT), (SILENT,)),
        ("-0.3", (BOUGHT, SILENT), (BOUGHT, SILENT)),
        ("-0.1", (BOUGHT,), (BOUGHT,)),
    ],
    ids=[
        *("one", "more than it may cost", "an increase", "one that was stated", "several together"),
        *(
            "more than several may cost",
            "of what brought the money",
            "of whatever moved it",
            "of what it was paid with",
        ),
    ],
)
def test_fees_that_were_not_stated_are_no_theft(
    difference: str, fills: tuple[Trade, ...], found: tuple[Trade, ...]
) -> None:
    assert unstated_fees(Decimal(difference), "USDT", fills) == found


@pytest.mark.parametrize(
    ("difference", "records"),
    [
        ("99.95", ["deposit-1"]),
        ("-30.05", ["withdrawal-2"]),
        ("69.95", ["deposit-1", "withdrawal-2"]),
        ("-0.05", []),
        ("99", []),
        ("100.05", []),
    ],
    ids=["came", "left", "both", "only a fee", "more than a fee", "above it"],
)
def test_fault_X23_what_moved_with_a_record_is_told_apart_from_a_fee_that_was_not_stated(
    difference: str, records: list[str]
) -> None:
    silent = fill(side=Side.SELL, amount=Decimal(1000), cost=Decimal("25.6"), fee=None, fee_currency=None)
    known = record("100"), record("-30", name="withdrawal-2"), record("0.01", name="deposit-3")
    found = beside_a_fee(Decimal(difference), "USDT", known, (silent,))
    assert [one.exchange_id for one in found] == records
    assert beside_a_fee(Decimal(difference), "USDT", known, (SOLD,)) == ()


@pytest.mark.parametrize(
    ("differences", "names"),
    [
        ({"USDT2": ("-20000",), "USDT": ("20000",)}, {"USDT2": "USDT"}),
        ({"USDT2": ("20000",), "USDT": ("-20000", "-19990")}, {"USDT2": "USDT"}),
        ({"USDT2": ("-20000",), "USDT": ("20000.1",)}, {"USDT2": "USDT"}),
        ({"USDT2": ("-20000",), "USDT": ("19000",)}, {}),
        ({"USDT2": ("-20000",), "USDT": ("20000",), "SHARP": ("20000",)}, {}),
        ({"USDT2": ("-20000", "-1"), "USDT": ("20000",)}, {}),
        ({"USDT2": ("0",), "USDT": ("0",)}, {}),
        ({"SHARP": ("-5",), "USDT": ("5",)}, {}),
    ],
    ids=["right at last", "fills under way", "dust", "less", "two fit", "not sure", "none", "both are traded"],
)
def test_one_coin_by_two_names(differences: dict[str, tuple[str, ...]], names: dict[str, str]) -> None:
    possible = {currency: amounts(*texts) for currency, texts in differences.items()}
    assert renamed(possible, frozenset({"SHARP", "USDT"})) == names


def test_records_that_come_nearest_are_the_difference_and_not_the_first_within_dust() -> None:
    records = [record("-28.3", name="a"), record("-52.5", name="b", minutes=1), record("24.219", name="c", minutes=2)]
    nearest = recorded(Decimal("-28.281"), records, Decimal("0.6"))
    assert [one.exchange_id for one in nearest] == ["b", "c"]


def test_of_more_records_than_can_be_tried_all_up_to_a_time_are_tried() -> None:
    records = [record("1.000001", name=f"deposit-{place}", minutes=place) for place in range(24)]
    assert len(recorded(Decimal("17.000017"), records, Decimal(0))) == 17


def test_records_that_left_no_difference_are_unseen() -> None:
    pair = [record("500", name="a"), record("-500", name="b", minutes=1)]
    pending = record("70", name="c", minutes=2)
    dust = record("0.01", name="d", minutes=3)
    assert [one.exchange_id for one in unseen(Decimal(0), [*pair, pending, dust])] == ["a", "b"]
    assert [one.exchange_id for one in unseen(Decimal("0.01"), [*pair, pending, dust])] == ["a", "b", "d"]
    assert unseen(Decimal(0), [pending]) == ()
