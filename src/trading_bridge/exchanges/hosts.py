"""Where a connector may go: public addresses, and private ones that the operator has named.

A connector is written by whoever may edit it, and connects from inside: without this it would reach what only this host
can see, such as the metadata service of a cloud with its credentials.
"""

import errno
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

Network = IPv4Network | IPv6Network
#: the operator's setting, as remedies name it
SETTING = "TRADING_BRIDGE_ALLOW_PRIVATE_HOSTS"
#: AWS and most others, its containers, by IPv6; Alibaba; Oracle
_METADATA = frozenset(
    ip_address(one)
    for one in ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192")
)
#: addresses that stand for one of IPv4 in their last 32 bits, RFC 6052
_NAT64 = ip_network("64:ff9b::/96")


class PrivateAddress(aiohttp.ClientOSError):
    """Nothing was connected to."""

    def __init__(self, detail: str, *, proxy: bool = False) -> None:
        super().__init__(errno.EACCES, detail)
        self.detail = detail
        #: it is the proxy's, not the exchange's
        self.proxy = proxy


class Hosts:
    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def why_not(self, host: str) -> str | None:
        """`127.0.0.1 is a loopback address`; None: it may be gone to, or it is a name, which is looked up first."""
        address = _literal(host)
        if address is None or any(address in network for network in self._allowed):
            return None
        kind = _kind(address)
        return None if kind is None else f"{host} is {kind}"


PUBLIC_ONLY = Hosts()


class CheckedNames(AbstractResolver):
    """Looks at what each connection is about to be made to, so that a name cannot change its mind after a check."""

    def __init__(self, names: AbstractResolver, hosts: Hosts) -> None:
        self._names = names
        self._hosts = hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        refused = [why for one in found if (why := self._hosts.why_not(one["host"])) is not None]
        if refused:
            raise PrivateAddress(f"{host}: {refused[0]}")
        return found

    async def close(self) -> None:
        await self._names.close()


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Also as sockets read it: `127.1`, `0x7f000001`, `2130706433`."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        address = ip_address(host)
    except ValueError:
        try:
            return IPv4Address(socket.inet_aton(name))
        except (OSError, ValueError):
            return None
    return address if isinstance(address, IPv4Address) else _inner(address)


def _inner(address: IPv6Address) -> IPv4Address | IPv6Address:
    """The address of IPv4 that it stands for, if it does."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _kind(address: IPv4Address | IPv6Address) -> str | None:
    """None: a public one."""
    if address in _METADATA:
        return "a metadata address of a cloud"
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address"
    if address.is_global and not address.is_multicast:
        return None
    return "a private address" if address.is_private else "an address of special use"
