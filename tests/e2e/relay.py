"""A line between a server and its database that a test can cut, as a partition does, or break, as a restart does."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit


class Relay:
    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._ended = asyncio.Event()
        self._broken = False
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    def cut(self) -> None:
        """What is sent from now on waits, and nobody is told."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def break_off(self) -> None:
        """Connections end, and new ones end at once."""
        self._loop.call_soon_threadsafe(self._break_off)

    def heal(self) -> None:
        self._loop.call_soon_threadsafe(self._heal)

    def run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._ended.wait()
        server.close()
        self._break_off()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        await asyncio.sleep(0.1)  # what was closed ends in a later turn

    def _break_off(self) -> None:
        self._broken = True
        for connection in self._connections:
            connection.cancel()

    def _heal(self) -> None:
        self._broken = False
        self._open.set()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not self._broken:
                connection = asyncio.ensure_future(self._connect(reader, writer))
                self._connections.add(connection)
                connection.add_done_callback(self._connections.discard)
                await asyncio.wait([connection])
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        ways = {
            asyncio.ensure_future(self._pass(reader, far_writer)),
            asyncio.ensure_future(self._pass(far_reader, writer)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            far_writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._open.wait()
            writer.write(data)
            await writer.drain()


@contextmanager
def a_line_to(database_url: str) -> Iterator[tuple[Relay, str]]:
    """The relay, and the database's address by it."""
    parts = urlsplit(database_url)
    relay, ready = Relay(parts.hostname or "127.0.0.1", parts.port or 5432), threading.Event()
    thread = threading.Thread(target=relay.run, args=(ready,))
    thread.start()
    ready.wait(10)
    who, at, _ = parts.netloc.rpartition("@")
    try:
        yield relay, urlunsplit(parts._replace(netloc=f"{who}{at}127.0.0.1:{relay.port}"))
    finally:
        relay.heal()
        relay.end()
        thread.join()
