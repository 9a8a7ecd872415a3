"""The doctor against the sandbox exchange: each cause by its name, and never an order."""

import asyncio
from dataclasses import replace

import pytest

from tests.clinic import HOST_FOUR, HOST_SIX, Clinic, failures, healthy, outcomes, step
from tests.factories import bot
from trading_bridge.core.client import Credentials
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Side
from trading_bridge.diagnosis.ladder import Ladder, Rung, StepOutcome
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.in_process_network import FOUR, SIX, InProcessNetwork
from trading_bridge.exchanges.network import Unreached
from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.faults import Fault, FaultKind

READ, TRADE = Permission.READ, Permission.TRADE
REQUESTS_MAX = 12
FORBIDDEN = ("/trade/order/place", "/trade/order/placeBatch", "/trade/order/cancelAll", "/fi/v3/asset/doWithdraw")


def assert_harmless(clinic: Clinic, ladder: Ladder) -> None:
    """Nothing was placed, no order that exists was touched, and every request was counted."""
    assert len(clinic.asked) == ladder.requests <= REQUESTS_MAX
    assert not [one.path for one in clinic.asked if one.path.endswith(FORBIDDEN)]
    cancels = [one.body["ordId"] for one in clinic.asked if one.path.endswith("/cancel")]
    assert set(cancels) <= {1}


async def test_a_healthy_connector_passes_every_rung() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(), bot())
    assert ladder.passed
    assert ladder.diagnosis is None
    assert ladder.remaining == ()
    assert [one.rung for one in ladder.steps] == list(Rung)
    skipped = [one.rung for one in ladder.steps if one.outcome is StepOutcome.SKIPPED]
    assert skipped == [Rung.WITHDRAW_PERMISSION]
    assert "look at the key's page" in step(ladder, Rung.WITHDRAW_PERMISSION).detail
    assert [one.address for one in ladder.egress] == [HOST_FOUR, HOST_SIX]
    assert step(ladder, Rung.PUBLIC).evidence is not None
    assert step(ladder, Rung.BALANCE).bot_id == "bot1"
    assert ladder.requests == 7  # markets, balance, balance by each family, an order, a cancel, a book
    assert_harmless(clinic, ladder)


async def test_the_orders_of_the_account_outlive_every_ladder() -> None:
    clinic = healthy()
    order = clinic.exchange.limit(Side.BUY, 25_000, 100_000)
    for fault in (None, FaultKind.ADDRESS_REFUSED, FaultKind.READ_MISSING, FaultKind.TRADE_MISSING):
        if fault is not None:
            clinic.exchange.faults.add(Fault(kind=fault))
        ladder = await clinic.examine(clinic.exchange.key(), bot())
        assert_harmless(clinic, ladder)
        clinic.asked.clear()
        clinic.exchange.faults.clear()
    assert clinic.exchange.engine.open_orders("alice") == [order]
    assert order.id != 1


# -- one code of the exchange, several causes


CAUSES = [
    (Fault(kind=FaultKind.ADDRESS_REFUSED), "ip.not_allowed", ("permission.read_missing", "signature.refused")),
    (Fault(kind=FaultKind.READ_MISSING), "permission.read_missing", ()),
    (Fault(kind=FaultKind.TRADE_MISSING), "permission.trade_missing", ()),
    (Fault(kind=FaultKind.KEY_DELETED), "credentials.rejected", ("signature.refused",)),
    (Fault(kind=FaultKind.SECRET_WRONG), "credentials.rejected", ("signature.refused",)),
    (Fault(kind=FaultKind.CLOCK_SKEW, seconds_off=60), "clock.skewed", ("credentials.rejected",)),
    (Fault(kind=FaultKind.CLOCK_SKEW, seconds_off=-60), "clock.skewed", ("credentials.rejected",)),
    (Fault(kind=FaultKind.CLOCK_SKEW, seconds_off=20), "clock.skewed", ()),
    (Fault(kind=FaultKind.MAINTENANCE), "exchange.maintenance", ()),
    (Fault(kind=FaultKind.RATE_LIMITED), "rate.limited", ()),
    (Fault(kind=FaultKind.SERVER_ERROR), "exchange.no_answer", ()),
    (Fault(kind=FaultKind.EMPTY_BODY), "exchange.no_answer", ()),
    (Fault(kind=FaultKind.HTML_BODY), "exchange.no_answer", ()),
    (Fault(kind=FaultKind.MARKET_HALTED, symbol="SHARP/USDT"), "market.halted", ()),
    (Fault(kind=FaultKind.MARKET_RENAMED, symbol="SHARP/USDT", to="SHARP2/USDT"), "market.unknown", ()),
    (Fault(kind=FaultKind.OTHER_WALLET), "balance.other_wallet", ()),
    (Fault(kind=FaultKind.CURRENCY_RENAMED, currency="SHARP", to="SHARPTOKEN"), "currency.name_mismatch", ()),
    (Fault(kind=FaultKind.CURRENCY_MISSING, currency="SHARP"), "balance.insufficient", ()),
]


