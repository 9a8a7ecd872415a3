"""`trading-bridge hold` and `lift`."""

import sys
from datetime import datetime
from pathlib import Path

from trading_bridge.cli.beside import Covered, desk, scope_of, who_obeys
from trading_bridge.core.restraint import StandingOrders
from trading_bridge.errors import InvalidInput, NotFound
from trading_bridge.services import holds, scopes
from trading_bridge.services.holds import NewHold

_ID_LENGTH = 16


async def run_hold(
    covered: Covered,
    reason: str,
    *,
    orders: StandingOrders,
    starts_at: str | None,
    ends_at: str | None,
    state: Path | None,
) -> None:
    async with desk(state) as at:
        async with at.database.unit_of_work() as uow:
            new = NewHold(
                scope=await scope_of(uow, covered),
                reason=reason,
                orders=orders,
                starts_at=_time(starts_at, "--from"),
                ends_at=_time(ends_at, "--until"),
            )
            placed = await holds.store(uow, at.asker, new, hold_id=at.entropy.token(_ID_LENGTH), now=at.clock.now())
        hold = placed.hold
        until = "until it is lifted" if hold.ends_at is None else f"until {hold.ends_at.isoformat()}"
        sys.stdout.write(f"Held: {placed.name} from {hold.starts_at.isoformat()} {until}. {await who_obeys(at)}\n")


async def run_lift(covered: Covered, reason: str, *, state: Path | None) -> None:
    """All that are in force or planned on exactly this scope."""
    async with desk(state) as at:
        async with at.database.unit_of_work() as uow:
            scope, now = scopes.spelled(await scope_of(uow, covered)), at.clock.now()
            name = await scopes.name_of(uow, scope)
            found = [hold for hold in await uow.holds.standing(now) if hold.scope == scope]
            if not found:
                raise NotFound("hold.not_found", f"No hold covers exactly {name}.")
            for hold in found:
                await holds.store_lifting(uow, at.asker, hold.id, reason=reason, now=now)
        sys.stdout.write(f"Lifted: {len(found)} of {name}. {await who_obeys(at)}\n")


def _time(value: str | None, option: str) -> datetime | None:
    if value is None:
        return None
    remedy = "Write it with its zone, like 2026-01-12T09:00:00Z."
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidInput("time.malformed", f"{option}: {value} is no time.", field=option, remedy=remedy) from None
    if time.tzinfo is None:
        raise InvalidInput("time.zone", f"{option}: {value} does not say its zone.", field=option, remedy=remedy)
    return time
