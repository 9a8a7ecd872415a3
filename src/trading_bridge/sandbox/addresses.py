"""Addresses of clients as the exchange sees them."""

from enum import StrEnum

#: how a dual-stack socket shows a client that came by IPv4
_MAPPED = "::ffff:"


class Family(StrEnum):
    IPV4 = "ipv4"
    IPV6 = "ipv6"


def plain_address(address: str) -> str:
    """An IPv4 address that is mapped into IPv6 is that IPv4 address."""
    if not address.startswith(":"):
        return address
    rest = address[len(_MAPPED) :]
    return rest if address[: len(_MAPPED)].lower() == _MAPPED and "." in rest else address


def family_of(address: str) -> Family:
    return Family.IPV6 if ":" in plain_address(address) else Family.IPV4
