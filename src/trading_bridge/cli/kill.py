"""`trading-bridge kill` and `rearm`."""

import sys
from pathlib import Path

from trading_bridge.cli.beside import Covered, desk, scope_of, who_obeys
from trading_bridge.errors import NotFound, NotReady
from trading_bridge.runner.restraints import Restraints
from trading_bridge.services import checks, scopes
from trading_bridge.services.kills import REASON_MAX, killable, store_rearming


async def run_kill(covered: Covered, reason: str, *, by_hand: bool, state: Path | None) -> None:
    async with desk(state) as at:
        async with at.database.unit_of_work(read_only=True) as uow:
            scope = killable(await scope_of(uow, covered))
            name = await scopes.name_of(uow, scope)
        restraints = Restraints(database=at.database, clock=at.clock, entropy=at.entropy)
        clean = checks.text(reason, "reason", max_length=REASON_MAX)
        restraints.press(scope, clean, at.asker, by_hand=by_hand)
        if not await restraints.write():
            raise NotReady("storage.unwritable", "The database does not take the kill: it is NOT in force. Try again.")
        sys.stdout.write(f"Killed: {name}. {await who_obeys(at)}\n")


async def run_rearm(covered: Covered, reason: str, *, state: Path | None) -> None:
    async with desk(state) as at:
        async with at.database.unit_of_work() as uow:
            scope = killable(await scope_of(uow, covered))
            name, kill = await scopes.name_of(uow, scope), await uow.kills.active_on(scope)
            if kill is None:
                raise NotFound("kill.not_found", f"No kill covers exactly {name}.")
            while kill is not None:
                await store_rearming(uow, at.asker, kill.id, reason=reason, now=at.clock.now())
                kill = await uow.kills.active_on(scope)
        sys.stdout.write(f"Re-armed: {name}. {await who_obeys(at)}\n")
