"""The minimal signer and its own HTTP client: the reference's vectors, every way to a host, and a curl command that
shows no secret."""

import asyncio
import json
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.coinstore_wire import SECRET
from tests.contract.test_coinstore_signature import VECTORS
from tests.socks_proxy import socks_proxy
from tests.wire_server import Behaviour, WireServer, answers, closes, free_port
from trading_bridge.clock import SystemClock
from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.diagnosis.ladder import Rung, Step, StepOutcome
from trading_bridge.diagnosis.outside import (
    Outside,
    Target,
    curl,
    known,
    repeat,
    request_of,
    signature,
    without_password,
)
from trading_bridge.exchanges.hosts import PUBLIC_ONLY, Hosts

NOW = datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC)
TARGET = Target(
    exchange="coinstore",
    api_key="key-of-a-test-1a2b",
    secret=SECRET,
    base_url=None,
    proxy_url=None,
    ipv4_only=False,
    market="SHARPUSDT",
)
#: the servers of these tests are on loopback
HERE = Hosts([ip_network("127.0.0.0/8"), ip_network("::1")]).why_not
REFUSED = '{"message":"Unauthorized","code":1401}'


def step(rung: Rung, outcome: StepOutcome = StepOutcome.FAIL, code: str | None = None) -> Step:
    evidence = Evidence(call="any", http_status=200, exchange_code=code)
    finding = Finding(code="access.refused", severity=Severity.CRITICAL, since=NOW)
    return Step(
        rung=rung,
        outcome=outcome,
        detail="",
        took_ms=1,
        finding=finding if outcome is StepOutcome.FAIL else None,
        evidence=None if code is None else evidence,
    )


async def asked(target: Target, *rungs: Rung, code: str | None = None) -> tuple[Outside, ...]:
    return await repeat([step(rung, code=code) for rung in rungs], target, SystemClock(), HERE)


# -- the signature


@pytest.mark.parametrize(("name", "signed_ms", "payload", "expected"), VECTORS, ids=[one[0] for one in VECTORS])
def test_the_vectors_of_the_reference_are_reproduced(name: str, signed_ms: int, payload: str, expected: str) -> None:
    assert signature(SECRET, signed_ms, payload) == expected


def test_nothing_of_the_exchange_classes_is_imported() -> None:
    """Not even by way of something else: neither they, nor the libraries that they stand on."""
    seen = (
        "import sys, trading_bridge.diagnosis.outside\n"
        "print([name for name in sys.modules if name.startswith('trading_bridge.exchanges')"
        " or name.partition('.')[0] in ('ccxt', 'aiohttp', 'yarl')])"
    )
    run = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("rung", "method", "url", "body"),
    [
        (Rung.PUBLIC, "POST", "/v2/public/config/spot/symbols", '{"symbolCodes": ["SHARPUSDT"]}'),
        (Rung.SIGNED_READ, "POST", "/spot/accountList", "{}"),
        (
            Rung.READ_PERMISSION,
            "GET",
            "/v2/trade/order/orderInfo?clOrdId=outside0asks0for0what0never0was0",
            None,
        ),
        (Rung.TRADE_PERMISSION, "POST", "/trade/order/cancel", '{"symbol": "SHARPUSDT", "ordId": 1}'),
    ],
)
def test_each_rung_has_its_request(rung: Rung, method: str, url: str, body: str | None) -> None:
    request = request_of(rung, TARGET, NOW)
    assert request is not None
    assert (request.method, request.url, request.body) == (method, f"https://api.coinstore.com/api{url}", body)
    signed = rung is not Rung.PUBLIC
    assert (request.signed_at == NOW) is signed
    if signed:
        signed_ms = int(request.headers["X-CS-EXPIRES"])
        assert signed_ms == 1795262400123
        payload = url.partition("?")[2] + (body or "")
        assert request.headers["X-CS-SIGN"] == signature(SECRET, signed_ms, payload)


def test_what_cannot_be_signed_is_not_asked() -> None:
    assert request_of(Rung.CREDENTIALS, TARGET, NOW) is None
    assert request_of(Rung.SIGNED_READ, replace(TARGET, secret=None), NOW) is None
    assert request_of(Rung.PUBLIC, replace(TARGET, secret=None), NOW) is not None
    assert request_of(Rung.PUBLIC, replace(TARGET, exchange="elsewhere"), NOW) is None
    assert not known("elsewhere")


# -- the call


