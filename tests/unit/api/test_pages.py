"""The built pages: files, addresses of the pages' own, and what happens without them."""

from pathlib import Path

import pytest

from tests.unit.api.asgi import Client
from tests.unit.api.conftest import Api
from tests.unit.services.world import world
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub


@pytest.mark.parametrize("path", ["/", "/app"])
async def test_the_root_leads_to_the_pages(api: Api, path: str) -> None:
    answer = await api.stranger().get(path)
    assert (answer.status, answer.header("location")) == (307, "/app/")


@pytest.mark.parametrize("path", ["/app/", "/app/setup", "/app/bots/b1", "/app/index.html"])
async def test_every_address_of_the_pages_is_the_page(api: Api, path: str) -> None:
    answer = await api.stranger().get(path)
    assert (answer.status, answer.header("content-type")) == (200, "text/html; charset=utf-8")
    assert answer.header("cache-control") == "no-cache"
    assert b"trading-bridge" in answer.body


async def test_built_files_are_kept_by_browsers(api: Api) -> None:
    answer = await api.stranger().get("/app/assets/app-1a2b.js")
    assert (answer.status, answer.body) == (200, b"export {}")
    assert "immutable" in (answer.header("cache-control") or "")


@pytest.mark.parametrize(
    "path",
    ["/app/assets/gone.js", "/app/../test.db", "/app/..%2ftest.db", "/app/../../test.db", "/app//etc/passwd.txt"],
)
async def test_no_other_file_is_served(api: Api, path: str) -> None:
    answer = await api.stranger().get(path)
    assert answer.status in (401, 404)
    assert b"SQLite" not in answer.body


async def test_without_built_pages_it_says_how_to_get_them(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        answer = await Client(create_api(made.deps, Hub(), pages=tmp_path / "none")).get("/app/")
        assert answer.status == 404
        assert "not built" in answer.json["detail"]


async def test_ready_says_what_is_in_the_way(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        client = Client(create_api(made.deps, Hub(), obstacle=lambda: "The server is going down."))
        assert (await client.get("/health")).json == {"status": "ok"}
        answer = await client.get("/ready")
        assert (answer.status, answer.json["detail"]) == (503, "The server is going down.")
