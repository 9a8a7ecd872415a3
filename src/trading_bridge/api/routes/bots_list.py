"""The list of bots: the one answer that every open page asks for again and again."""

from fastapi import APIRouter, Request, Response

from trading_bridge.api.call import JSON
from trading_bridge.api.schemas.bots import BotList

router = APIRouter(prefix="/api/bots", tags=["bots"])


def _parameter(name: str, description: str, **schema: object) -> dict[str, object]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
    }


@router.get(
    "",
    response_model=BotList,
    openapi_extra={
        "parameters": [
            _parameter("account", "Of this client only, in any letter case.", examples=["client_sharp"]),
            _parameter("cursor", "`next` of the page before."),
            _parameter("include", "`balance`: each row carries `balance_and_volume`.", enum=["balance"]),
        ]
    },
)
async def list_bots(request: Request) -> Response:
    """100 a page, oldest first."""
    body = await request.app.state.bots_list.body(request.scope["asker"], request.scope["query_string"])
    return Response(body, media_type=JSON)
