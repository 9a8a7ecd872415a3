"""Faults of the network under a create, on real sockets: what proves that nothing left, and what proves nothing."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.coinstore_wire import PLACED, SYMBOLS, session
from tests.factories import order
from tests.wire_server import (
    Behaviour,
    WireServer,
    answers,
    begins_and_stalls,
    breaks_off_chunks,
    closes,
    free_port,
    resets,
    says_nothing,
)
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered, Failed, NotSent, Outcome, Unresolved
from trading_bridge.exchanges.session import HttpSessions, Session

INTENT = order(price=Decimal("0.0255"), amount=Decimal("100"))


@asynccontextmanager
async def opened(
    base_url: str,
    proxy_url: str | None = None,
    *,
    ipv4_only: bool = False,
    resolver: AbstractResolver | None = None,
) -> AsyncIterator[Session]:
    """A session on the real HTTP client; its markets were read over another line."""
    http = HttpSessions.aiohttp(resolver)
    source, _ = session()
    await source.markets()
    made, _ = session(
        http=http, base_url=f"{base_url}/api", proxy_url=proxy_url, ipv4_only=ipv4_only, markets_of=source
    )
    try:
        yield made
    finally:
        await made.close()
        await http.close()


async def market_of(made: Session) -> Market:
    assert made._markets_of is not None
    return made._markets_of._markets["SHARP/USDT"]


async def create(made: Session) -> Outcome[str]:
    return await made.create_order(await market_of(made), INTENT)


def assert_ended(outcome: Any, ending: type[Failed], code: str, **parameters: str) -> None:
    assert type(outcome) is ending, outcome
    assert outcome.finding.code == code
    said = outcome.finding.parameters
    assert {name: said.get(name) for name in parameters} == parameters


# -- nothing left


async def test_fault_N1_the_name_is_not_known() -> None:
    async with opened("http://nowhere.invalid") as made:
        assert_ended(await create(made), NotSent, "exchange.unreachable", stage="dns")
        assert_ended(await made.balances(), NotSent, "exchange.unreachable", stage="dns")


async def test_fault_N1_nobody_listens() -> None:
    async with opened(f"http://127.0.0.1:{free_port()}") as made:
        assert_ended(await create(made), NotSent, "exchange.unreachable", stage="tcp")


async def test_fault_N1_no_tls_on_the_other_side() -> None:
    async def speak_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak_plainly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with opened(f"https://127.0.0.1:{port}") as made:
            assert_ended(await create(made), NotSent, "exchange.unreachable", stage="tls")


async def test_fault_N1_the_handshake_never_ends() -> None:
    """Half of the time-out is for connecting, so this is known for what it is."""
    async with WireServer(says_nothing) as server, opened(server.url("https")) as made:
        made._client.timeout = 400
        assert_ended(await create(made), NotSent, "exchange.unreachable", stage="timeout")


async def test_fault_N1_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    async with WireServer(answers(PLACED), tls=self_signed(tmp_path)) as server, opened(server.url("https")) as made:
        assert_ended(await create(made), NotSent, "exchange.unreachable", stage="tls")
        assert server.heads == []


async def test_fault_N1_no_connection_in_time() -> None:
    made, _ = session(aiohttp.ConnectionTimeoutError("Connection timeout to host"))
    await made.markets()
    outcome = await made.create_order(made._markets["SHARP/USDT"], INTENT)
    assert_ended(outcome, NotSent, "exchange.unreachable", stage="timeout")


# -- it may have arrived


@pytest.mark.parametrize(
    ("behaviour", "stage", "status"),
    [
        (closes, "reset", None),
        (resets, "reset", None),
        (answers('{"code":"0","data":{"ordId":17221837', length=500), "reset", 200),
        (breaks_off_chunks, "reset", 200),
        (answers("<html>502 Bad Gateway", length=500, status="502 Bad Gateway"), "reset", 502),
        (answers(""), "empty", 200),
        (answers("<html>checking your browser</html>"), "html", 200),
        (answers('{"code":"0","data":{"ordId":17221837'), "unreadable", 200),
    ],
    ids=["closed", "reset", "cut in the body", "cut in a chunk", "cut in a page", "empty", "page", "half of a JSON"],
)
async def test_fault_N4_no_clear_answer(behaviour: Behaviour, stage: str, status: int | None) -> None:
    async with WireServer(behaviour) as server, opened(server.url()) as made:
        outcome = await create(made)
        assert_ended(outcome, Unresolved, "exchange.no_answer", stage=stage)
        assert isinstance(outcome, Unresolved)
        assert outcome.finding.evidence is not None
        assert outcome.finding.evidence.http_status == status
        assert len(server.heads) == 1  # never a second time


@pytest.mark.parametrize("behaviour", [says_nothing, begins_and_stalls])
async def test_fault_N2_no_answer_in_time(behaviour: Behaviour) -> None:
    async with WireServer(behaviour) as server, opened(server.url()) as made:
        made._client.timeout = 300
        assert_ended(await create(made), Unresolved, "exchange.no_answer", stage="timeout")
        assert_ended(await made.balances(), Unresolved, "exchange.no_answer", stage="timeout")
        assert [head.split(" ")[1] for head in server.heads] == ["/api/trade/order/place", "/api/spot/accountList"]


@pytest.mark.parametrize("second", [closes, resets])
async def test_a_connection_that_dies_between_two_orders_is_not_tried_again(second: Behaviour) -> None:
    """HTTP clients like to repeat a request on a fresh connection: a create is sent once."""
    async with WireServer(answers(PLACED), second) as server, opened(server.url()) as made:
        assert isinstance(await create(made), Answered)
        assert_ended(await create(made), Unresolved, "exchange.no_answer", stage="reset")
        assert len(server.heads) == 2


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
async def test_a_redirect_is_not_followed(status: str) -> None:
    async with WireServer(answers(PLACED)) as other:
        moved = answers("", status=status, headers=f"Location: {other.url()}/api/trade/order/place\r\n")
        async with WireServer(moved) as server, opened(server.url()) as made:
            assert_ended(await create(made), Unresolved, "exchange.no_answer", stage="empty", http_status=status[:3])
            assert_ended(await made.balances(), Unresolved, "exchange.no_answer", stage="empty")
            assert len(server.heads) == 2
        assert other.heads == []


# -- proxies


async def test_a_proxy_carries_everything() -> None:
    async with WireServer(answers(SYMBOLS)) as server, WireServer(answers(PLACED)) as proxy:
        async with opened(server.url(), f"http://user:pass@127.0.0.1:{proxy.port}") as made:
            assert isinstance(await create(made), Answered)
            await made.balances()
        assert server.heads == []
        assert [head.split(" ")[1] for head in proxy.heads] == [
            f"{server.url()}/api/trade/order/place",
            f"{server.url()}/api/spot/accountList",
        ]
        assert all("Proxy-Authorization: Basic dXNlcjpwYXNz" in head for head in proxy.heads)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_fault_N11_the_proxy_wants_a_password(scheme: str) -> None:
    """Over http it is the answer to the request, over https to CONNECT: never a refused key."""
    wants = answers(
        "<html>sign in", status="407 Proxy Authentication Required", headers="Proxy-Authenticate: Basic\r\n"
    )
    async with WireServer(answers(PLACED)) as server, WireServer(wants) as proxy:
        async with opened(server.url(scheme), proxy.url()) as made:
            assert_ended(await create(made), NotSent, "proxy.auth_required")
            assert_ended(await made.balances(), NotSent, "proxy.auth_required")
        assert server.heads == []


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_fault_N11_the_proxy_is_down_and_nothing_goes_round_it(scheme: str) -> None:
    async with WireServer(answers(PLACED)) as server:
        async with opened(server.url(scheme), f"http://127.0.0.1:{free_port()}") as made:
            assert_ended(await create(made), NotSent, "proxy.unreachable", stage="tcp")
            assert_ended(await made.balances(), NotSent, "proxy.unreachable", stage="tcp")
        assert server.heads == []


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_fault_N11_the_proxys_name_is_not_known(scheme: str) -> None:
    async with WireServer(answers(PLACED)) as server:
        async with opened(server.url(scheme), "http://nowhere.invalid:3128") as made:
            assert_ended(await create(made), NotSent, "proxy.unreachable", stage="dns")
        assert server.heads == []


async def test_fault_N11_no_connection_to_the_proxy_in_time() -> None:
    """Over plain http the proxy is the only one that is connected to."""
    made, _ = session(
        aiohttp.ConnectionTimeoutError("Connection timeout to host"),
        base_url="http://api.example.invalid/api",
        proxy_url="http://127.0.0.1:1",
    )
    await made.markets()
    outcome = await made.create_order(made._markets["SHARP/USDT"], INTENT)
    assert_ended(outcome, NotSent, "proxy.unreachable", stage="timeout")


@pytest.mark.parametrize("status", ["403 Forbidden", "502 Bad Gateway", "200 Connection established"])
async def test_the_proxy_opens_no_tunnel(status: str) -> None:
    """A tunnel that is refused, or that is none: the request never left."""
    async with WireServer(answers(PLACED)) as server, WireServer(answers("", status=status)) as proxy:
        async with opened(server.url("https"), proxy.url()) as made:
            made._client.timeout = 800
            outcome = await create(made)
            assert isinstance(outcome, NotSent)
            expected = "exchange.unreachable" if status.startswith("200") else "proxy.unreachable"
            assert outcome.finding.code == expected
        assert server.heads == []


async def test_a_gateway_page_of_an_http_proxy_proves_nothing() -> None:
    async with WireServer(answers("<html>", status="502 Bad Gateway")) as proxy:
        async with opened("http://api.example.invalid", proxy.url()) as made:
            assert_ended(await create(made), Unresolved, "exchange.no_answer", stage="gateway", http_status="502")


@pytest.mark.parametrize("proxy_url", ["socks4://127.0.0.1:1080", "ftp://127.0.0.1:1", "nonsense"])
async def test_a_proxy_of_another_kind_is_refused_and_not_gone_round(proxy_url: str) -> None:
    async with WireServer(answers(PLACED)) as server:
        async with opened(server.url(), proxy_url) as made:
            assert_ended(await create(made), NotSent, "proxy.unreachable")
            assert_ended(await made.balances(), NotSent, "proxy.unreachable")
        assert server.heads == []


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with WireServer(answers(PLACED)) as server, opened(server.url()) as made:
        assert isinstance(await create(made), Answered)


# -- address families


class BothFamilies(AbstractResolver):
    """A name with an address of each family; what is asked for decides."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        known = {socket.AF_INET6: "::1", socket.AF_INET: "127.0.0.1"}
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, address in known.items()
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def close(self) -> None:
        return None


