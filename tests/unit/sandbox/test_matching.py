from dataclasses import dataclass

import pytest

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.matching import Book


@dataclass(eq=False)
class Order:
    id: int
    side: Side
    price: Ticks
    remaining: Lots


def book(*orders: tuple[int, Side, int, int]) -> tuple[Book[Order], dict[int, Order]]:
    made, by_id = Book[Order](), {}
    for order_id, side, price, lots in orders:
        by_id[order_id] = Order(order_id, side, Ticks(price), Lots(lots))
        made.add(by_id[order_id])
    return made, by_id


def taken(made: Book[Order], side: Side, **how: object) -> list[tuple[int, int, int]]:
    return [(m.maker.id, m.price, m.lots) for m in made.match(side, **how)]  # type: ignore[arg-type]


BUY, SELL = Side.BUY, Side.SELL


def test_better_prices_come_first_then_older_orders() -> None:
    made, _ = book((1, SELL, 101, 5), (2, SELL, 100, 5), (3, SELL, 100, 5), (4, SELL, 102, 5))
    assert taken(made, BUY, lots=Lots(17)) == [(2, 100, 5), (3, 100, 5), (1, 101, 5), (4, 102, 2)]
    made, _ = book((1, BUY, 99, 5), (2, BUY, 100, 5), (3, BUY, 98, 5))
    assert taken(made, SELL, lots=Lots(12)) == [(2, 100, 5), (1, 99, 5), (3, 98, 2)]


def test_a_limit_is_kept_and_prices_are_the_makers() -> None:
    made, _ = book((1, SELL, 100, 5), (2, SELL, 103, 5))
    assert taken(made, BUY, lots=Lots(9), limit=Ticks(102)) == [(1, 100, 5)]
    assert made.best(SELL) == 103


def test_a_budget_buys_whole_lots_only() -> None:
    made, _ = book((1, SELL, 100, 2), (2, SELL, 101, 9))
    assert taken(made, BUY, budget=450) == [(1, 100, 2), (2, 101, 2)]  # 48 are left: no third lot at 101


def test_a_partly_taken_order_keeps_its_place_and_its_rest() -> None:
    made, orders = book((1, SELL, 100, 5), (2, SELL, 100, 5))
    taken(made, BUY, lots=Lots(3))
    assert orders[1].remaining == 2
    assert taken(made, BUY, lots=Lots(3)) == [(1, 100, 2), (2, 100, 1)]


def test_reduced_orders_keep_their_place() -> None:
    made, orders = book((1, SELL, 100, 5), (2, SELL, 100, 5))
    made.reduce(orders[1], Lots(1))
    assert made.depth(SELL, 5) == [(100, 6)]
    assert taken(made, BUY, lots=Lots(2)) == [(1, 100, 1), (2, 100, 1)]


@pytest.mark.parametrize("remaining", [0, 6, -1])
def test_an_order_is_never_reduced_to_nothing_or_to_more(remaining: int) -> None:
    made, orders = book((1, SELL, 100, 5))
    with pytest.raises(ValueError, match="shrinks"):
        made.reduce(orders[1], Lots(remaining))


def test_depth_sums_levels_best_first() -> None:
    made, orders = book((1, BUY, 98, 1), (2, BUY, 100, 2), (3, BUY, 100, 3), (4, BUY, 99, 4))
    assert made.depth(BUY, 2) == [(100, 5), (99, 4)]
    assert made.depth(SELL, 2) == []
    made.remove(orders[2])
    made.remove(orders[3])
    assert made.depth(BUY, 9) == [(99, 4), (98, 1)]
    assert made.amount_at(BUY, Ticks(99)) == 4
    assert made.amount_at(BUY, Ticks(100)) == 0


@pytest.mark.parametrize(
    ("side", "price", "takes"), [(BUY, 100, False), (BUY, 101, True), (SELL, 99, True), (SELL, 100, False)]
)
def test_would_take(side: Side, price: int, takes: bool) -> None:
    made, _ = book((1, BUY, 99, 1), (2, SELL, 101, 1))
    assert made.would_take(side, Ticks(price)) is takes


def test_takeable_counts_within_the_limit_up_to_enough() -> None:
    made, _ = book((1, SELL, 100, 5), (2, SELL, 101, 5), (3, SELL, 102, 5))
    assert made.takeable(BUY, Ticks(101), Lots(99)) == 10
    assert made.takeable(BUY, Ticks(101), Lots(7)) == 7
    assert made.takeable(BUY, Ticks(99), Lots(7)) == 0


def test_an_empty_book_gives_nothing() -> None:
    made, _ = book()
    assert taken(made, BUY, lots=Lots(1)) == []
    assert made.best(BUY) is None
    with pytest.raises(ValueError, match="amount"):
        made.match(BUY)
