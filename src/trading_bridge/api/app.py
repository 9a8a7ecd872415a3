"""The HTTP application: routes, errors, the door in front, the pages."""

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse

from trading_bridge import __version__
from trading_bridge.api import problems
from trading_bridge.api.bots_list import BotsList
from trading_bridge.api.bots_list_lane import BotsListLane
from trading_bridge.api.door import Door
from trading_bridge.api.events import Hub
from trading_bridge.api.openapi import describe
from trading_bridge.api.pages import BUILT, Pages
from trading_bridge.api.routes import (
    auth,
    bots,
    bots_list,
    clients,
    connectors,
    events,
    exchanges,
    figures,
    findings,
    health,
    holds,
    kills,
    limits,
    transfers,
)
from trading_bridge.services.deps import Deps


def create_api(
    deps: Deps, hub: Hub, *, pages: Path = BUILT, obstacle: Callable[[], str | None] = lambda: None
) -> FastAPI:
    """`obstacle` says why the process is not ready; None: it is."""
    app = routed()
    app.state.deps = deps
    app.state.hub = hub
    app.state.bots_list = bots_list = BotsList(deps, hub)
    app.state.obstacle = obstacle
    app.mount("/app", Pages(pages))
    # the last one added is passed first
    app.add_middleware(BotsListLane, bots_list=bots_list)
    app.add_middleware(Door, deps=deps)
    return app


def routed() -> FastAPI:
    """Every route, without anything behind it: enough to describe the API."""
    app = FastAPI(
        title="trading-bridge",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    problems.install(app)
    for module in (
        health,
        auth,
        clients,
        connectors,
        exchanges,
        bots_list,
        bots,
        figures,
        findings,
        transfers,
        kills,
        holds,
        limits,
        events,
    ):
        app.include_router(module.router)
    app.include_router(bots.types_router)
    for path in ("/", "/app"):
        app.add_api_route(path, _to_pages, include_in_schema=False)
    describe(app)
    return app


async def _to_pages() -> Response:
    return RedirectResponse("/app/")
