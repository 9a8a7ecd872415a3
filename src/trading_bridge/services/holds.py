"""Holds: a bot, market, client or everything stops quoting for a while, now or at a planned time."""

from dataclasses import dataclass, replace
from datetime import datetime

from trading_bridge.core.restraint import Hold, Scope, StandingOrders
from trading_bridge.core.user import Asker
from trading_bridge.errors import Conflict, InvalidInput
from trading_bridge.services import checks, scopes
from trading_bridge.services.deps import Deps
from trading_bridge.storage.unit_of_work import UnitOfWork

#: characters of a reason
REASON_MAX = 280
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold:
    scope: Scope
    reason: str
    orders: StandingOrders
    #: None: now
    starts_at: datetime | None = None
    #: None: until it is lifted
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    hold: Hold
    #: what it covers, as people call it
    name: str


async def place(asker: Asker, deps: Deps, new: NewHold) -> HoldView:
    """In force at its start, which may lie in the future; an earlier one than now is now."""
    async with deps.database.unit_of_work() as uow:
        view = await store(uow, asker, new, hold_id=deps.entropy.token(_ID_LENGTH), now=deps.clock.now())
    _tell(deps, view.hold)
    return view


async def store(uow: UnitOfWork, asker: Asker, new: NewHold, *, hold_id: str, now: datetime) -> HoldView:
    """With its audit row; every process that trades learns of it from storage."""
    reason = checks.text(new.reason, "reason", max_length=REASON_MAX)
    scope = scopes.spelled(new.scope)
    starts_at = now if new.starts_at is None else max(_aware(new.starts_at, "starts_at"), now)
    ends_at = None if new.ends_at is None else _aware(new.ends_at, "ends_at")
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidInput(
            "ends_at.early", "The hold would end before it starts.", field="ends_at", remedy="Choose a later end."
        )
    hold = Hold(
        id=hold_id,
        scope=scope,
        reason=reason,
        orders=new.orders,
        starts_at=starts_at,
        ends_at=ends_at,
        made_by=asker.name,
        made_at=now,
    )
    name = await scopes.name(uow, scope)
    if name is None:
        raise checks.not_found(scope.kind.value, scope.id, field="scope")
    await uow.holds.add(hold)
    await uow.audit.record(asker, "hold.place", "hold", hold.id, _details(hold))
    return HoldView(hold=hold, name=name)


async def newest(asker: Asker, deps: Deps, *, active: bool | None) -> tuple[HoldView, ...]:
    """`active` True: those in force and those planned, the first to start first; False: those that are over; None:
    both. A hundred at most but for those in force."""
    now = deps.clock.now()
    async with deps.database.unit_of_work(read_only=True) as uow:
        match active:
            case True:
                found = await uow.holds.standing(now)
            case False:
                found = await uow.holds.over(now)
            case None:
                found = await uow.holds.newest()
        return tuple([HoldView(hold=hold, name=await scopes.name_of(uow, hold.scope)) for hold in found])


async def lift(asker: Asker, deps: Deps, hold_id: str, *, reason: str) -> HoldView:
    """Its bots go on as they are wished, each only after its start checks; a planned one never starts."""
    ident = checks.ident(hold_id, "hold")
    async with deps.database.unit_of_work() as uow:
        lifted = await store_lifting(uow, asker, ident, reason=reason, now=deps.clock.now())
        name = await scopes.name_of(uow, lifted.scope)
    _tell(deps, lifted)
    return HoldView(hold=lifted, name=name)


async def store_lifting(uow: UnitOfWork, asker: Asker, hold_id: str, *, reason: str, now: datetime) -> Hold:
    """With its audit row."""
    clean = checks.text(reason, "reason", max_length=REASON_MAX)
    hold = await uow.holds.get(hold_id)
    if hold is None:
        raise checks.not_found("hold", hold_id)
    if hold.ends_at is not None and hold.ends_at <= now:
        raise Conflict(
            "hold.over",
            "It has reached its end already.",
            field="hold_id",
            remedy="Nothing is left to lift; what still stands in a bot's way is in its state.",
        )
    if not await uow.holds.lift(hold_id, by=asker.name, reason=clean, at=now):
        raise Conflict(
            "hold.lifted",
            f"{hold.lifted_by} has lifted it already.",
            field="hold_id",
            remedy="Nothing is left to lift; what still stands in a bot's way is in its state.",
        )
    await uow.audit.record(asker, "hold.lift", "hold", hold_id, {"reason": clean})
    return replace(hold, lifted_at=now, lifted_by=asker.name, lift_reason=clean)


def _tell(deps: Deps, hold: Hold) -> None:
    deps.restraints.put(hold)
    deps.runner.wake()
    deps.publish("hold", hold.id)


def _aware(time: datetime, field: str) -> datetime:
    if time.tzinfo is None:
        raise InvalidInput(
            f"{field}.zone", "The time does not say its zone.", field=field, remedy="Write it with its offset, or Z."
        )
    return time


def _details(hold: Hold) -> dict[str, object]:
    return {
        "scope": hold.scope.kind.value,
        "scope_id": hold.scope.id,
        "reason": hold.reason,
        "orders": hold.orders.value,
        "starts_at": hold.starts_at.isoformat(),
        "ends_at": None if hold.ends_at is None else hold.ends_at.isoformat(),
    }
