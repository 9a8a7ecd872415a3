from itertools import islice, takewhile

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.flow.events import Halt, SetLevel, Step, Take
from trading_bridge.sandbox.flow.recording import BookRow, Recording, TakenOrder, ethusdt_20240808
from trading_bridge.sandbox.flow.replay import HALT_S, replay


def levels(**by_price: int) -> dict[Ticks, Lots]:
    return {Ticks(int(price[1:])): Lots(amount) for price, amount in by_price.items()}


def recording(*orders: TakenOrder) -> Recording:
    return Recording(
        books=(
            BookRow(10_000, levels(p99=5, p98=7), levels(p101=5, p102=7)),
            BookRow(11_000, levels(p98=6, p97=3), levels(p100=4, p101=5)),
        ),
        orders=orders,
    )


def of(events: tuple[object, ...]) -> dict[tuple[Side, int], int]:
    return {(event.side, event.price): event.amount for event in events if isinstance(event, SetLevel)}


def test_each_book_states_every_level_and_first_what_left() -> None:
    first, second = islice(replay(recording()), 2)
    assert first.at_s == 0.0
    assert of(first.events) == {(Side.BUY, 99): 5, (Side.BUY, 98): 7, (Side.SELL, 101): 5, (Side.SELL, 102): 7}
    assert second.at_s == 1.0
    assert second.events[:2] == (SetLevel(Side.BUY, Ticks(99), Lots(0)), SetLevel(Side.SELL, Ticks(102), Lots(0)))
    assert of(second.events[2:]) == {(Side.BUY, 98): 6, (Side.BUY, 97): 3, (Side.SELL, 100): 4, (Side.SELL, 101): 5}


def test_an_order_takes_what_it_took_up_to_its_worst_price() -> None:
    step = list(islice(replay(recording(TakenOrder(10_250, Side.SELL, levels(p99=5, p98=2)))), 2))[1]
    assert step.at_s == 0.25
    assert step.events[-1] == Take(Side.SELL, Ticks(98), Lots(7))


def test_before_a_trade_everything_better_has_left_and_the_traded_amount_is_there() -> None:
    """A sale at 97 proves that no bid above it was left; a later book says again what stands."""
    steps = list(islice(replay(recording(TakenOrder(10_500, Side.SELL, levels(p97=4)))), 3))
    assert steps[1].events == (
        SetLevel(Side.BUY, Ticks(99), Lots(0)),
        SetLevel(Side.BUY, Ticks(98), Lots(0)),
        SetLevel(Side.BUY, Ticks(97), Lots(4)),
        Take(Side.SELL, Ticks(97), Lots(4)),
    )
    assert of(steps[2].events)[Side.BUY, 97] == 3


def test_where_a_trade_leaves_the_known_levels_what_stands_there_next_stands_behind_it() -> None:
    steps = list(islice(replay(recording(TakenOrder(10_500, Side.SELL, levels(p98=1)))), 2))
    assert of(steps[1].events) == {(Side.BUY, 99): 0, (Side.BUY, 97): 3}
    steps = list(islice(replay(recording(TakenOrder(10_500, Side.BUY, levels(p102=1)))), 2))
    assert of(steps[1].events) == {(Side.SELL, 101): 0, (Side.BUY, 97): 3}


def test_the_other_side_has_left_a_price_at_which_somebody_bought() -> None:
    steps = list(islice(replay(recording(TakenOrder(10_500, Side.BUY, levels(p98=1)))), 2))
    assert of(steps[1].events) == {(Side.BUY, 99): 0, (Side.BUY, 98): 0, (Side.SELL, 98): 1, (Side.BUY, 97): 3}


def test_a_level_that_trades_emptied_is_removed_with_the_next_book() -> None:
    """In the exchange it may still hold what one of our orders gave instead."""
    steps = list(islice(replay(recording(TakenOrder(10_500, Side.SELL, levels(p99=5)))), 3))
    assert of(steps[2].events)[Side.BUY, 99] == 0


def test_a_recording_that_ends_starts_over_as_a_halt() -> None:
    steps = list(islice(replay(recording()), 4))
    assert steps[2] == Step(2.0, (Halt(),))
    assert steps[3].at_s == 2.0 + HALT_S
    assert of(steps[3].events) == of(steps[0].events)


def test_orders_before_the_first_book_and_after_the_last_are_left_out() -> None:
    early, late = TakenOrder(9_000, Side.BUY, levels(p101=1)), TakenOrder(12_000, Side.BUY, levels(p101=1))
    steps = list(islice(replay(recording(early, late)), 8))
    assert not any(isinstance(event, Take) for step in steps for event in step.events)


def test_the_recorded_market_passes_at_its_own_pace() -> None:
    whole = ethusdt_20240808(tick_decimals=2, lot_decimals=4)
    steps = list(takewhile(lambda step: step.at_s < 649, replay(whole)))
    assert [a.at_s for a in steps] == sorted(a.at_s for a in steps)
    taken = sum(event.amount for step in steps for event in step.events if isinstance(event, Take))
    recorded = sum(
        sum(order.fills.values()) for order in whole.orders if 1723161256000 <= order.time_ms < 1723161905000
    )
    assert taken == recorded
