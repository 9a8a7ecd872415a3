"""The list of bots answered before routing, which costs several times what the list itself does."""

from starlette.types import ASGIApp, Receive, Scope, Send

from trading_bridge.api.bots_list import BotsList
from trading_bridge.api.problems import of_error
from trading_bridge.errors import TradingBridgeError

PATH = "/api/bots"


class BotsListLane:
    """Answers as the route `list_bots` does, which remains for the description."""

    def __init__(self, app: ASGIApp, bots_list: BotsList) -> None:
        self._app = app
        self._bots_list = bots_list

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._bots_list.body(scope["asker"], scope["query_string"])
        except TradingBridgeError as error:
            await of_error(error)(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
