"""Is the process up, and may it be sent work."""

from fastapi import APIRouter, Request, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode import health as encode
from trading_bridge.api.schemas.exchanges import Health
from trading_bridge.api.schemas.health import HealthDetail
from trading_bridge.errors import NotReady
from trading_bridge.services.health import left_behind

router = APIRouter(prefix="/api", tags=["health"])


@router.get("/health", response_model=Health)
async def health() -> Response:
    """The process answers; nothing else is asked."""
    return answer({"status": "ok"})


@router.get("/ready", response_model=Health)
async def ready(request: Request) -> Response:
    """503 until storage is open and the runner has taken over, and while it is going down."""
    obstacle = request.app.state.obstacle()
    if obstacle is not None:
        raise NotReady("not.ready", obstacle)
    return answer({"status": "ready"})


@router.get("/health/detail", response_model=HealthDetail)
async def health_detail(call: Call) -> Response:
    """The lease, and what stays at the exchanges if this host dies now; answered while the database is away, too."""
    return answer(encode.detail(call.deps.lease, left_behind(call.asker, call.deps)))
