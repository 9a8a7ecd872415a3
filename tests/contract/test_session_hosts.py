"""A connector whose host is a private address, by itself or by its name, on real sockets: nothing is connected to."""

import pytest
from aiohttp.abc import AbstractResolver

from tests.coinstore_wire import PLACED, session
from tests.contract.test_doctor_network import climb, failed
from tests.contract.test_session_transport import BothFamilies, assert_ended, create
from tests.private_hosts import LOOPBACK
from tests.socks_proxy import socks_proxy
from tests.wire_server import WireServer, answers
from trading_bridge.clock import SystemClock
from trading_bridge.core.outcome import Answered, NotSent, Outcome
from trading_bridge.exchanges.hosts import PUBLIC_ONLY, Hosts
from trading_bridge.exchanges.network import SystemNetwork
from trading_bridge.exchanges.session import HttpSessions


async def placed(
    base_url: str, proxy_url: str | None = None, hosts: Hosts = PUBLIC_ONLY, names: AbstractResolver | None = None
) -> Outcome[str]:
    http = HttpSessions.aiohttp(names, hosts=hosts)
    source, _ = session()
    await source.markets()
    made, _ = session(http=http, base_url=f"{base_url}/api", proxy_url=proxy_url, markets_of=source)
    try:
        return await create(made)
    finally:
        await made.close()
        await http.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
async def test_a_private_address_is_not_connected_to(host: str) -> None:
    async with WireServer(answers(PLACED)) as server:
        outcome = await placed(f"http://{host}:{server.port}")
        assert_ended(outcome, NotSent, "exchange.unreachable", stage="private")
        assert server.heads == []
        assert isinstance(await placed(server.url(), hosts=LOOPBACK), Answered)


async def test_a_name_is_looked_at_whenever_it_is_looked_up() -> None:
    """It may have been public when it was saved."""
    async with WireServer(answers(PLACED)) as server:
        name = f"http://both.example:{server.port}"
        outcome = await placed(name, names=BothFamilies())
        assert_ended(
            outcome, NotSent, "exchange.unreachable", stage="private", detail="both.example: ::1 is a loopback address"
        )
        assert server.heads == []
        assert isinstance(await placed(name, hosts=LOOPBACK, names=BothFamilies()), Answered)


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
@pytest.mark.parametrize("host", ["127.0.0.1", "both.example"])
async def test_a_private_proxy_is_not_connected_to(scheme: str, host: str) -> None:
    async with socks_proxy() as proxy:
        outcome = await placed("http://1.1.1.1", f"{scheme}://{host}:{proxy.port}", names=BothFamilies())
        assert_ended(outcome, NotSent, "proxy.unreachable", stage="private")
        assert proxy.asked == []


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_proxy_that_may_be_used_is_no_way_to_other_private_addresses(scheme: str) -> None:
    async with socks_proxy() as proxy:
        outcome = await placed("http://169.254.169.254", proxy.url(scheme), hosts=LOOPBACK)
        assert_ended(outcome, NotSent, "exchange.unreachable", stage="private")
        assert proxy.asked == []


async def test_the_doctor_does_not_go_there_either() -> None:
    async with WireServer(answers("")) as server:
        ladder = await climb(f"{server.url()}/api", network=SystemNetwork(SystemClock(), PUBLIC_ONLY))
        (finding,) = failed(ladder)
        assert (finding.code, finding.parameters["stage"]) == ("exchange.unreachable", "private")
        assert server.heads == []
