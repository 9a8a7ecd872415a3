"""Address families: which of them a connection may take."""

from enum import StrEnum
from ipaddress import IPv6Address, ip_address


class Family(StrEnum):
    #: whichever answers first
    ANY = "any"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


def family_of(address: str) -> Family | None:
    """None: a name, or nothing that could be an address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return Family.IPV6 if isinstance(parsed, IPv6Address) else Family.IPV4