@pytest.mark.parametrize(("fault", "code", "remaining"), CAUSES, ids=lambda value: getattr(value, "kind", None))
async def test_a_cause_is_told(fault: Fault, code: str, remaining: tuple[str, ...]) -> None:
    clinic = healthy()
    key = clinic.exchange.key()
    fault_id = clinic.exchange.faults.add(fault)
    ladder = await clinic.examine(key, bot())
    assert ladder.diagnosis is not None
    assert (ladder.diagnosis.code, ladder.remaining) == (code, remaining), [one.detail for one in ladder.steps]
    assert ladder.diagnosis.since == clinic.exchange.clock.now()
    assert not ladder.passed
    assert "access.refused" not in failures(ladder).values()
    assert_harmless(clinic, ladder)
    clinic.exchange.faults.clear(fault_id)
    clinic.asked.clear()
    await clinic.exchange.clock.advance(10)
    assert (await clinic.examine(key, bot())).diagnosis is None


async def test_the_address_to_allow_is_named() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(addresses=("192.0.2.99",)))
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.parameters == {"addresses": f"{HOST_FOUR}, {HOST_SIX}", "family": "ipv4, ipv6"}
    assert ladder.diagnosis.evidence is not None
    assert ladder.diagnosis.evidence.exchange_code == "1401"
    assert failures(ladder) == dict.fromkeys(("signed_read", "read_permission", "trade_permission"), "ip.not_allowed")


async def test_ipv4_passes_and_ipv6_does_not() -> None:
    """The predecessor's last hidden cause: the key lists the IPv4 address, the host leaves by IPv6."""
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(addresses=(HOST_FOUR,)), bot())
    assert ladder.diagnosis is not None
    assert (ladder.diagnosis.code, ladder.remaining) == ("ip.not_allowed", ())
    assert ladder.diagnosis.parameters == {"addresses": HOST_SIX, "family": "ipv6"}
    assert "by IPv4 it passes; by IPv6 it is refused" in step(ladder, Rung.SIGNED_READ).detail
    assert_harmless(clinic, ladder)
    forced = await clinic.examine(clinic.exchange.key(addresses=(HOST_FOUR,)), ipv4_only=True)
    assert forced.requests == 4


async def test_the_family_that_is_refused_is_found_although_the_read_left_by_the_other() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(addresses=(HOST_SIX,)), bot())
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.parameters == {"addresses": HOST_FOUR, "family": "ipv4"}
    assert failures(ladder) == {"signed_read": "ip.not_allowed"}
    assert outcomes(ladder)["balance"] == "pass"  # the numbers are there


async def test_a_host_without_ipv6_is_not_asked_by_it() -> None:
    clinic = healthy()
    clinic.network.unconnected[SIX] = Unreached(stage="tcp", detail="Network is unreachable")
    ladder = await clinic.examine(clinic.exchange.key())
    assert ladder.passed
    assert ladder.requests == 4
    assert f"IPv6 {SIX} Network is unreachable" in step(ladder, Rung.CONNECT).detail


async def test_read_and_trade_are_missing_looks_like_the_address_and_says_so() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(permissions=()))
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.code == "ip.not_allowed"
    assert ladder.remaining == ("permission.read_missing", "signature.refused")


async def test_a_clock_that_is_off_a_little_is_told_and_passes() -> None:
    clinic = healthy()
    clinic.exchange.faults.add(Fault(kind=FaultKind.CLOCK_SKEW, seconds_off=5))
    ladder = await clinic.examine(clinic.exchange.key())
    assert step(ladder, Rung.CLOCK).outcome is StepOutcome.PASS
    assert step(ladder, Rung.CLOCK).detail == "clocks differ by 5.0 s"
    assert ladder.diagnosis is None


