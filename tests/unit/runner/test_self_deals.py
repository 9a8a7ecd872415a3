"""A client that traded with itself is killed once for each match, whichever of its two sides is told first."""

from dataclasses import replace
from datetime import timedelta

from tests.factories import fill
from tests.unit.diagnosis.test_bundle import CONNECTOR
from trading_bridge.clock import ManualClock
from trading_bridge.core.order import Side
from trading_bridge.core.restraint import Scope
from trading_bridge.runner.self_deals import SelfDeals


def test_the_other_side_of_a_match_kills_no_second_time() -> None:
    kills: list[Scope] = []
    deals = SelfDeals(ManualClock(), lambda scope, reason: kills.append(scope), lambda scope: False)
    bought = replace(fill(), trade_id="1", side=Side.BUY, self_deal=True)
    sold = replace(bought, trade_id="2", side=Side.SELL)
    deals.happened(CONNECTOR, bought)
    deals.happened(CONNECTOR, sold)
    assert len(kills) == 1
    deals.happened(CONNECTOR, replace(sold, trade_id="4"))
    deals.happened(CONNECTOR, replace(bought, trade_id="3"))
    assert len(kills) == 2, "another match, of the same moment"
    deals.happened(CONNECTOR, replace(sold, trade_id="6", exchange_time=sold.exchange_time + timedelta(seconds=1)))
    deals.happened(CONNECTOR, replace(sold, trade_id="8", price=sold.price * 2))
    assert len(kills) == 4
