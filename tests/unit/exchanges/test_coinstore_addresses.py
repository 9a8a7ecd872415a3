"""Where Coinstore's calls and its websocket go, by the host that a connector names."""

import pytest

from trading_bridge.exchanges.described.coinstore import INFO

URLS = {"public": "-", "private": "-", "ws": "-"}


@pytest.mark.parametrize(
    ("base", "stream"),
    [
        ("https://api.coinstore.com/api", "wss://ws.coinstore.com/s/ws"),
        ("https://api.coin8.co/api", "wss://ws.coin8.co/s/ws"),
        ("http://127.0.0.1:8100/api", "ws://127.0.0.1:8100/api/s/ws"),
        ("https://mirror.example:8443/cs", "wss://mirror.example:8443/cs/s/ws"),
    ],
)
def test_books_are_pushed_from_beside_the_calls(base: str, stream: str) -> None:
    assert INFO.wire.urls(URLS, base) == {"public": base, "private": base, "ws": stream}