# -- below HTTP


@pytest.mark.parametrize(
    ("change", "code", "stage", "rung"),
    [
        ("unresolved", "exchange.unreachable", "dns", "resolve"),
        ("unconnected", "exchange.unreachable", "tcp", "connect"),
        ("unsecured", "exchange.unreachable", "tls", "tls"),
    ],
)
async def test_what_fails_below_stops_what_stands_on_it_and_nothing_else(
    change: str, code: str, stage: str, rung: str
) -> None:
    clinic = healthy()
    why = Unreached(stage=stage, detail="as it happens")
    for place in ("exchange.example", FOUR, SIX):
        getattr(clinic.network, change)[place] = why
    ladder = await clinic.examine(clinic.exchange.key(), bot())
    assert ladder.diagnosis is not None
    assert (ladder.diagnosis.code, ladder.diagnosis.parameters["stage"]) == (code, stage)
    assert failures(ladder) == {rung: code}
    assert [one.rung for one in ladder.steps] == list(Rung)
    assert outcomes(ladder)["egress"] == "pass"
    assert rung in step(ladder, Rung.SIGNED_READ).detail
    assert ladder.requests == 0 == len(clinic.asked)


async def test_a_host_without_tls_is_told_so_and_goes_on() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(), base_url="http://127.0.0.1:8100/api")
    assert ladder.passed
    assert outcomes(ladder)["tls"] == "skipped"
    assert ladder.requests == 4  # the address is the only one there is


async def test_ipv4_only_needs_an_ipv4_address() -> None:
    clinic = Clinic(healthy().exchange, InProcessNetwork({Family.IPV6: (SIX,)}))
    ladder = await clinic.examine(clinic.exchange.key(), ipv4_only=True)
    assert failures(ladder) == {"resolve": "exchange.unreachable"}
    assert step(ladder, Rung.RESOLVE).finding.parameters["stage"] == "address"  # type: ignore[union-attr]


async def test_behind_a_proxy_the_proxy_is_what_is_reached() -> None:
    clinic = healthy()
    clinic.network.addresses = {Family.IPV4: ("203.0.113.9",)}
    proxied = {"proxy_url": "http://user:s3cret@proxy.example:3128"}
    ladder = await clinic.examine(clinic.exchange.key(), **proxied)
    assert ladder.passed
    assert step(ladder, Rung.RESOLVE).detail == "proxy.example is IPv4 203.0.113.9"
    assert "behind it" in step(ladder, Rung.TLS).detail
    assert [(one.address, one.source) for one in ladder.egress] == [("203.0.113.9", "proxy")]
    clinic.network.unconnected["203.0.113.9"] = Unreached(stage="tcp", detail="Connection refused")
    down = await clinic.examine(clinic.exchange.key(), **proxied)
    assert failures(down) == {"connect": "proxy.unreachable"}
    assert "s3cret" not in repr((ladder, down))


# -- what is not there


async def test_without_a_key_the_public_rungs_still_run() -> None:
    clinic = healthy()
    gone = Finding(
        code="connector.missing", severity=Severity.CRITICAL, since=clinic.exchange.clock.now(), parameters={}
    )
    ladder = await clinic.examine(clinic.exchange.key(), bot(), credentials=None, missing=gone)
    assert ladder.diagnosis == gone
    assert failures(ladder) == {"credentials": "connector.missing", "balance": "connector.missing"}
    assert outcomes(ladder)["market"] == "pass"
    assert "credentials" in step(ladder, Rung.SIGNED_READ).detail
    empty = await clinic.examine(clinic.exchange.key(), credentials=None)
    assert failures(empty) == {"credentials": "credentials.empty"}


async def test_without_the_proxy_that_is_stored_nothing_is_asked() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(), proxy_lost=True)
    assert failures(ladder) == {"credentials": "credentials.undecryptable"}
    assert clinic.asked == []


async def test_an_exchange_that_does_not_exist() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key(), exchange="mtgox")
    assert ladder.diagnosis is not None
    assert (ladder.diagnosis.code, ladder.diagnosis.parameters) == ("exchange.unknown", {"exchange": "mtgox"})


