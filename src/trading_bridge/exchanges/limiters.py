"""The limits of this process: one limiter for each key and one for each way out, whoever uses them."""

from urllib.parse import urlsplit

from trading_bridge.clock import Clock
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.limiter import Limiter


class Limiters:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_keys: dict[tuple[str, str | None, str], Limiter] = {}
        self._of_addresses: dict[tuple[str, str | None, str | None, bool], Limiter] = {}

    def of_key(self, info: ExchangeInfo, credentials: Credentials | None, base_url: str | None) -> Limiter:
        """Without credentials one that nobody shares."""
        if credentials is None:
            return Limiter(self._clock, info.user_limits)
        key = (info.id, _host(base_url), credentials.api_key)
        limiter = self._of_keys.get(key)
        if limiter is None:
            limiter = self._of_keys[key] = Limiter(self._clock, info.user_limits)
        return limiter

    def of_address(
        self, info: ExchangeInfo, base_url: str | None, proxy_url: str | None, *, ipv4_only: bool
    ) -> Limiter:
        """Of what leaves for a host from this machine, by IPv4 alone or not, or by a proxy."""
        way = (info.id, _host(base_url), proxy_url, ipv4_only)
        limiter = self._of_addresses.get(way)
        if limiter is None:
            limiter = self._of_addresses[way] = Limiter(self._clock, info.address_limits)
        return limiter


def _host(base_url: str | None) -> str | None:
    """None: the exchange's own."""
    return None if base_url is None else urlsplit(base_url).netloc
