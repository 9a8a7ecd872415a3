"""Addresses from which an exchange has seen this host."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAddress:
    #: the way out: the host's own, or a proxy
    route: str
    #: `ipv4` or `ipv6`
    family: str
    address: str
    first_seen: datetime
    last_seen: datetime
