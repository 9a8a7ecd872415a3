"""The way to the exchange, below HTTP: name, connection, certificate."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.patient import Endpoint
from trading_bridge.diagnosis.probes.probed import Probed, failed, passed, skipped
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.network import Addresses, Network, Unreached

T = TypeVar("T")

NAMES = {Family.IPV4: "IPv4", Family.IPV6: "IPv6", Family.ANY: "any"}


async def resolve(endpoint: Endpoint, *, ipv4_only: bool, network: Network, clock: Clock) -> Probed[Addresses]:
    """The addresses that a connection may take."""
    found = await network.resolve(endpoint.host, endpoint.port)
    if isinstance(found, Unreached):
        return _unreached(f"{endpoint.host} cannot be looked up", endpoint, found, clock)
    usable = {family: addresses for family, addresses in found.items() if family is Family.IPV4 or not ipv4_only}
    if not usable:
        why = Unreached(stage="address", detail="it has no IPv4 address, and the connector is set to IPv4 only")
        return _unreached(f"{endpoint.host} cannot be reached", endpoint, why, clock)
    told = "; ".join(f"{NAMES[family]} {', '.join(addresses)}" for family, addresses in usable.items())
    return passed(f"{endpoint.host} is {told}", usable)


async def connect(endpoint: Endpoint, addresses: Addresses, network: Network, clock: Clock) -> Probed[Addresses]:
    """The first address of each family; the value holds those that answer."""
    firsts = {family: found[0] for family, found in addresses.items()}
    ends = await asyncio.gather(*(network.connect(address, endpoint.port) for address in firsts.values()))
    by_family = dict(zip(firsts, ends, strict=True))
    told = "; ".join(_connected(family, firsts, end) for family, end in by_family.items())
    reached = {family: (firsts[family],) for family, end in by_family.items() if end is None}
    if reached:
        return passed(f"port {endpoint.port} answers: {told}", reached)
    worst = next(end for end in ends if end is not None)
    return _unreached(f"port {endpoint.port} does not answer ({told})", endpoint, worst, clock)


async def tls(
    endpoint: Endpoint, addresses: Addresses, network: Network, http: HttpSessions, clock: Clock
) -> Probed[None]:
    if not endpoint.secure:
        beyond = "; the exchange's certificate is checked by the calls behind it" if endpoint.proxy else ""
        spoken = "SOCKS5" if endpoint.socks else "http"
        return skipped(f"{endpoint.host} is spoken to by {spoken}, without TLS{beyond}")
    address = next(iter(addresses.values()))[0]
    secured = await network.tls(address, endpoint.port, server_name=endpoint.host, context=http.ssl_context)
    if isinstance(secured, Unreached):
        return _unreached(f"no TLS connection with {endpoint.host}", endpoint, secured, clock)
    until = "" if secured.expires_at is None else f", valid until {secured.expires_at:%Y-%m-%d}"
    return passed(f"{secured.version or 'TLS'}, the certificate is good{until}", None)


def _connected(family: Family, addresses: Mapping[Family, str], end: Unreached | None) -> str:
    return f"{NAMES[family]} {addresses[family]} {'yes' if end is None else end.detail}"


def _unreached(what: str, endpoint: Endpoint, why: Unreached, clock: Clock) -> Probed[T]:
    finding = Finding(
        code=endpoint.unreachable,
        severity=Severity.WARNING,
        since=clock.now(),
        parameters={"stage": why.stage, "host": endpoint.host, "detail": why.detail},
    )
    return failed(f"{what}: {why.detail}", finding)
