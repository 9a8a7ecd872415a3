"""The rungs below HTTP on real sockets: each way in which an exchange cannot be reached has its name."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import DAY, NOW, Authority
from tests.coinstore_wire import session
from tests.contract.test_session_transport import BothFamilies
from tests.wire_server import WireServer, answers, closes, free_port
from trading_bridge.clock import ManualClock, SystemClock
from trading_bridge.core.finding import Finding
from trading_bridge.core.outcome import Answered, NotSent
from trading_bridge.diagnosis.doctor import Doctor, Draft
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.ladder import Ladder, StepOutcome
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.network import CONNECT_WITHIN_S, TLS_WITHIN_S, Secured, SystemNetwork, Unreached
from trading_bridge.exchanges.session import HttpSessions

NETWORK = SystemNetwork(SystemClock())


def stage_of(end: object) -> str:
    assert isinstance(end, Unreached), end
    assert end.detail
    return end.stage


async def test_a_name_is_looked_up_by_family() -> None:
    found = await NETWORK.resolve("localhost", 80)
    assert not isinstance(found, Unreached)
    assert "127.0.0.1" in found.get(Family.IPV4, ()) or "::1" in found.get(Family.IPV6, ())
    assert await NETWORK.resolve("127.0.0.1", 80) == {Family.IPV4: ("127.0.0.1",)}


@pytest.mark.parametrize("name", ["nowhere.invalid", "x" * 64 + ".invalid"])
async def test_a_name_that_nobody_knows(name: str) -> None:
    assert stage_of(await NETWORK.resolve(name, 80)) == "dns"


async def test_a_port_that_answers_and_one_that_does_not() -> None:
    async with WireServer(answers("")) as server:
        assert await NETWORK.connect("127.0.0.1", server.port) is None
    assert stage_of(await NETWORK.connect("127.0.0.1", free_port())) == "tcp"


async def test_a_good_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with WireServer(answers(""), tls=authority.server()) as server:
        secured = await tls(server.port, authority.client())
    assert isinstance(secured, Secured)
    assert secured.version is not None
    assert secured.version.startswith("TLSv1.")
    assert secured.expires_at == (NOW + 10 * DAY).replace(microsecond=0)


async def test_an_expired_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with WireServer(answers(""), tls=authority.server(ends=NOW - DAY)) as server:
        end = await tls(server.port, authority.client())
    assert stage_of(end) == "tls"
    assert "expired" in getattr(end, "detail", "")


async def test_a_certificate_of_another_host_or_of_nobody_known(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with WireServer(answers(""), tls=authority.server("192.0.2.1")) as server:
        assert stage_of(await tls(server.port, authority.client())) == "tls"
    async with WireServer(answers(""), tls=authority.server()) as server:
        assert stage_of(await tls(server.port, ssl.create_default_context())) == "tls"


async def test_no_tls_on_the_port() -> None:
    async def speak_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak_plainly, "127.0.0.1", 0) as server:
        end = await tls(server.sockets[0].getsockname()[1], ssl.create_default_context())
    assert end == Unreached(stage="tls", detail="what answers there does not speak TLS")


async def test_a_handshake_that_is_broken_off() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        assert stage_of(await tls(server.sockets[0].getsockname()[1], ssl.create_default_context())) == "tls"


async def test_a_handshake_that_never_ends_is_given_up_by_the_clock() -> None:
    clock, accepted = ManualClock(), asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        network = SystemNetwork(clock)
        shaking = asyncio.ensure_future(
            network.tls("127.0.0.1", port, server_name="127.0.0.1", context=ssl.create_default_context())
        )
        await accepted.wait()
        await clock.advance(TLS_WITHIN_S - 0.1)
        assert not shaking.done()
        await clock.advance(0.1)
        assert await shaking == Unreached(stage="timeout", detail="no answer within 5 s")
    assert CONNECT_WITHIN_S < TLS_WITHIN_S


async def tls(port: int, context: ssl.SSLContext) -> object:
    return await NETWORK.tls("127.0.0.1", port, server_name="127.0.0.1", context=context)


# -- as ladders, with the real HTTP client


async def climb(base_url: str, **more: Any) -> Ladder:
    http, clock = HttpSessions.aiohttp(), SystemClock()
    doctor = Doctor(
        http=http,
        limiters=Limiters(clock),
        network=more.get("network", NETWORK),
        clock=clock,
        egress=Egress(None, (), http, clock),
    )
    draft = Draft(
        exchange="coinstore", credentials=None, base_url=base_url, proxy_url=more.get("proxy_url"), ipv4_only=False
    )
    try:
        return await doctor.examine_draft(draft)
    finally:
        await http.close()


def failed(ladder: Ladder) -> list[Finding]:
    findings = [one.finding for one in ladder.steps if one.outcome is StepOutcome.FAIL and one.finding]
    assert findings[0].code == "credentials.empty"
    return findings[1:]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_ladder_to_a_name_that_nobody_knows(scheme: str) -> None:
    ladder = await climb(f"{scheme}://nowhere.invalid/api")
    (finding,) = failed(ladder)
    assert (finding.code, finding.parameters["stage"]) == ("exchange.unreachable", "dns")
    assert ladder.requests == 0


async def test_a_ladder_to_a_closed_port() -> None:
    (finding,) = failed(await climb(f"http://127.0.0.1:{free_port()}/api"))
    assert (finding.code, finding.parameters["stage"]) == ("exchange.unreachable", "tcp")


async def test_a_ladder_to_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    async with WireServer(answers(""), tls=Authority(tmp_path).server()) as server:
        (finding,) = failed(await climb(f"{server.url('https')}/api"))
        assert (finding.code, finding.parameters["stage"]) == ("exchange.unreachable", "tls")
        assert server.heads == []


async def test_a_ladder_through_a_proxy_that_wants_a_password() -> None:
    wants = answers(
        "<html>sign in", status="407 Proxy Authentication Required", headers="Proxy-Authenticate: Basic\r\n"
    )
    async with WireServer(wants) as proxy:
        (finding,) = failed(await climb("https://api.example.invalid/api", proxy_url=proxy.url()))
        assert finding.code == "proxy.auth_required"


@pytest.mark.parametrize("behaviour", [closes, answers("<html>")])
async def test_a_ladder_to_something_that_is_no_exchange(behaviour: Any) -> None:
    async with WireServer(behaviour) as server:
        ladder = await climb(f"{server.url()}/api")
        (finding,) = failed(ladder)
        assert finding.code == "exchange.no_answer"
        assert ladder.requests == 1 == len(server.heads)


async def test_a_key_is_asked_with_by_one_family_and_its_calls_are_the_sessions() -> None:
    held = answers('{"code":0,"data":[]}')
    async with WireServer(held) as four:
        try:
            six = await WireServer(held, host="::1", port=four.port).__aenter__()
        except OSError as error:
            pytest.skip(f"no IPv6 on this machine: {error}")
        http = HttpSessions.aiohttp(BothFamilies())
        made, _ = session(http=http, base_url=f"http://both.example:{four.port}/api")
        try:
            for family, seen in ((Family.IPV4, (1, 0)), (Family.IPV6, (1, 1)), (Family.IPV4, (2, 1))):
                one_way = made.over(family)
                assert isinstance(await one_way.balances(), Answered)
                await one_way.close()
                assert (len(four.heads), len(six.heads)) == seen
            assert isinstance(await made.balances(), Answered)  # closing the others has not closed this one
            assert len(made.calls) == 4
        finally:
            await http.close()
            await six.__aexit__()


@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", Family.IPV6), ("[::1]", Family.IPV4)], ids=["four by six", "six by four"]
)
async def test_an_address_of_one_family_is_not_asked_by_the_other(host: str, family: Family) -> None:
    made, wire = session(base_url=f"http://{host}:80/api")
    outcome = await made.over(family).balances()
    assert isinstance(outcome, NotSent)
    assert outcome.finding.parameters["stage"] == "address"
    assert wire.sent == []
