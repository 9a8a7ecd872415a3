"""A cycle's decision: what a strategy wants, with what the limits leave of it."""

from decimal import Decimal

import pytest

from tests.factories import view
from trading_bridge.core.risk import Caps, Stance
from trading_bridge.core.risk.drawdown import Step
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.strategies.spread import SPREAD, SpreadParameters
from trading_bridge.runner.cycle import decide

FREE = Caps(order=Decimal(10**9), band=Decimal(10**9))
FULL = Caps(order=Decimal(10**9), band=Decimal("0.0256") * 30_000)


@pytest.mark.parametrize(
    ("stance", "code", "side"),
    [
        (Stance(caps=FREE, position=Decimal(0)), "quoting", None),
        (Stance(caps=FULL, position=Decimal(45_000)), "quoting.one_sided", "sell"),
        (Stance(caps=FULL, position=Decimal(-45_000)), "quoting.one_sided", "buy"),
        (Stance(caps=FREE, position=Decimal(0), step=Step.BID_ONLY), "quoting.one_sided", "buy"),
    ],
)
def test_a_side_that_a_limit_took_away_is_not_said_to_stand(stance: Stance, code: str, side: str | None) -> None:
    parameters = SpreadParameters(spread_bps=Decimal(40), order_amount_quote=Decimal(50))
    decision, _ = decide(view(), SPREAD, parameters, Limits(), stance)
    assert (decision.reason.code, decision.reason.parameters.get("side")) == (code, side)
    assert len(decision.wanted or ()) == (2 if side is None else 1)
