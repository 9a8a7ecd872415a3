"""The doctor at Binance, whose one answer -2015 stands for an address, a permission and a key that it does not know."""

import pytest

from tests.clinic import healthy
from trading_bridge.diagnosis.ladder import StepOutcome
from trading_bridge.sandbox.faults import Fault, FaultKind

BINANCE = {"exchange": "binance", "base_url": "https://exchange.example/binance"}
ADDRESS, READ, TRADE, KEY = (
    "ip.not_allowed",
    "permission.read_missing",
    "permission.trade_missing",
    "credentials.rejected",
)


async def test_a_key_that_may_all() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key("alice"), **BINANCE)
    assert ladder.diagnosis is None
    assert all(step.outcome in (StepOutcome.PASS, StepOutcome.SKIPPED) for step in ladder.steps)
    assert {asked.path.split("/")[1] for asked in clinic.asked} == {"binance"}
    assert clinic.exchange.engine.open_orders("alice") == []


@pytest.mark.parametrize(
    ("fault", "code", "remaining"),
    [
        (Fault(kind=FaultKind.ADDRESS_REFUSED), ADDRESS, (READ, KEY)),
        (Fault(kind=FaultKind.READ_MISSING), READ, ()),
        (Fault(kind=FaultKind.TRADE_MISSING), TRADE, ()),
        (Fault(kind=FaultKind.KEY_DELETED), ADDRESS, (READ, KEY)),
        (Fault(kind=FaultKind.SECRET_WRONG), KEY, ("signature.refused",)),
        # no more than a second ahead is taken, so less than a clock that is plainly wrong is refused, too
        (Fault(kind=FaultKind.CLOCK_SKEW, seconds_off=-5), "clock.skewed", (KEY,)),
        (Fault(kind=FaultKind.CLOCK_SKEW, seconds_off=60), "clock.skewed", (KEY,)),
    ],
    ids=lambda value: f"{value.kind} {value.seconds_off or ''}" if isinstance(value, Fault) else None,
)
async def test_each_cause_and_what_the_answers_leave_possible(
    fault: Fault, code: str, remaining: tuple[str, ...]
) -> None:
    clinic = healthy()
    clinic.exchange.faults.add(fault)
    ladder = await clinic.examine(clinic.exchange.key("alice"), **BINANCE)
    assert ladder.diagnosis is not None
    assert (ladder.diagnosis.code, ladder.remaining) == (code, remaining)


async def test_without_a_key_nothing_signed_is_asked() -> None:
    clinic = healthy()
    ladder = await clinic.examine(clinic.exchange.key("alice"), **{**BINANCE, "credentials": None})
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.code == "credentials.empty"
    assert {asked.path for asked in clinic.asked} == {"/binance/api/v3/exchangeInfo"}
