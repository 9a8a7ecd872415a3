"""A connector behind a SOCKS proxy, on real sockets: all goes by it, nothing round it, and each cause has its name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.coinstore_wire import PLACED, session
from tests.contract.test_doctor_network import climb, failed
from tests.contract.test_session_transport import BothFamilies, assert_ended, create, opened
from tests.socks_proxy import socks_proxy
from tests.wire_server import WireServer, answers, closes, free_port
from trading_bridge.clock import SystemClock
from trading_bridge.core.outcome import Answered, NotSent, Unresolved
from trading_bridge.diagnosis.egress import Egress, Way
from trading_bridge.exchanges.session import HttpSessions, Session

HELD = answers('{"code":0,"data":[]}')


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_it_carries_everything(scheme: str) -> None:
    async with WireServer(answers(PLACED), HELD) as server, socks_proxy("desk", "p:ss/w rd") as proxy:
        url = proxy.url(scheme, "desk:p%3Ass%2Fw%20rd@")
        async with opened(f"http://localhost:{server.port}", url, ipv4_only=True) as made:
            assert isinstance(await create(made), Answered)
            assert isinstance(await made.balances(), Answered)
        assert len(server.heads) == 2
        # where the name is looked up is the difference between the two
        assert proxy.asked == [("127.0.0.1" if scheme == "socks5" else "localhost", server.port)]


async def test_each_proxy_has_connections_of_its_own() -> None:
    """A kept connection of one connector is no way for another's."""
    http = HttpSessions.aiohttp()
    async with WireServer(HELD) as server, socks_proxy() as one, socks_proxy() as other:
        ways = [session(http=http, base_url=f"{server.url()}/api", proxy_url=proxy.url())[0] for proxy in (one, other)]
        direct = session(http=http, base_url=f"{server.url()}/api")[0]
        for made in (*ways, direct, *ways):
            assert isinstance(await made.balances(), Answered)
        assert (len(one.asked), len(other.asked), len(server.heads)) == (1, 1, 5)
        await http.close()


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_the_exchanges_certificate_is_checked_through_it(tmp_path: Path, scheme: str) -> None:
    authority = Authority(tmp_path)
    http = HttpSessions.aiohttp()
    async with WireServer(answers(PLACED), tls=authority.server()) as server, socks_proxy() as proxy:
        async with _made(http, server.url("https"), proxy.url(scheme)) as made:
            assert_ended(await create(made), NotSent, "exchange.unreachable", stage="tls")
            assert server.heads == []
            http.ssl_context.load_verify_locations(cadata=authority.pem)
            assert isinstance(await create(made), Answered)
        # good for its address, and not for this name
        async with _made(http, f"https://localhost:{server.port}", proxy.url(scheme)) as made:
            assert_ended(await create(made), NotSent, "exchange.unreachable", stage="tls")
        assert len(server.heads) == 1
    await http.close()


@pytest.mark.parametrize("sign_in", ["", "desk:wrong@", "other:right@"])
async def test_fault_N11_it_wants_another_sign_in(sign_in: str) -> None:
    async with WireServer(answers(PLACED)) as server, socks_proxy("desk", "right") as proxy:
        async with opened(server.url(), proxy.url(sign_in=sign_in)) as made:
            assert_ended(await create(made), NotSent, "proxy.auth_required")
            assert_ended(await made.balances(), NotSent, "proxy.auth_required")
        assert (server.heads, proxy.asked) == ([], [])


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize(("host", "stage"), [("127.0.0.1", "tcp"), ("nowhere.invalid", "dns")])
async def test_fault_N11_it_is_down_and_nothing_goes_round_it(host: str, stage: str, scheme: str) -> None:
    async with WireServer(answers(PLACED)) as server:
        async with opened(server.url(), f"{scheme}://{host}:{free_port()}") as made:
            assert_ended(await create(made), NotSent, "proxy.unreachable", stage=stage)
            assert_ended(await made.balances(), NotSent, "proxy.unreachable", stage=stage)
        assert server.heads == []


async def test_it_accepts_and_says_nothing() -> None:
    async with _accepting(b"") as port, WireServer(answers(PLACED)) as server:
        async with opened(server.url(), f"socks5h://127.0.0.1:{port}") as made:
            made._client.timeout = 400
            assert_ended(await create(made), NotSent, "proxy.unreachable", stage="silent", detail="no answer in time")
        assert server.heads == []


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_it_cannot_reach_the_exchange(scheme: str) -> None:
    async with socks_proxy() as proxy, opened(f"http://127.0.0.1:{free_port()}", proxy.url(scheme)) as made:
        said = "the connection was refused there"
        assert_ended(await create(made), NotSent, "proxy.unreachable", stage="tunnel", detail=said)
        assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("says", "detail"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not speak SOCKS5"),
        (b"\x05\x00\x05\x02\x00\x01", "its rules forbid it"),
        (b"\x05\x00\x05\x63\x00\x01", "its reply was 99"),
        (b"\x05\x00\x04\x00\x00\x01", "it does not speak SOCKS5"),
    ],
)
async def test_it_refuses_or_is_something_else(says: bytes, detail: str) -> None:
    async with _accepting(says) as port, WireServer(answers(PLACED)) as server:
        async with opened(server.url(), f"socks5://127.0.0.1:{port}") as made:
            assert_ended(await create(made), NotSent, "proxy.unreachable", stage="tunnel", detail=detail)
        assert server.heads == []


