from decimal import Decimal

import pytest

from tests.factories import NOW, market
from trading_bridge.core.balance import NOTHING, Balances
from trading_bridge.exchanges.convert import balances, book, transfer_records
from trading_bridge.exchanges.parsing import Unreadable, optional, optional_nonzero, required
from trading_bridge.exchanges.registry import exchange_info


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("171690026.123456789012345678", "171690026.123456789012345678"),
        ("0.00000034", "3.4E-7"),
        ("9.1E-10", "9.1E-10"),
        ("40.900000000000000000", "40.9"),
        ("100", "100"),
        ("100.000", "100"),
        ("1000", "1000"),
        ("0E-18", "0"),
        ("0.000000000000000000", "0"),
        ("-0.001", "-0.001"),
        (0, "0"),
        (11594964764657880, "11594964764657880"),
    ],
)
def test_every_digit_is_kept(value: object, number: str) -> None:
    assert str(required(value, "amount")) == number


@pytest.mark.parametrize("value", [None, "", "many", "NaN", "Infinity", "-inf", "1,5", True, 0.1, [], {}])
def test_what_is_no_number_is_an_error(value: object) -> None:
    with pytest.raises(Unreadable, match="amount"):
        required(value, "amount")


def test_missing_and_zero_are_told_apart() -> None:
    assert optional(None, "fee") is None
    assert optional("0", "fee") == Decimal(0)
    assert optional_nonzero("0.000", "price") is None
    assert optional_nonzero(None, "price") is None
    assert optional_nonzero("0.1", "price") == Decimal("0.1")
    for parse in (optional, optional_nonzero):
        with pytest.raises(Unreadable):
            parse("many", "fee")


def test_a_book_never_looks_better_than_the_exchanges() -> None:
    answer = {"bids": [["0.0255009", "1"], ["0.0255", "1"]], "asks": [["0.0256001", "1"], ["0.025601", "0.009"]]}
    made = book(market(), answer, NOW, 5)
    assert made.bids == ((25500, 200),)
    assert made.asks == ((25601, 100),)


# -- wallets


def row(currency: str, amount: str | None, kind: object = 1, name: str | None = None) -> dict[str, object]:
    return {"accountId": 1, "currency": currency, "balance": amount, "type": kind, "typeName": name}


def read(*rows: dict[str, object], traded: frozenset[str] = frozenset()) -> Balances:
    """As the class parses it: the rows of types 1 and 4 only."""
    info = exchange_info("coinstore")
    assert info is not None
    spot = {str(one["currency"]): one["balance"] for one in rows if one["type"] in (1, "1")}
    answer = {"info": {"data": list(rows)}, "free": spot, "used": dict.fromkeys(spot, "0"), "total": spot}
    return balances(info, answer, traded)


def test_rows_of_other_wallets_are_told_with_the_exchanges_word_and_the_way_back() -> None:
    said = read(row("USDT", "1"), row("sharp", "5.5", 2, "FUNDING"), row("USDT", "7", 9))
    assert [(one.wallet, one.currency, one.amount) for one in said.elsewhere] == [
        ("FUNDING", "SHARP", Decimal("5.5")),
        ("9", "USDT", Decimal(7)),
    ]
    assert "Assets page" in said.elsewhere[0].how
    assert said.of("SHARP") is None
    assert said.of("BTC") == NOTHING


def test_nothing_in_another_wallet_is_nothing() -> None:
    said = read(row("USDT", "1"), row("SHARP", "0.000", 2, "FUNDING"))
    assert said.elsewhere == ()
    assert said.of("SHARP") == NOTHING


@pytest.mark.parametrize(
    "broken", [row("SHARP", None, 2), row("SHARP", "many", 2), row("", "1", 2), row("X", "1", None)]
)
def test_a_wallet_that_cannot_be_read_makes_what_is_not_listed_unknown(broken: dict[str, object]) -> None:
    said = read(row("USDT", "1"), broken)
    assert said.of("SHARP") is None
    assert said.of("USDT") is not None


def record(**changed: object) -> dict[str, object]:
    """As ccxt hands out a deposit or withdrawal."""
    values: dict[str, object] = {
        "type": "deposit",
        "id": "38948",
        "currency": "USDT",
        "amount": "10.61",
        "timestamp": 1_709_055_398_000,
        "status": "ok",
        "fee": None,
    }
    return values | changed


def test_a_total_that_is_not_what_is_free_and_used_is_told() -> None:
    info = exchange_info("coinstore")
    assert info is not None
    answer = {"info": {"data": []}, "free": {"USDT": "5"}, "used": {"USDT": "1"}, "total": {"USDT": "6"}}
    assert balances(info, answer).unsettled == frozenset()
    assert balances(info, answer | {"total": {"USDT": "5"}}).unsettled == {"USDT"}


def test_only_deposits_that_arrived_have_moved_the_balance() -> None:
    rows = [record(status=status) for status in ("ok", "pending", "failed", None)]
    assert [one.completed for one in transfer_records(rows, sign=1)] == [True, False, False, False]


def test_a_withdrawal_leaves_with_its_fee_within_or_beside_it() -> None:
    (one,) = transfer_records([record(type="withdrawal", id="4886", fee={"cost": "0.5"})], sign=-1)
    assert (one.exchange_id, one.amount, one.fee) == ("withdrawal-4886", Decimal("-10.61"), Decimal("0.5"))
    assert one.with_fee().amount == Decimal("-11.11")


@pytest.mark.parametrize("missing", ["id", "currency", "amount", "timestamp"])
def test_a_record_without_what_it_must_have_is_no_answer(missing: str) -> None:
    with pytest.raises(Unreadable):
        transfer_records([record(**{missing: None})], sign=1)


def test_coins_that_no_market_trades_are_told_apart_where_the_markets_are_known() -> None:
    rows = (row("USDT", "1"), row("SHARP2", "5"), row("OLD", "0"))
    assert read(*rows, traded=frozenset({"SHARP", "USDT"})).untraded == {"SHARP2"}
    assert read(*rows).untraded == frozenset()
