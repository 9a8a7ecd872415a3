"""What became of an order is asked even where its market was not listed when the process began."""

from datetime import timedelta
from typing import Any

from tests.factories import NOW, fill, market, order
from tests.unit.accounts.scripted import ScriptedSession, answered, spawn
from trading_bridge.accounts.order_looks import OrderLooks
from trading_bridge.accounts.rules import RETRY_AFTER_S, Rules
from trading_bridge.clock import ManualClock


async def test_a_market_that_is_listed_again_is_seen_while_an_order_waits_for_it() -> None:
    clock = ManualClock(NOW)
    listed: list[Any] = [answered({}), answered({"SHARP/USDT": market()})]
    session = ScriptedSession({"markets": listed, "order_report": [answered(None)]})
    looks = OrderLooks(session, Rules(session, clock, spawn), timedelta(seconds=30))  # type: ignore[arg-type]
    await looks.report(order())
    await looks.report(order())
    assert (session.count("markets"), session.count("order_report")) == (1, 0)
    await clock.advance(RETRY_AFTER_S + 1)
    await looks.report(order())
    await looks.report(order())
    assert (session.count("markets"), session.count("order_report")) == (2, 1)


async def test_only_trades_since_the_request_are_read_where_an_order_may_be_absent() -> None:
    clock = ManualClock(NOW)
    before = fill(exchange_order_id="17", exchange_time=NOW - timedelta(minutes=5))
    session = ScriptedSession({"markets": [answered({"SHARP/USDT": market()})], "my_trades": [answered((before,))]})
    looks = OrderLooks(session, Rules(session, clock, spawn), timedelta(seconds=30))  # type: ignore[arg-type]
    assert await looks.is_absent(order(signed_at=NOW), None, 60.0, ()) is True
    assert [named["since"] for call, named in session.asked if call == "my_trades"] == [NOW - timedelta(seconds=32)]
    assert session.count("order_report") == 0
