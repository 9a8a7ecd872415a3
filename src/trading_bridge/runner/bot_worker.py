"""One running bot: its cycles, its state in words' codes, its stop."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import ValidationError

from trading_bridge.accounts.account import CONFLATED, Account
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.clock import within
from trading_bridge.core.bot import Bot, BotState, StateCode
from trading_bridge.core.decision import Decision, Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.strategies import BOT_TYPES
from trading_bridge.logs import bound, get_logger
from trading_bridge.runner.cycle import Deps, Outcome, run_cycle

CYCLE_S = 1.0
#: a cycle that has not ended by then shows as late
LATE_AFTER_S = 3.0
FEED_WANTED_S = 10.0
#: after the nth refusal in a row nothing new is asked for so long (faults X2)
_REFUSAL_PAUSES_S = (2.0, 5.0, 15.0, 30.0, 60.0)
#: reasons of a decision without orders that somebody must mend
_FORBIDDING = ("balance.", "order.", "risk.collar", "risk.notional")
#: what forbids orders until the market's rules change
_OF_RULES = frozenset({"market.halted", "market.unknown", "order.precision", "order.too_small"})

_log = get_logger("bot")


class BotWorker:
    def __init__(self, bot: Bot, manager: ExchangeManager, deps: Deps, on_change: Callable[[str], None]) -> None:
        self.bot = bot
        self._manager = manager
        self._deps = deps
        self._on_change = on_change
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._refusals = 0
        self._silent_until = 0.0
        #: the last cycle; None: none yet, or it could not look at anything
        self._last: Outcome | None = None
        #: the connector as the last cycle found it; None: there was none
        self._account: Account | None = None
        self._healed = 0
        #: monotonic time at which the cycle under way began; None: none is
        self._cycling_since: float | None = None
        self._state = BotState(code=StateCode.STARTING, reason="starting", parameters={}, since=deps.clock.now())

    def findings(self) -> Iterator[Finding]:
        """What is wrong for this bot now; one code may come several times."""
        finding = self.state.finding
        if finding is not None:
            yield finding
        if self._last is not None:
            decided = self._forbids(self._last.decision)
            if decided is not None:
                yield self._explained(decided)

    @property
    def state(self) -> BotState:
        """With the cause as the doctor found it."""
        state = self._unexplained
        if state.finding is None or state.finding.code != CONFLATED:
            return state
        finding = self._explained(state.finding)
        return replace(state, reason=finding.code, parameters=dict(finding.parameters), finding=finding)

    @property
    def _unexplained(self) -> BotState:
        """A cycle that waits for the exchange too long has nothing to say any more, whatever the last one said."""
        if self._cycling_since is None or self._state.code is StateCode.BLOCKED:
            return self._state
        waited_s = self._deps.clock.monotonic() - self._cycling_since
        if waited_s < LATE_AFTER_S:
            return self._state
        since = self._deps.clock.now() - timedelta(seconds=waited_s)
        parameters = {"seconds": f"{waited_s:.0f}"}
        finding = Finding(code="cycle.late", severity=Severity.WARNING, since=since, parameters=parameters)
        return BotState(
            code=StateCode.BLOCKED, reason=finding.code, parameters=parameters, since=since, finding=finding
        )

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def request_stop(self) -> None:
        self._stop.set()

    async def ended(self) -> None:
        """Returns once no order of the bot lives and its task is over."""
        await self._ended.wait()

    async def run(self) -> None:
        """Cycles until a stop is asked for, then cancels and confirms until nothing of the bot is left."""
        with bound(bot=self.bot.id, account=self.bot.account):
            while not self._stop.is_set():
                self._cycling_since = self._deps.clock.monotonic()
                await self._cycle()
                self._cycling_since = None
                await within(self._deps.clock, CYCLE_S, self._stop.wait())
            while not await self._clear():
                await self._deps.clock.sleep(CYCLE_S)
            self._become(StateCode.STOPPED, Reason(code="stopped"))
            self._ended.set()

    def crashed(self, finding: Finding) -> None:
        self._become(StateCode.BLOCKED, Reason(code=finding.code, parameters=finding.parameters), finding)

    async def _cycle(self) -> None:
        account = self._find_account()
        if isinstance(account, Finding):
            self._cannot(StateCode.BLOCKED, account)
            return
        self._go_on_when_healed(account)
        if account.recovering is not None:
            starting = account.recovering.code == "account.recovering"
            self._cannot(StateCode.STARTING if starting else StateCode.BLOCKED, account.recovering)
            return
        bot_type = BOT_TYPES[self.bot.bot_type]
        try:
            parameters = bot_type.parameters.model_validate(self.bot.config)
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
            self._cannot(StateCode.BLOCKED, self._finding("config.invalid", {"fields": fields}))
            return
        feed = account.route.feed(self.bot.symbol)
        feed.want(FEED_WANTED_S)
        may_place = self._deps.clock.monotonic() >= self._silent_until
        met = self.state.finding
        self._last = await run_cycle(
            self.bot,
            bot_type,
            parameters,
            account,
            feed,
            self._deps,
            may_place=may_place,
            obstacle=None if met is None or met.severity is Severity.INFO else met,
        )
        self._judge(self._last, account, may_place=may_place)

    def _cannot(self, code: StateCode, finding: Finding) -> None:
        """A cycle that ends before it could look at anything: that is a decision, too."""
        reason = Reason(code=finding.code, parameters=finding.parameters)
        self._last = None
        decision = Decision(reason=reason, wanted=None, finding=finding)
        self._deps.decisions.record(self.bot.id, decision, self._deps.clock.now(), None)
        self._become(code, reason, finding)

    def _go_on_when_healed(self, account: Account) -> None:
        """The doctor withdrew what new orders were refused for: nothing to wait for any more."""
        if self._account is not account:
            self._account, self._healed = account, account.healed
        elif self._healed != account.healed:
            self._healed, self._refusals, self._silent_until = account.healed, 0, 0.0

    def _explained(self, finding: Finding) -> Finding:
        return finding if self._account is None else self._account.explain(finding)

    def _find_account(self) -> Account | Finding:
        match = self._manager.match(self.bot.account, self.bot.connector)
        if match.connector_id is None:
            assert match.finding is not None
            return match.finding
        return self._manager.account(match.connector_id)

    def _judge(self, outcome: Outcome, account: Account, *, may_place: bool) -> None:
        """The state that follows from a cycle, and the pause after refusals."""
        applied, decision = outcome.applied, outcome.decision
        if applied.refused:
            pause = _REFUSAL_PAUSES_S[min(self._refusals, len(_REFUSAL_PAUSES_S) - 1)]
            self._refusals += 1
            self._silent_until = self._deps.clock.monotonic() + pause
            self._say(StateCode.BLOCKED, applied.refused[0], until=self._deps.clock.now() + timedelta(seconds=pause))
            return
        if not may_place and decision.wanted and self.state.finding is not None:
            return
        if applied.placed:
            self._refusals, account.suspicion = 0, None
        live = account.tracker.live(self.bot.id)
        unresolved = [order for order in live if order.exchange_order_id is None]
        if applied.failed:
            self._say(StateCode.BLOCKED, applied.failed[0])
        elif account.tracker.failure is not None and live:
            self._say(StateCode.BLOCKED, account.tracker.failure)
        elif unresolved:
            self._blocked("order.unresolved", {"client_order_id": unresolved[0].client_order_id})
        elif decision.quoting and live:
            self._become(StateCode.TRADING, decision.reason)
        elif decision.quoting:
            reason = applied.withheld[0] if applied.withheld else Reason(code="placing")
            self._become(StateCode.WAITING, reason)
        elif (forbidding := self._forbids(decision)) is not None:
            if forbidding.code in _OF_RULES:
                account.route.rules.recheck()
            self._say(StateCode.BLOCKED, forbidding)
        else:
            self._become(StateCode.WAITING, decision.reason)

    async def _clear(self) -> bool:
        """One attempt to cancel all of the bot's orders; True: the exchange has confirmed that none is left."""
        account = self._find_account()
        if isinstance(account, Finding):
            return self._clear_without(account)
        findings = [
            finding
            for order in account.tracker.live(self.bot.id)
            if (finding := await account.cancel(order.client_order_id)) is not None
        ]
        left = account.tracker.live(self.bot.id)
        if not left:
            return True
        reason = Reason(code="stopping", parameters={"open_orders": str(len(left))})
        self._become(StateCode.STOPPING, reason, findings[0] if findings else None)
        return False

    def _clear_without(self, obstacle: Finding) -> bool:
        """No session can ask: True where no order of the bot was live when the last one could."""
        if not self._manager.owes(self.bot.id):
            return True
        self._become(StateCode.STOPPING, Reason(code="stopping", parameters={"open_orders": "some"}), obstacle)
        return False

    def _forbids(self, decision: Decision) -> Finding | None:
        """What keeps a decision from wanting orders; None: nothing is wrong, or it has only begun to look."""
        if decision.finding is not None:
            return None if decision.finding.severity is Severity.INFO else decision.finding
        reason = decision.reason
        if not decision.quoting and reason.code.startswith(_FORBIDDING):
            return self._finding(reason.code, dict(reason.parameters))
        return None

    def _blocked(self, code: str, parameters: dict[str, str]) -> None:
        self._say(StateCode.BLOCKED, self._finding(code, parameters))

    def _finding(self, code: str, parameters: dict[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self._deps.clock.now(), parameters=parameters)

    def _say(self, code: StateCode, finding: Finding, *, until: datetime | None = None) -> None:
        if finding.code == CONFLATED and self._account is not None:
            self._account.suspicion = finding  # only the doctor can tell
        self._become(code, Reason(code=finding.code, parameters=finding.parameters), finding, until=until)

    def _become(
        self, code: StateCode, reason: Reason, finding: Finding | None = None, *, until: datetime | None = None
    ) -> None:
        """A state keeps its time while its code and reason stay; numbers in it may move."""
        before = self._state
        same = before.code is code and before.reason == reason.code
        since = before.since if same else self._deps.clock.now()
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
            _log.info("state", bot=self.bot.id, name=self.bot.name, state=code.value, reason=reason.code)
            self._on_change(self.bot.id)
