from dataclasses import replace
from decimal import Decimal

import pytest

from trading_bridge.sandbox.markets import DEFAULT_MARKETS, ETH_USDT, SHARP_USDT, currency_ids
from trading_bridge.sandbox.rules import Refusal, RefusalCode, from_atoms, is_sane, plain, to_atoms


@pytest.mark.parametrize(
    ("price", "ticks"),
    [
        ("0.0256", 25600),
        ("2.56E-2", 25600),
        ("0.02560000000000", 25600),
        ("1", 10**6),
        ("1E+3", 10**9),
        ("0.0000001", RefusalCode.PRICE_PRECISION),
        ("1E-999999999", RefusalCode.PRICE_PRECISION),
        ("1." + "0" * 80 + "1", RefusalCode.PRICE_PRECISION),
        ("0", RefusalCode.TOO_SMALL),
        ("-1", RefusalCode.TOO_SMALL),
        ("NaN", RefusalCode.TOO_SMALL),
        ("Infinity", RefusalCode.TOO_SMALL),
        ("1E+999999999", RefusalCode.TOO_LARGE),
        ("1000000001", RefusalCode.TOO_LARGE),
    ],
)
def test_prices_become_whole_ticks_or_are_refused(price: str, ticks: int | RefusalCode) -> None:
    expected = Refusal(ticks) if isinstance(ticks, RefusalCode) else ticks
    assert SHARP_USDT.ticks(Decimal(price)) == expected


def test_amounts_and_budgets_have_their_own_refusals() -> None:
    assert SHARP_USDT.lots(Decimal("12.34")) == 1234
    assert SHARP_USDT.lots(Decimal("12.345")) == Refusal(RefusalCode.AMOUNT_PRECISION)
    assert SHARP_USDT.budget(Decimal("25.51")) == 2_551_000_000
    assert SHARP_USDT.budget(Decimal("25.511")) == Refusal(RefusalCode.COST_PRECISION)


def test_whole_numbers_come_back_as_they_went() -> None:
    assert plain(SHARP_USDT.price(25600)) == "0.0256"
    assert plain(SHARP_USDT.amount(1234)) == "12.34"
    assert plain(SHARP_USDT.cost(25600 * 1234)) == "0.315904"
    assert plain(SHARP_USDT.cost(10**30)) == "1" + "0" * 22


def test_atoms_are_exact() -> None:
    assert to_atoms(Decimal("171690026.123456789012345678")) == 171690026123456789012345678
    assert str(from_atoms(171690026123456789012345678)) == "171690026.123456789012345678"
    assert to_atoms(Decimal("0.0000000000000000001")) is None
    assert to_atoms(Decimal("1E+99")) is None
    assert not is_sane(Decimal("NaN"))


def test_a_market_that_could_not_be_exact_is_not_accepted() -> None:
    with pytest.raises(ValueError, match="18"):
        replace(SHARP_USDT, tick_decimals=12, lot_decimals=4)


def test_lots_and_units_make_the_same_money_as_decimals() -> None:
    for rules in DEFAULT_MARKETS:
        assert from_atoms(7 * rules.atoms_per_lot) == rules.amount(7)
        assert from_atoms(7 * rules.atoms_per_unit) == rules.cost(7)


def test_currency_ids_do_not_depend_on_the_order_of_markets() -> None:
    assert currency_ids((SHARP_USDT, ETH_USDT)) == currency_ids((ETH_USDT, SHARP_USDT))
    assert currency_ids(DEFAULT_MARKETS)["USDT"] == 30


@pytest.mark.parametrize(
    ("value", "text"), [("1.500", "1.5"), ("100", "100"), ("0E-18", "0"), ("1E+3", "1000"), ("1E-7", "0.0000001")]
)
def test_plain_notation(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text
