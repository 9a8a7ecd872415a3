"""A signed-in client of the whole application, on real storage."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.api.asgi import Client
from tests.unit.services.world import World, world
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub
from trading_bridge.services import auth

EMAIL = "admin@example.com"
PASSWORD = "correct horse battery"


@dataclass
class Api:
    world: World
    hub: Hub
    client: Client

    def stranger(self) -> Client:
        return Client(self.client.app)

    async def make_client(self, account: str = "client_sharp") -> str:
        made = await self.client.post("/clients", {"name": account.title(), "account": account})
        assert made.status == 201, made.body
        client_id: str = made.json["id"]
        return client_id

    async def make_connector(self, client_id: str, name: str = "coinstore", **more: object) -> str:
        body = {"name": name, "api_key": "key-1234567890", "secret": "secret-1234567890", **more}
        made = await self.client.post(f"/clients/{client_id}/connectors", body)
        assert made.status == 201, made.body
        connector_id: str = made.json["id"]
        return connector_id

    async def make_bot(self, **more: object) -> str:
        made = await self.client.post("/bots/create", bot_body(**more))
        assert made.status == 201, made.body
        bot_id: str = made.json["id"]
        return bot_id


def bot_body(**more: object) -> dict[str, object]:
    """The seeds' request with exactly five fields, changed as asked."""
    body = {
        "name": "SHARP-VB-Coinstore",
        "account": "client_sharp",
        "connector": "coinstore",
        "pair": "SHARP/USDT",
        "bot_type": "spread",
    }
    return {**body, **more}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    pages = tmp_path / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html><title>trading-bridge</title>")
    (pages / "assets" / "app-1a2b.js").write_text("export {}")
    hub = Hub()
    async with world(tmp_path, hub.publish) as made:
        app = create_api(made.deps, hub, pages=pages)
        await auth.ensure_admin(made.deps, email=EMAIL, password=PASSWORD)
        client = Client(app)
        signed_in = await client.post("/auth/login", {"email": EMAIL, "password": PASSWORD})
        client.token = signed_in.json["token"]
        yield Api(made, hub, client)
