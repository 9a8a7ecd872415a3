"""The markets of one route to an exchange and their rules, read once for all who ask."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches

from trading_bridge.accounts.single_flight import SingleFlight, Spawn
from trading_bridge.clock import Clock, wall_time_of
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.core.view import UNKNOWN_MARKET
from trading_bridge.exchanges.session import Session

REFRESH_AFTER_S = 600.0
RETRY_AFTER_S = 5.0
#: refusals make no more reads than this
EXPIRE_EVERY_S = 1.0
#: of 1: how much of a pair must agree with another one to be taken for it; the quote alone makes about half
_ALIKE = 0.75


class Rules:
    def __init__(self, session: Session, clock: Clock, spawn: Spawn[None]) -> None:
        self._session = session
        self._clock = clock
        self._flight = SingleFlight(spawn, self._read)
        self._markets: Mapping[str, Market] | None = None
        self._gone: dict[str, Market] = {}  # symbol -> a market that was listed once, as it was
        self._as_of: datetime | None = None
        self._read_at: float | None = None
        self._good_at: float | None = None
        self._attempted: float | None = None
        self._failure: Finding | None = None

    @property
    def failure(self) -> Finding | None:
        """Why the last read gave no markets; None: it did, or there was none."""
        return self._failure

    async def market(self, symbol: str, *, force: bool = False) -> Known[Market | None]:
        """The market's rules; a value of None: the exchange answered and does not list it."""
        if force or self._due():
            await self._flight.join()
        return self.known(symbol)

    def known(self, symbol: str) -> Known[Market | None]:
        if self._markets is None or self._as_of is None:
            never = Finding(code="market.unverified", severity=Severity.WARNING, since=self._clock.now())
            return Unknown(finding=self._failure or never)
        market = self._markets.get(symbol)
        if self._failure is not None:
            return Stale(value=market, as_of=self._as_of, finding=self._failure)
        return Ok(value=market, as_of=self._as_of, finding=self._unlisted(symbol) if market is None else None)

    async def every(self) -> Known[Mapping[str, Market]]:
        """All markets, by symbol."""
        if self._due():
            await self._flight.join()
        if self._markets is None or self._as_of is None:
            never = Finding(code="market.unverified", severity=Severity.WARNING, since=self._clock.now())
            return Unknown(finding=self._failure or never)
        if self._failure is not None:
            return Stale(value=self._markets, as_of=self._as_of, finding=self._failure)
        return Ok(value=self._markets, as_of=self._as_of)

    async def listed(self) -> Mapping[str, Market] | None:
        """All markets; None: they could not be read lately."""
        if self._due():
            await self._flight.join()
        return self._markets if self._failure is None else None

    def once(self, symbol: str) -> Market | None:
        """The market as it is or was last listed, so that its orders can be cancelled; None: never listed."""
        return (self._markets or {}).get(symbol) or self._gone.get(symbol)

    def expire(self) -> None:
        """A refusal says that the rules changed (faults X14): the next reader reads them anew, at once unless they were
        read in this very second."""
        self._good_at = None
        if self._attempted is not None and self._clock.monotonic() - self._attempted >= EXPIRE_EVERY_S:
            self._attempted = None

    def recheck(self) -> None:
        """Somebody waits for them to change: the next reader reads them anew unless they are a few seconds young."""
        if self._good_at is not None and self._clock.monotonic() - self._good_at > RETRY_AFTER_S:
            self._good_at = None

    def stepped(self) -> None:
        """The wall clock was set a moment ago: what was read before, or since, is as old as it is."""
        if self._read_at is not None:
            self._as_of = wall_time_of(self._clock, self._read_at)

    def _unlisted(self, symbol: str) -> Finding:
        return Finding(
            code=UNKNOWN_MARKET,
            severity=Severity.CRITICAL,
            since=self._clock.now(),
            parameters={"symbol": symbol, "nearest": nearest(symbol, self._markets or ()) or "none"},
        )

    def _due(self) -> bool:
        now = self._clock.monotonic()
        if self._good_at is not None and now - self._good_at <= REFRESH_AFTER_S:
            return False
        return self._attempted is None or now - self._attempted > RETRY_AFTER_S

    async def _read(self) -> None:
        outcome = await self._session.markets()
        self._attempted = self._clock.monotonic()
        if isinstance(outcome, Answered):
            self._gone |= {name: one for name, one in (self._markets or {}).items() if name not in outcome.value}
            self._markets = outcome.value
            self._as_of = self._clock.now()
            self._good_at = self._read_at = self._attempted
            self._failure = None
        else:
            self._failure = outcome.finding


def nearest(symbol: str, listed: Iterable[str]) -> str | None:
    """The listed pair that was probably meant: the one most alike among those that share a currency with it."""
    base, _, quote = symbol.partition("/")
    related = sorted(one for one in listed if one.startswith(f"{base}/") or one.endswith(f"/{quote}"))
    alike = get_close_matches(symbol, related, n=1, cutoff=_ALIKE)
    same_base = [one for one in related if one.startswith(f"{base}/")]
    return next(iter(alike + same_base), None)
