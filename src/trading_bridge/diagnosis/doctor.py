"""The doctor: climbs the ladder of probes for one connector and says what is wrong with it. No probe can trade."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from trading_bridge.accounts.account import Account
from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Credentials
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.climb import Climb
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.ladder import Ladder, Rung, Step, StepOutcome
from trading_bridge.diagnosis.patient import Patient, of_account, of_draft
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.network import Network
from trading_bridge.exchanges.registry import usable


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A connector as it would be saved, or as a process sees it that has no live accounts."""

    exchange: str
    credentials: Credentials | None
    base_url: str | None
    proxy_url: str | None = field(repr=False)
    ipv4_only: bool
    #: None: as long as the platform waits by itself
    timeout_s: int | None = None
    #: why there are no credentials, such as `connector.missing`; None: nothing is known of that
    missing: Finding | None = None
    #: a proxy is stored that cannot be read, so nothing may be asked: it would be asked directly
    proxy_lost: bool = False


class Doctor:
    def __init__(
        self, *, http: HttpSessions, limiters: Limiters, network: Network, clock: Clock, egress: Egress
    ) -> None:
        self._http = http
        self._network = network
        self._clock = clock
        self._egress = egress
        self._under_way: dict[tuple[str, int], asyncio.Task[Ladder]] = {}  # connector_id, version -> its ladder
        self._limiters = limiters
        self._last: dict[str, Ladder] = {}  # connector_id -> its last ladder

    async def examine(self, account: Account, bots: Sequence[Bot] = ()) -> Ladder:
        """One ladder per account at a time: who asks meanwhile shares it, and whoever gives up does not end it."""
        key = (account.connector.id, account.connector.version)
        climbing = self._under_way.get(key)
        if climbing is None:
            climbing = self._under_way[key] = asyncio.create_task(self._examine(account, bots))
            climbing.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(climbing)

    async def examine_draft(self, draft: Draft, bots: Sequence[Bot] = ()) -> Ladder:
        info = usable(draft.exchange)
        if info is None:
            unknown = draft.missing or self._finding("exchange.unknown", {"exchange": draft.exchange})
            return self._unasked("there is no exchange", unknown)
        if draft.proxy_lost:
            lost = draft.missing or self._finding("credentials.undecryptable", {"connector": draft.exchange})
            return self._unasked("the stored proxy cannot be decrypted, and nothing is asked without it", lost)
        keyless = None
        if draft.credentials is None:
            keyless = draft.missing or self._finding("credentials.empty", {"connector": draft.exchange})
        patient = of_draft(
            info,
            credentials=draft.credentials,
            base_url=draft.base_url,
            proxy_url=draft.proxy_url,
            ipv4_only=draft.ipv4_only,
            keyless=keyless,
            clock=self._clock,
            http=self._http,
            limiters=self._limiters,
            timeout_s=draft.timeout_s,
        )
        try:
            ladder, _ = await self._climb(patient, bots)
        finally:
            await patient.session.close()
        return ladder

    def last(self, connector_id: str) -> Ladder | None:
        """None: it was not examined since the start."""
        return self._last.get(connector_id)

    def keep(self, connector_id: str, ladder: Ladder) -> None:
        """The ladder of a draft that was saved just now as this connector."""
        self._last[connector_id] = ladder

    async def close(self) -> None:
        """Ends the ladders that are under way."""
        climbing = tuple(self._under_way.values())
        for task in climbing:
            task.cancel()
        if climbing:
            await asyncio.wait(climbing)

    async def _examine(self, account: Account, bots: Sequence[Bot]) -> Ladder:
        ladder, of_connector = await self._climb(of_account(account, self._clock), bots)
        before = account.diagnosed
        account.diagnose(of_connector)
        if ladder.diagnosis is not None and before is not None and ladder.diagnosis.code == before.code:
            ladder = replace(ladder, diagnosis=replace(ladder.diagnosis, since=before.since))
        if not account.closed:
            self._last[account.connector.id] = ladder
        return ladder

    async def _climb(self, patient: Patient, bots: Sequence[Bot]) -> tuple[Ladder, Finding | None]:
        climb = Climb(patient, http=self._http, network=self._network, clock=self._clock, egress=self._egress)
        return await climb.to_the_top(bots)

    def _unasked(self, detail: str, finding: Finding) -> Ladder:
        step = Step(rung=Rung.CREDENTIALS, outcome=StepOutcome.FAIL, detail=detail, took_ms=0, finding=finding)
        return Ladder(
            started_at=self._clock.now(),
            took_ms=0,
            steps=(step,),
            diagnosis=finding,
            remaining=(),
            egress=(),
            requests=0,
        )

    def _finding(self, code: str, parameters: Mapping[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.CRITICAL, since=self._clock.now(), parameters=parameters)
