"""What a stream tells moves orders at once, in any order, any number of times; what it leaves out ends none."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from tests.factories import fill, order
from tests.unit.accounts.scripted import answered
from tests.unit.accounts.test_order_tracker import ID, MINE, Tracking, report
from trading_bridge.accounts.order_pushes import TOLD_WITHIN_S
from trading_bridge.core.order import OrderReport, OrderState
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.order_stream import Pushed
from trading_bridge.storage.journal_rows import StoreFill, UpdateOrder

S = OrderState
FIRST, SECOND = fill(trade_id="1", amount=Decimal(1500)), fill(trade_id="2", amount=Decimal(500))
NEW, PART, WHOLE = report(), report(S.PARTIALLY_FILLED, "1500"), report(S.FILLED, "2000")
OWN = MINE.client_order_id


class Listening(Tracking):
    async def hear(self, *told: OrderReport | Trade) -> tuple[OrderReport, ...]:
        reports = tuple(one for one in told if isinstance(one, OrderReport))
        fills = tuple(one for one in told if isinstance(one, Trade))
        self.tracker.pushes.hear(Pushed(reports=reports, fills=fills))
        return await self.tracker.pushes.store()

    async def sent(self) -> None:
        """A create that is under way."""
        self.tracker.opened(order())
        await self.clock.advance(0.1)

    async def answered(self) -> None:
        await self.tracker.record(OWN, S.NEW, exchange_order_id=ID)

    def stored_fills(self) -> list[str]:
        return [row.trade.trade_id for row in self.journal.rows if isinstance(row, StoreFill)]

    def last_state(self) -> OrderState:
        return [row for row in self.journal.rows if isinstance(row, UpdateOrder)][-1].state


@pytest.mark.parametrize("turn", range(6))
async def test_a_life_ends_alike_in_whatever_order_it_is_told_and_answered(turn: int) -> None:
    told = (NEW, PART, WHOLE, (FIRST, PART), (SECOND, WHOLE), None)
    for words in list(permutations(told))[turn::6]:
        listening = Listening(None)
        await listening.sent()
        for word in words:
            if word is None:
                await listening.answered()
            else:
                await listening.hear(*(word if isinstance(word, tuple) else (word,)))
        for word in words:
            await listening.hear(*(word if isinstance(word, tuple) else () if word is None else (word,)))
        tracked = listening.tracker.order(OWN)
        assert tracked is not None
        assert (tracked.state, tracked.filled, tracked.frozen) == (S.FILLED, 2000, None)
        assert {one.trade_id for one in listening.fills} == {"1", "2"}
        assert len(listening.fills) == 2
        assert listening.last_state() is S.FILLED
        assert not listening.tracker.unsettled()


async def test_an_end_and_its_fills_reach_storage_together() -> None:
    listening = Listening(MINE)
    await listening.hear(WHOLE, FIRST, SECOND)
    assert [type(row) for row in listening.journal.rows] == [StoreFill, StoreFill, UpdateOrder]
    assert listening.last_state() is S.FILLED
    assert listening.session.asked == []


async def test_fault_X8_an_end_whose_fills_were_not_told_waits_for_them_and_asks() -> None:
    listening = Listening(
        MINE, open_orders=[answered(())], order_report=[answered(WHOLE)], my_trades=[answered((FIRST, SECOND))]
    )
    await listening.hear(WHOLE, FIRST)
    assert listening.state is S.FILLED
    assert listening.last_state() is S.PARTIALLY_FILLED
    assert listening.tracker.unsure()
    await listening.tracker.sync()
    assert (listening.last_state(), listening.stored_fills()) == (S.FILLED, ["1", "2"])
    assert not listening.tracker.unsure()


async def test_what_is_told_sooner_than_answered_is_still_known_when_the_answer_comes() -> None:
    listening = Listening(None)
    await listening.sent()
    await listening.hear(WHOLE, FIRST, SECOND)
    await listening.clock.advance(20)
    listening.tracker._forget_ended()
    await listening.answered()
    assert listening.last_state() is S.FILLED
    listening.tracker._forget_ended()
    assert listening.tracker.order(OWN) is None


async def test_a_push_moves_books_and_balances_as_an_answer_does() -> None:
    listening = Listening(MINE)
    await listening.clock.advance(3)
    await listening.hear(PART, FIRST)
    assert listening.tracker.moved_at == listening.clock.monotonic()
    assert listening.changed == [MINE.bot_id]
    before = listening.tracker.moved_at
    await listening.clock.advance(3)
    await listening.hear(PART, FIRST)
    assert listening.tracker.moved_at == before, "a repeat is no news"


async def test_a_push_undoes_no_cancel_and_takes_nothing_back() -> None:
    listening = Listening(MINE)
    listening.tracker.canceling(OWN)
    await listening.clock.advance(60)
    await listening.hear(NEW)
    assert listening.state is S.PENDING_CANCEL
    await listening.hear(PART, FIRST)
    await listening.hear(NEW)
    assert (listening.state, listening.tracker.order(OWN).filled) == (S.PENDING_CANCEL, 1500)
    await listening.hear(report(S.CANCELED, "0"))
    assert listening.tracker.live(), "an end that knows less than is known waits for a look"
    await listening.hear(report(S.CANCELED, "1500"))
    assert listening.state is S.CANCELED


async def test_silence_and_words_unknown_end_nothing() -> None:
    listening = Listening(MINE)
    await listening.hear(NEW)
    await listening.clock.advance(86_400)
    await listening.hear(report(None))
    assert await listening.hear() == ()
    assert listening.state is S.NEW


async def test_what_is_told_of_nobodys_order_or_of_a_refusal_asks_for_a_look() -> None:
    listening = Listening(MINE)
    by_hand = report(client_order_id="by hand", exchange_order_id="99")
    assert await listening.hear(by_hand, fill(exchange_order_id="99")) == (by_hand,)
    assert await listening.hear(report(S.REJECTED)) == (report(S.REJECTED),)
    assert listening.state is S.NEW
    assert listening.journal.rows == []


async def test_a_poll_that_takes_back_what_was_pushed_freezes_the_order() -> None:
    less = report(S.PARTIALLY_FILLED, "300")
    listening = Listening(MINE, open_orders=[answered((less,))], my_trades=[answered((FIRST,))])
    await listening.hear(PART, FIRST)
    await listening.tracker.sync()
    assert listening.tracker.order(OWN).frozen is None, "an answer may be as old as the read lag"
    await listening.clock.advance(11)
    await listening.tracker.sync()
    assert listening.tracker.order(OWN).frozen == "shrunk"
    assert listening.fills == [FIRST]


async def test_a_push_that_cannot_be_true_freezes_as_an_answer_does() -> None:
    listening = Listening(MINE)
    await listening.hear(report(S.PARTIALLY_FILLED, "2500", amount=Decimal(3000)))
    assert listening.tracker.order(OWN).frozen == "overfilled"


# -- what it should have told


async def untold(listening: Listening, since: float, *, after_s: float = TOLD_WITHIN_S + 0.5) -> bool:
    await listening.clock.advance(after_s)
    return listening.tracker.pushes.untold(since) is not None


async def test_fault_N8_an_acknowledgement_that_is_not_told_is_noticed() -> None:
    listening = Listening(None)
    since = listening.clock.monotonic()
    await listening.sent()
    await listening.answered()
    assert not await untold(listening, since, after_s=TOLD_WITHIN_S - 0.5)
    assert await untold(listening, since)
    await listening.hear(NEW)
    assert not await untold(listening, since)


async def test_fault_N8_a_fill_or_an_end_that_a_poll_alone_shows_is_noticed() -> None:
    cases = (PART, NEW, (FIRST,)), (replace(NEW, state=S.CANCELED), NEW, ()), (WHOLE, PART, (FIRST, SECOND))
    for shown, told, fills in cases:
        listening = Listening(None, my_trades=[answered(fills)], order_report=[answered(shown)])
        since = listening.clock.monotonic()
        await listening.sent()
        await listening.answered()
        await listening.hear(told)
        await listening.clock.advance(5)
        assert listening.tracker.pushes.untold(since) is None
        await listening.tracker.confirm(OWN)
        assert await untold(listening, since)
        await listening.hear(shown)
        assert not await untold(listening, since)


async def test_what_happened_before_it_listened_need_not_be_told() -> None:
    listening = Listening(None, order_report=[answered(PART)], my_trades=[answered((FIRST,))])
    await listening.sent()
    await listening.answered()
    await listening.tracker.confirm(OWN)
    assert not await untold(listening, listening.clock.monotonic())
    taken_over = Listening(MINE)
    assert not await untold(taken_over, taken_over.clock.monotonic())


# -- what a stream cannot settle


async def test_an_order_that_only_stands_needs_no_hurry() -> None:
    listening = Listening(MINE)
    assert not listening.tracker.unsure()
    await listening.sent()
    assert not listening.tracker.unsure(), "its own answer is still to come"


@pytest.mark.parametrize("said", [S.UNRESOLVED, S.PENDING_CANCEL])
async def test_an_order_of_which_nobody_knows_is_looked_for(said: OrderState) -> None:
    listening: Any = Listening(order(state=S.UNRESOLVED) if said is S.UNRESOLVED else MINE)
    if said is S.PENDING_CANCEL:
        listening.tracker.canceling(OWN)
        await listening.clock.advance(0.1)
        assert not listening.tracker.unsure()
        await listening.clock.advance(TOLD_WITHIN_S + 0.5)
    assert listening.tracker.unsure()


async def test_another_markets_order_with_the_same_number_is_not_ours() -> None:
    listening = Listening(MINE)
    theirs = replace(report(S.FILLED, "2000", client_order_id="by hand"), symbol="ETH/USDT")
    assert await listening.hear(theirs, replace(FIRST, symbol="ETH/USDT")) == (theirs,)
    tracked = listening.tracker.order(OWN)
    assert tracked is not None
    assert (tracked.state, tracked.filled) == (S.NEW, 0)
    assert listening.fills == []
    assert listening.stored_fills() == []
