"""P1: what a bot's page may show of a pair; a zero is a number that the exchange said."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.factories import NOW, balances, bot, elsewhere, finding
from trading_bridge.core.balance import Balances
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.services.figures import of_pair

ABSENT = replace(balances(USDT="5"), elsewhere=(elsewhere("SHARP", "7"),))
ZERO = replace(balances(SHARP="0", USDT="5"), elsewhere=(elsewhere("SHARP", "7"),))
RENAMED = replace(balances(SHARP2="7", USDT="5"), traded=frozenset({"SHARP", "USDT"}))


def known(value: Balances) -> Known[Balances]:
    return Ok(value=value, as_of=NOW)


@pytest.mark.parametrize(
    ("held", "code"), [(ABSENT, "balance.other_wallet"), (RENAMED, "currency.name_mismatch")], ids=["wallet", "name"]
)
@pytest.mark.parametrize("verified", [True, False])
def test_what_the_trading_wallet_lacks_is_unknown_with_its_cause(held: Balances, code: str, verified: bool) -> None:
    shown = of_pair(known(held), bot(market_verified=verified))
    assert isinstance(shown, Unknown)
    assert shown.finding.code == code
    assert shown.finding.parameters["currency"] == "SHARP"


def test_a_zero_is_never_shown_without_what_lies_elsewhere() -> None:
    stale = Stale(value=ZERO, as_of=NOW, finding=finding("balance.stale"))
    for case in (known(ZERO), stale):
        shown = of_pair(case, bot())
        assert not isinstance(shown, Unknown)
        assert shown.value.base.free == 0
        assert shown.finding is not None
        assert shown.finding.code == "balance.other_wallet"


def test_what_another_pair_lacks_says_nothing_of_this_one() -> None:
    held = replace(balances(SHARP="1", USDT="5"), elsewhere=(elsewhere("ETH", "7"),))
    shown = of_pair(Ok(value=held, as_of=NOW, finding=finding("balance.other_wallet")), bot())
    assert isinstance(shown, Ok)
    assert shown.finding is None


def test_a_pair_of_a_complete_list_has_its_zero() -> None:
    shown = of_pair(known(balances(USDT="5")), bot())
    assert isinstance(shown, Ok)
    assert (shown.value.base.free, shown.value.quote.free) == (Decimal(0), Decimal(5))


@pytest.mark.parametrize(
    ("held", "verified", "code"),
    [
        (balances(USDT="5"), False, "currency.unverified"),
        (balances(complete=False, USDT="5"), True, "balance.unlisted"),
    ],
)
def test_what_nobody_said_is_unknown(held: Balances, verified: bool, code: str) -> None:
    shown = of_pair(known(held), bot(market_verified=verified))
    assert isinstance(shown, Unknown)
    assert (shown.finding.code, shown.finding.parameters) == (code, {"currency": "SHARP"})
