"""What needs no key: the list of markets, and the exchange's clock, which the same answer tells."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.diagnosis.ladder import StepOutcome
from trading_bridge.diagnosis.probes.probed import Probed, failed_call, passed, skipped
from trading_bridge.exchanges.causes import CLOCK_OFFSET_MAX_S
from trading_bridge.exchanges.heard import Heard
from trading_bridge.exchanges.session import Session

#: a `Date` has no fractions
_DATE_STEP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    markets: Mapping[str, Market]
    evidence: Evidence

    def any_open(self, wanted: Sequence[str]) -> Market | None:
        """One of the wanted symbols where it is open for trading, else any that is, else any."""
        listed = [self.markets[symbol] for symbol in wanted if symbol in self.markets]
        every = (*listed, *self.markets.values())
        return next((market for market in every if market.active), every[0] if every else None)


async def public_call(session: Session, shared: Callable[[], Awaitable[Mapping[str, Market] | None]]) -> Probed[Public]:
    """Where the markets are known to all a book is asked for, which is a shorter answer."""
    listed = await shared()
    if listed:
        return await _book_of(session, listed)
    outcome = await session.markets()
    if not isinstance(outcome, Answered):
        return failed_call("the list of markets cannot be read", outcome.finding)
    took = "" if outcome.evidence.latency_ms is None else f" in {outcome.evidence.latency_ms} ms"
    value = Public(markets=outcome.value, evidence=outcome.evidence)
    return passed(f"{len(outcome.value)} markets{took}", value, outcome.evidence)


async def _book_of(session: Session, listed: Mapping[str, Market]) -> Probed[Public]:
    market = next((one for one in listed.values() if one.active), next(iter(listed.values())))
    outcome = await session.order_book(market, 5)
    if not isinstance(outcome, Answered):
        return failed_call(f"the book of {market.symbol} cannot be read", outcome.finding)
    took = "" if outcome.evidence.latency_ms is None else f" in {outcome.evidence.latency_ms} ms"
    value = Public(markets=listed, evidence=outcome.evidence)
    return passed(f"{len(listed)} markets, a book{took}", value, outcome.evidence)


def clock_offset(heard: Sequence[Heard], public: Public) -> Probed[float]:
    """The exchange's clock less ours."""
    of_call = next((one for one in heard if one.evidence is public.evidence), None)
    offset_s = None if of_call is None else offset_of(of_call)
    if of_call is None or offset_s is None:
        return skipped("the exchange's answer has no Date to compare with")
    if abs(offset_s) <= CLOCK_OFFSET_MAX_S:
        told = "this host's clock agrees with the exchange's" if offset_s == 0 else f"clocks differ by {offset_s:.1f} s"
        return passed(told, offset_s, of_call.evidence)
    finding = Finding(
        code="clock.skewed",
        severity=Severity.CRITICAL,
        since=of_call.evidence.at or parsedate_to_datetime(of_call.date or ""),
        parameters={"offset_s": f"{offset_s:.0f}"},
        evidence=of_call.evidence,
    )
    behind = "behind" if offset_s > 0 else "ahead of"
    return Probed(
        outcome=StepOutcome.FAIL,
        detail=f"this host's clock is {abs(offset_s):.0f} s {behind} the exchange's",
        value=offset_s,
        finding=finding,
        evidence=of_call.evidence,
    )


def offset_of(heard: Heard) -> float | None:
    """Seconds by which the exchange's clock is ahead of ours at least; 0: it may be right. None: it told no time."""
    sent, latency_ms = heard.evidence.at, heard.evidence.latency_ms
    if heard.date is None or sent is None or latency_ms is None:
        return None
    try:
        date = parsedate_to_datetime(heard.date)
        # the answer was made while we waited for it, in the second that it names
        least = (date - sent - timedelta(milliseconds=latency_ms)).total_seconds()
        most = (date + _DATE_STEP - sent).total_seconds()
    except (ValueError, TypeError):
        return None
    if least > 0:
        return least
    return most if most < 0 else 0.0
