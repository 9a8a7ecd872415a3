"""Addresses to allow: as a service outside sees them, as they are configured, and when they change."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from trading_bridge.clock import ManualClock
from trading_bridge.core.egress import SeenAddress
from trading_bridge.diagnosis.egress import DIRECT, KEPT, Egress, Way, address_in
from trading_bridge.diagnosis.ladder import EgressAddress, StepOutcome
from trading_bridge.diagnosis.probes.addresses import egress_addresses
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.session import HttpSessions

URL = "http://seen.example/address"
FOUR, SIX = "198.51.100.7", "2001:db8:7::7"
PROXIED = Way(proxy_url="http://user:secret@proxy.example:3128", ipv4_only=False)
FOUR_ONLY = Way(proxy_url=None, ipv4_only=True)


class Service:
    """Answers as it is told to, by family; an exception is raised as aiohttp would."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[Family, str | Exception] = {Family.IPV4: FOUR, Family.IPV6: SIX, Family.ANY: FOUR}
        self.status = 200
        self.asked: list[tuple[Family, str | None]] = []

    def session(self, family: Family) -> Any:
        service = self

        class Call:
            def __init__(self, proxy: str | None) -> None:
                service.asked.append((family, proxy))

            async def __aenter__(self) -> Any:
                answer = service.answers[family]
                if isinstance(answer, Exception):
                    raise answer
                return Answer(service.status, answer)

            async def __aexit__(self, *error: object) -> None:
                return None

        class Session:
            def get(self, url: object, *, proxy: str | None, timeout: aiohttp.ClientTimeout) -> Call:
                assert str(url) == service.url
                assert timeout.total == 5.0
                return Call(proxy)

            async def close(self) -> None:
                return None

        return Session()


class Answer:
    headers: dict[str, str] = {}  # noqa: RUF012 - never written to

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self._text = text

    async def text(self, errors: str) -> str:
        return self._text


def made(url: str | None = URL, configured: tuple[str, ...] = ()) -> tuple[Egress, Service, ManualClock]:
    service, clock = Service(url or URL), ManualClock()
    return Egress(url, configured, HttpSessions(service.session), clock), service, clock


def pairs(addresses: tuple[EgressAddress, ...]) -> list[tuple[str, str, str]]:
    return [(one.family, one.address, one.source) for one in addresses]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7\n", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ('{"address": "203.0.113.7", "family": "ipv4"}', "203.0.113.7"),
        ('{"ip": "203.0.113.7"}', "203.0.113.7"),
        ('{"ip": 7}', None),
        ("{}", None),
        ("<html>sign in</html>", None),
        ("", None),
        ("203.0.113", None),
    ],
)
def test_an_answer_holds_an_address_or_it_does_not(text: str, address: str | None) -> None:
    assert address_in(text) == address


async def test_each_family_is_asked_for_by_itself() -> None:
    egress, service, clock = made()
    found = await egress.addresses(DIRECT)
    assert pairs(found) == [("ipv4", FOUR, "seen"), ("ipv6", SIX, "seen")]
    assert {one.first_seen for one in found} == {clock.now()}
    assert service.asked == [(Family.IPV4, None), (Family.IPV6, None)]
    service.asked.clear()
    assert pairs(await egress.addresses(FOUR_ONLY)) == [("ipv4", FOUR, "seen")]
    assert service.asked == [(Family.IPV4, None)]


async def test_a_service_that_is_an_address_is_asked_by_its_own_family_only() -> None:
    egress, service, _ = made("http://127.0.0.1:8100/address")
    assert pairs(await egress.addresses(DIRECT)) == [("ipv4", FOUR, "seen")]
    assert service.asked == [(Family.IPV4, None)]


async def test_a_proxy_is_asked_through_and_its_family_is_what_comes() -> None:
    egress, service, _ = made()
    service.answers[Family.ANY] = SIX
    assert pairs(await egress.addresses(PROXIED)) == [("ipv6", SIX, "seen")]
    assert service.asked == [(Family.ANY, PROXIED.proxy_url)]
    (row,) = egress.unstored()
    assert row.route.startswith("proxy proxy.example:3128 ")
    assert "user" not in row.route
    assert "secret" not in repr((row, PROXIED))


@pytest.mark.parametrize("trouble", [aiohttp.ClientConnectionError("no route"), TimeoutError(), OSError(101, "no")])
async def test_a_family_that_is_not_to_be_had_is_left_out(trouble: Exception) -> None:
    egress, service, _ = made()
    service.answers[Family.IPV6] = trouble
    assert pairs(await egress.addresses(DIRECT)) == [("ipv4", FOUR, "seen")]


@pytest.mark.parametrize("answer", ["", "{", "<html>", '{"address": null}'])
async def test_a_service_that_gives_none_leaves_what_is_configured(answer: str) -> None:
    egress, service, _ = made(configured=("192.0.2.1", "2001:db8::5", "nonsense"))
    service.answers = dict.fromkeys(Family, answer)
    assert pairs(await egress.addresses(DIRECT)) == [
        ("ipv4", "192.0.2.1", "configured"),
        ("ipv6", "2001:db8::5", "configured"),
    ]
    assert pairs(await egress.addresses(FOUR_ONLY)) == [("ipv4", "192.0.2.1", "configured")]
    assert await egress.addresses(PROXIED) == ()  # this host's addresses are not the proxy's
    service.answers, service.status = dict.fromkeys(Family, FOUR), 503
    assert pairs(await egress.addresses(FOUR_ONLY)) == [("ipv4", "192.0.2.1", "configured")]


