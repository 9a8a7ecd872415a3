"""What pages call the host behind a connector."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def host_label(base_url: str | None) -> str | None:
    """What pages call a host that is not the exchange's own: `sandbox` on loopback, else its name."""
    if base_url is None:
        return None
    host = urlsplit(base_url).hostname or base_url
    return "sandbox" if is_loopback(host) else host


def is_sandbox(base_url: str | None) -> bool:
    """As pages say it: on loopback. Another host that is not the exchange's own may be one of its others."""
    return host_label(base_url) == "sandbox"


def is_loopback(host: str) -> bool:
    """Of a name only `localhost`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