async def test_each_failing_call_is_made_once_and_the_others_not_at_all() -> None:
    async with WireServer(answers(REFUSED)) as server:
        steps = [
            *(step(rung) for rung in (Rung.SIGNED_READ, Rung.READ_PERMISSION, Rung.BALANCE, Rung.CREDENTIALS)),
            step(Rung.PUBLIC, StepOutcome.PASS),
            step(Rung.TRADE_PERMISSION, StepOutcome.SKIPPED),
        ]
        told = await repeat(steps, replace(TARGET, base_url=f"{server.url()}/api"), SystemClock(), HERE)
    assert [one.rungs for one in told] == [(Rung.SIGNED_READ, Rung.BALANCE), (Rung.READ_PERMISSION,)]
    assert [(one.http_status, one.code, one.text) for one in told] == [(200, "1401", "Unauthorized")] * 2
    assert sorted(head.split(" ")[1].partition("?")[0] for head in server.heads) == [
        "/api/spot/accountList",
        "/api/v2/trade/order/orderInfo",
    ]
    assert all("x-cs-sign" in head.lower() for head in server.heads)


@pytest.mark.parametrize(("before", "same"), [("1401", True), ("401", False), (None, None)])
async def test_the_answer_is_compared_with_the_one_before(before: str | None, same: bool | None) -> None:
    async with WireServer(answers(REFUSED)) as server:
        (told,) = await asked(replace(TARGET, base_url=server.url()), Rung.SIGNED_READ, code=before)
    assert told.same is same


@pytest.mark.parametrize(
    ("behaviour", "status", "code", "text"),
    [
        (answers('{"code":"0","data":[]}'), 200, "0", None),
        (answers('{"msg":"no","code":7}', "401 Unauthorized"), 401, "7", "no"),
        (answers("<html>blocked", "403 Forbidden"), 403, None, "<html>blocked"),
        (answers(""), 200, None, ""),
        (answers("[1]"), 200, None, "[1]"),
        (answers("x" * 500, "502 Bad Gateway"), 502, None, "x" * 300),
    ],
)
async def test_whatever_is_answered_is_told(
    behaviour: Behaviour, status: int, code: str | None, text: str | None
) -> None:
    async with WireServer(behaviour) as server:
        (told,) = await asked(replace(TARGET, base_url=server.url()), Rung.SIGNED_READ)
    assert (told.http_status, told.code, told.text, told.error) == (status, code, text, None)


async def test_no_answer_is_told_too() -> None:
    async with WireServer(closes) as server:
        (told,) = await asked(replace(TARGET, base_url=server.url()), Rung.SIGNED_READ)
        assert told.http_status is None
        assert told.error
    (told,) = await asked(replace(TARGET, base_url=f"http://127.0.0.1:{free_port()}"), Rung.CONNECT)
    assert told.error is not None
    assert "refused" in told.error
    (told,) = await asked(replace(TARGET, base_url="http://nowhere.invalid"), Rung.RESOLVE)
    assert told.error


async def test_it_leaves_by_the_connectors_proxy() -> None:
    async with WireServer(answers(REFUSED)) as server, WireServer(answers('{"code":0}')) as proxy:
        target = replace(TARGET, base_url=f"{server.url()}/api", proxy_url=f"http://user:p%40ss@127.0.0.1:{proxy.port}")
        (told,) = await asked(target, Rung.SIGNED_READ)
        assert (told.code, server.heads) == ("0", [])
        assert proxy.heads[0].startswith(f"POST {server.url()}/api/spot/accountList HTTP/1.1")
        assert "Proxy-Authorization: Basic dXNlcjpwQHNz" in proxy.heads[0]


async def test_a_tunnel_that_wants_a_password_is_told() -> None:
    wants = answers("", "407 Proxy Authentication Required")
    async with WireServer(wants) as proxy:
        target = replace(TARGET, base_url="https://127.0.0.1:1/api", proxy_url=proxy.url())
        (told,) = await asked(target, Rung.SIGNED_READ)
        assert proxy.heads[0].startswith("CONNECT 127.0.0.1:1")
    assert told.error is not None
    assert "407" in told.error


