"""One running bot: its cycles, the state that follows from each, its stop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from pydantic import BaseModel, ValidationError

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.bot_types import bot_types
from trading_bridge.clock import within
from trading_bridge.core import risk
from trading_bridge.core.bot import Bot, BotState, StateCode, config_version
from trading_bridge.core.decision import Decision, Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.strategies.bot_type import BotType
from trading_bridge.diagnosis.catalogue import title_of
from trading_bridge.logs import bound, get_logger
from trading_bridge.runner.bot_face import BotFace
from trading_bridge.runner.cycle import Deps, Outcome, run_cycle

CYCLE_S = 1.0
#: what forbids a start is looked at again
START_EVERY_S = 5.0
#: crashes in a row after which a bot is taken out, some 25 s after the first; a run of `HEALTHY_S` ends a row
QUARANTINE_AFTER = 4
HEALTHY_S = 120.0
FEED_WANTED_S = 10.0
#: reasons of a decision without orders that somebody must mend
_FORBIDDING = ("balance.", "order.", "risk.collar", "risk.notional")
#: what forbids orders until the market's rules change
_OF_RULES = frozenset({"market.halted", "market.no_api", "market.unknown", "order.precision", "order.too_small"})

_log = get_logger("bot")

#: what forbids a start; None: nothing
MayStart = Callable[[Bot], Awaitable[Finding | None]]


class BotWorker:
    def __init__(
        self,
        bot: Bot,
        manager: ExchangeManager,
        deps: Deps,
        on_change: Callable[[str], None],
        *,
        may_start: MayStart | None = None,
        resumes: bool = False,
    ) -> None:
        """`resumes`: a hold or kill has just ended, and the bot goes on only once `may_start` finds no obstacle."""
        self.bot = bot
        self._manager = manager
        self._deps = deps
        self._on_change = on_change
        self._may_start = may_start
        self._resumes = resumes
        self._face = BotFace(deps.clock, self._changed)
        self._crashes = 0
        #: it has crashed, and nothing of it runs until the pause after that is over
        self.paused = False
        self._began = deps.clock.monotonic()
        #: why it is taken out; None: it is not
        self._quarantine: Finding | None = None
        self._stop = asyncio.Event()
        #: a stop, or an end of the quarantine
        self._called = asyncio.Event()
        #: what stands stays when it ends
        self._keep = False
        self._ended = asyncio.Event()
        #: a config, and what the type's model made of it; None: nothing yet
        self._made: tuple[Mapping[str, object], BaseModel] | None = None
        self._refusals = 0
        self._silent_until = 0.0
        #: the last cycle; None: none yet, or it could not look at anything
        self._last: Outcome | None = None
        #: how often the doctor had withdrawn a diagnosis of the connector when the last cycle looked
        self._healed = 0

    def findings(self) -> Iterator[Finding]:
        """What is wrong for this bot now; one code may come several times."""
        finding = self.state.finding
        if finding is not None:
            yield finding
        if self._last is not None:
            decided = self._forbids(self._last.decision)
            if decided is not None:
                yield self._face.explained(decided)

    @property
    def state(self) -> BotState:
        return self._face.state

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def request_stop(self, *, keep: bool = False) -> None:
        """`keep`: what stands is left as it is; a later stop without it takes precedence."""
        self._keep = keep
        self._stop.set()
        self._called.set()

    def update(self, bot: Bot) -> None:
        """The bot as it is wished now; an edit ends a quarantine."""
        if self._quarantine is not None and bot.updated_at != self.bot.updated_at:
            self._quarantine, self._crashes = None, 0
            self._called.set()
        if bot.config != self.bot.config:
            self._deps.decisions.configured(bot.id, config_version(bot.config))
        self.bot = bot

    async def ended(self) -> None:
        """Returns once its task is over, and no order of the bot lives unless it was told to keep them."""
        await self._ended.wait()

    async def run(self) -> None:
        """Cycles until a stop is asked for, then cancels and confirms until nothing of the bot is left."""
        self._began, self._face.cycling_since, self.paused = self._deps.clock.monotonic(), None, False
        self._deps.decisions.configured(self.bot.id, config_version(self.bot.config))
        with bound(bot=self.bot.id, account=self.bot.account):
            while not self._stop.is_set():
                if self._quarantine is None:
                    await self._work()
                else:
                    await self._sit_out(self._quarantine)
            while not self._keep and not await self._clear():
                await self._deps.clock.sleep(CYCLE_S)
            self._face.become(StateCode.STOPPED, Reason(code="stopped"))
            self._ended.set()

    def crashed(self, finding: Finding) -> None:
        if self._deps.clock.monotonic() - self._began > HEALTHY_S:
            self._crashes = 0
        self._crashes += 1
        self.paused = True
        if self._crashes >= QUARANTINE_AFTER and not self._stop.is_set():
            parameters = {"crashes": str(self._crashes), "error": finding.parameters["error"]}
            finding = Finding(
                code="bot.quarantined", severity=Severity.CRITICAL, since=finding.since, parameters=parameters
            )
            self._quarantine = finding
            self._called.clear()
        self._face.tell(StateCode.BLOCKED, finding)

    async def _work(self) -> None:
        if not await self._started():
            return
        while not self._stop.is_set():
            self._face.cycling_since = self._deps.clock.monotonic()
            await self._cycle()
            self._face.cycling_since = None
            await within(self._deps.clock, CYCLE_S, self._stop.wait())

    async def _started(self) -> bool:
        """After a hold or kill: waits until the start checks pass; False: a stop came first."""
        while self._resumes and self._may_start is not None and not self._stop.is_set():
            obstacle = await self._may_start(self.bot)
            if obstacle is None:
                break
            cause = {"cause": title_of(obstacle.code, obstacle.parameters)}
            blocked = self._finding("hold.resume_blocked", cause)
            self._face.tell(StateCode.HELD, blocked)
            await within(self._deps.clock, START_EVERY_S, self._stop.wait())
        self._resumes = False
        return not self._stop.is_set()

    async def _sit_out(self, why: Finding) -> None:
        """Its orders go, and nothing of it runs until a person stops or edits it."""
        while not self._called.is_set() and not await self._clear():
            await self._deps.clock.sleep(CYCLE_S)
        if self._quarantine is why:
            self._face.tell(StateCode.BLOCKED, why)
            await self._called.wait()
        self._called.clear()

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
        bot_type = bot_types().get(self.bot.bot_type)
        if bot_type is None:  # the package that brought it is gone
            told = {"bot_type": self.bot.bot_type, "symbol": self.bot.symbol}
            self._cannot(StateCode.BLOCKED, self._finding("strategy.unavailable", told))
            return
        try:
            parameters = self._parameters(bot_type)
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
            self._cannot(StateCode.BLOCKED, self._finding("config.invalid", {"fields": fields}))
            return
        feed = account.route.feed(self.bot.symbol)
        feed.want(FEED_WANTED_S)
        held = account.held or account.funds_held or account.recovering_in(self.bot.symbol)
        may_place = held is None and self._deps.clock.monotonic() >= self._silent_until
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
            held_back=() if self._last is None else self._last.applied.told,
        )
        if held is not None:
            self._face.tell(StateCode.BLOCKED, held)
        else:
            self._judge(self._last, account, may_place=may_place)

    def _parameters(self, bot_type: BotType) -> BaseModel:
        """Made once of each config. Raises ValidationError."""
        if self._made is None or self._made[0] is not self.bot.config:
            self._made = self.bot.config, bot_type.parameters.model_validate(self.bot.config)
        return self._made[1]

    def _cannot(self, code: StateCode, finding: Finding) -> None:
        """A cycle that ends before it could look at anything: that is a decision, too."""
        reason = Reason(code=finding.code, parameters=finding.parameters)
        self._last = None
        decision = Decision(reason=reason, wanted=None, finding=finding)
        self._deps.decisions.record(self.bot.id, decision, self._deps.clock.now(), None)
        self._face.become(code, reason, finding)

    def _go_on_when_healed(self, account: Account) -> None:
        """The doctor withdrew what new orders were refused for: nothing to wait for any more."""
        if self._face.account is not account:
            self._face.account, self._healed = account, account.healed
        elif self._healed != account.healed:
            self._healed, self._refusals, self._silent_until = account.healed, 0, 0.0

    def _find_account(self) -> Account | Finding:
        match = self._manager.match(self.bot.account, self.bot.connector)
        if match.connector_id is None:
            assert match.finding is not None
            return match.finding
        return self._manager.account(match.connector_id)

    def _judge(self, outcome: Outcome, account: Account, *, may_place: bool) -> None:
        """The state that follows from a cycle, and the pause after refusals."""
        applied, decision = outcome.applied, outcome.decision
        pause = self._pause_after(applied.refused)
        if outcome.halt is not None:
            halted = risk.halted(outcome.halt)
            self._face.become(StateCode.HALTED, halted.reason, halted.finding, until=outcome.halt.until)
            return
        if pause is not None:
            self._face.tell(StateCode.BLOCKED, applied.refused[0], until=self._deps.clock.now() + pause)
            return
        if not may_place and decision.wanted and self.state.finding is not None:
            return
        if applied.placed:
            self._refusals, account.suspicion = 0, None
        live = account.tracker.live(self.bot.id)
        unresolved = [order for order in live if order.exchange_order_id is None]
        if applied.failed:
            self._face.tell(StateCode.BLOCKED, applied.failed[0])
        elif account.tracker.failure is not None and live:
            self._face.tell(StateCode.BLOCKED, account.tracker.failure)
        elif unresolved:
            self._blocked("order.unresolved", {"client_order_id": unresolved[0].client_order_id})
        elif decision.quoting and live:
            self._face.become(StateCode.TRADING, decision.reason)
        elif decision.quoting:
            reason = applied.withheld[0] if applied.withheld else Reason(code="placing")
            self._face.become(StateCode.WAITING, reason)
        elif (forbidding := self._forbids(decision)) is not None:
            if forbidding.code in _OF_RULES:
                account.route.rules.recheck()
            self._face.tell(StateCode.BLOCKED, forbidding)
        else:
            self._face.become(StateCode.WAITING, decision.reason)

    def _pause_after(self, refused: Sequence[Finding]) -> timedelta | None:
        """How long nothing new is asked for, from now; None: nothing was refused."""
        if not refused:
            return None
        self._refusals += 1
        pause = risk.pause_after(self._refusals)
        self._silent_until = self._deps.clock.monotonic() + pause.total_seconds()
        return pause

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
        self._clearing(str(len(left)), findings[0] if findings else None)
        return False

    def _clear_without(self, obstacle: Finding) -> bool:
        """No session can ask: True where no order of the bot was live when the last one could."""
        if not self._manager.owes(self.bot.id):
            return True
        self._clearing("some", obstacle)
        return False

    def _clearing(self, left: str, obstacle: Finding | None) -> None:
        why = self._quarantine
        if why is not None and not self._stop.is_set():
            self._face.tell(StateCode.BLOCKED, why)
        else:
            self._face.become(StateCode.STOPPING, Reason(code="stopping", parameters={"open_orders": left}), obstacle)

    def _forbids(self, decision: Decision) -> Finding | None:
        """What keeps a decision from wanting orders; None: nothing is wrong, or it has only begun to look."""
        if decision.finding is not None:
            return None if decision.finding.severity is Severity.INFO else decision.finding
        reason = decision.reason
        if not decision.quoting and reason.code.startswith(_FORBIDDING):
            return self._finding(reason.code, dict(reason.parameters))
        return None

    def _blocked(self, code: str, parameters: dict[str, str]) -> None:
        self._face.tell(StateCode.BLOCKED, self._finding(code, parameters))

    def _finding(self, code: str, parameters: dict[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self._deps.clock.now(), parameters=parameters)

    def _changed(self, state: BotState) -> None:
        _log.info("state", bot=self.bot.id, name=self.bot.name, state=state.code.value, reason=state.reason)
        self._on_change(self.bot.id)
