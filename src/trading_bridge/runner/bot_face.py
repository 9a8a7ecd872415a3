"""What a bot shows of itself: its state, since when, and why, with the cause as the doctor found it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from trading_bridge.accounts.account import CONFLATED, Account
from trading_bridge.clock import Clock
from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.decision import Reason
from trading_bridge.core.finding import Finding, Severity

#: a cycle that has not ended by then shows as late
LATE_AFTER_S = 3.0


class BotFace:
    def __init__(self, clock: Clock, on_change: Callable[[BotState], None]) -> None:
        """`on_change` hears a state whose code or reason is another than before."""
        self._clock = clock
        self._on_change = on_change
        self._state = BotState(code=StateCode.STARTING, reason="starting", parameters={}, since=clock.now())
        #: the connector as the last cycle found it; None: there was none
        self.account: Account | None = None
        #: monotonic time at which the cycle under way began; None: none is
        self.cycling_since: float | None = None

    @property
    def state(self) -> BotState:
        """With the cause as the doctor found it."""
        state = self._unexplained
        if state.finding is None or state.finding.code != CONFLATED:
            return state
        finding = self.explained(state.finding)
        return replace(state, reason=finding.code, parameters=dict(finding.parameters), finding=finding)

    @property
    def _unexplained(self) -> BotState:
        """A cycle that waits for the exchange too long has nothing to say any more, whatever the last one said."""
        if self.cycling_since is None or self._state.code is StateCode.BLOCKED:
            return self._state
        waited_s = self._clock.monotonic() - self.cycling_since
        if waited_s < LATE_AFTER_S:
            return self._state
        since = self._clock.now() - timedelta(seconds=waited_s)
        parameters = {"seconds": f"{waited_s:.0f}"}
        finding = Finding(code="cycle.late", severity=Severity.WARNING, since=since, parameters=parameters)
        return BotState(
            code=StateCode.BLOCKED, reason=finding.code, parameters=parameters, since=since, finding=finding
        )

    def explained(self, finding: Finding) -> Finding:
        return finding if self.account is None else self.account.explain(finding)

    def tell(self, code: StateCode, finding: Finding, *, until: datetime | None = None) -> None:
        """A state whose reason is a finding."""
        if finding.code == CONFLATED and self.account is not None:
            self.account.suspicion = finding  # only the doctor can tell
        self.become(code, Reason(code=finding.code, parameters=finding.parameters), finding, until=until)

    def become(
        self, code: StateCode, reason: Reason, finding: Finding | None = None, *, until: datetime | None = None
    ) -> None:
        """A state keeps its time while its code and reason stay; numbers in it may move."""
        before = self._state
        same = before.code is code and before.reason == reason.code
        since = before.since if same else self._clock.now()
        if finding is not None and same and before.finding is not None and before.finding.code == finding.code:
            finding = replace(finding, since=before.finding.since)
        self._state = BotState(
            code=code,
            reason=reason.code,
            parameters=dict(reason.parameters),
            since=since,
            finding=finding,
            until=until,
        )
        if not same:
            self._on_change(self._state)