async def test_a_way_that_is_beyond_it_is_told() -> None:
    target = replace(TARGET, base_url="https://127.0.0.1:1", proxy_url="https://127.0.0.1:2")
    (told,) = await asked(target, Rung.SIGNED_READ)
    assert told.error is not None
    assert "https proxy" in told.error


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_it_goes_by_a_socks_proxy(scheme: str) -> None:
    async with WireServer(answers(REFUSED)) as server, socks_proxy("desk", "p:ss w") as proxy:
        target = replace(
            TARGET, base_url=f"http://localhost:{server.port}/api", proxy_url=proxy.url(scheme, "desk:p%3Ass%20w@")
        )
        (told,) = await asked(replace(target, ipv4_only=True), Rung.SIGNED_READ)
        assert (told.http_status, told.code, told.error) == (200, "1401", None)
        assert len(server.heads) == 1
        assert proxy.asked == [("127.0.0.1" if scheme == "socks5" else "localhost", server.port)]
        request = request_of(Rung.SIGNED_READ, target, NOW)
        assert request is not None
        assert f"--proxy '{scheme}://desk:***@127.0.0.1:{proxy.port}'" in curl(request, target)


@pytest.mark.parametrize(
    ("sign_in", "words"), [("", "another sign-in"), ("desk:wrong@", "refuses the user and the password")]
)
async def test_a_socks_proxy_that_wants_another_sign_in_is_told(sign_in: str, words: str) -> None:
    async with WireServer(answers(REFUSED)) as server, socks_proxy("desk", "right") as proxy:
        (told,) = await asked(
            replace(TARGET, base_url=server.url(), proxy_url=proxy.url(sign_in=sign_in)), Rung.SIGNED_READ
        )
        assert (told.error is not None and words in told.error, server.heads) == (True, [])


async def test_a_socks_proxy_that_cannot_reach_the_exchange_or_is_none_is_told() -> None:
    async with WireServer(answers(REFUSED)) as server, socks_proxy() as proxy:
        gone = replace(TARGET, base_url=f"http://127.0.0.1:{free_port()}", proxy_url=proxy.url())
        (told,) = await asked(gone, Rung.SIGNED_READ)
        assert told.error is not None
        assert "its reply was 5" in told.error
        other = replace(TARGET, base_url="http://127.0.0.1:1", proxy_url=f"socks5://127.0.0.1:{server.port}")
        (told,) = await asked(other, Rung.SIGNED_READ)
        assert told.error is not None


async def test_the_certificate_is_checked_through_a_socks_proxy(tmp_path: Path) -> None:
    """Nobody vouches for it here, so it is refused, and nothing of the request is sent."""
    async with WireServer(answers(REFUSED), tls=Authority(tmp_path).server()) as server, socks_proxy() as proxy:
        target = replace(TARGET, base_url=server.url("https"), proxy_url=proxy.url())
        (told,) = await asked(target, Rung.SIGNED_READ)
        assert told.error is not None
        assert "certificate" in told.error
        assert (server.heads, len(proxy.asked)) == ([], 1)


async def test_ipv4_only_never_leaves_by_ipv6() -> None:
    try:
        six = await WireServer(answers(REFUSED), host="::1").__aenter__()
    except OSError as error:
        pytest.skip(f"no IPv6 on this machine: {error}")
    try:
        (told,) = await asked(replace(TARGET, base_url=six.url()), Rung.SIGNED_READ)
        assert told.code == "1401"
        (told,) = await asked(replace(TARGET, base_url=six.url(), ipv4_only=True), Rung.SIGNED_READ)
        assert told.error
        assert len(six.heads) == 1
    finally:
        await six.__aexit__()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::1]"])
async def test_nothing_is_sent_to_an_address_that_connectors_may_not_reach(host: str) -> None:
    async with WireServer(answers(REFUSED)) as server:
        target = replace(TARGET, base_url=f"http://{host}:{server.port}/api")
        (told,) = await repeat([step(Rung.SIGNED_READ)], target, SystemClock(), PUBLIC_ONLY.why_not)
        assert (server.connections, server.heads) == (0, [])
    assert told.refused is not None
    assert (told.refused.code, told.refused.parameters["stage"]) == ("exchange.unreachable", "private")
    assert told.error is not None
    assert "loopback" in told.error


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h"])
@pytest.mark.parametrize("secure", [False, True])
async def test_nothing_is_sent_by_a_proxy_that_connectors_may_not_reach(scheme: str, *, secure: bool) -> None:
    async with WireServer(answers(REFUSED)) as proxy:
        target = replace(
            TARGET,
            base_url="https://exchange.invalid" if secure else "http://exchange.invalid",
            proxy_url=f"{scheme}://localhost:{proxy.port}",
        )
        (told,) = await repeat([step(Rung.SIGNED_READ)], target, SystemClock(), PUBLIC_ONLY.why_not)
        assert (proxy.connections, proxy.heads) == (0, [])
    assert told.refused is not None
    assert (told.refused.code, told.refused.parameters["stage"]) == ("proxy.unreachable", "private")


