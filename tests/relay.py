"""A line between two sockets that can be cut, or fall silent while both ends think it stands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Relay:
    def __init__(self, to: str) -> None:
        self._to = urlsplit(to)
        self._writers: set[asyncio.StreamWriter] = set()
        #: set while the line lets bytes pass
        self.passing = asyncio.Event()
        self.passing.set()
        #: no connection is taken
        self.down = False
        self.port = 0
        self.taken = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._to.path}"

    def freeze(self) -> None:
        self.passing.clear()

    def cut(self) -> None:
        """Every connection that stands; new ones are taken again unless it is `down`."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        self.taken += 1
        there_reader, there_writer = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._writers |= {writer, there_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._copy(reader, there_writer))
                group.create_task(self._copy(there_reader, writer))
        finally:
            self._writers -= {writer, there_writer}
            there_writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self.passing.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def relay(to: str) -> AsyncIterator[Relay]:
    line = Relay(to)
    handling: set[asyncio.Task[None]] = set()

    def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(line.serve(reader, writer))
        handling.add(task)
        task.add_done_callback(handling.discard)
        # a task that is cancelled before its first turn never runs
        task.add_done_callback(lambda _: writer.close())

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    line.port = int(server.sockets[0].getsockname()[1])
    try:
        yield line
    finally:
        line.cut()
        server.close()
        for task in tuple(handling):
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)
        await server.wait_closed()
