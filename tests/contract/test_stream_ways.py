"""A websocket goes the way of its session: by its SOCKS proxy and no other, and not to a private address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from tests.private_hosts import LOOPBACK
from tests.socks_proxy import socks_proxy
from tests.wire_server import free_port
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.hosts import PUBLIC_ONLY, PrivateAddress
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.socks import ProxyFailed


@asynccontextmanager
async def echoing(seen: list[str]) -> AsyncIterator[int]:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        seen.append(request.path)
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        await answer.send_str(await answer.receive_str())
        await answer.close()
        return answer

    app = web.Application()
    app.router.add_get("/stream", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("scheme", [None, "socks5", "socks5h"])
async def test_a_stream_goes_by_its_proxy(scheme: str | None) -> None:
    http, seen = HttpSessions.aiohttp(hosts=LOOPBACK), list[str]()
    async with echoing(seen) as port, socks_proxy("desk", "word") as proxy:
        by = None if scheme is None else proxy.url(scheme, "desk:word@")
        async with http.session(Family.ANY, by).ws_connect(f"ws://127.0.0.1:{port}/stream") as stream:
            await stream.send_str("book")
            assert await stream.receive_str() == "book"
        assert proxy.asked == ([] if scheme is None else [("127.0.0.1", port)])
    await http.close()


async def test_a_stream_goes_round_no_proxy_and_to_no_private_address() -> None:
    seen = list[str]()
    async with echoing(seen) as port:
        address = f"ws://127.0.0.1:{port}/stream"
        http = HttpSessions.aiohttp(hosts=LOOPBACK)
        with pytest.raises(ProxyFailed):
            await http.session(Family.ANY, f"socks5h://127.0.0.1:{free_port()}").ws_connect(address)
        await http.close()
        http = HttpSessions.aiohttp(hosts=PUBLIC_ONLY)
        with pytest.raises(PrivateAddress):
            await http.session(Family.ANY).ws_connect(address)
        await http.close()
    assert seen == []


async def test_what_connects_after_the_end_connects_nowhere() -> None:
    """ccxt waits before it dials again, and does not ask whether anybody still wants it."""
    seen = list[str]()
    async with echoing(seen) as port:
        http = HttpSessions.aiohttp(hosts=LOOPBACK)
        session = http.session(Family.ANY)
        await http.close()
        with pytest.raises(aiohttp.ClientConnectionError, match="closed"):
            await session.ws_connect(f"ws://127.0.0.1:{port}/stream")
    assert seen == []
