"""A bot with what the live parts know of it, without asking storage or an exchange."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from trading_bridge.accounts.host import host_label
from trading_bridge.accounts.life import bars_bots
from trading_bridge.core.bot import Bot, BotState, BotStatus, StateCode
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import PLATFORM, Finding, RecordedFinding, Severity, Subject, SubjectKind
from trading_bridge.core.restraint import Kill
from trading_bridge.services.deps import Deps
from trading_bridge.services.meaning import exchange_of

#: the runner takes up a bot that was just started within this, else something is wrong
STARTS_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class BotFacts:
    bot: Bot
    connector_id: str | None
    #: None: its connector is gone, and the value is no exchange's id
    exchange: str | None
    host_label: str | None
    state: BotState
    #: of the state's finding; None: it has none, or it is not recorded yet
    recorded: RecordedFinding | None


def facts(deps: Deps, bot: Bot) -> BotFacts:
    match = deps.manager.match(bot.account, bot.connector)
    connectors = tuple(deps.manager.connectors(bot.account).values())
    connector = next((one for one in connectors if one.id == match.connector_id), None)
    exchange = connector.exchange if connector is not None else exchange_of(bot.connector, connectors)
    obstacle = killed(deps, bot, exchange) or match.finding or _barred(connector, deps.clock.now())
    state = deps.runner.state(bot.id) or _without_runner(bot, obstacle, deps.clock.now())
    return BotFacts(
        bot=bot,
        connector_id=match.connector_id,
        exchange=exchange,
        host_label=None if connector is None else host_label(connector.base_url),
        state=state,
        recorded=None if state.finding is None else deps.findings.of(concerns(deps, bot), state.finding),
    )


def concerns(deps: Deps, bot: Bot) -> tuple[Subject, ...]:
    """The bot and all that it rests on, the widest first."""
    return (PLATFORM, *deps.manager.subjects(bot), Subject(kind=SubjectKind.BOT, id=bot.id))


def killed(deps: Deps, bot: Bot, exchange: str | None) -> Finding | None:
    """The kill that covers the bot; None: none does. A hold forbids no start: its end is waited for."""
    kill = deps.restraints.of(bot_id=bot.id, client_id=bot.client_id, exchange=exchange, symbol=bot.symbol)
    if not isinstance(kill, Kill):
        return None
    parameters = {"by": kill.asked_by, "why": kill.reason}
    return Finding(code="kill.active", severity=Severity.WARNING, since=kill.asked_at, parameters=parameters)


def _barred(connector: Connector | None, now: datetime) -> Finding | None:
    """That its exchange ends, or is proved by nothing, where that forbids a start."""
    return None if connector is None else bars_bots(connector.exchange, connector.base_url, now)


def market_unverified(bot: Bot) -> Finding:
    return Finding(
        code="market.unverified",
        severity=Severity.WARNING,
        since=bot.created_at,
        parameters={"symbol": bot.symbol},
    )


def _without_runner(bot: Bot, forbids: Finding | None, now: datetime) -> BotState:
    """What holds for a bot that the runner does not know: stopped, with what would forbid a start; or down."""
    if bot.status is BotStatus.RUNNING and now - bot.updated_at < STARTS_WITHIN:
        return BotState(code=StateCode.STARTING, reason="starting", parameters={}, since=bot.updated_at)
    if bot.status is BotStatus.RUNNING:
        down = Finding(code="runner.down", severity=Severity.CRITICAL, since=bot.updated_at)
        return BotState(
            code=StateCode.DOWN, reason=down.code, parameters={}, since=bot.updated_at, finding=forbids or down
        )
    obstacle = forbids or (None if bot.market_verified else market_unverified(bot))
    return BotState(code=StateCode.STOPPED, reason="stopped", parameters={}, since=bot.updated_at, finding=obstacle)
