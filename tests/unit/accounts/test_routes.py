"""Ways to exchanges: what is wrong with one is never told of another."""

from dataclasses import replace
from itertools import combinations

from tests.factories import NOW
from tests.unit.accounts.scripted import spawn
from trading_bridge.accounts.routes import Routes
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Connector
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import HttpSessions

DIRECT = Connector(
    id="c1",
    client_id="one",
    account="one",
    name="coinstore",
    exchange="coinstore",
    base_url=None,
    proxy_url=None,
    ipv4_only=True,
    key_last4=None,
    exchange_account=None,
    version=1,
    created_at=NOW,
    updated_at=NOW,
)
WAYS = (
    {},
    {"ipv4_only": False},
    {"base_url": "http://127.0.0.1:9000/api"},
    {"proxy_url": "http://proxy.example:3128"},
    {"proxy_url": "http://proxy.example:3129"},
    {"proxy_url": "http://desk:one@proxy.example:3128"},
    {"proxy_url": "http://desk:two@proxy.example:3128"},
    {"timeout_s": 20},
)


def subjects() -> list[str]:
    info = exchange_info("coinstore")
    assert info is not None
    routes = Routes(HttpSessions.aiohttp(), Limiters(ManualClock(NOW)), ManualClock(NOW), spawn, lambda name, run: None)  # type: ignore[arg-type, return-value]
    return [routes.of(replace(DIRECT, **way), info).subject.id for way in WAYS]  # type: ignore[arg-type]


async def test_no_two_ways_are_one_subject() -> None:
    assert [pair for pair in combinations(subjects(), 2) if pair[0] == pair[1]] == []


async def test_a_way_is_named_for_people_and_its_sign_in_is_not_shown() -> None:
    assert subjects() == [
        "coinstore",
        "coinstore (2)",
        "coinstore at 127.0.0.1:9000",
        "coinstore by proxy.example:3128",
        "coinstore by proxy.example:3129",
        "coinstore by proxy.example:3128 (2)",
        "coinstore by proxy.example:3128 (3)",
        "coinstore within 20 s",
    ]
