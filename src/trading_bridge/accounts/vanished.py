"""Money that was there and that the next answer does not list: sold as far as we know, moved, renamed, or a riddle."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.balance import Balances, name_mismatch
from trading_bridge.core.finding import Finding, Severity

#: of what was there: so little may be left by fees and rounding of what is known to have gone
DUST = Decimal("0.001")


def vanished(
    before: Balances,
    before_at: datetime,
    now_said: Balances,
    expected: Callable[[str, Decimal], Decimal],
    now: datetime,
) -> Finding | None:
    """Why an answer cannot be believed after the one before it; None: it can.

    `expected` is what should be left of a currency and its former total by what is known. What an answer says to lie in
    another wallet has not vanished, and the balances of another account were never there.
    """
    if None not in (before.exchange_account, now_said.exchange_account) and (
        before.exchange_account != now_said.exchange_account
    ):
        return None
    for currency, held in sorted(before.by_currency.items()):
        had = held.total
        if currency in now_said.by_currency or now_said.in_other_wallets(currency):
            continue
        if expected(currency, had) > had * DUST:
            return _renamed(currency, had, before, now_said, now) or _missing(currency, had, before_at, now)
    return None


def empty_list(now: datetime) -> Finding:
    return Finding(code="balance.empty_list", severity=Severity.WARNING, since=now)


def _renamed(currency: str, had: Decimal, before: Balances, said: Balances, now: datetime) -> Finding | None:
    """A coin is new in the list: with the very amount that vanished, or one that no market trades."""
    fresh = [code for code, held in sorted(said.by_currency.items()) if _is_new(code, held.total, before)]
    alike = [code for code in fresh if said.by_currency[code].total == had]
    meant = _first(alike) or _first(code for code in fresh if code in said.untraded)
    return None if meant is None else name_mismatch(currency, meant, now)


def _is_new(code: str, total: Decimal, before: Balances) -> bool:
    return code not in before.by_currency and total > 0


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
