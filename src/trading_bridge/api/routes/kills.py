"""The kill switch."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode.restraints import kill
from trading_bridge.api.schemas.restraints import KillBody, KillList, KillOut, ReasonBody
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.services import kills

router = APIRouter(prefix="/api/kills", tags=["kills"])


@router.get("", response_model=KillList)
async def list_kills(call: Call, active: Annotated[bool | None, Query()] = None) -> Response:
    """Newest first; `active=true`: those that nobody has re-armed."""
    found = await kills.newest(call.asker, call.deps, active=active)
    return answer({"kills": [kill(one) for one in found]})


@router.post("", response_model=KillOut, status_code=HTTPStatus.CREATED)
async def press_kill(body: KillBody, call: Call) -> Response:
    """Nothing new is sent from now on, and every order of the scope is cancelled until the exchange confirms it."""
    scope = Scope(kind=ScopeKind(body.scope.kind), id=body.scope.id)
    pressed = await kills.press(call.asker, call.deps, scope, reason=body.reason, by_hand=body.by_hand)
    return answer(kill(pressed), HTTPStatus.CREATED)


@router.post("/{kill_id}/rearm", response_model=KillOut)
async def rearm_kill(kill_id: str, body: ReasonBody, call: Call) -> Response:
    """Bots go on as they are wished, each only after its start checks."""
    return answer(kill(await kills.rearm(call.asker, call.deps, kill_id, reason=body.reason)))