async def test_a_name_that_only_the_proxy_knows() -> None:
    """By `socks5` it is looked up here, and what fails is the exchange's name; by `socks5h` it is the proxy's task."""
    async with socks_proxy() as proxy:
        async with opened("http://nowhere.invalid", proxy.url("socks5")) as made:
            assert_ended(await create(made), NotSent, "exchange.unreachable", stage="dns")
        assert proxy.asked == []
        async with opened("http://nowhere.invalid", proxy.url("socks5h")) as made:
            assert_ended(await create(made), NotSent, "proxy.unreachable", stage="tunnel")
        assert proxy.asked == [("nowhere.invalid", 80)]


async def test_a_connection_that_dies_behind_it_proves_nothing() -> None:
    async with WireServer(closes) as server, socks_proxy() as proxy:
        async with opened(server.url(), proxy.url()) as made:
            assert_ended(await create(made), Unresolved, "exchange.no_answer", stage="reset")
        assert len(server.heads) == 1


async def test_ipv4_only_looks_up_no_ipv6_address() -> None:
    async with WireServer(answers(PLACED)) as server, socks_proxy() as proxy:
        name = f"http://both.example:{server.port}"
        async with opened(name, proxy.url("socks5"), ipv4_only=True, resolver=BothFamilies()) as made:
            assert isinstance(await create(made), Answered)
        assert proxy.asked == [("127.0.0.1", server.port)]
        async with opened("http://[::1]:80", proxy.url("socks5"), ipv4_only=True) as made:
            assert_ended(await create(made), NotSent, "exchange.unreachable", stage="address")


async def test_an_address_that_it_does_not_reach_is_followed_by_the_next() -> None:
    async with WireServer(answers(PLACED)) as server, socks_proxy() as proxy:  # at IPv4 only
        name = f"http://both.example:{server.port}"
        async with opened(name, proxy.url("socks5"), resolver=BothFamilies()) as made:
            assert isinstance(await create(made), Answered)
        assert proxy.asked == [("::1", server.port), ("127.0.0.1", server.port)]


async def test_sessions_without_real_sockets_have_no_socks_and_go_no_other_way() -> None:
    made, wire = session(proxy_url="socks5h://127.0.0.1:1080")
    assert_ended(await made.balances(), NotSent, "proxy.unreachable", stage="address")
    assert wire.sent == []


async def test_the_address_that_the_proxy_leaves_by_is_asked_for_through_it() -> None:
    http = HttpSessions.aiohttp()
    async with WireServer(answers('{"address":"198.51.100.7"}')) as service, socks_proxy("desk", "word") as proxy:
        egress = Egress(service.url(), (), http, SystemClock())
        way = Way(proxy_url=proxy.url(sign_in="desk:word@"), ipv4_only=False)
        assert [one.address for one in await egress.addresses(way)] == ["198.51.100.7"]
        assert proxy.asked == [("127.0.0.1", service.port)]
    await http.close()


# -- the doctor


async def test_a_ladder_climbs_to_the_proxy_and_then_through_it() -> None:
    async with WireServer(answers("<html>")) as server, socks_proxy("desk", "Tr4nsit-word") as proxy:
        ladder = await climb(f"{server.url()}/api", proxy_url=proxy.url(sign_in="desk:Tr4nsit-word@"))
        (finding,) = failed(ladder)
        assert finding.code == "exchange.no_answer"
        details = {step.rung.value: step.detail for step in ladder.steps}
        assert f"port {proxy.port} answers" in details["connect"]
        assert "SOCKS5" in details["tls"]
        assert len(server.heads) == 1
        assert "Tr4nsit" not in repr(ladder)


async def test_a_ladder_to_a_proxy_that_wants_another_sign_in() -> None:
    async with WireServer(HELD) as server, socks_proxy("desk", "Tr4nsit-word") as proxy:
        (finding,) = failed(await climb(f"{server.url()}/api", proxy_url=proxy.url(sign_in="desk:Wr0ng-word@")))
        assert finding.code == "proxy.auth_required"
        assert "Wr0ng" not in repr(finding)
        assert server.heads == []


async def test_a_ladder_to_a_proxy_that_is_down() -> None:
    async with WireServer(HELD) as server:
        (finding,) = failed(await climb(f"{server.url()}/api", proxy_url=f"socks5://127.0.0.1:{free_port()}"))
        assert (finding.code, finding.parameters["stage"]) == ("proxy.unreachable", "tcp")
        assert server.heads == []


@asynccontextmanager
async def _made(http: HttpSessions, base_url: str, proxy_url: str) -> AsyncIterator[Session]:
    source, _ = session()
    await source.markets()
    made, _ = session(http=http, base_url=f"{base_url}/api", proxy_url=proxy_url, markets_of=source)
    yield made
    await made.close()


@asynccontextmanager
async def _accepting(says: bytes) -> AsyncIterator[int]:
    """A port at which everybody is told this."""
    over = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        await over.wait()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        yield int(server.sockets[0].getsockname()[1])
        over.set()
