"""SOCKS5 as RFC 1928 has it, with the sign-in of RFC 1929: connections that a proxy opens, and why it opens none.

Whatever fails here fails before a byte of the request left.
"""

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from trading_bridge.exchanges.hosts import PrivateAddress

#: by `socks5` a name is looked up here, by `socks5h` at the proxy
SCHEMES = ("socks5", "socks5h")
PORT = 1080
#: of a user, a password, and a host's name
BYTES_MAX = 255
#: of the time to connect; the rest is for TLS with the exchange, so that it is known who did not answer
_SHARE = 0.9
_VERSION, _CONNECT = 5, 1
_OPEN, _SIGN_IN = 0, 2
_IPV4, _NAME, _IPV6 = 1, 3, 4
_REPLIES = {
    1: "it failed",
    2: "its rules forbid it",
    3: "it cannot reach the network",
    4: "it cannot reach the host",
    5: "the connection was refused there",
    6: "the way is too long",
    7: "it does not connect to hosts",
    8: "it does not take this kind of address",
}


class ProxyFailed(aiohttp.ClientConnectionError):
    def __init__(self, stage: str, detail: str) -> None:
        """`stage` as in `proxy.unreachable`."""
        super().__init__(f"SOCKS proxy: {detail}")
        self.stage = stage
        self.detail = detail


class SignInRefused(aiohttp.ClientConnectionError):
    """The proxy wants another user and password, or any."""


def is_socks(proxy_url: str | None) -> bool:
    return proxy_url is not None and urlsplit(proxy_url).scheme in SCHEMES


def sign_in(proxy: SplitResult) -> tuple[bytes, bytes] | None:
    """User and password as they are sent; None: without. Raises ValueError where they are too long."""
    if proxy.username is None:
        return None
    user, password = unquote(proxy.username).encode(), unquote(proxy.password or "").encode()
    if not 0 < len(user) <= BYTES_MAX or len(password) > BYTES_MAX:
        raise ValueError(f"a SOCKS proxy takes a user and a password of at most {BYTES_MAX} bytes")
    return user, password


class SocksConnector(aiohttp.TCPConnector):
    def __init__(self, proxy_url: str, resolver: AbstractResolver | None, **options: Any) -> None:
        """`resolver` None: the system's. The rest, with `family`, is as for aiohttp's own."""
        self._names = resolver or aiohttp.DefaultResolver()
        self._proxy = urlsplit(proxy_url)
        self._by: socket.AddressFamily = options["family"]
        super().__init__(resolver=_AsTheyAre() if self._proxy.scheme == "socks5h" else self._names, **options)

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: Any,
        req: Any,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as aiohttp calls it
        **options: Any,
    ) -> Any:
        """aiohttp's only seam between names and TLS; it is no part of its public interface, so a test holds it."""
        sock = await self._opened([info[4][:2] for info in addr_infos], _to_connect_s(timeout))
        try:
            return await self._wrap_existing_connection(*args, req=req, timeout=timeout, sock=sock, **options)
        except BaseException:
            sock.close()
            raise

    async def _opened(self, places: list[tuple[str, int]], within_s: float | None) -> socket.socket:
        """A socket that the proxy has connected to the first of these places that it reaches."""
        stage, why = "timeout", ProxyFailed("tunnel", "it was given no address")
        try:
            async with asyncio.timeout(within_s):
                for host, port in places:
                    stage = "timeout"
                    sock = await self._connected()
                    stage = "silent"
                    try:
                        await _Handshake(sock).to(host, port, sign_in(self._proxy))
                    except ProxyFailed as failed:
                        sock.close()
                        why = failed
                        continue
                    except BaseException:
                        sock.close()
                        raise
                    return sock
        except TimeoutError:
            raise ProxyFailed(stage, "no answer in time") from None
        except ValueError as error:
            raise ProxyFailed("address", str(error)) from None
        raise why

    async def _connected(self) -> socket.socket:
        host, port = self._proxy.hostname or "", self._proxy.port or PORT
        try:
            found = await self._resolve_proxy(host, port)
        except PrivateAddress as error:
            raise ProxyFailed("private", error.detail) from error
        except OSError as error:
            raise ProxyFailed("dns", _words(error)) from error
        refused: OSError | None = None
        for place in found:
            sock = socket.socket(place["family"], socket.SOCK_STREAM)
            sock.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(sock, (place["host"], port))
            except OSError as error:
                sock.close()
                refused = error
                continue
            except BaseException:
                sock.close()
                raise
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        if refused is None:
            raise ProxyFailed("dns", "the name has no address")
        raise ProxyFailed("tcp", _words(refused)) from refused

    async def _resolve_proxy(self, host: str, port: int) -> list[ResolveResult]:
        literal = _packed(host)
        if literal is None:
            return await self._names.resolve(host, port, family=self._by)
        kind = socket.AF_INET if len(literal) == 4 else socket.AF_INET6
        if self._by not in (socket.AF_UNSPEC, kind):
            return []
        return [ResolveResult(hostname=host, host=host, port=port, family=kind, proto=0, flags=0)]


