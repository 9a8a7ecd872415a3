"""The network of a platform in one process: everything answers, except what it is told to fail."""

import ssl
from collections.abc import Mapping
from datetime import datetime

from trading_bridge.exchanges.family import Family, family_of
from trading_bridge.exchanges.network import Addresses, Secured, Unreached

#: of RFC 5737 and RFC 3849: of nobody
FOUR, SIX = "192.0.2.10", "2001:db8::10"


class InProcessNetwork:
    def __init__(self, addresses: Mapping[Family, tuple[str, ...]] | None = None) -> None:
        """`addresses` of every name; None: one of IPv4."""
        self.addresses: Addresses = {Family.IPV4: (FOUR,)} if addresses is None else addresses
        #: host -> what becomes of its name
        self.unresolved: dict[str, Unreached] = {}
        #: address -> what becomes of a connection to it
        self.unconnected: dict[str, Unreached] = {}
        #: server name -> what becomes of its handshake
        self.unsecured: dict[str, Unreached] = {}
        self.expires_at: datetime | None = None

    async def resolve(self, host: str, port: int) -> Addresses | Unreached:
        literal = family_of(host)
        if literal is not None:
            return {literal: (host,)}
        return self.unresolved.get(host, self.addresses)

    async def connect(self, address: str, port: int) -> Unreached | None:
        return self.unconnected.get(address)

    async def tls(self, address: str, port: int, *, server_name: str, context: ssl.SSLContext) -> Secured | Unreached:
        return self.unsecured.get(server_name, Secured(version="TLSv1.3", expires_at=self.expires_at))
