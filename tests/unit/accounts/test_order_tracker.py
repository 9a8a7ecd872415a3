"""Only the exchange's word ends an order, an end comes with its fills, and what contradicts stops one order alone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, fill, market, order
from tests.unit.accounts.scripted import KeptJournal, OneMarket, ScriptedSession, answered, failed, spawn
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.clock import ManualClock
from trading_bridge.core.order import Order, OrderReport, OrderState, Side
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
        #: what storage remembers beyond what is followed, with the sum of its stored fills
        self.kept: list[tuple[Order, Decimal]] = []
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
            find=self.find,
        )
        if start is not None:
            self.tracker.adopt([(start, Decimal(0))])

    async def find(self, client_order_id: str) -> tuple[Order, Decimal] | None:
        return next((one for one in self.kept if one[0].client_order_id == client_order_id), None)

    @property
    def state(self) -> OrderState:
        return self.tracker.order(MINE.client_order_id).state


async def test_fault_N2_an_unclear_create_that_the_exchange_accepted_is_adopted() -> None:
    tracking = Tracking(LOST, open_orders=[answered((report(),))])
    await tracking.tracker.sync()
    assert tracking.state is S.NEW
    assert tracking.tracker.order(MINE.client_order_id).exchange_order_id == ID
    (row,) = tracking.journal.rows
    assert isinstance(row, UpdateOrder)
    assert row.exchange_order_id == ID


async def test_fault_N2_an_unclear_create_is_asked_for_by_its_client_order_id() -> None:
    tracking = Tracking(LOST, open_orders=[answered(())], order_report=[answered(None)])
    await tracking.tracker.sync()
    assert tracking.session.asked[1] == ("order_report", {"client_order_id": MINE.client_order_id})
    assert tracking.state is S.UNRESOLVED


async def test_fault_X3_not_known_becomes_absent_only_after_the_signature_window_and_the_read_lag() -> None:
    tracking = Tracking(LOST, open_orders=[answered(())], order_report=[answered(None)], my_trades=[answered(())])
    await tracking.clock.advance(69)
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED
    await tracking.clock.advance(2)
    await tracking.tracker.sync()
    assert tracking.state is S.ABSENT


async def test_fault_N3_a_trade_of_no_known_order_keeps_it_from_being_absent() -> None:
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


async def test_fault_X4_an_order_that_left_the_open_ones_is_not_thereby_ended() -> None:
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
            tracking.answer = spawn(tracking.tracker.record(MINE.client_order_id, S.NEW, exchange_order_id=ID))

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


async def test_fault_X8_an_end_whose_fills_lag_is_stored_as_open_until_they_come() -> None:
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


async def test_fault_X8_the_same_fill_read_twice_counts_once() -> None:
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


# -- fills and reports of orders that nothing follows any more


async def test_late_fills_of_an_order_that_ended_long_ago_are_booked() -> None:
    tracking = Tracking(None, order_report=[answered(report(state=S.CANCELED, filled="800"))])
    ended = replace(MINE, state=S.CANCELED, filled=Decimal(500))
    tracking.kept = [(ended, Decimal(500))]
    late = fill(trade_id="9", amount=Decimal(300))
    assert await tracking.tracker.book([late]) == ()
    assert tracking.fills == [late]
    (stored,) = [row for row in tracking.journal.rows if isinstance(row, StoreFill)]
    assert (stored.bot_id, stored.client_order_id) == (MINE.bot_id, MINE.client_order_id)
    last = tracking.journal.rows[-1]
    assert (last.state, last.filled) == (S.CANCELED, 800)
    assert await tracking.tracker.book([late]) == ()
    assert tracking.fills == [late]


async def test_fills_of_a_live_order_count_at_once_and_once() -> None:
    part = fill(trade_id="1", amount=Decimal(500))
    tracking = Tracking(MINE)
    for _ in range(2):
        assert await tracking.tracker.book([part]) == ()
    assert tracking.tracker.order(MINE.client_order_id).filled == 500
    assert tracking.state is S.PARTIALLY_FILLED
    assert tracking.fills == [part]


async def test_fills_of_no_order_of_ours_are_given_back() -> None:
    by_hand = fill(exchange_order_id="99")
    tracking = Tracking(MINE, order_report=[answered(report(client_order_id="mine", exchange_order_id="99"))])
    assert await tracking.tracker.book([by_hand]) == (by_hand,)
    assert await tracking.tracker.book([by_hand]) == (by_hand,)
    assert tracking.session.count("order_report") == 1, "a stranger is asked about once"


async def test_fault_X8_a_fill_that_comes_before_the_creates_answer_is_held_until_it_is_linked() -> None:
    early = fill(trade_id="1", amount=Decimal(500))
    tracking = Tracking(LOST, order_report=[answered(None), answered(report(S.PARTIALLY_FILLED, "500"))])
    assert await tracking.tracker.book([early]) == ()
    assert tracking.fills == []
    assert await tracking.tracker.book([early]) == ()
    assert tracking.fills == [early]
    assert tracking.tracker.order(MINE.client_order_id).exchange_order_id == ID


async def test_fault_X10_without_a_client_order_id_an_order_is_linked_by_the_exchanges_id() -> None:
    nameless = report(S.PARTIALLY_FILLED, "500", client_order_id=None)
    part = fill(trade_id="1", amount=Decimal(500))
    tracking = Tracking(MINE, open_orders=[answered((nameless,))], my_trades=[answered((part,))])
    await tracking.tracker.sync()
    assert tracking.state is S.PARTIALLY_FILLED
    assert tracking.fills == [part]


async def test_fault_N3_an_absent_order_that_stands_after_all_is_taken_up_again() -> None:
    tracking = Tracking(None)
    tracking.kept = [(replace(LOST, state=S.ABSENT), Decimal(0))]
    by_hand = report(client_order_id="by hand", exchange_order_id="99")
    assert await tracking.tracker.met([report(), by_hand], tracking.clock.monotonic()) == (by_hand,)
    assert tracking.state is S.NEW
    assert [order.exchange_order_id for order in tracking.tracker.live()] == [ID]
    assert tracking.journal.rows[-1].exchange_order_id == ID


# -- cancels


async def test_a_cancel_is_journaled_and_not_waited_for() -> None:
    tracking = Tracking(MINE)
    tracking.tracker.canceling(MINE.client_order_id)
    assert tracking.state is S.PENDING_CANCEL
    assert tracking.journal.rows[-1].state is S.PENDING_CANCEL
    tracking.tracker.not_canceled(MINE.client_order_id)
    assert tracking.state is S.NEW
    assert tracking.journal.rows[-1].state is S.NEW
    assert tracking.tracker.standing("bot1", market())[0].settled


async def test_fault_X5_a_cancels_not_found_ends_nothing_until_the_end_and_its_fills_are_read() -> None:
    part = fill(trade_id="1", amount=Decimal(500))
    tracking = Tracking(MINE, order_report=[answered(report(S.CANCELED, "500"))], my_trades=[answered((part,))])
    tracking.tracker.canceling(MINE.client_order_id)
    tracking.tracker.not_canceled(MINE.client_order_id)
    assert tracking.tracker.live()
    assert await tracking.tracker.confirm(MINE.client_order_id) is None
    assert tracking.state is S.CANCELED
    assert tracking.fills == [part]


# -- what cannot be true

OTHER = order(client_order_id="tbxxxxx1000000000002", exchange_order_id="77", state=S.NEW, side=Side.SELL)


async def test_what_cannot_be_true_freezes_the_order_and_names_itself() -> None:
    others = report(exchange_order_id="77", client_order_id=OTHER.client_order_id, side=Side.SELL, filled="300")
    overfilled = report(S.PARTIALLY_FILLED, "2500", amount=Decimal(3000))
    sold = fill(trade_id="5", exchange_order_id="77", side=Side.SELL, amount=Decimal(300))
    tracking = Tracking(MINE, open_orders=[answered((overfilled, others))], my_trades=[answered((sold,))])
    tracking.tracker.adopt([(OTHER, Decimal(0))])
    for _ in range(3):
        await tracking.tracker.sync()
    assert tracking.tracker.failure is None
    ((bot_id, finding),) = tracking.tracker.contradictions()
    assert bot_id == MINE.bot_id
    assert finding.code == "order.contradictory"
    assert finding.parameters["stage"] == "overfilled"
    assert finding.parameters["detail"] == "2500 of 2000.00"
    marks = [row for row in tracking.journal.rows if isinstance(row, UpdateOrder) and row.frozen]
    assert [(row.client_order_id, row.frozen, row.state) for row in marks] == [
        (MINE.client_order_id, "overfilled", S.NEW)
    ]
    assert tracking.fills == [sold], "other orders go on"
    assert not any(own.settled for own in tracking.tracker.standing("bot1", market()) if own.side is Side.BUY)
    assert tracking.tracker.promised(Side.BUY, market(), since=None) == Decimal("0.025590") * 2000


async def test_a_frozen_order_stays_frozen_after_a_restart_and_ends_by_a_cancel() -> None:
    tracking = Tracking(
        replace(MINE, frozen="shrunk"), open_orders=[answered(())], order_report=[answered(report(S.CANCELED))]
    )
    await tracking.tracker.sync()
    assert tracking.session.count("order_report") == 0
    assert [finding.parameters["stage"] for _, finding in tracking.tracker.contradictions()] == ["shrunk"]
    tracking.session.answers["my_trades"] = [answered(())]
    tracking.tracker.canceling(MINE.client_order_id)
    assert await tracking.tracker.confirm(MINE.client_order_id) is None
    assert tracking.state is S.CANCELED
    assert not tracking.tracker.unsettled()
    assert not list(tracking.tracker.contradictions())


@pytest.mark.parametrize(
    ("code", "stage"), [("order.overfilled", "overfilled"), ("order.unknown", "unknown"), ("storage.refused", None)]
)
async def test_what_storage_refuses_freezes_that_order_and_ends_no_task(code: str, stage: str | None) -> None:
    part = fill(trade_id="1", amount=Decimal(500))
    tracking = Tracking(
        MINE, open_orders=[answered((report(S.PARTIALLY_FILLED, "500"),))], my_trades=[answered((part,))]
    )
    tracking.journal.refusing = lambda row: code if isinstance(row, UpdateOrder) and row.filled is not None else None
    for _ in range(3):
        await tracking.tracker.sync()
    assert tracking.tracker.order(MINE.client_order_id).frozen == (stage or code)
    assert tracking.fills == [part], "what was filled is booked all the same"
    assert tracking.journal.rows[-1].frozen == (stage or code)
    assert len(tracking.journal.rows) == 2, "nothing is tried for ever"


#: Binance counts the orders of each market by themselves
SAME_NUMBER = order(client_order_id="tbxxxxx1000000000002", symbol="OTHER/USDT", exchange_order_id=ID, state=S.NEW)


async def test_a_fill_is_of_the_order_with_its_number_in_its_own_market() -> None:
    tracking = Tracking(MINE)
    tracking.tracker.adopt([(SAME_NUMBER, Decimal(0))])
    here, there = fill(trade_id="1", amount=Decimal(100)), fill(trade_id="2", symbol="OTHER/USDT", amount=Decimal(7))
    assert await tracking.tracker.book([here, there]) == ()
    booked = {row.client_order_id: row.trade.amount for row in tracking.journal.rows if isinstance(row, StoreFill)}
    assert booked == {MINE.client_order_id: Decimal(100), SAME_NUMBER.client_order_id: Decimal(7)}


async def test_a_fill_of_a_stranger_with_the_number_of_ours_in_another_market_is_a_strangers() -> None:
    by_hand = fill(symbol="OTHER/USDT")
    named = report(client_order_id="by hand", symbol="OTHER/USDT")
    tracking = Tracking(MINE, order_report=[answered(named)])
    assert await tracking.tracker.book([by_hand]) == (by_hand,)
    assert await tracking.tracker.book([fill(amount=Decimal(5))]) == ()


async def test_an_open_order_of_a_stranger_with_our_number_in_another_market_says_nothing_of_ours() -> None:
    listed = report(S.CANCELED, client_order_id=None, symbol="OTHER/USDT")
    tracking = Tracking(MINE, open_orders=[answered((listed,))], order_report=[answered(report())])
    await tracking.tracker.sync()
    assert tracking.state is S.NEW
    assert await tracking.tracker.met([listed], began=0.0) == (listed,)


async def test_fills_of_a_vanished_bot_are_booked_without_it() -> None:
    part = fill(trade_id="1", amount=Decimal(500))
    tracking = Tracking(
        MINE, open_orders=[answered((report(S.PARTIALLY_FILLED, "500"),))], my_trades=[answered((part,))]
    )
    tracking.journal.refusing = lambda row: (
        "bot.unknown" if isinstance(row, StoreFill) and row.bot_id is not None else None
    )
    await tracking.tracker.sync()
    stored, updated = tracking.journal.rows
    assert stored.bot_id is None
    assert updated.filled == 500
    assert tracking.tracker.order(MINE.client_order_id).frozen is None


async def test_money_moves_when_a_fill_is_learnt_though_its_trades_cannot_be_read() -> None:
    tracking = Tracking(MINE, open_orders=[answered((report(S.PARTIALLY_FILLED, "500"),))], my_trades=[failed()])
    await tracking.clock.advance(5)
    await tracking.tracker.sync()
    assert tracking.tracker.failure is not None
    assert tracking.tracker.moved_at == tracking.clock.monotonic()


async def test_fault_N3_a_wall_clock_that_is_set_closes_no_signature_window() -> None:
    tracking = Tracking(None, open_orders=[answered(())], order_report=[answered(None)], my_trades=[answered(())])
    tracking.tracker.opened(replace(MINE, exchange_order_id=None, state=S.PENDING_NEW, signed_at=NOW))
    await tracking.tracker.record(MINE.client_order_id, S.UNRESOLVED)
    tracking.clock.step(3600)
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED, "the exchange may take the request yet"
    tracking.clock.step(-7200)
    await tracking.clock.advance(71)
    await tracking.tracker.sync()
    assert tracking.state is S.ABSENT, "and no longer than that"


async def test_fault_N3_one_that_an_earlier_process_signed_by_a_clock_ahead_of_ours_becomes_absent() -> None:
    ahead = replace(LOST, signed_at=NOW + timedelta(days=365))
    tracking = Tracking(ahead, open_orders=[answered(())], order_report=[answered(None)], my_trades=[answered(())])
    await tracking.clock.advance(69)
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED, "what it had sent before we followed it may be taken yet"
    await tracking.clock.advance(2)
    await tracking.tracker.sync()
    assert tracking.state is S.ABSENT, "and no longer than that"


async def test_fault_N3_a_trade_counts_whose_exchanges_clock_is_behind_ours() -> None:
    """The exchange takes a request whose time is ahead of its own by as much as the signature window."""
    stranger = fill(exchange_order_id="99", exchange_time=NOW - timedelta(seconds=50))
    tracking = Tracking(
        LOST, open_orders=[answered(())], order_report=[answered(None)], my_trades=[answered((stranger,))]
    )
    await tracking.clock.advance(600)
    await tracking.tracker.sync()
    assert tracking.state is S.UNRESOLVED


@pytest.mark.parametrize(("amount", "state"), [(MINE.amount, S.UNRESOLVED), (MINE.amount + 1, S.ABSENT)])
async def test_fault_X10_an_order_without_client_order_id_may_be_ours_where_it_is_what_was_asked_for(
    amount: Decimal, state: OrderState
) -> None:
    stranger = fill(exchange_order_id="99", exchange_time=NOW + timedelta(seconds=1))
    theirs = report(S.FILLED, exchange_order_id="99", client_order_id=None, amount=amount)
    tracking = Tracking(
        LOST,
        open_orders=[answered(())],
        order_report=[answered(None), answered(theirs)],
        my_trades=[answered((stranger,))],
    )
    await tracking.clock.advance(600)
    await tracking.tracker.sync()
    assert tracking.state is state
