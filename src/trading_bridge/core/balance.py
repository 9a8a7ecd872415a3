"""What an exchange account holds, as its exchange said it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches

from trading_bridge.core.amount import readable
from trading_bridge.core.finding import Finding, Severity

#: how much of two codes must agree, of 1: SHARP and SHARP2 do by 0.91, USDT and USDC, which are two coins, by 0.75
_ALIKE = 0.8
#: a code at least so long means the same where another only adds to it, such as SHARP and SHARPTOKEN
_TELLING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One currency. People read `free`, `used`, `total` as Available, Locked, Total."""

    free: Decimal
    used: Decimal

    @property
    def total(self) -> Decimal:
        return self.free + self.used


NOTHING = Balance(free=Decimal(0), used=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """More than nothing of a currency, in a wallet of the account that orders cannot use."""

    #: the exchange's own word
    wallet: str
    currency: str
    amount: Decimal
    #: how to bring it where orders can use it
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """One answer of the exchange about one wallet."""

    wallet: str
    #: the exchange's own id of the account; None where its answer does not say
    exchange_account: str | None
    by_currency: Mapping[str, Balance]
    #: the exchange documents that a currency which it does not list is zero
    complete: bool
    #: what the same answer says of other wallets
    elsewhere: tuple[Elsewhere, ...] = ()
    #: the currencies of the exchange's markets when it was read, of stored ones those that are held; None: not known
    traded: frozenset[str] | None = None
    #: free and used are not what the same answer states as the total: it was read while something was settled
    unsettled: frozenset[str] = frozenset()

    @property
    def untraded(self) -> frozenset[str]:
        """Held, and no market of the exchange trades it: an old coin, or one whose code the markets spell otherwise."""
        traded = self.traded
        if traded is None:
            return frozenset()
        return frozenset(code for code, held in self.by_currency.items() if held.total > 0 and code not in traded)

    def of(self, currency: str) -> Balance | None:
        """None: the exchange did not say; that is unknown, never zero."""
        held = self.by_currency.get(currency)
        if held is None and self.complete and not self.in_other_wallets(currency):
            return NOTHING
        return held

    def judged_as(self, before: "Balances") -> "Balances":
        """With what was known of the markets with the answer before, where nothing is with this one; a name that is new
        counts as traded until they are known."""
        if self.traded is not None or before.traded is None:
            return self
        return replace(self, traded=before.traded | (self.by_currency.keys() - before.by_currency.keys()))

    def in_other_wallets(self, currency: str) -> tuple[Elsewhere, ...]:
        return tuple(one for one in self.elsewhere if one.currency == currency)

    def misplaced(self, currency: str, since: datetime) -> Finding | None:
        """Nothing of it where orders could use it, and some in another wallet; None: it is not so."""
        held, others = self.by_currency.get(currency), self.in_other_wallets(currency)
        if not others or (held is not None and held.total != 0):
            return None
        return Finding(
            code="balance.other_wallet",
            severity=Severity.WARNING,
            since=since,
            parameters={
                "currency": currency,
                "amount": readable(sum((one.amount for one in others), Decimal(0))),
                "wallet": ", ".join(one.wallet for one in others),
                "how": others[0].how,
            },
        )

    def misnamed(self, currency: str, since: datetime) -> Finding | None:
        """It is not listed, and a coin is whose code is much like it, and of which the markets do not say that it is
        another one; None: it is not so."""
        if currency in self.by_currency:
            return None
        traded = self.traded or frozenset()
        others = sorted(code for code, held in self.by_currency.items() if held.total > 0)
        listed_as = alike(currency, [other for other in others if not {currency, other} <= traded])
        return None if listed_as is None else name_mismatch(currency, listed_as, since)


def name_mismatch(currency: str, listed_as: str, since: datetime) -> Finding:
    return Finding(
        code="currency.name_mismatch",
        severity=Severity.WARNING,
        since=since,
        parameters={"currency": currency, "listed_as": listed_as},
    )


def alike(code: str, others: Sequence[str]) -> str | None:
    """The one that is called most like it; None: none is."""
    found = get_close_matches(code, others, n=1, cutoff=_ALIKE) or [
        other for other in others if min(len(code), len(other)) >= _TELLING and _one_in_other(code, other)
    ]
    return found[0] if found else None


def _one_in_other(left: str, right: str) -> bool:
    return left in right or right in left
