"""What stands on the way to an exchange, on real sockets under trading bots: each cause is named, and goes by itself.

All causes run at once, each for a client of its own, so that none of them may speak for another's.
"""

import asyncio
import base64
import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
import structlog

from tests.e2e.patients import KNOWN_WITHIN_S, Observed, Patient
from tests.e2e.real_proxy import a_proxy
from tests.e2e.site import Answer, Site, a_site
from tests.e2e.transport_causes import CAUSES, PROXY_PASSWORD, PROXY_USER, Cause, Proxies
from tests.socks_proxy import socks_proxy
from trading_bridge.logs import configure_logs

pytestmark = [pytest.mark.process, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

#: from the first sign of it
NAMED_WITHIN_S = 5.0
ENDS_WITHIN_S = 400.0
#: a market for each cause
BASES = tuple(f"COIN{number}" for number in range(len(CAUSES)))

each_cause = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)


@dataclass(frozen=True)
class Seen:
    of: Mapping[str, Observed]
    #: to a connector that has the exchange's IPv6 address and may use IPv4 only
    six: Answer
    #: every answer of the API, and every line of the log
    answers: str
    log: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seen]:
    folder = tmp_path_factory.mktemp("causes")
    with (
        _logged() as log,
        a_proxy(folder / "open", f"{PROXY_USER}:{PROXY_PASSWORD}") as opened,
        a_proxy(folder / "closed", f"{PROXY_USER}:quite another one") as closed,
    ):
        async with (
            socks_proxy(PROXY_USER, PROXY_PASSWORD) as socks_open,
            socks_proxy(PROXY_USER, "quite another one") as socks_closed,
            a_site(folder, BASES) as site,
        ):
            proxies = Proxies(await opened.port(), await closed.port(), socks_open.port, socks_closed.port)
            observed = await _all_at_once(site, proxies)
            six = await _by_ipv6_address(site)
            answers = "\n".join(site.api.said)
    yield Seen(observed, six, answers, log.getvalue())


async def _all_at_once(site: Site, proxies: Proxies) -> Mapping[str, Observed]:
    patients = [Patient(cause, site, base) for cause, base in zip(CAUSES, BASES, strict=True)]
    async with asyncio.timeout(ENDS_WITHIN_S), asyncio.TaskGroup() as living:
        for patient in patients:
            living.create_task(patient.live(proxies))
    return {patient.cause.name: patient.observed for patient in patients}


async def _by_ipv6_address(site: Site) -> Answer:
    client = await site.api.made("/clients", {"name": "six", "account": "client_six"})
    site.exchange.account("six")
    key = site.exchange.key("six")
    way = {"base_url": f"http://[::1]:{site.port}/api", "ipv4_only": True}
    body = {"name": "coinstore", "api_key": key.api_key, "secret": key.secret, **way}
    return await site.api.call("POST", f"/clients/{client['id']}/connectors", body)


@each_cause
async def test_the_cause_stands_first_with_its_fix(cause: Cause, seen: Seen) -> None:
    one = seen.of[cause.name]
    assert one.known_after is not None, one.diagnosed
    assert one.known_after <= KNOWN_WITHIN_S
    assert one.effect_after is not None
    assert one.known_after - one.effect_after <= NAMED_WITHIN_S + one.late_s
    assert one.finding["fix"]
    assert one.finding["cause"]


@each_cause
async def test_the_balance_is_old_and_never_zero(cause: Cause, seen: Seen) -> None:
    one = seen.of[cause.name]
    assert one.zeros == []
    assert one.stale_after is not None


@each_cause
async def test_it_goes_by_itself_and_the_bot_quotes_again(cause: Cause, seen: Seen) -> None:
    one = seen.of[cause.name]
    assert one.over_after is not None, one.left


@each_cause
async def test_a_connector_that_goes_this_way_is_not_saved(cause: Cause, seen: Seen) -> None:
    saved = seen.of[cause.name].saved
    assert saved is not None
    assert (saved.status, saved.body["code"]) == (409, "connector.check_failed"), saved
    ladder = saved.body["ladder"]
    failing = [step for step in ladder["steps"] if step["outcome"] == "fail"]
    assert (failing[0]["rung"], _labelled(failing[0]["finding"])) == (cause.rung.value, cause.expected), failing
    assert cause.words in failing[0]["detail"]
    assert _labelled(ladder["diagnosis"]) == cause.expected


@each_cause
async def test_the_ladder_of_the_live_connector_says_the_same(cause: Cause, seen: Seen) -> None:
    checked = seen.of[cause.name].checked
    assert _labelled(checked["ladder"]["diagnosis"]) == cause.expected
    assert checked["status"] == "stale"


async def test_an_ipv6_address_for_an_ipv4_connector_is_not_saved(seen: Seen) -> None:
    assert (seen.six.status, seen.six.body["code"]) == (409, "connector.check_failed")
    failing = [step for step in seen.six.body["ladder"]["steps"] if step["outcome"] == "fail"]
    assert (failing[0]["rung"], _labelled(failing[0]["finding"])) == ("resolve", "exchange.unreachable (address)")


async def test_the_address_to_allow_is_told_with_its_family(seen: Seen) -> None:
    finding = seen.of["key lists IPv4, host leaves by IPv6"].finding
    assert finding["parameters"] == {"family": "ipv6", "addresses": "::1"}
    assert "::1" in finding["fix"]


async def test_the_proxys_password_is_in_no_answer_and_in_no_log(seen: Seen) -> None:
    encoded = base64.b64encode(f"{PROXY_USER}:{PROXY_PASSWORD}".encode()).decode()
    for told in (seen.answers, seen.log):
        assert len(told) > 1000
        assert PROXY_PASSWORD not in told
        assert encoded not in told


async def test_the_confusion_matrix_of_causes_and_diagnoses_is_diagonal(seen: Seen) -> None:
    sys.stdout.write(_matrix(seen.of))
    assert {name: one.diagnosed for name, one in seen.of.items()} == {one.name: one.expected for one in CAUSES}


def _labelled(finding: Mapping[str, object]) -> str:
    parameters = finding["parameters"]
    stage = parameters.get("stage") if isinstance(parameters, Mapping) else None
    return f"{finding['code']}" if stage is None else f"{finding['code']} ({stage})"


def _matrix(observed: Mapping[str, Observed]) -> str:
    """A row per cause, a column per diagnosis; `X` where they met; seconds until known, and until over."""
    columns = list(dict.fromkeys((*(one.expected for one in CAUSES), *(one.diagnosed for one in observed.values()))))
    width = max(len(name) for name in observed)
    lines = [f"{number:>3} {code}" for number, code in enumerate(columns, 1)]
    lines.append(" " * width + "".join(f"{number:>3}" for number in range(1, len(columns) + 1)) + "  known   over")
    for name, one in observed.items():
        marks = "".join(f"{'X' if one.diagnosed == code else '.':>3}" for code in columns)
        lines.append(f"{name:<{width}}{marks}{_seconds(one.known_after)}{_seconds(one.over_after)}")
    return "\n".join(["", *lines, ""])


def _seconds(passed: float | None) -> str:
    return f"{'never':>7}" if passed is None else f"{passed:>5.1f} s"


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Every line of this process, and its logs are as they were again afterwards."""
    root, out = logging.getLogger(), io.StringIO()
    before = root.handlers, sys.excepthook
    configure_logs(json=True, level="DEBUG", stream=out)
    try:
        yield out
    finally:
        root.handlers, sys.excepthook = before
        structlog.reset_defaults()
