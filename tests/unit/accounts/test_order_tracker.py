"""Faults N2, N3, X3, X4, X6, X8: only the exchange's word ends an order, and an end comes with its fills."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.factories import NOW, fill, market, order
from tests.unit.accounts.scripted import KeptJournal, OneMarket, ScriptedSession, answered, failed
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.clock import ManualClock
from trading_bridge.core.order import OrderReport, OrderState, Side
from trading_bridge.core.trade import Trade
from trading_bridge.storage.journal_rows import StoreFill, UpdateOrder

ID = "1722183748419690"
S = OrderState
MINE = order(exchange_order_id=ID, state=S.NEW)
LOST = order(state=S.UNRESOLVED)


def report(state: OrderState | None = S.NEW, filled: str = "0", **changed: Any) -> OrderReport:
    made = OrderReport(
        exchange_order_id=ID,
        client_order_id=MINE.client_order_id,
        symbol=MINE.symbol,
        side=MINE.side,
        price=MINE.price,
        amount=MINE.amount,
        filled=Decimal(filled),
        state=state,
        exchange_time=NOW,
    )
    return replace(made, **changed)


class Tracking:
    def __init__(self, start: Any, **answers: list[Any]) -> None:
        self.clock = ManualClock(NOW)
        self.session = ScriptedSession(answers)
        self.journal = KeptJournal()
        self.fills: list[Trade] = []
        self.changed: list[str] = []
        self.tracker = OrderTracker(
            exchange="coinstore",
            connector_id="connector1",
            session=self.session,  # type: ignore[arg-type]
            rules=OneMarket(),  # type: ignore[arg-type]
            journal=self.journal,  # type: ignore[arg-type]
            clock=self.clock,
            signature_window=timedelta(seconds=60),
            on_fill=lambda _, trade: self.fills.append(trade),
            on_change=self.changed.append,
        )
        self.tracker.adopt([(start, Decimal(0))])

    @property
    def state(self) -> OrderState:
        return self.tracker.order(MINE.client_order_id).state


async def test_an_unclear_create_that_the_exchange_accepted_is_adopted() -> None:
    tracking = Tracking(LOST, open_orders=[answered((report(),))])
    await tracking.tracker.sync()
    assert tracking.state is S.NEW
    assert tracking.tracker.order(MINE.client_order_id).exchange_order_id == ID
    (row,) = tracking.journal.rows
    assert isinstance(row, UpdateOrder)
    assert row.exchange_order_id == ID


async def test_an_unclear_create_is_asked_for_by_its_client_order_id() -> None:
    tracking = Tracking(LOST, open_orders=[answered(())], order_report=[answered(None)])
    await tracking.tracker.sync()
    assert tracking.session.asked[1] == ("order_report", {"client_order_id": MINE.client_order_id})
    assert tracking.state is S.UNRESOLVED


async def test_not_known_becomes_absent_only_after_the_signature_window() -> None:
    tracking = Tracking(LOST, open_orders=[answered(())], order_report=[answered(None)], my_trades=[answered(())])
    await tracking.clock.advance(69)
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED
    await tracking.clock.advance(2)
    await tracking.tracker.sync()
    assert tracking.state is S.ABSENT


async def test_a_trade_of_no_known_order_keeps_it_from_being_absent() -> None:
    stranger = fill(exchange_order_id="99", exchange_time=NOW + timedelta(seconds=1))
    tracking = Tracking(
        LOST, open_orders=[answered(())], order_report=[answered(None)], my_trades=[answered((stranger,))]
    )
    await tracking.clock.advance(600)
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED


async def test_a_transport_error_is_never_order_not_found() -> None:
    tracking = Tracking(LOST, open_orders=[failed()], order_report=[failed()])
    await tracking.clock.advance(600)
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED
    assert tracking.tracker.failure is not None
    tracking.session.answers["open_orders"] = [answered(())]
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED


async def test_an_order_that_left_the_open_ones_is_not_thereby_ended() -> None:
    tracking = Tracking(MINE, open_orders=[answered(())], order_report=[answered(None), answered(report())])
    await tracking.clock.advance(600)
    for _ in range(2):
        await tracking.tracker.sync()
        assert tracking.state is S.NEW


async def test_an_order_acknowledged_while_the_list_was_read_is_not_missing() -> None:
    tracking = Tracking(order(), open_orders=[answered(())], order_report=[answered(None)])
    await tracking.clock.advance(1)
    tracking.tracker.opened(order())

    def acknowledge(call: str) -> None:
        if call == "open_orders":
            tracked = tracking.tracker._orders[MINE.client_order_id]
            tracked.order = replace(tracked.order, exchange_order_id=ID, state=S.NEW)
            tracked.acknowledged = tracking.clock.monotonic()

    tracking.session.during = acknowledge
    await tracking.tracker.sync()
    assert tracking.session.count("order_report") == 0


async def test_an_end_and_its_fills_reach_storage_together() -> None:
    first, second = fill(trade_id="1", amount=Decimal(1500)), fill(trade_id="2", amount=Decimal(500))
    tracking = Tracking(
        MINE,
        open_orders=[answered(())],
        order_report=[answered(report(S.FILLED, "2000"))],
        my_trades=[answered((first, second))],
    )
    await tracking.tracker.sync()
    assert [type(row) for row in tracking.journal.rows] == [StoreFill, StoreFill, UpdateOrder]
    assert tracking.journal.rows[-1].state is S.FILLED
    assert tracking.fills == [first, second]
    assert tracking.tracker.complete_as_of("bot1") == tracking.clock.now()


async def test_an_end_whose_fills_lag_is_stored_as_open_until_they_come() -> None:
    late = fill(trade_id="2", amount=Decimal(500))
    early = fill(trade_id="1", amount=Decimal(1500))
    tracking = Tracking(
        MINE,
        open_orders=[answered(())],
        order_report=[answered(report(S.FILLED, "2000"))],
        my_trades=[answered((early,)), answered((early, late))],
    )
    await tracking.tracker.sync()
    assert tracking.state is S.FILLED
    assert tracking.journal.rows[-1].state is S.PARTIALLY_FILLED
    assert not tracking.tracker.live()
    await tracking.tracker.sync()
    assert tracking.journal.rows[-1].state is S.FILLED
    assert tracking.fills == [early, late]


async def test_the_same_fill_read_twice_counts_once() -> None:
    part = fill(trade_id="1", amount=Decimal(500))
    rest = fill(trade_id="2", amount=Decimal(1500))
    tracking = Tracking(
        MINE,
        open_orders=[answered((report(S.PARTIALLY_FILLED, "500"),)), answered(())],
        order_report=[answered(report(S.FILLED, "2000"))],
        my_trades=[answered((part,)), answered((part, rest))],
    )
    await tracking.tracker.sync()
    await tracking.tracker.sync()
    assert tracking.fills == [part, rest]


async def test_live_orders_hold_what_a_balance_read_before_them_cannot_know() -> None:
    tracking = Tracking(MINE, open_orders=[answered(())])
    held = Decimal("0.025590") * 2000
    assert tracking.tracker.promised(Side.BUY, market(), since=None) == held
    assert tracking.tracker.promised(Side.BUY, market(), since=0.0) == 0
    assert tracking.tracker.promised(Side.SELL, market(), since=None) == 0
    tracking.tracker.opened(order(client_order_id="tbxxxxx2"))
    assert tracking.tracker.promised(Side.BUY, market(), since=0.0) == held


async def test_an_ended_order_is_still_in_a_book_that_was_read_before() -> None:
    tracking = Tracking(
        MINE,
        open_orders=[answered(())],
        order_report=[answered(report(S.CANCELED))],
    )
    await tracking.clock.advance(5)
    read = tracking.clock.monotonic()
    await tracking.clock.advance(0.5)
    await tracking.tracker.sync()
    assert tracking.state is S.CANCELED
    assert tracking.tracker.own_in_book(market(), read, read) == ((Side.BUY, 25_590, 200_000),)
    await tracking.clock.advance(0.1)
    later = tracking.clock.monotonic()
    assert tracking.tracker.own_in_book(market(), later, later) == ()


async def test_fills_are_known_up_to_the_first_order_that_may_owe_some() -> None:
    tracking = Tracking(MINE, open_orders=[failed(), answered((report(),))])
    await tracking.clock.advance(30)
    assert tracking.tracker.complete_as_of("bot1") == MINE.signed_at
    await tracking.tracker.sync()
    assert tracking.tracker.complete_as_of("bot1") == MINE.signed_at
    await tracking.tracker.sync()
    assert tracking.tracker.complete_as_of("bot1") == tracking.clock.now()
    assert tracking.tracker.complete_as_of("another bot") == tracking.clock.now()
