"""P1: what an answer says of a currency, of its other wallets, and of its name."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.factories import NOW, balances, elsewhere
from trading_bridge.core.balance import NOTHING, Balances

ELSEWHERE = replace(balances(USDT="1"), elsewhere=(elsewhere("SHARP", "5.50"), elsewhere("SHARP", "1", "EARN")))


def untraded(listed: str) -> Balances:
    return replace(balances(**{listed: "5"}, USDT="1"), traded=frozenset({"SHARP", "USDT"}))


def test_what_lies_in_another_wallet_is_not_zero() -> None:
    assert ELSEWHERE.of("SHARP") is None
    assert ELSEWHERE.of("BTC") == NOTHING


def test_the_other_wallets_are_named_with_amount_and_way() -> None:
    found = ELSEWHERE.misplaced("SHARP", NOW)
    assert found is not None
    assert (found.code, found.parameters) == (
        "balance.other_wallet",
        {"currency": "SHARP", "amount": "6.5", "wallet": "FUNDING, EARN", "how": "move it"},
    )


@pytest.mark.parametrize(("here", "found"), [("0", True), ("0.1", False)])
def test_some_elsewhere_is_told_only_where_there_is_nothing_here(here: str, found: bool) -> None:
    held = replace(balances(SHARP=here), elsewhere=(elsewhere("SHARP", "5"),))
    assert (held.misplaced("SHARP", NOW) is not None) is found
    shown = held.of("SHARP")
    assert shown is not None
    assert shown.free == Decimal(here)


@pytest.mark.parametrize(
    ("listed", "found"), [("SHARP2", True), ("SHARPTOKEN", True), ("SHRP", True), ("SHIB", False), ("USDC", False)]
)
def test_a_coin_that_no_market_trades_and_is_called_alike_is_no_proof_of_zero(listed: str, found: bool) -> None:
    said = untraded(listed).misnamed("SHARP", NOW)
    assert (said is not None) is found
    if said is not None:
        assert (said.code, said.parameters) == (
            "currency.name_mismatch",
            {"currency": "SHARP", "listed_as": listed},
        )


@pytest.mark.parametrize(
    ("traded", "found"),
    [
        (None, True),
        (frozenset({"SHARP2", "USDT"}), True),
        (frozenset({"USDT"}), True),
        (frozenset({"SHARP", "SHARP2", "USDT"}), False),
    ],
    ids=["markets not known", "its market goes by that name, too", "no market trades either", "two coins"],
)
def test_only_markets_of_both_prove_that_a_coin_called_alike_is_another(
    traded: frozenset[str] | None, found: bool
) -> None:
    said = replace(balances(SHARP2="5", USDT="1"), traded=traded)
    assert (said.misnamed("SHARP", NOW) is not None) is found


def test_another_stablecoin_is_not_a_name_of_this_one() -> None:
    assert replace(balances(USDC="5"), traded=frozenset({"SHARP", "USDT"})).misnamed("USDT", NOW) is None


def test_a_listed_currency_goes_by_its_own_name() -> None:
    assert replace(balances(SHARP="0", SHARP2="5"), traded=frozenset({"SHARP", "USDT"})).misnamed("SHARP", NOW) is None
