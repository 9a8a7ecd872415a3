"""What a key may do, by calls that cannot trade: two reads, and a cancel of an order that no exchange ever gave."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from trading_bridge.core.balance import Balances
from trading_bridge.core.finding import Finding
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.diagnosis.patient import Patient
from trading_bridge.diagnosis.probes.probed import Probed, answered, failed, failed_call, passed, skipped
from trading_bridge.diagnosis.probes.route import NAMES
from trading_bridge.diagnosis.tell_apart import Said
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.registry import ExchangeInfo
from trading_bridge.exchanges.session import Session

#: the platform's own ids begin with `tb`, so nobody ever sends this one
NEVER_SENT = "doctor0asks0for0what0never0was"

_SAID = {
    "access.refused": Said.REFUSED,
    "credentials.rejected": Said.REJECTED,
    "signature.refused": Said.REJECTED,
    "clock.skewed": Said.REJECTED,
    "order.not_found": Said.ACCEPTED,
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    #: None: it was refused
    balances: Balances | None
    said: Said
    #: family -> how the same read ended by it alone; empty: there is no choice
    by_family: Mapping[str, Said]


UNREAD = Read(balances=None, said=Said.UNTOLD, by_family={})


def said_by(end: Answered[T] | Finding) -> Said:
    """What the end of a signed call tells of its key."""
    return _SAID.get(end.code, Said.UNTOLD) if isinstance(end, Finding) else Said.ACCEPTED


def said(probed: Probed[T]) -> Said:
    if probed.finding is not None:
        return said_by(probed.finding)
    return Said.UNTOLD if probed.evidence is None else Said.ACCEPTED


def credentials(patient: Patient) -> Probed[None]:
    if patient.keyless is not None:
        return failed("there is no key to ask with", patient.keyless)
    return passed("API key and secret are there and can be read", None)


async def signed_read(patient: Patient, families: Sequence[Family]) -> Probed[Read]:
    """The balance, and once more by each of `families`: requests of one connector may leave by either."""
    plain, *others = await asyncio.gather(
        patient.balances(), *(_read_by(patient.session, family) for family in families)
    )
    ends = dict(zip(families, others, strict=True))
    by_family = {family.value: said_by(end) for family, end in ends.items()}
    balances = None if isinstance(plain, Finding) else plain.value
    read = Read(balances=balances, said=said_by(plain), by_family=by_family)
    told = "".join(f"; by {NAMES[family]} {_in_words(end)}" for family, end in ends.items())
    refused = plain if isinstance(plain, Finding) else _refused(ends.values())
    if refused is None:
        assert not isinstance(plain, Finding)
        return passed(f"the balance was read{told}; {answered(plain.evidence)}", read, plain.evidence)
    stopped: Probed[Read] = failed_call("the balance cannot be read", refused)
    return replace(stopped, detail=stopped.detail + told, value=read)


async def _read_by(session: Session, family: Family) -> Answered[Balances] | Finding:
    one_way = session.over(family)
    try:
        outcome = await one_way.balances()
    finally:
        await one_way.close()
    return outcome if isinstance(outcome, Answered) else outcome.finding


def _refused(ends: Iterable[Answered[Balances] | Finding]) -> Finding | None:
    """What one of the families is refused, though the read passed; that one of them does not get through is no
    refusal."""
    return next((end for end in ends if isinstance(end, Finding) and said_by(end) is Said.REFUSED), None)


def _in_words(end: Answered[Balances] | Finding) -> str:
    if isinstance(end, Answered):
        return "it passes"
    return "it is refused" if said_by(end) is Said.REFUSED else f"it fails: {end.code}"


async def read_permission(session: Session, market: Market) -> Probed[None]:
    outcome = await session.order_report(market, client_order_id=NEVER_SENT)
    if not isinstance(outcome, Answered):
        return failed_call("orders cannot be read", outcome.finding)
    told = f"an order that never was is answered as not known; {answered(outcome.evidence)}"
    return passed(told, None, outcome.evidence)


async def trade_permission(session: Session, market: Market) -> Probed[None]:
    """The cancel cannot meet an order: where the id is not known to be unused, nothing is sent."""
    unused = session.info.unused_order_id
    if unused is None:
        return skipped(f"no order id is known that {session.info.label} never gives, so nothing can be asked safely")
    outcome = await session.cancel_order(market, unused)
    if not isinstance(outcome, Answered) and outcome.finding.code != "order.not_found":
        return failed_call("orders cannot be cancelled or placed", outcome.finding)
    evidence = outcome.evidence if isinstance(outcome, Answered) else outcome.finding.evidence
    told = f"the cancel of an order that never was is answered as not found; {answered(evidence)}"
    return passed(told, None, evidence)


def withdraw_permission(info: ExchangeInfo) -> Probed[None]:
    return skipped(
        f"nothing asks {info.label} whether the key may withdraw: look at the key's page there, "
        "and leave that permission off"
    )
