"""Live events."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from trading_bridge.api.call import Call
from trading_bridge.api.events import stream

router = APIRouter(prefix="/api/events", tags=["events"])


@router.get(
    "",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": 'Server-sent events: `event: bot`, `client`, `connector` or `finding`, `data: {"id": ...}`.',
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def events(request: Request, call: Call) -> Response:
    """Says what changed, by id; what it is now is read from the other routes."""
    hub = request.app.state.hub
    listener = hub.listen()
    return StreamingResponse(
        stream(call.deps, hub, listener, request.scope["session_token"]),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )
