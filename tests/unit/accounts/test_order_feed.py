"""A stream of own orders: when it is believed, what takes that away, and how often is looked meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from decimal import Decimal

from tests.factories import NOW, fill, order
from tests.unit.accounts.scripted import ManualClock, ScriptedStream, answered
from tests.unit.accounts.test_order_tracker import ID, MINE, Tracking, report
from trading_bridge.accounts.order_feed import (
    AGAIN_AFTER_MAX_S,
    BEAT_S,
    CHECK_EVERY_S,
    LOOK_AGAIN_AFTER_S,
    OrderFeed,
)
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import OrderState
from trading_bridge.exchanges.order_stream import Pushed

S = OrderState
BY_HAND = report(client_order_id="by hand", exchange_order_id="99")


class Feeding:
    def __init__(self) -> None:
        self.tracking = Tracking(MINE, order_report=[answered(report(S.PARTIALLY_FILLED, "500"))])
        self.tracking.session.answers["my_trades"] = [answered((fill(amount=Decimal(500)),))]
        self.tracker = self.tracking.tracker
        self.clock: ManualClock = self.tracking.clock
        self.stream = ScriptedStream()
        self.wanted = True
        self.others: set[str] = set()
        self.looks: list[set[str]] = []
        self.failing: Finding | None = None
        self.feed = OrderFeed(
            stream=self.stream,
            tracker=self.tracker,
            clock=self.clock,
            connector="binance",
            wanted=lambda: self.wanted,
            look=self.look,
            is_anothers=lambda client_order_id: client_order_id in self.others,
        )

    async def look(self, symbols: Collection[str]) -> Finding | None:
        self.looks.append(set(symbols))
        await asyncio.sleep(0)
        return self.failing

    async def rested(self) -> float:
        """How long a look that would be due now waits."""
        began = self.clock.monotonic()
        resting = asyncio.ensure_future(self.feed.rest(began))
        await asyncio.sleep(0)
        for _ in range(round(2 * CHECK_EVERY_S)):
            if resting.done():
                break
            await self.clock.advance(BEAT_S)
        await resting
        return self.clock.monotonic() - began


@asynccontextmanager
async def feeding() -> AsyncIterator[Feeding]:
    made = Feeding()
    running = asyncio.ensure_future(made.feed.run())
    await made.clock.advance(0.1)
    try:
        yield made
    finally:
        running.cancel()
        await asyncio.wait([running])
        assert made.stream.ended > 0


def away() -> Finding:
    return Finding(code="exchange.no_answer", severity=Severity.WARNING, since=NOW)


async def test_it_is_believed_after_a_full_look_and_looks_are_rare_then() -> None:
    async with feeding() as made:
        assert made.looks == [set()]
        assert made.feed.rests
        assert await made.rested() == CHECK_EVERY_S


async def test_it_is_not_believed_before_the_look_behind_it_is_answered() -> None:
    made = Feeding()
    made.failing = away()
    running = asyncio.ensure_future(made.feed.run())
    await made.clock.advance(LOOK_AGAIN_AFTER_S + 1)
    assert (made.stream.begun, len(made.looks)) == (1, 2)
    assert not made.feed.rests
    assert await made.rested() == 0
    made.failing = None
    await made.clock.advance(LOOK_AGAIN_AFTER_S)
    assert made.feed.rests
    running.cancel()
    await asyncio.wait([running])


async def test_a_break_is_a_finding_until_a_new_one_was_looked_behind() -> None:
    async with feeding() as made:
        made.stream.refused = "down"
        made.stream.break_off("cut")
        await made.clock.advance(0.1)
        broken = made.feed.broken
        assert broken is not None
        assert (broken.code, broken.parameters) == ("stream.broken", {"connector": "binance", "detail": "cut"})
        assert not made.feed.rests
        for _ in range(300):
            await made.clock.advance(1)
        assert made.feed.broken == broken, "since when it is so stays"
        assert made.stream.begun <= 1 + 300 / AGAIN_AFTER_MAX_S + 6
        assert len(made.looks) == 1
        made.stream.refused, made.failing = None, away()
        for _ in range(70):
            await made.clock.advance(1)
        assert made.feed.broken == broken, "subscribed, and not looked behind yet"
        made.failing = None
        await made.clock.advance(LOOK_AGAIN_AFTER_S)
        assert made.feed.broken is None
        assert made.feed.rests


async def test_it_is_asked_again_as_soon_as_looks_are_answered_again() -> None:
    async with feeding() as made:
        made.stream.refused = "down"
        made.stream.break_off()
        await made.clock.advance(0.1)
        made.tracker.failure = away()
        for _ in range(100):
            await made.clock.advance(1)
        begun = made.stream.begun
        made.stream.refused = made.tracker.failure = None
        await made.clock.advance(2 * BEAT_S)
        assert made.stream.begun == begun + 1
        assert made.feed.broken is None


async def test_whoever_rests_on_it_looks_at_once_when_it_breaks() -> None:
    async with feeding() as made:
        resting = asyncio.ensure_future(made.feed.rest(made.clock.monotonic()))
        await made.clock.advance(3)
        assert not resting.done()
        made.stream.refused = "down"
        made.stream.break_off()
        await made.clock.advance(BEAT_S)
        assert resting.done()


async def test_an_order_that_only_a_look_can_settle_is_looked_for_at_once() -> None:
    async with feeding() as made:
        made.stream.push(Pushed(reports=(report(S.FILLED, "2000"),)))
        await made.clock.advance(0.1)
        assert made.tracking.state is S.FILLED
        assert await made.rested() == 0


async def test_silence_alone_breaks_nothing_and_ends_nothing() -> None:
    async with feeding() as made:
        for _ in range(3600):
            await made.clock.advance(1)
        assert made.feed.broken is None
        assert (made.stream.begun, len(made.looks), made.tracking.state) == (1, 1, S.NEW)


async def test_fault_N8_what_a_look_shows_and_it_does_not_tell_breaks_it() -> None:
    async with feeding() as made:
        await made.clock.advance(1)
        await made.tracker.confirm(MINE.client_order_id)
        for _ in range(30):
            if made.feed.broken is None:
                await made.clock.advance(0.1)
        assert made.feed.broken is not None
        assert MINE.client_order_id in made.feed.broken.parameters["detail"]
        await made.clock.advance(2)
        assert made.feed.broken is None, "connected anew, and looked behind"
        assert (made.stream.begun, len(made.looks)) == (2, 2)
        await made.clock.advance(60)
        assert made.stream.begun == 2


async def test_fills_that_are_pushed_are_stored_and_counted_once() -> None:
    async with feeding() as made:
        part = fill(trade_id="7", amount=Decimal(500))
        for _ in range(3):
            made.stream.push(Pushed(fills=(part,)))
            made.stream.push(Pushed(reports=(report(S.PARTIALLY_FILLED, "500"),)))
            await made.clock.advance(0.1)
        assert made.tracking.fills == [part]
        assert made.tracker.moved_at > 0
        assert made.tracking.session.asked == []
        assert made.feed.rests


async def test_an_order_of_nobody_is_looked_at_soon_and_not_all_the_time() -> None:
    async with feeding() as made:
        for _ in range(20):
            made.stream.push(Pushed(reports=(BY_HAND,)))
            await made.clock.advance(1)
        assert made.looks[1:4] == [{MINE.symbol}] * 3
        assert len(made.looks) <= 1 + 20 / LOOK_AGAIN_AFTER_S
        await made.clock.advance(10)
        made.failing, before = away(), len(made.looks)
        made.stream.push(Pushed(reports=(BY_HAND,)))
        for _ in range(4):
            await made.clock.advance(1)
        assert len(made.looks) == before + 1
        made.failing = None
        for _ in range(20):
            await made.clock.advance(1)
        assert len(made.looks) == before + 2, "one that failed is made again, one that did not is enough"


async def test_an_order_of_a_session_beside_it_is_that_ones_affair() -> None:
    async with feeding() as made:
        made.others = {"by hand"}
        made.stream.push(Pushed(reports=(BY_HAND,)))
        await made.clock.advance(20)
        assert len(made.looks) == 1


async def test_nothing_is_subscribed_where_nothing_of_ours_can_happen() -> None:
    made = Feeding()
    made.wanted = False
    running = asyncio.ensure_future(made.feed.run())
    await made.clock.advance(10)
    assert made.stream.begun == 0
    made.wanted = True
    await made.clock.advance(BEAT_S)
    assert made.stream.begun == 1
    running.cancel()
    await asyncio.wait([running])


async def test_a_stream_that_tells_keeps_its_trust_while_orders_come_and_go() -> None:
    async with feeding() as made:
        for number in range(10):
            sent = order(client_order_id=f"tbxxxxx20000000000{number:02}")
            made.tracker.opened(sent)
            await made.clock.advance(0.2)
            own = f"{ID}{number}"
            told = report(client_order_id=sent.client_order_id, exchange_order_id=own)
            made.stream.push(Pushed(reports=(told,)))
            await made.tracker.record(sent.client_order_id, S.NEW, exchange_order_id=own)
            await made.clock.advance(4)
        assert (made.feed.broken, made.stream.begun) == (None, 1)


async def test_one_that_breaks_while_it_is_ended_ends() -> None:
    made = Feeding()
    running = asyncio.ensure_future(made.feed.run())
    await made.clock.advance(0.1)
    made.stream.break_off("its session was closed")
    await asyncio.sleep(0)
    running.cancel()
    await made.clock.advance(10)
    assert running.cancelled()
