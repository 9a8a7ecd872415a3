"""What stands between a platform and its exchange, and can be switched: a relay of connections, and names."""

import asyncio
import socket
import ssl

from aiohttp.abc import AbstractResolver, ResolveResult

from trading_bridge.clock import SystemClock
from trading_bridge.exchanges.family import Family, family_of
from trading_bridge.exchanges.network import Addresses, SystemNetwork, Unreached

LOOPBACK = {Family.IPV4: "127.0.0.1", Family.IPV6: "::1"}
_SOCKETS = {Family.IPV4: socket.AF_INET, Family.IPV6: socket.AF_INET6}
_CHUNK = 65_536


class Relay:
    """Accepts at one port of 127.0.0.1 for ever, with TLS or without, and hands on what comes to `target`."""

    def __init__(self, target: int, *, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self.tls = tls
        #: accepts, reads, and hands nothing on
        self.silent = False
        self.port = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self.tls)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Nothing listens there any more, and what was connected is cut off."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    async def reopen(self, *, target: int | None = None, tls: ssl.SSLContext | None = None) -> None:
        """At the same port; None: as before."""
        await self.close()
        self.target = target or self.target
        self.tls = tls or self.tls
        await self.open()

    async def cut(self) -> None:
        """Ends all connections; new ones are accepted."""
        connections = tuple(self._connections)
        for connection in connections:
            connection.cancel()
        if connections:
            await asyncio.wait(connections)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.ensure_future(self._connected(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        # a connection that is cut before its first turn never runs
        connection.add_done_callback(lambda _: writer.transport.abort())

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            onward, out = await asyncio.open_connection("127.0.0.1", self.target)
            ends.append(out)
            ways = {asyncio.ensure_future(self._hand_on(*way)) for way in ((reader, out), (onward, writer))}
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.wait(ways)
        except OSError:
            pass  # its target is gone: so is the connection
        finally:
            for end in ends:
                end.transport.abort()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(_CHUNK):
                if not self.silent:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass  # as its end


class Names(AbstractResolver):
    """Host -> the families that it has a loopback address of; no other name is known."""

    def __init__(self) -> None:
        self.families: dict[str, tuple[Family, ...]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        wanted = [known for known in self.families.get(host, ()) if family in (socket.AF_UNSPEC, _SOCKETS[known])]
        if not wanted and host in self.families:
            raise socket.gaierror(socket.EAI_NODATA, "No address associated with hostname")
        if not wanted:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            ResolveResult(
                hostname=host,
                host=LOOPBACK[known],
                port=port,
                family=_SOCKETS[known],
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for known in wanted
        ]

    async def close(self) -> None:
        return None


class NamedNetwork(SystemNetwork):
    """Real sockets; names as `names` knows them."""

    def __init__(self, clock: SystemClock, names: Names) -> None:
        super().__init__(clock)
        self._names = names

    async def resolve(self, host: str, port: int) -> Addresses | Unreached:
        if family_of(host) is not None:
            return await super().resolve(host, port)
        families = self._names.families.get(host, ())
        known: Addresses = {family: (LOOPBACK[family],) for family in families}
        return known or Unreached(stage="dns", detail="Name or service not known")
