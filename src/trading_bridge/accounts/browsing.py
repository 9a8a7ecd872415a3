"""Markets of any exchange for whoever looks at them, connectors or not: by a session without a key, a few at a time."""

from collections.abc import Mapping

from trading_bridge.accounts.rules import Rules
from trading_bridge.accounts.single_flight import Spawn
from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Unknown
from trading_bridge.core.market import Market
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import exchange_info, usable
from trading_bridge.exchanges.session import HttpSessions, Session

#: an exchange's markets take some megabytes; the one that was looked at longest ago goes first
SESSIONS_MAX = 4


class Browsing:
    def __init__(self, http: HttpSessions, limiters: Limiters, clock: Clock, spawn: Spawn[None]) -> None:
        self._http = http
        self._limiters = limiters
        self._clock = clock
        self._spawn = spawn
        self._open: dict[str, tuple[Session, Rules]] = {}  # exchange id -> the session that reads its markets

    async def markets(self, exchange: str) -> Known[Mapping[str, Market]]:
        """By symbol, at the exchange's own host."""
        rules = await self._rules(exchange)
        if rules is None:
            finding = Finding(
                code="exchange.unknown",
                severity=Severity.WARNING,
                since=self._clock.now(),
                parameters={"exchange": exchange},
            )
            return Unknown(finding=finding)
        known = await rules.every()
        if isinstance(known, Unknown) and known.finding.code == "credentials.empty":
            return Unknown(finding=self._shut(exchange, known.finding))
        return known

    def _shut(self, exchange: str, asked: Finding) -> Finding:
        """The exchange's class sends nothing without a key."""
        info = exchange_info(exchange)
        return Finding(
            code="markets.key_needed",
            severity=Severity.INFO,
            since=asked.since,
            parameters={"exchange": exchange if info is None else info.label},
            evidence=asked.evidence,
        )

    async def _rules(self, exchange: str) -> Rules | None:
        """None: there is no such exchange (any more)."""
        held = self._open.pop(exchange, None)
        if held is None:
            info = usable(exchange)
            if info is None:
                return None
            session = Session(
                info=info,
                credentials=None,
                base_url=None,
                proxy_url=None,
                ipv4_only=False,
                clock=self._clock,
                http=self._http,
                limiters=self._limiters,
            )
            held = session, Rules(session, self._clock, self._spawn)
        self._open[exchange] = held
        if len(self._open) > SESSIONS_MAX:
            oldest, _ = self._open.pop(next(iter(self._open)))
            await oldest.close()
        return held[1]

    async def close(self) -> None:
        for session, _ in self._open.values():
            await session.close()
        self._open.clear()
