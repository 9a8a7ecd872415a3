"""What movements of money open: findings that wait for a person's word."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import Transfer, TransferSource

#: a deposit that its record labels is told so long
TOLD_FOR = timedelta(minutes=15)


def received(transfers: Iterable[Transfer], now: datetime) -> Finding | None:
    """Money came, and nobody has said yet from where, or its record said so a moment ago."""
    came = [one for one in transfers if one.amount > 0 and one.source is not TransferSource.CONTRADICTION]
    fresh = [one for one in came if one.label is None or _is_told(one, now)]
    return _finding("funds.received", Severity.INFO, fresh, now) if fresh else None


def left(transfers: Iterable[Transfer], now: datetime) -> Finding | None:
    """Money left, and nobody has said yet that it was meant to."""
    gone = [
        one
        for one in transfers
        if one.amount < 0 and one.label is None and one.source is not TransferSource.CONTRADICTION
    ]
    return _finding("funds.left", Severity.CRITICAL, gone, now) if gone else None


def contradicted(transfers: Iterable[Transfer], now: datetime) -> Finding | None:
    """A balance took back what a recorded fill had moved, and nobody has said yet what that was."""
    found = [one for one in transfers if one.label is None and one.source is TransferSource.CONTRADICTION]
    return _finding("ledger.mismatch", Severity.CRITICAL, found, now) if found else None


def contradicts(differences: Mapping[str, Decimal], fills: tuple[Trade, ...], now: datetime) -> Finding:
    """A balance that takes back recorded fills; it may be corrected yet."""
    return Finding(
        code="ledger.mismatch",
        severity=Severity.CRITICAL,
        since=now,
        parameters={
            "amount": _amounts(differences),
            "trades": ", ".join(f"{fill.trade_id} ({fill.symbol})" for fill in fills[:5]),
        },
    )


def _is_told(transfer: Transfer, now: datetime) -> bool:
    by_itself = transfer.labelled_by is None and transfer.labelled_at is not None
    return by_itself and transfer.labelled_at is not None and now - transfer.labelled_at < TOLD_FOR


def _finding(code: str, severity: Severity, transfers: list[Transfer], now: datetime) -> Finding:
    sums: dict[str, Decimal] = {}
    for one in transfers:
        sums[one.currency] = exact_sum(sums.get(one.currency, Decimal(0)), one.amount)
    since = min(now, *(one.at for one in transfers))
    return Finding(code=code, severity=severity, since=since, parameters={"amount": _amounts(sums)})


def _amounts(sums: Mapping[str, Decimal]) -> str:
    """`500 USDT, 3 SHARP`, without signs."""
    return ", ".join(f"{readable(abs(amount))} {currency}" for currency, amount in sorted(sums.items()))