async def test_a_wrong_secret_says_nothing_of_it() -> None:
    clinic = healthy()
    key = clinic.exchange.key()
    secret = "another-secret-of-somebody"
    ladder = await clinic.examine(key, credentials=Credentials(api_key=key.api_key, secret=secret))
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.code == "credentials.rejected"
    assert secret not in repr(ladder)
    assert key.api_key not in repr(ladder)


async def test_a_probe_that_raises_is_a_failed_probe() -> None:
    clinic = healthy()

    async def broken(address: str, port: int) -> None:
        raise ZeroDivisionError("of a bug")

    clinic.network.connect = broken  # type: ignore[method-assign, assignment]
    ladder = await clinic.examine(clinic.exchange.key(), bot())
    assert failures(ladder) == {"connect": "probe.failed"}
    finding = step(ladder, Rung.CONNECT).finding
    assert finding is not None
    assert finding.parameters == {"rung": "connect", "error": "ZeroDivisionError"}
    assert [one.rung for one in ladder.steps] == list(Rung)
    assert outcomes(ladder)["egress"] == "pass"


# -- bots


async def test_each_bot_is_held_against_its_own_needs() -> None:
    clinic = healthy()
    clinic.exchange.account("bob", USDT="60")
    bots = (
        bot(id="fine", config={"order_amount_quote": "50"}),
        bot(id="odd", symbol="SHARP/USDC"),
        bot(id="broken", config={"order_amount_quote": "much"}),
        bot(id="later", bot_type="volume"),
    )
    ladder = await clinic.examine(clinic.exchange.key("bob"), *bots)
    told = [
        (one.bot_id, one.rung.value, one.finding.code if one.finding else one.outcome.value) for one in ladder.steps
    ]
    assert told[-8:] == [
        ("fine", "market", "pass"),
        ("odd", "market", "market.unknown"),
        ("broken", "market", "pass"),
        ("later", "market", "pass"),
        ("fine", "balance", "balance.insufficient"),
        ("odd", "balance", "skipped"),
        ("broken", "balance", "probe.failed"),
        ("later", "balance", "skipped"),
    ]
    short = next(one for one in ladder.steps if one.bot_id == "fine" and one.rung is Rung.BALANCE)
    assert short.finding is not None
    assert short.finding.parameters == {"side": "sell", "currency": "SHARP", "has": "0", "needs": "1953.12"}
    unknown = next(one for one in ladder.steps if one.bot_id == "odd")
    assert unknown.finding is not None
    assert unknown.finding.parameters == {"symbol": "SHARP/USDC", "nearest": "SHARP/USDT"}
    assert_harmless(clinic, ladder)


async def test_money_that_own_orders_lock_is_there() -> None:
    clinic = healthy()
    clinic.exchange.limit(Side.BUY, 25_000, 3_990_000)
    ladder = await clinic.examine(clinic.exchange.key(), bot(config={"order_amount_quote": "900"}))
    assert ladder.passed, failures(ladder)


async def test_many_bots_keep_the_budget() -> None:
    clinic = healthy()
    pairs = ["SHARP/USDT", "ETH/USDT", "A/B", "C/D", "E/F", "G/H"]
    bots = [replace(bot(symbol=pairs[number % len(pairs)]), id=f"bot{number}") for number in range(200)]
    ladder = await clinic.examine(clinic.exchange.key(), *bots)
    assert len(ladder.steps) == len(Rung) - 2 + 400
    assert_harmless(clinic, ladder)


@pytest.mark.parametrize("kind", [FaultKind.HUNG, FaultKind.DROPPED, FaultKind.SLOW])
async def test_an_exchange_that_does_not_answer_in_time(kind: FaultKind) -> None:
    clinic = healthy()
    clinic.exchange.faults.add(Fault(kind=kind, delay_s=30 if kind is FaultKind.SLOW else None))
    climbing = asyncio.ensure_future(clinic.examine(clinic.exchange.key(), bot()))
    for _ in range(60):
        await clinic.exchange.clock.advance(1)
    ladder = await climbing
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.code == "exchange.no_answer"
    assert ladder.took_ms <= 25_000
    assert {one.rung for one in ladder.steps} == set(Rung)
