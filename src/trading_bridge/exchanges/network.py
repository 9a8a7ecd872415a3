"""The way to an exchange below HTTP: name, connection, certificate, each by itself, so that it shows what fails."""

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from trading_bridge.clock import Clock, within
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.hosts import Hosts

RESOLVE_WITHIN_S = 3.0
CONNECT_WITHIN_S = 3.0
TLS_WITHIN_S = 5.0
_CERTIFICATE_TIME = "%b %d %H:%M:%S %Y %Z"

T = TypeVar("T")

Addresses = Mapping[Family, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    #: as in `exchange.unreachable`: `dns`, `private`, `tcp`, `tls` or `timeout`
    stage: str
    #: why, in words that follow a colon
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    #: such as `TLSv1.3`; None: not told
    version: str | None
    #: when the certificate ends; None: not told
    expires_at: datetime | None


class Network(Protocol):
    async def resolve(self, host: str, port: int) -> Addresses | Unreached:
        """At least one address."""
        ...

    async def connect(self, address: str, port: int) -> Unreached | None:
        """None: it was accepted, and is closed again."""
        ...

    async def tls(
        self, address: str, port: int, *, server_name: str, context: ssl.SSLContext
    ) -> Secured | Unreached: ...


class SystemNetwork:
    """Real sockets; each step takes at most a few seconds of the clock."""

    def __init__(self, clock: Clock, hosts: Hosts | None = None) -> None:
        """`hosts` None: any address may be gone to."""
        self._clock = clock
        self._hosts = hosts

    async def resolve(self, host: str, port: int) -> Addresses | Unreached:
        found = await self._bounded(RESOLVE_WITHIN_S, _resolve(host, port))
        return found if self._hosts is None or isinstance(found, Unreached) else _permitted(found, self._hosts)

    async def connect(self, address: str, port: int) -> Unreached | None:
        return await self._bounded(CONNECT_WITHIN_S, _connect(address, port))

    async def tls(self, address: str, port: int, *, server_name: str, context: ssl.SSLContext) -> Secured | Unreached:
        return await self._bounded(TLS_WITHIN_S, _tls(address, port, server_name, context))

    async def _bounded(self, seconds: float, work: Awaitable[T]) -> T | Unreached:
        ended: list[T] = []

        async def collect() -> None:
            ended.append(await work)

        if not await within(self._clock, seconds, collect()):
            return Unreached(stage="timeout", detail=f"no answer within {seconds:g} s")
        return ended[0]


async def _resolve(host: str, port: int) -> Addresses | Unreached:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Unreached(stage="dns", detail=_words(error))
    families = {socket.AF_INET: Family.IPV4, socket.AF_INET6: Family.IPV6}
    addresses: dict[Family, tuple[str, ...]] = {}
    for kind, _, _, _, place in found:
        family = families.get(kind)
        if family is not None:
            addresses[family] = (*addresses.get(family, ()), str(place[0]))
    return addresses or Unreached(stage="dns", detail="the name has no address")


def _permitted(found: Addresses, hosts: Hosts) -> Addresses | Unreached:
    refused = [why for addresses in found.values() for one in addresses if (why := hosts.why_not(one)) is not None]
    return Unreached(stage="private", detail=refused[0]) if refused else found


async def _connect(address: str, port: int) -> Unreached | None:
    try:
        _, writer = await asyncio.open_connection(address, port)
    except OSError as error:
        return Unreached(stage="tcp", detail=_words(error))
    writer.transport.abort()
    return None


async def _tls(address: str, port: int, server_name: str, context: ssl.SSLContext) -> Secured | Unreached:
    try:
        _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=server_name)
    except ssl.SSLCertVerificationError as error:
        return Unreached(stage="tls", detail=error.verify_message)
    except ssl.SSLError as error:
        plain = error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
        return Unreached(stage="tls", detail="what answers there does not speak TLS" if plain else _words(error))
    except ConnectionRefusedError as error:
        return Unreached(stage="tcp", detail=_words(error))
    except OSError as error:
        return Unreached(stage="tls", detail=_words(error))
    secured = _secured(writer.get_extra_info("ssl_object"))
    writer.transport.abort()
    return secured


def _secured(connection: ssl.SSLObject) -> Secured:
    certificate = connection.getpeercert() or {}
    ends = certificate.get("notAfter")
    return Secured(
        version=connection.version(),
        expires_at=datetime.strptime(ends, _CERTIFICATE_TIME).replace(tzinfo=UTC) if isinstance(ends, str) else None,
    )


def _words(error: Exception) -> str:
    if isinstance(error, ConnectionError) and error.errno is not None:
        return os.strerror(error.errno)  # asyncio's own words say where to, and not why
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text or type(error).__name__
