"""Holds, now and planned."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode.restraints import hold
from trading_bridge.api.schemas.restraints import HoldBody, HoldList, HoldOut, ReasonBody
from trading_bridge.core.restraint import Scope, ScopeKind, StandingOrders
from trading_bridge.services import holds
from trading_bridge.services.holds import NewHold

router = APIRouter(prefix="/api/holds", tags=["holds"])


@router.get("", response_model=HoldList)
async def list_holds(call: Call, active: Annotated[bool | None, Query()] = None) -> Response:
    """`active=true`: those in force and those planned; `active=false`: those that are over."""
    found, now = await holds.newest(call.asker, call.deps, active=active), call.deps.clock.now()
    return answer({"holds": [hold(one, now) for one in found]})


@router.post("", response_model=HoldOut, status_code=HTTPStatus.CREATED)
async def place_hold(body: HoldBody, call: Call) -> Response:
    """Stops quoting from its start to its end; afterwards bots go on only if their start checks pass."""
    new = NewHold(
        scope=Scope(kind=ScopeKind(body.scope.kind), id=body.scope.id),
        reason=body.reason,
        orders=StandingOrders(body.orders),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    placed = await holds.place(call.asker, call.deps, new)
    return answer(hold(placed, call.deps.clock.now()), HTTPStatus.CREATED)


@router.post("/{hold_id}/lift", response_model=HoldOut)
async def lift_hold(hold_id: str, body: ReasonBody, call: Call) -> Response:
    """Ends it now; a planned one never starts."""
    lifted = await holds.lift(call.asker, call.deps, hold_id, reason=body.reason)
    return answer(hold(lifted, call.deps.clock.now()))
