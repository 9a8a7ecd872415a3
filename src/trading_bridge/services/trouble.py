"""balance-debug: the whole way from a bot's connector value to its last read, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from trading_bridge.core.client import Connector, connector_key
from trading_bridge.core.finding import Finding
from trading_bridge.core.known import Ok
from trading_bridge.core.user import Asker
from trading_bridge.diagnosis.ladder import Ladder
from trading_bridge.services import bots, figures
from trading_bridge.services.deps import Deps
from trading_bridge.services.figures import BotFigures

if TYPE_CHECKING:
    from trading_bridge.accounts.connector_table import Match
    from trading_bridge.accounts.session_facts import SessionFacts


#: a ladder that is not older than this is shown as it is
LADDER_AGE_MAX = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancePath:
    figures: BotFigures
    looked_up: str
    stored: tuple[Connector, ...]
    #: after the manager was brought in step with storage
    sessions: "tuple[SessionFacts, ...]"
    match: "Match"
    #: connector_id -> `present`, `missing` or `undecryptable`
    key_states: Mapping[str, str]
    #: None: no connector matches
    ladder: Ladder | None
    #: of the last read of its balances; None: it was answered
    last_read_error: Finding | None


async def balance_debug(asker: Asker, deps: Deps, bot_id: str) -> BalancePath:
    async with deps.database.unit_of_work(read_only=True) as uow:
        bot = await bots.found(uow, bot_id)
        stored = await uow.connectors.list(bot.client_id)
        key_states = {one.id: await uow.connectors.key_state(one.id) for one in stored}
    await deps.manager.sync(bot.account)
    read = await figures.of_bot(deps, bot, refresh=False)
    match = deps.manager.match(bot.account, bot.connector)
    sessions = deps.manager.sessions(bot.account)
    used = next((session for session in sessions if session.connector_id == match.connector_id), None)
    error = None if isinstance(read.balance, Ok) else read.balance.finding
    if used is not None and used.finding is not None:
        error = used.finding
    return BalancePath(
        figures=read,
        looked_up=connector_key(bot.connector),
        stored=stored,
        key_states=key_states,
        sessions=sessions,
        match=match,
        ladder=None if match.connector_id is None else await _ladder(deps, match.connector_id),
        last_read_error=error,
    )


async def _ladder(deps: Deps, connector_id: str) -> Ladder | None:
    last = deps.doctor.last(connector_id)
    if last is not None and deps.clock.now() - last.started_at <= LADDER_AGE_MAX:
        return last
    return await deps.doctor.examine(connector_id)
