"""The rules of markets: read anew where an answer says that they changed; an unlisted pair comes with a nearest one."""

from typing import Any

import pytest

from tests.factories import NOW, market
from tests.unit.accounts.scripted import ScriptedSession, answered, failed, spawn
from trading_bridge.accounts.rules import Rules, nearest
from trading_bridge.clock import ManualClock
from trading_bridge.core.known import Ok, Stale

SHARP = {"SHARP/USDT": market()}


def reading(*answers: Any) -> tuple[Rules, ScriptedSession, ManualClock]:
    clock, session = ManualClock(NOW), ScriptedSession({"markets": list(answers)})
    return Rules(session, clock, spawn), session, clock  # type: ignore[arg-type]


async def test_rules_that_may_have_changed_are_read_anew_at_once() -> None:
    rules, session, clock = reading(answered(SHARP))
    await rules.market("SHARP/USDT")
    await clock.advance(1)
    rules.expire()
    await rules.market("SHARP/USDT")
    assert session.count("markets") == 2


async def test_refusals_make_no_storm_of_reads() -> None:
    rules, session, clock = reading(answered(SHARP))
    await rules.market("SHARP/USDT")
    for _ in range(5):
        await clock.advance(0.1)
        rules.expire()
        await rules.market("SHARP/USDT")
    assert session.count("markets") == 1
    await clock.advance(5)
    await rules.market("SHARP/USDT")
    assert session.count("markets") == 2


async def test_a_pair_that_is_not_listed_comes_with_the_one_that_was_meant() -> None:
    listed = {name: market(symbol=name) for name in ("SHARP2/USDT", "ETH/USDT", "SHARP/BTC")}
    rules, _, _ = reading(answered(listed))
    known = await rules.market("SHARP/USDT")
    assert isinstance(known, Ok)
    assert known.value is None
    assert known.finding is not None
    assert (known.finding.code, known.finding.parameters) == (
        "market.unknown",
        {"symbol": "SHARP/USDT", "nearest": "SHARP2/USDT"},
    )


async def test_a_listed_pair_has_nothing_to_be_told() -> None:
    rules, _, clock = reading(answered(SHARP), failed())
    known = await rules.market("SHARP/USDT")
    assert isinstance(known, Ok)
    assert known.finding is None
    await clock.advance(1)
    rules.expire()
    assert isinstance(await rules.market("SHARP/USDT"), Stale)


@pytest.mark.parametrize(
    ("symbol", "listed", "meant"),
    [
        ("SHARP/USDT", ("SHRP/USDT", "BTC/USDT"), "SHRP/USDT"),
        ("SHARP/USDT", ("BTC/USDT", "SHARP/USDC"), "SHARP/USDC"),
        ("SHARP/USDT", ("BTC/USDT", "SHARP/EUR"), "SHARP/EUR"),
        ("SHARP/USDT", ("BTC/USDT", "ETH/USDT", "SHRP/EUR"), None),
        ("SHARP/USDT", (), None),
    ],
)
def test_the_nearest_pair(symbol: str, listed: tuple[str, ...], meant: str | None) -> None:
    assert nearest(symbol, listed) == meant


@pytest.mark.parametrize("seconds", [-32, 32, 7200])
async def test_fault_T2_rules_that_were_read_after_the_clock_was_set_keep_their_time(seconds: int) -> None:
    rules, _, clock = reading(answered(SHARP))
    clock.step(seconds)
    await rules.market("SHARP/USDT")
    read_at = clock.now()
    rules.stepped()
    known = rules.known("SHARP/USDT")
    assert isinstance(known, Ok)
    assert known.as_of == read_at
