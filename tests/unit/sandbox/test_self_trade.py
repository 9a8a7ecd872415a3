"""Prevention of self-trades: what the book finds, and what the engine then does with money and orders."""

from dataclasses import dataclass

import pytest

from tests.sandbox_exchange import SHARP, SandboxExchange
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.matching import Book, SelfTrade
from trading_bridge.sandbox.orders import SandboxOrder, Terms
from trading_bridge.sandbox.rules import Refusal, RefusalCode

BUY, SELL = Side.BUY, Side.SELL
NONE, TAKER, MAKER, BOTH = SelfTrade.NONE, SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH


@dataclass(eq=False)
class Order:
    id: int
    price: Ticks
    remaining: Lots
    own: bool
    side: Side = SELL


def asks(*orders: tuple[int, int, bool]) -> Book[Order]:
    """Price, lots and whether it is the taker's own, by place."""
    book = Book[Order]()
    for number, (price, lots, own) in enumerate(orders, 1):
        book.add(Order(number, Ticks(price), Lots(lots), own))
    return book


@pytest.mark.parametrize(
    ("mode", "matched", "met", "ends"),
    [
        (NONE, [(1, 5), (2, 5), (3, 5)], [], False),
        (TAKER, [(1, 5)], [2], True),
        (MAKER, [(1, 5), (3, 5), (4, 5)], [2], False),
        (BOTH, [(1, 5)], [2], True),
    ],
)
def test_what_the_book_finds(mode: SelfTrade, matched: list, met: list, ends: bool) -> None:
    book = asks((100, 5, False), (101, 5, True), (101, 5, False), (102, 9, False))
    changes = book.changes
    found = book.taking(BUY, limit=Ticks(110), lots=Lots(15), self_trade=mode, is_own=lambda order: order.own)
    assert [(match.maker.id, match.lots) for match in found.matches] == matched
    assert [order.id for order in found.own_met] == met
    assert found.taker_ends is ends
    assert book.changes == changes
    assert book.depth(SELL, 9) == [(100, 5), (101, 10), (102, 9)]


def test_own_orders_beyond_what_is_taken_are_not_met() -> None:
    book = asks((100, 5, False), (101, 5, True))
    for how in ({"lots": Lots(5)}, {"limit": Ticks(100), "lots": Lots(9)}, {"budget": 500}):
        found = book.taking(BUY, self_trade=BOTH, is_own=lambda order: order.own, **how)  # type: ignore[arg-type]
        assert (found.own_met, found.taker_ends) == ([], False)


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000", SHARP="1000")
    return made


def used(exchange: SandboxExchange) -> tuple[int, int]:
    return exchange.held("alice", "USDT")[1], exchange.held("alice", "SHARP")[1]


@pytest.mark.parametrize(
    ("mode", "maker", "taker", "prevented"),
    [
        (NONE, OrderState.PARTIALLY_FILLED, OrderState.FILLED, (0, 0)),
        (TAKER, OrderState.NEW, OrderState.CANCELED, (0, 200)),
        (MAKER, OrderState.CANCELED, OrderState.NEW, (300, 0)),
        (BOTH, OrderState.CANCELED, OrderState.CANCELED, (300, 200)),
    ],
)
def test_what_the_engine_ends(
    exchange: SandboxExchange, mode: SelfTrade, maker: OrderState, taker: OrderState, prevented: tuple[int, int]
) -> None:
    first = exchange.limit(SELL, 26_000, 300)
    second = exchange.limit(BUY, 26_000, 200, self_trade=mode)
    assert (first.state, second.state) == (maker, taker)
    assert (first.prevented, second.prevented) == prevented
    assert {first.prevented_id, second.prevented_id} == ({None} if mode is NONE else {1} if mode is BOTH else {None, 1})
    rules = exchange.engine.rules(SHARP)
    quote = 26_000 * second.remaining * rules.atoms_per_unit if second.is_open else 0
    base = first.remaining * rules.atoms_per_lot if first.is_open else 0
    assert used(exchange) == (quote, base)
    assert exchange.engine.order("alice", first.id).state is maker  # type: ignore[union-attr]
    stored = exchange.store.order_by_id(second.id)
    assert repr(stored) == repr(second)


def test_what_others_offered_first_is_taken_before_the_taker_ends(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_900, 100)
    exchange.limit(SELL, 26_000, 300)
    taker = exchange.limit(BUY, 26_000, 500, self_trade=TAKER)
    assert (taker.filled, taker.remaining, taker.prevented, taker.state) == (100, 400, 400, OrderState.CANCELED)


def test_a_fok_counts_what_others_offer_and_else_ends_nothing(exchange: SandboxExchange) -> None:
    own = exchange.limit(SELL, 26_000, 300)
    exchange.quote(SELL, 26_000, 300)
    fok = {"self_trade": MAKER, "time_in_force": TimeInForce.FOK}
    assert exchange.limit(BUY, 26_000, 301, **fok).state is OrderState.CANCELED
    assert own.is_open
    assert exchange.limit(BUY, 26_000, 300, **fok).state is OrderState.FILLED
    assert own.state is OrderState.CANCELED


def test_a_market_buy_by_lots_holds_what_these_cost(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_000, 100)
    exchange.quote(SELL, 26_000, 100)
    order = exchange.engine.place("alice", SHARP, BUY, price=None, lots=Lots(150))
    assert isinstance(order, SandboxOrder)
    assert (order.filled, order.filled_cost, order.state) == (150, 25_000 * 100 + 26_000 * 50, OrderState.FILLED)
    short = exchange.engine.place("alice", SHARP, BUY, price=None, lots=Lots(150))
    assert isinstance(short, SandboxOrder)
    assert (short.filled, short.remaining, short.state) == (50, 100, OrderState.CANCELED)
    assert used(exchange) == (0, 0)


def test_a_market_sell_by_budget_gives_what_that_buys(exchange: SandboxExchange) -> None:
    exchange.quote(BUY, 25_000, 100)
    order = exchange.engine.place("alice", SHARP, SELL, price=None, budget=1_250_000)
    assert order == Refusal(RefusalCode.TOO_SMALL)  # below the market's smallest cost
    exchange.quote(BUY, 25_000, 10_000)
    order = exchange.engine.place("alice", SHARP, SELL, price=None, budget=110_010_000)
    assert isinstance(order, SandboxOrder)
    assert (order.lots, order.filled, order.state) == (4400, 4400, OrderState.FILLED)
    assert used(exchange) == (0, 0)


def test_terms_that_exchanges_see_differently(exchange: SandboxExchange) -> None:
    terms = Terms(ids_return=True, refuses_taking=True)
    first = exchange.limit(BUY, 25_000, 100, client_order_id="same", terms=terms)
    again = {"price": Ticks(25_000), "lots": Lots(100), "client_order_id": "same"}
    assert exchange.engine.place("alice", SHARP, BUY, **again, terms=terms) == Refusal(RefusalCode.DUPLICATE_ID)  # type: ignore[arg-type]
    exchange.engine.cancel(first)
    assert exchange.engine.place("alice", SHARP, BUY, **again) == Refusal(RefusalCode.DUPLICATE_ID)  # type: ignore[arg-type]
    second = exchange.limit(BUY, 25_000, 100, client_order_id="same", terms=terms)
    assert exchange.engine.order_by_client_id("alice", "same") is second
    exchange.quote(SELL, 26_000, 100)
    taking = exchange.engine.place(
        "alice", SHARP, BUY, price=Ticks(26_000), lots=Lots(100), post_only=True, terms=terms
    )
    assert taking == Refusal(RefusalCode.WOULD_TAKE)