async def test_a_proxy_that_is_an_address_stands_for_itself() -> None:
    egress, service, _ = made(None)
    assert pairs(await egress.addresses(Way(proxy_url="http://10.0.0.8:3128", ipv4_only=False))) == [
        ("ipv4", "10.0.0.8", "proxy")
    ]
    assert service.asked == []


async def test_without_service_and_configuration_it_says_what_to_set() -> None:
    egress, _, _ = made(None)
    probed = await egress_addresses(egress, DIRECT, {Family.IPV4: ("192.0.2.10",)}, sandbox=False)
    assert probed.outcome is StepOutcome.SKIPPED
    assert "TRADING_BRIDGE_EGRESS_URL" in probed.detail
    assert "TRADING_BRIDGE_EGRESS_ADDRESSES" in probed.detail
    asking, service, _ = made()
    service.answers = dict.fromkeys(Family, "")
    assert (await egress_addresses(asking, DIRECT, None, sandbox=False)).outcome is StepOutcome.SKIPPED


@pytest.mark.parametrize("sandbox", [True, False])
async def test_the_address_that_the_sandbox_sees_counts_there_alone(*, sandbox: bool) -> None:
    egress, service, _ = made()
    service.answers = {Family.IPV4: "127.0.0.1", Family.IPV6: ""}
    probed = await egress_addresses(egress, DIRECT, None, sandbox=sandbox)
    if sandbox:
        assert pairs(probed.value or ()) == [("ipv4", "127.0.0.1", "seen")]
    else:
        assert (probed.outcome, probed.value) == (StepOutcome.SKIPPED, None)
        assert "TRADING_BRIDGE_EGRESS_ADDRESSES" in probed.detail


async def test_a_second_address_within_a_day_is_told() -> None:
    egress, service, clock = made()
    await egress.addresses(DIRECT)
    first = clock.now()
    await clock.advance(3600)
    await egress.addresses(DIRECT)
    assert egress.changing(DIRECT) is None
    service.answers[Family.IPV4] = "198.51.100.8"
    found = await egress.addresses(DIRECT)
    changing = egress.changing(DIRECT)
    assert changing is not None
    assert (changing.code, changing.since) == ("egress.changing", clock.now())
    assert changing.parameters == {"family": "ipv4", "before": FOUR, "now": "198.51.100.8"}
    assert egress.changes() == (("direct", changing),)
    assert ("ipv4", "198.51.100.8", "seen") in pairs(found)
    probed = await egress_addresses(egress, DIRECT, None, sandbox=False)
    assert (probed.outcome, probed.finding) == (StepOutcome.FAIL, changing)
    assert probed.value is not None
    assert first < clock.now()


async def test_an_address_that_alternates_changes_and_one_that_left_long_ago_does_not() -> None:
    egress, service, clock = made()
    for number in range(4):
        service.answers[Family.IPV4] = (FOUR, "198.51.100.8")[number % 2]
        await egress.addresses(DIRECT)
        await clock.advance(60)
    changing = egress.changing(DIRECT)
    assert changing is not None
    assert changing.parameters["now"] == "198.51.100.8"
    for _ in range(25):
        await clock.advance(3600)
        await egress.addresses(DIRECT)
    assert egress.changing(DIRECT) is None


async def test_what_an_earlier_process_saw_counts() -> None:
    egress, _, clock = made()
    seen = clock.now() - timedelta(hours=2)
    egress.load([SeenAddress(route="direct", family="ipv4", address="192.0.2.9", first_seen=seen, last_seen=seen)])
    assert egress.changing(DIRECT) is None
    await egress.addresses(DIRECT)
    changing = egress.changing(DIRECT)
    assert changing is not None
    assert changing.parameters == {"family": "ipv4", "before": "192.0.2.9", "now": FOUR}


async def test_what_was_seen_is_given_to_storage_once() -> None:
    egress, _, clock = made()
    await egress.addresses(DIRECT)
    first = egress.unstored()
    assert [(row.route, row.family, row.address) for row in first] == [
        ("direct", "ipv4", FOUR),
        ("direct", "ipv6", SIX),
    ]
    assert egress.unstored() == ()
    await clock.advance(60)
    await egress.look([DIRECT, FOUR_ONLY])
    again = egress.unstored()
    assert [row.first_seen for row in again] == [first[0].first_seen] * 2
    assert [row.last_seen for row in again] == [clock.now()] * 2


async def test_of_many_addresses_the_newest_are_kept() -> None:
    egress, service, clock = made()
    for number in range(3 * KEPT):
        service.answers[Family.IPV4] = f"192.0.2.{number}"
        await egress.addresses(FOUR_ONLY)
        await clock.advance(60)
    assert len(egress._seen["direct", "ipv4"]) == KEPT
    changing = egress.changing(DIRECT)
    assert changing is not None
    assert changing.parameters["now"] == f"192.0.2.{3 * KEPT - 1}"


async def test_without_a_service_nothing_is_asked() -> None:
    egress, service, clock = made(None, configured=(FOUR,))
    assert not egress.asks
    await egress.look([DIRECT, PROXIED])
    assert service.asked == []
    assert egress.unstored() == ()
    assert clock.monotonic() == 0
