"""A real SOCKS5 server from the package index on a real socket, and where it was asked to connect to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from tiny_proxy import Socks5ProxyHandler
from tiny_proxy._proxy.socks5 import Socks5Proxy


class SocksProxy(Socks5ProxyHandler):  # type: ignore[misc]
    def __init__(self, user: str | None, password: str | None) -> None:
        super().__init__(username=user, password=password)
        self.port = 0
        #: host and port as they were asked for
        self.asked: list[tuple[str, int]] = []

    def create_proxy(self, stream: Any) -> Socks5Proxy:
        asked, made = self.asked, super().create_proxy(stream)
        negotiate = made.negotiate

        async def noted() -> tuple[str, int]:
            place: tuple[str, int] = await negotiate()
            asked.append(place)
            return place

        made.negotiate = noted
        return made

    def url(self, scheme: str = "socks5h", sign_in: str = "") -> str:
        return f"{scheme}://{sign_in}127.0.0.1:{self.port}"


@asynccontextmanager
async def socks_proxy(user: str | None = None, password: str | None = None) -> AsyncIterator[SocksProxy]:
    proxy = SocksProxy(user, password)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    proxy.port = int(listener.extra(anyio.abc.SocketAttribute.local_port))
    serving = asyncio.ensure_future(listener.serve(proxy.handle))
    try:
        yield proxy
    finally:
        serving.cancel()
        await asyncio.wait((serving,))
        await listener.aclose()
