"""Markets for whoever looks at them: no key, and a few exchanges at a time."""

import asyncio

from tests.recorded_session import RecordedSession
from tests.replayed import KUCOIN, MEXC
from trading_bridge.accounts.browsing import SESSIONS_MAX, Browsing
from trading_bridge.clock import ManualClock
from trading_bridge.core.finding import Severity
from trading_bridge.core.known import Ok, Unknown
from trading_bridge.diagnosis.catalogue import Effect, describe, effect_of
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions


def browsing(*replies: str | Exception) -> tuple[Browsing, RecordedSession]:
    wire, clock = RecordedSession(*replies), ManualClock()

    return Browsing(HttpSessions(lambda family: wire), Limiters(clock), clock, asyncio.create_task), wire


async def test_they_are_read_without_a_key_and_kept() -> None:
    made, wire = browsing(*MEXC.listed(["NEW/USDT"]))
    for _ in range(2):
        known = await made.markets("mexc")
        assert isinstance(known, Ok)
        assert known.value["NEW/USDT"].active
    assert len(wire.sent) == 1
    assert "X-MEXC-APIKEY" not in wire.sent[0].headers
    await made.close()


async def test_what_fails_says_why() -> None:
    made, _ = browsing(TimeoutError())
    failed = await made.markets("mexc")
    assert isinstance(failed, Unknown)
    assert failed.finding.code == "exchange.no_answer"
    gone = await made.markets("nosuch")
    assert isinstance(gone, Unknown)
    assert gone.finding.code == "exchange.unknown"
    await made.close()


async def test_an_exchange_that_lists_its_markets_for_a_key_only_says_so_and_touches_no_order() -> None:
    made, wire = browsing()
    shut = await made.markets("alpaca")
    assert isinstance(shut, Unknown)
    assert (shut.finding.code, shut.finding.severity) == ("markets.key_needed", Severity.INFO)
    assert describe(shut.finding).title == "the markets of Alpaca cannot be read without a key"
    assert effect_of(shut.finding) is Effect.TRADING_GOES_ON
    assert wire.sent == []
    await made.close()


async def test_the_one_that_was_looked_at_longest_ago_is_closed() -> None:
    names = ["mexc", "binance", "kraken", "bitstamp", "kucoin"]
    assert len(names) == SESSIONS_MAX + 1
    made, wire = browsing(
        *MEXC.listed(["A/USDT"]),
        *[TimeoutError()] * (SESSIONS_MAX - 1),
        *KUCOIN.listed(["A/USDT"]),
        *MEXC.listed(["B/USDT"]),
    )
    for name in names[:-1]:
        await made.markets(name)
    assert isinstance(await made.markets("kucoin"), Ok)
    again = await made.markets("mexc")
    assert isinstance(again, Ok)
    assert "B/USDT" in again.value
    assert len(wire.sent) >= len(names)
    await made.close()
