"""The book against a model that is too simple to be wrong: a list, sorted anew for every match."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.matching import Book


@dataclass(eq=False)
class Order:
    id: int
    side: Side
    price: Ticks
    remaining: Lots


class Model:
    def __init__(self) -> None:
        self.rows: list[list[int | Side]] = []  # id, side, price, remaining; in order of arrival

    def match(self, side: Side, limit: int | None, lots: int | None, budget: int | None) -> list[tuple[int, int, int]]:
        sign = 1 if side is Side.BUY else -1
        queue = sorted((row for row in self.rows if row[1] is not side), key=lambda row: sign * row[2])  # stable
        found = []
        for row in queue:
            price = row[2]
            if limit is not None and sign * price > sign * limit:
                break
            amount = min(a for a in (row[3], lots, None if budget is None else budget // price) if a is not None)
            if amount == 0:
                break
            row[3] -= amount
            lots = None if lots is None else lots - amount
            budget = None if budget is None else budget - amount * price
            found.append((row[0], price, amount))
            if row[3]:
                break
        self.rows = [row for row in self.rows if row[3]]
        return found


prices = st.integers(1, 12)
amounts = st.integers(1, 20)
sides = st.sampled_from(Side)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("limit"), sides, prices, amounts),
        st.tuples(st.just("market"), sides, amounts),
        st.tuples(st.just("budget"), sides, st.integers(1, 300)),
        st.tuples(st.just("remove"), st.integers(0, 40)),
        st.tuples(st.just("reduce"), st.integers(0, 40), amounts),
    ),
    max_size=60,
)


@given(steps)
def test_matches_are_those_of_the_model_and_the_book_never_crosses(steps: list[tuple]) -> None:
    book, model, orders = Book[Order](), Model(), {}
    for number, (kind, *how) in enumerate(steps):
        if kind == "limit":
            side, price, amount = how
            taken = book.match(side, limit=price, lots=amount)
            assert [(m.maker.id, m.price, m.lots) for m in taken] == model.match(side, price, amount, None)
            rest = amount - sum(m.lots for m in taken)
            if rest:
                orders[number] = Order(number, side, Ticks(price), Lots(rest))
                assert not book.would_take(side, price)
                book.add(orders[number])
                model.rows.append([number, side, price, rest])
        elif kind in ("market", "budget"):
            side, size = how
            lots, budget = (size, None) if kind == "market" else (None, size)
            taken = book.match(side, lots=lots, budget=budget)
            assert [(m.maker.id, m.price, m.lots) for m in taken] == model.match(side, None, lots, budget)
            assert sum(m.price * m.lots for m in taken) <= (budget or 10**9)
        else:
            order = orders.get(how[0])
            if order is None or order.remaining == 0:
                continue
            row = next(row for row in model.rows if row[0] == order.id)
            if kind == "remove":
                book.remove(order)
                order.remaining = Lots(0)
                model.rows.remove(row)
            elif how[1] <= order.remaining:
                book.reduce(order, how[1])
                row[3] = how[1]
        for side in Side:
            levels: dict[int, int] = {}
            for row in model.rows:
                if row[1] is side:
                    levels[row[2]] = levels.get(row[2], 0) + row[3]
            best_first = sorted(levels.items(), reverse=side is Side.BUY)
            assert book.depth(side, 99) == best_first
            assert book.best(side) == (best_first[0][0] if best_first else None)
            for price in range(1, 13):
                assert book.amount_at(side, Ticks(price)) == levels.get(price, 0)
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        assert bid is None or ask is None or bid < ask