class _AsTheyAre(AbstractResolver):
    """Names are left for the proxy to look up."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=host, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return None


class _Handshake:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def to(self, host: str, port: int, signed_in: tuple[bytes, bytes] | None) -> None:
        try:
            await self._greet(signed_in)
            await self._send(bytes((_VERSION, _CONNECT, 0)) + _address(host) + port.to_bytes(2, "big"))
            version, reply, _, kind = await self._exactly(4)
            self._expect(version)
            if reply != 0:
                raise ProxyFailed("tunnel", _REPLIES.get(reply, f"its reply was {reply}"))
            length = {_IPV4: 4, _IPV6: 16}.get(kind)
            await self._exactly((await self._exactly(1))[0] + 2 if length is None else length + 2)
        except OSError as error:
            raise ProxyFailed("tunnel", _words(error)) from error

    async def _greet(self, signed_in: tuple[bytes, bytes] | None) -> None:
        methods = bytes((_OPEN,)) if signed_in is None else bytes((_OPEN, _SIGN_IN))
        await self._send(bytes((_VERSION, len(methods))) + methods)
        version, method = await self._exactly(2)
        self._expect(version)
        if method == _SIGN_IN and signed_in is not None:
            user, password = signed_in
            await self._send(bytes((1, len(user))) + user + bytes((len(password),)) + password)
            _, status = await self._exactly(2)
            if status != 0:
                raise SignInRefused("SOCKS proxy: user and password are refused")
        elif method != _OPEN:
            raise SignInRefused("SOCKS proxy: it wants another sign-in")

    def _expect(self, version: int) -> None:
        if version != _VERSION:
            raise ProxyFailed("tunnel", "it does not speak SOCKS5")

    async def _send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._sock, data)

    async def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            more = await self._loop.sock_recv(self._sock, length - len(data))
            if not more:
                raise ProxyFailed("tunnel", "it closed the connection")
            data += more
        return data


def _address(host: str) -> bytes:
    packed = _packed(host)
    if packed is not None:
        return bytes((_IPV4 if len(packed) == 4 else _IPV6,)) + packed
    name = host.encode("ascii")
    if not 0 < len(name) <= BYTES_MAX:
        raise ValueError("the exchange's host name is too long for a SOCKS proxy")
    return bytes((_NAME, len(name))) + name


def _packed(host: str) -> bytes | None:
    """None: a name."""
    try:
        return ip_address(host).packed
    except ValueError:
        return None


def _to_connect_s(timeout: aiohttp.ClientTimeout) -> float | None:
    half = None if timeout.total is None else timeout.total / 2
    limits = [limit for limit in (timeout.connect, timeout.sock_connect, half) if limit is not None]
    return min(limits) * _SHARE if limits else None


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
