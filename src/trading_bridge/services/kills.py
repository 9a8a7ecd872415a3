"""The kill switch: pressing is easy and obeyed at once, re-arming takes a person with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from trading_bridge.core.restraint import Kill, KillProgress, Scope, ScopeKind
from trading_bridge.core.user import Asker
from trading_bridge.errors import Conflict, InvalidInput
from trading_bridge.logs import get_logger
from trading_bridge.services import checks, scopes
from trading_bridge.services.deps import Deps
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.unit_of_work import UnitOfWork

#: characters of a reason
REASON_MAX = 280

_log = get_logger("kills")


@dataclass(frozen=True, slots=True, kw_only=True)
class KillView:
    kill: Kill
    #: what it covers, as people call it
    name: str
    #: None: nobody counts its orders (any more)
    progress: KillProgress | None
    #: connector_id -> how people call it, of those that it waits for
    connectors: Mapping[str, str]


async def press(asker: Asker, deps: Deps, scope: Scope, *, reason: str, by_hand: bool = False) -> KillView:
    """Nothing new is sent from the first line on; storage is asked and told only then, and may be out of reach
    (faults O4). Pressed twice on one scope it is one kill."""
    clean = checks.text(reason, "reason", max_length=REASON_MAX)
    scope = killable(scope)
    was_pressed = deps.restraints.kill_on(scope) is not None
    kill = deps.restraints.press(scope, clean, asker, by_hand=by_hand)
    deps.runner.wake()
    try:
        async with deps.database.unit_of_work(read_only=True) as uow:
            name = await scopes.name(uow, scope)
            connectors = await _connector_names(uow)
    except FAILURES as error:
        _log.error("kill in force, scope not looked up", kill=kill.id, error=str(error))
        name, connectors = scope.id, {}
    if name is None and not was_pressed:
        deps.restraints.withdraw(kill.id)
        raise checks.not_found(scope.kind.value, scope.id, field="scope")
    await deps.restraints.write()
    deps.publish("kill", kill.id)
    standing = deps.restraints.kill_on(scope) or kill
    return _view(deps, standing, name or scope.id, connectors)


async def newest(asker: Asker, deps: Deps, *, active: bool | None) -> tuple[KillView, ...]:
    """The newest hundred; `active` False: only those that were re-armed."""
    async with deps.database.unit_of_work(read_only=True) as uow:
        stored = await uow.kills.newest(active=active)
        known = {kill.id: kill for kill in deps.restraints.kills()}
        found = [*(kill for kill in known.values() if kill.id not in {one.id for one in stored}), *stored]
        connectors = await _connector_names(uow)
        return tuple(
            [
                _view(deps, known.get(kill.id, kill), await scopes.name_of(uow, kill.scope), connectors)
                for kill in found
                if active is not False or kill in stored
            ]
        )


async def rearm(asker: Asker, deps: Deps, kill_id: str, *, reason: str) -> KillView:
    """Bots go on as they are wished, each only after its start checks. Raises Conflict where it was re-armed before."""
    ident = checks.ident(kill_id, "kill")
    await deps.restraints.write()
    async with deps.database.unit_of_work() as uow:
        rearmed = await store_rearming(uow, asker, ident, reason=reason, now=deps.clock.now())
        name, connectors = await scopes.name_of(uow, rearmed.scope), await _connector_names(uow)
    deps.restraints.rearmed(ident)
    deps.runner.wake()
    deps.publish("kill", ident)
    return _view(deps, rearmed, name, connectors)


def killable(scope: Scope) -> Scope:
    """In its one form; raises InvalidInput for a market."""
    if scope.kind is ScopeKind.MARKET:
        raise InvalidInput(
            "scope.kind",
            "A kill covers a bot, a client or the platform.",
            field="scope",
            remedy="Hold the market, or kill its client's bots.",
        )
    return scopes.spelled(scope)


async def store_rearming(uow: UnitOfWork, asker: Asker, kill_id: str, *, reason: str, now: datetime) -> Kill:
    """With its audit row; who carries kills out in this process, or another one, learns of it from storage."""
    clean = checks.text(reason, "reason", max_length=REASON_MAX)
    kill = await uow.kills.get(kill_id)
    if kill is None:
        raise checks.not_found("kill", kill_id)
    if not await uow.kills.rearm(kill_id, by=asker.name, reason=clean, at=now):
        raise Conflict(
            "kill.rearmed",
            f"{kill.rearmed_by} has re-armed it already.",
            field="kill_id",
            remedy="Nothing is left to do; kill again what shall stop again.",
        )
    await uow.audit.record(asker, "kill.rearm", "kill", kill_id, {"reason": clean})
    return replace(kill, rearmed_at=now, rearmed_by=asker.name, rearm_reason=clean)


async def _connector_names(uow: UnitOfWork) -> dict[str, str]:
    return {one.id: f"{one.name} of {one.account}" for one in await uow.connectors.list(None)}


def _view(deps: Deps, kill: Kill, name: str, connectors: Mapping[str, str]) -> KillView:
    progress = deps.runner.progress(kill.id) if kill.active else None
    return KillView(kill=kill, name=name, progress=progress, connectors=connectors)
