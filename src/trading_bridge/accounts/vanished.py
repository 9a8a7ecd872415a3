"""Money that was there and that the next answer does not list: sold as far as we know, moved, renamed, or a riddle."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.balance import Balances, alike, name_mismatch
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.finding import Finding, Severity

#: of what was there: so little may be left by fees and rounding of what is known to have gone
DUST = Decimal("0.001")


def missing(
    before: Balances, now_said: Balances, expected: Callable[[str, Decimal], Decimal], meant: Collection[str] = ()
) -> Mapping[str, Decimal]:
    """Currency -> what should be left of it, of those that were there and that an answer does not name.

    `expected` is what should be left of a currency and its former total by what is known, `meant` the currencies that
    the bots of the account trade. What an answer says to lie in another wallet is not missing, and the balances of
    another account were never there. Neither is a wrong name, once the right one stands in its place: the former answer
    was the wrong one.
    """
    if None not in (before.exchange_account, now_said.exchange_account) and (
        before.exchange_account != now_said.exchange_account
    ):
        return {}
    found: dict[str, Decimal] = {}
    by_markets, by_bots = _by_markets(before, now_said), _by_bots(before, now_said, expected, meant)
    wrong = ((by_markets | by_bots) - frozenset(meant)) | (by_markets & by_bots)
    for currency, had in sorted(_all_of(before).items()):
        if currency in now_said.by_currency or now_said.in_other_wallets(currency):
            continue
        if currency in wrong:
            continue
        left = expected(currency, had)
        if left > had * DUST:
            found[currency] = left
    return found


def _by_markets(before: Balances, now_said: Balances) -> frozenset[str]:
    """Of the former answer the names that no market traded, by the markets of now where none were known then; none
    before a coin that a market does trade is new in the list."""
    traded = now_said.traded
    named_well = traded is not None and any(code in traded for code in _new(before, now_said))
    judged = before if before.traded is not None else replace(before, traded=traded)
    return judged.untraded if named_well else frozenset()


def _by_bots(
    before: Balances, now_said: Balances, expected: Callable[[str, Decimal], Decimal], meant: Collection[str]
) -> frozenset[str]:
    """Of the former answer the names in whose place one is new that a bot trades, called alike or with their very
    amount. Markets may have had the wrong name themselves (faults X15), or were not known."""
    named_well = [code for code in _new(before, now_said) if code in meant]
    return frozenset(
        name
        for name, held in before.by_currency.items()
        for code in named_well
        if alike(name, [code]) is not None or now_said.by_currency[code].total == expected(code, held.total)
    )


def vanished(currency: str, before: Balances, before_at: datetime, now_said: Balances, now: datetime) -> Finding:
    """Why an answer cannot be believed that does not name a currency which was there."""
    had = _all_of(before)[currency]
    return _renamed(currency, had, before, now_said, now) or _missing(currency, had, before_at, now)


def _all_of(said: Balances) -> Mapping[str, Decimal]:
    """Currency -> what there is of it where orders use it; of one that only other wallets have, what they have."""
    others: dict[str, Decimal] = {}
    for one in said.elsewhere:
        others[one.currency] = exact_sum(others.get(one.currency, Decimal(0)), one.amount)
    return others | {currency: held.total for currency, held in said.by_currency.items()}


def empty_list(now: datetime) -> Finding:
    return Finding(code="balance.empty_list", severity=Severity.WARNING, since=now)


def _renamed(currency: str, had: Decimal, before: Balances, said: Balances, now: datetime) -> Finding | None:
    """A coin is new in the list: with the very amount that vanished, or one that no market trades."""
    fresh = _new(before, said)
    of_the_amount = (code for code in fresh if said.by_currency[code].total == had)
    listed_as = _first(of_the_amount) or _first(code for code in fresh if code in said.untraded)
    return None if listed_as is None else name_mismatch(currency, listed_as, now)


def _new(before: Balances, said: Balances) -> tuple[str, ...]:
    """Coins of which there is something, and which were not in the list."""
    listed = sorted(said.by_currency.items())
    return tuple(code for code, held in listed if held.total > 0 and code not in before.by_currency)


def _missing(currency: str, had: Decimal, before_at: datetime, now: datetime) -> Finding:
    return Finding(
        code="balance.currency_missing",
        severity=Severity.CRITICAL,
        since=now,
        parameters={
            "currency": currency,
            "had": readable(had),
            "as_of": before_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        },
    )


def _first(codes: Iterable[str]) -> str | None:
    return next(iter(codes), None)
