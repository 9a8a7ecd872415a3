"""The sandbox on a real socket, for clients that want one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trading_bridge.sandbox.server import base_address, listening_socket, server_of
from trading_bridge.sandbox.wire.http import AsgiApp


@asynccontextmanager
async def serving(app: AsgiApp) -> AsyncIterator[str]:
    """Gives its address."""
    with listening_socket("127.0.0.1", 0) as listener:
        server = server_of(app)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield base_address(listener)
        finally:
            server.should_exit = True
            await running