async def test_ipv4_only_never_leaves_by_ipv6() -> None:
    async with WireServer(answers(PLACED)) as four:
        try:
            six = await WireServer(answers(PLACED), host="::1", port=four.port).__aenter__()
        except OSError as error:
            pytest.skip(f"no IPv6 on this machine: {error}")
        try:
            name = f"http://both.example:{four.port}"
            async with opened(name, resolver=BothFamilies()) as made:
                assert isinstance(await create(made), Answered)
            assert (len(four.heads), len(six.heads)) == (0, 1)  # left to itself, it prefers IPv6
            async with opened(name, ipv4_only=True, resolver=BothFamilies()) as made:
                assert isinstance(await create(made), Answered)
                assert isinstance(await made.open_orders(), Unresolved)
            assert (len(four.heads), len(six.heads)) == (2, 1)
            async with opened(six.url(), ipv4_only=True) as made:
                assert_ended(await create(made), NotSent, "exchange.unreachable", stage="address")
                assert_ended(await made.balances(), NotSent, "exchange.unreachable", stage="address")
            assert len(six.heads) == 1
        finally:
            await six.__aexit__()


# -- cookies


async def test_a_cookie_of_one_answer_is_in_no_other_request() -> None:
    baked = answers(PLACED, headers="Set-Cookie: account=alice; Path=/\r\n")
    async with WireServer(baked) as server, opened(f"http://localhost:{server.port}") as made:
        await create(made)
        await create(made)
        assert not [head for head in server.heads if "cookie" in head.lower()]


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
