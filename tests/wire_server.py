"""A TCP server for tests that behaves as it is told to: answers, stalls, resets, is a proxy, or is no HTTP at all."""

import asyncio
import ssl
import struct
from collections.abc import Awaitable, Callable
from socket import SO_LINGER, SOL_SOCKET, socket

Behaviour = Callable[["WireServer", str, asyncio.StreamWriter], Awaitable[None]]


class WireServer:
    """`heads` are the request heads that came, in order; each is answered by the behaviour that is next, the last one
    for ever."""

    def __init__(
        self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.heads: list[str] = []
        self.bodies: list[str] = []
        self.connections = 0
        self._behaviours = list(behaviours)
        self._tls = tls
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.ended = asyncio.Event()

    async def __aenter__(self) -> "WireServer":
        self._server = await asyncio.start_server(self._serve, self._host, self._port, ssl=self._tls)
        return self

    async def __aexit__(self, *error: object) -> None:
        self.ended.set()
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.close()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def url(self, scheme: str = "http") -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lengths = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
                length = int(lengths[0].partition(":")[2]) if lengths else 0
                self.heads.append(head)
                self.bodies.append((await reader.readexactly(length)).decode())
                behaviour = self._behaviours[min(len(self.heads), len(self._behaviours)) - 1]
                await behaviour(self, head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


def answers(body: str, status: str = "200 OK", headers: str = "", length: int | None = None) -> Behaviour:
    """With another `length` than the body's the answer is cut off."""

    async def behave(server: WireServer, head: str, writer: asyncio.StreamWriter) -> None:
        stated = len(body.encode()) if length is None else length
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {stated}\r\n{headers}\r\n{body}".encode())
        if length is not None:
            writer.close()

    return behave


async def says_nothing(server: WireServer, head: str, writer: asyncio.StreamWriter) -> None:
    await server.ended.wait()


async def closes(server: WireServer, head: str, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def resets(server: WireServer, head: str, writer: asyncio.StreamWriter) -> None:
    """Ends the connection with RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def begins_and_stalls(server: WireServer, head: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code":0,')
    await server.ended.wait()


async def breaks_off_chunks(server: WireServer, head: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{"code":0,\r\n')
    writer.close()


def free_port() -> int:
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
