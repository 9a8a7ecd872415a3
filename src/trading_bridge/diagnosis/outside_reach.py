"""Where the second client may connect to: each address is judged as it is about to be connected to."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

#: `127.0.0.1 is a loopback address`; None: a connector may reach it, or it is a name
WhyNot = Callable[[str], str | None]


class Forbidden(OSError):
    """Nothing was connected to."""

    def __init__(self, detail: str, *, proxy: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        #: it is the proxy's address, not the exchange's
        self.proxy = proxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    why_not: WhyNot
    timeout_s: float
    ipv4_only: bool

    def permit(self, host: str, *, proxy: bool) -> None:
        """As it is written, without a look-up. Raises Forbidden."""
        why = self.why_not(host)
        if why is not None:
            raise Forbidden(why, proxy=proxy)

    def addresses(self, host: str, port: int, *, proxy: bool) -> tuple[str, ...]:
        """At least one. Raises Forbidden where any of them may not be reached, and OSError."""
        self.permit(host, proxy=proxy)
        family = socket.AF_INET if self.ipv4_only else socket.AF_UNSPEC
        found = dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))
        for address in found:
            why = self.why_not(address)
            if why is not None:
                raise Forbidden(f"{host}: {why}" if host != address else why, proxy=proxy)
        return tuple(found)

    def open(self, host: str, port: int, *, proxy: bool) -> socket.socket:
        """To the first address that answers. Raises Forbidden before anything is connected to, and OSError."""
        refused: OSError | None = None
        for address in self.addresses(host, port, proxy=proxy):
            try:
                return socket.create_connection((address, port), self.timeout_s)
            except OSError as error:
                refused = error
        raise refused or OSError("the name has no address")
