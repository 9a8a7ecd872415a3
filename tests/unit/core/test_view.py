"""P1 and the age limits: a cycle that lacks something decides nothing on it, and says what it lacks."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, balances, book, elsewhere, finding, market, sources, standing
from trading_bridge.core.balance import Balances
from trading_bridge.core.decision import Decision
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Ok, Stale, Unknown
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.view import MarketView, Sources, fresh_for, observe

SYMBOL = "SHARP/USDT"


def aged(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("read", "reason", "wanted"),
    [
        (sources(rules=Unknown(finding=finding())), "market.unverified", None),
        (sources(rules=Ok(value=None, as_of=NOW)), "market.unknown", ()),
        (sources(rules=Ok(value=market(active=False), as_of=NOW)), "market.halted", ()),
        (sources(rules=Ok(value=market(), as_of=NOW - aged(3601))), "market.rules_stale", None),
        (sources(book=Unknown(finding=finding())), "book.unknown", ()),
        (sources(book=Ok(value=book(), as_of=NOW - aged(3.1))), "book.stale", ()),
        (sources(book=Stale(value=book(), as_of=NOW - aged(3.1), finding=finding())), "book.stale", ()),
        (sources(book=Ok(value=book(bids=((25620, 1),)), as_of=NOW)), "book.crossed", ()),
        (sources(book=Ok(value=book(bids=(), asks=()), as_of=NOW)), "book.empty", ()),
        (sources(balances=Unknown(finding=finding())), "balance.unknown", None),
        (
            sources(balances=Stale(value=balances(SHARP="1"), as_of=NOW - aged(10.1), finding=finding())),
            "balance.stale",
            None,
        ),
        (
            sources(balances=Stale(value=balances(SHARP="1"), as_of=NOW, finding=finding("balance.currency_missing"))),
            "balance.stale",
            None,
        ),
        (sources(balances=Ok(value=balances(complete=False, SHARP="1"), as_of=NOW)), "balance.unlisted", None),
    ],
)
def test_what_is_missing_is_the_reason(read: Sources, reason: str, wanted: tuple[()] | None) -> None:
    decision = observe(read, SYMBOL, NOW)
    assert isinstance(decision, Decision)
    assert decision.reason.code == reason
    assert decision.wanted == wanted


@pytest.mark.parametrize(
    ("held", "code", "parameters"),
    [
        (
            replace(balances(USDT="5"), elsewhere=(elsewhere("SHARP", "7"),)),
            "balance.other_wallet",
            {"currency": "SHARP", "amount": "7", "wallet": "FUNDING", "how": "move it"},
        ),
        (
            replace(balances(SHARP2="7", USDT="5"), traded=frozenset({"SHARP", "USDT"})),
            "currency.name_mismatch",
            {"currency": "SHARP", "listed_as": "SHARP2"},
        ),
    ],
)
def test_money_in_another_wallet_or_under_another_name_holds_the_bot(
    held: Balances, code: str, parameters: dict[str, str]
) -> None:
    decision = observe(sources(balances=Ok(value=held, as_of=NOW)), SYMBOL, NOW)
    assert isinstance(decision, Decision)
    assert (decision.reason.code, decision.wanted) == (code, None)
    assert decision.finding is not None
    assert (decision.finding.code, decision.finding.parameters) == (code, parameters)


def test_a_zero_that_the_exchange_said_is_a_number_although_more_lies_elsewhere() -> None:
    held = replace(balances(SHARP="0", USDT="5"), elsewhere=(elsewhere("SHARP", "7"),))
    view = observe(sources(balances=Ok(value=held, as_of=NOW)), SYMBOL, NOW)
    assert isinstance(view, MarketView)
    assert (view.spendable_base, view.spendable_quote) == (0, 5)


def test_a_frozen_book_pulls_the_quotes_however_young_it_looks() -> None:
    frozen = finding("book.frozen")
    decision = observe(sources(book=Stale(value=book(), as_of=NOW, finding=frozen)), SYMBOL, NOW)
    assert isinstance(decision, Decision)
    assert (decision.reason.code, decision.wanted, decision.finding) == ("book.frozen", (), frozen)


def test_an_unknown_market_says_which_one_was_probably_meant() -> None:
    meant = Finding(
        code="market.unknown",
        severity=Severity.WARNING,
        since=NOW,
        parameters={"symbol": SYMBOL, "nearest": "SHRP/USDT"},
    )
    decision = observe(sources(rules=Ok(value=None, as_of=NOW, finding=meant)), SYMBOL, NOW)
    assert isinstance(decision, Decision)
    assert (decision.reason.code, decision.wanted, decision.finding) == ("market.unknown", (), meant)


def test_a_market_that_was_not_listed_when_the_rules_were_last_read_is_unknown() -> None:
    read = sources(rules=Stale(value=None, as_of=NOW, finding=finding("exchange.no_answer")))
    decision = observe(read, SYMBOL, NOW)
    assert isinstance(decision, Decision)
    assert decision.finding is not None
    assert decision.finding.code == "market.unknown"


def test_a_failed_read_that_is_young_enough_still_serves() -> None:
    read = sources(book=Stale(value=book(), as_of=NOW - aged(2.9), finding=finding()))
    assert isinstance(observe(read, SYMBOL, NOW), MarketView)


@pytest.mark.parametrize(
    ("book_s", "balances_s", "rules_s", "left_s"), [(0, 0, 0, 3), (1, 0, 0, 2), (1, 9.5, 0, 0.5), (1, 0, 3599, 1)]
)
def test_an_order_may_be_signed_until_the_first_of_what_was_read_is_too_old(
    book_s: float, balances_s: float, rules_s: float, left_s: float
) -> None:
    read = sources(
        book=Stale(value=book(), as_of=NOW - aged(book_s), finding=finding()),
        balances=Ok(value=balances(SHARP="1"), as_of=NOW - aged(balances_s)),
        rules=Ok(value=market(), as_of=NOW - aged(rules_s)),
    )
    assert fresh_for(read, NOW) == aged(left_s)


def test_an_unlisted_currency_is_zero_only_where_the_list_is_complete() -> None:
    view = observe(sources(balances=Ok(value=balances(SHARP="5"), as_of=NOW)), SYMBOL, NOW)
    assert isinstance(view, MarketView)
    assert view.spendable_quote == Decimal(0)


def test_spendable_is_free_less_promises_plus_what_own_settled_orders_hold() -> None:
    own = (
        standing(Side.BUY, 25_000, 1_000),
        standing(Side.BUY, 24_000, 1_000, OrderState.UNRESOLVED),
        standing(Side.SELL, 26_000, 300),
    )
    view = observe(
        sources(
            balances=Ok(value=balances(SHARP="100", USDT="50"), as_of=NOW),
            standing=own,
            promised_base=Decimal(1),
            promised_quote=Decimal(7),
        ),
        SYMBOL,
        NOW,
    )
    assert isinstance(view, MarketView)
    assert view.spendable_quote == Decimal(50) - 7 + Decimal("0.025") * 10
    assert view.spendable_base == Decimal(100) - 1 + 3


def test_own_amounts_are_out_of_the_book() -> None:
    own = ((Side.BUY, Ticks(25_590), Lots(500_000)), (Side.SELL, Ticks(25_610), Lots(1)))
    crowd = book(bids=((25_590, 500_000), (25_580, 7)))
    view = observe(sources(book=Ok(value=crowd, as_of=NOW), own_in_book=own), SYMBOL, NOW)
    assert isinstance(view, MarketView)
    assert view.book.best_bid == 25_580
    assert view.book.asks[0].amount == 499_999
