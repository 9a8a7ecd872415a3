"""Where an order may stand after one before it would have taken, and for how long."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.factories import market, order
from trading_bridge.clock import ManualClock
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Order, OrderState, Side
from trading_bridge.execution.endings import PAUSE_S, REPRICES, Endings

BOT = "bot1"


class Tracked:
    """What an order tracker knows of the orders that were sent."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}

    def order(self, client_order_id: str) -> Order | None:
        return self.orders.get(client_order_id)

    def asked_to_end(self, client_order_id: str) -> bool:
        return False


class Ended:
    """Quotes of one bot, each ended as soon as it was there."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.endings = Endings(self.clock)
        self.tracked = Tracked()

    def end(self, side: Side, price: int) -> None:
        sent = order(
            client_order_id=f"order{len(self.tracked.orders)}",
            bot_id=BOT,
            side=side,
            price=market().price(Ticks(price)),
            filled=Decimal(0),
            post_only=True,
            state=OrderState.PENDING_NEW,
            decided_at=self.clock.now(),
            signed_at=self.clock.now(),
        )
        self.endings.sent(sent)
        ended = replace(sent, state=OrderState.CANCELED, exchange_order_id="1")
        self.tracked.orders[sent.client_order_id] = ended
        assert self.endings.look(BOT, self.tracked, market()) is None

    def placed_at(self, side: Side, price: int) -> int | Reason:
        wish = Wanted(side=side, price=Ticks(price), amount=Lots(10_000), post_only=True)
        found = self.endings.repriced(BOT, wish, market())
        return found if isinstance(found, Reason) else found.price


SIDES = pytest.mark.parametrize(("side", "behind"), [(Side.BUY, -1), (Side.SELL, 1)])


@SIDES
async def test_fault_X20_an_order_stands_behind_the_price_that_would_have_taken(side: Side, behind: int) -> None:
    ended = Ended()
    ended.end(side, 25_000)
    assert ended.placed_at(side, 25_000 - 100 * behind) == 25_000 + behind
    assert ended.placed_at(side, 25_000 + 100 * behind) == 25_000 + 100 * behind


@SIDES
async def test_what_would_have_taken_half_a_minute_ago_moves_nothing(side: Side, behind: int) -> None:
    """Also where no order of the side rests long enough to prove that it does not take."""
    ended = Ended()
    ended.end(side, 25_000)
    await ended.clock.advance(PAUSE_S - 1)
    assert ended.placed_at(side, 25_000 - 100 * behind) == 25_000 + behind
    await ended.clock.advance(1)
    assert ended.placed_at(side, 25_000 - 100 * behind) == 25_000 - 100 * behind


@SIDES
async def test_an_order_is_moved_no_further_than_a_hundredth_of_its_price(side: Side, behind: int) -> None:
    ended = Ended()
    ended.end(side, 25_000)
    assert ended.placed_at(side, 25_000 - 300 * behind) == 25_000 - 300 * behind
    assert ended.placed_at(side, 25_000 - 200 * behind) == 25_000 + behind


async def test_those_that_lie_far_apart_are_not_in_a_row() -> None:
    ended = Ended()
    for _ in range(2 * REPRICES):
        ended.end(Side.BUY, 25_000)
        await ended.clock.advance(PAUSE_S)
    assert ended.placed_at(Side.BUY, 25_000) == 25_000


async def test_a_side_holds_after_too_many_in_a_row_wherever_it_would_stand() -> None:
    ended = Ended()
    for _ in range(REPRICES + 1):
        ended.end(Side.BUY, 25_000)
        await ended.clock.advance(1)
    for price in (25_000, 20_000):
        found = ended.placed_at(Side.BUY, price)
        assert isinstance(found, Reason)
        assert found.code == "order.would_take"
    await ended.clock.advance(PAUSE_S)
    assert ended.placed_at(Side.BUY, 25_000) == 25_000


@SIDES
async def test_fault_X20_one_that_the_exchange_refuses_for_it_counts_as_one_that_it_ended(
    side: Side, behind: int
) -> None:
    ended = Ended()
    refused = order(bot_id=BOT, side=side, price=market().price(Ticks(25_000)), post_only=True)
    ended.endings.sent(refused)
    ended.endings.would_have_taken(refused)
    assert ended.placed_at(side, 25_000) == 25_000 + behind
    for _ in range(REPRICES):
        ended.endings.would_have_taken(refused)
    assert isinstance(ended.placed_at(side, 25_000), Reason)