def of_names(host: str) -> str | None:
    """As for a name whose look-up leads inside: what is written is in order, the address is not."""
    return None if host == "localhost" else PUBLIC_ONLY.why_not(host)


async def test_what_a_name_leads_to_is_judged_before_it_is_connected_to() -> None:
    async with WireServer(answers(REFUSED)) as server:
        inside = f"localhost:{server.port}"
        direct = replace(TARGET, base_url=f"http://{inside}")
        by_proxy = replace(TARGET, base_url="http://exchange.invalid", proxy_url=f"http://{inside}")
        by_tunnel = replace(TARGET, base_url="https://exchange.invalid", proxy_url=f"http://{inside}")
        by_socks = replace(TARGET, base_url="http://exchange.invalid", proxy_url=f"socks5h://{inside}")
        codes = []
        for target in (direct, by_proxy, by_tunnel, by_socks):
            (told,) = await repeat([step(Rung.SIGNED_READ)], target, SystemClock(), of_names)
            codes.append(None if told.refused is None else told.refused.code)
        assert (server.connections, server.heads) == (0, [])
    assert codes == ["exchange.unreachable", *["proxy.unreachable"] * 3]


async def test_a_proxy_is_not_asked_for_an_address_inside() -> None:
    def but_the_proxy(host: str) -> str | None:
        return None if host in ("127.0.0.1", "localhost") else PUBLIC_ONLY.why_not(host)

    async with socks_proxy() as proxy:
        target = replace(TARGET, base_url="http://10.0.0.8", proxy_url=proxy.url())
        (told,) = await repeat([step(Rung.SIGNED_READ)], target, SystemClock(), but_the_proxy)
        assert (proxy.asked, told.refused is not None and told.refused.code) == ([], "exchange.unreachable")


# -- the command


def words(target: Target, rung: Rung = Rung.SIGNED_READ) -> list[str]:
    request = request_of(rung, target, NOW)
    assert request is not None
    return shlex.split(curl(request, target))


def test_the_command_has_the_key_and_never_the_secret() -> None:
    command = words(TARGET)
    assert "X-CS-APIKEY: key-of-a-test-1a2b" in command
    assert SECRET not in " ".join(command)
    assert command[command.index("--data-raw") + 1] == "{}"
    assert command[command.index("--noproxy") + 1] == "*"
    assert "-4" not in command


def test_the_command_takes_the_connectors_way() -> None:
    command = words(replace(TARGET, proxy_url="http://bob:hunter2@[2001:db8::1]:3128", ipv4_only=True))
    assert command[command.index("--proxy") + 1] == "http://bob:***@[2001:db8::1]:3128"
    assert "-4" in command
    assert "--noproxy" not in command


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://10.0.0.8:3128", "http://10.0.0.8:3128"),
        ("http://bob@10.0.0.8:3128", "http://bob@10.0.0.8:3128"),
        ("http://bob:p@ss@10.0.0.8", "http://bob:***@10.0.0.8"),
    ],
)
def test_a_proxys_password_is_left_out(given: str, shown: str) -> None:
    assert without_password(given) == shown


@pytest.mark.parametrize("rung", [Rung.SIGNED_READ, Rung.READ_PERMISSION, Rung.TRADE_PERMISSION, Rung.PUBLIC])
async def test_the_command_sends_what_was_sent(rung: Rung) -> None:
    """curl, as a person would run it, against the same server."""
    async with WireServer(answers(REFUSED)) as server:
        target = replace(TARGET, base_url=f"{server.url()}/api", ipv4_only=True)
        request = request_of(rung, target, NOW)
        assert request is not None
        process = await asyncio.create_subprocess_shell(curl(request, target), stdout=subprocess.PIPE)
        shown, _ = await process.communicate()
        assert json.loads(shown.decode().splitlines()[-1])["code"] == 1401
        assert server.bodies == [request.body or ""]
        head = server.heads[0].split("\r\n")
        assert head[0] == f"{request.method} {request.url.removeprefix(server.url())} HTTP/1.1"
        assert all(f"{name}: {value}" in head for name, value in request.headers.items())
