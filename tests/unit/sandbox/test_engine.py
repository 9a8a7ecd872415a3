from dataclasses import replace

import pytest

from tests.sandbox_exchange import SHARP, SandboxExchange, accepted, atoms
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.errors import Conflict, NotFound
from trading_bridge.sandbox.directory import FEES, MARKET_MAKER
from trading_bridge.sandbox.markets import SHARP_USDT
from trading_bridge.sandbox.rules import Refusal, RefusalCode

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000", SHARP="1000")
    return made


def test_a_resting_order_holds_what_it_may_spend(exchange: SandboxExchange) -> None:
    buy = exchange.limit(BUY, 25_000, 10_000)
    assert buy.state is OrderState.NEW
    assert exchange.held("alice", "USDT") == (atoms("997.5"), atoms("2.5"))
    sell = exchange.limit(SELL, 26_000, 10_000)
    assert exchange.held("alice", "SHARP") == (atoms("900"), atoms("100"))
    exchange.engine.cancel(buy)
    exchange.engine.cancel(sell)
    assert exchange.held("alice", "USDT") == (atoms("1000"), 0)
    assert exchange.held("alice", "SHARP") == (atoms("1000"), 0)


def test_the_fee_comes_out_of_what_is_received(exchange: SandboxExchange) -> None:
    exchange.limit(BUY, 25_000, 10_000)
    exchange.take(SELL, 25_000, 10_000)
    assert exchange.held("alice", "USDT") == (atoms("997.5"), 0)
    assert exchange.held("alice", "SHARP") == (atoms("1099.8"), 0)
    exchange.limit(SELL, 26_000, 10_000)
    exchange.take(BUY, 26_000, 10_000)
    assert exchange.held("alice", "SHARP") == (atoms("999.8"), 0)
    assert exchange.held("alice", "USDT") == (atoms("1000.0948"), 0)  # 997.5 + 2.6 - 0.2 %
    assert exchange.held(FEES, "SHARP") == (atoms("0.2"), 0)
    assert exchange.held(FEES, "USDT") == (atoms("0.0052"), 0)


def test_maker_and_taker_have_their_own_rates() -> None:
    rules = replace(SHARP_USDT, maker_fee=SHARP_USDT.maker_fee / 2)
    exchange = SandboxExchange(markets=(rules,))
    exchange.account("alice", USDT="1000", SHARP="0.01")
    exchange.limit(BUY, 25_000, 10_000)
    exchange.take(SELL, 25_000, 10_000)
    exchange.quote(SELL, 25_000, 10_000)
    exchange.limit(BUY, 25_000, 10_000)
    assert exchange.held(FEES, "SHARP") == (atoms("0.3"), 0)


def test_a_taker_pays_the_makers_price_and_gets_the_difference_back(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_000, 5_000)
    exchange.quote(SELL, 25_100, 5_000)
    order = exchange.limit(BUY, 26_000, 20_000)
    assert (order.state, order.filled, order.remaining) == (OrderState.PARTIALLY_FILLED, 10_000, 10_000)
    assert order.filled_cost == 25_000 * 5_000 + 25_100 * 5_000
    assert exchange.held("alice", "USDT") == (atoms("994.895"), atoms("2.6"))


def test_the_remainder_of_an_ioc_is_cancelled(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_000, 5_000)
    order = exchange.limit(BUY, 25_000, 9_000, time_in_force=TimeInForce.IOC)
    assert (order.state, order.filled) == (OrderState.CANCELED, 5_000)
    assert exchange.held("alice", "USDT") == (atoms("998.75"), 0)
    assert exchange.engine.open_orders("alice") == []


def test_fok_is_all_or_nothing(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_000, 5_000)
    none = exchange.limit(BUY, 25_000, 5_001, time_in_force=TimeInForce.FOK)
    assert (none.state, none.filled) == (OrderState.CANCELED, 0)
    both = exchange.limit(BUY, 25_000, 5_000, time_in_force=TimeInForce.FOK)
    assert both.state is OrderState.FILLED


def test_a_post_only_that_would_take_is_accepted_and_cancelled(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_000, 5_000)
    order = exchange.limit(BUY, 25_000, 100, post_only=True)
    assert (order.state, order.filled) == (OrderState.CANCELED, 0)
    assert exchange.engine.order("alice", order.id) is not None
    assert exchange.held("alice", "USDT") == (atoms("1000"), 0)
    stands = exchange.limit(BUY, 24_999, 100, post_only=True)
    assert stands.state is OrderState.NEW


def test_a_market_buy_spends_its_budget_in_whole_lots(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_000, 4_000)  # 1 USDT
    exchange.quote(SELL, 30_000, 40_000)
    order = accepted(exchange.engine.place("alice", SHARP, BUY, price=None, budget=200_000_000))
    assert order.state is OrderState.FILLED
    assert order.filled == 4_000 + 3_333
    assert order.filled_cost == 25_000 * 4_000 + 30_000 * 3_333 <= 200_000_000
    assert exchange.held("alice", "USDT") == (atoms("1000") - order.filled_cost * SHARP_USDT.atoms_per_unit, 0)


def test_a_market_order_on_an_empty_book_is_cancelled(exchange: SandboxExchange) -> None:
    buy = accepted(exchange.engine.place("alice", SHARP, BUY, price=None, budget=200_000_000))
    sell = accepted(exchange.engine.place("alice", SHARP, SELL, price=None, lots=Lots(500)))
    assert (buy.state, sell.state) == (OrderState.CANCELED, OrderState.CANCELED)
    exchange.quote(BUY, 25_000, 300)
    partly = accepted(exchange.engine.place("alice", SHARP, SELL, price=None, lots=Lots(500)))
    assert (partly.state, partly.filled) == (OrderState.CANCELED, 300)
    assert exchange.held("alice", "SHARP") == (atoms("997"), 0)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"price": Ticks(25_000), "lots": Lots(99)}, RefusalCode.TOO_SMALL),
        ({"price": None, "budget": 99_000_000}, RefusalCode.TOO_SMALL),
        ({"price": Ticks(25_000), "lots": Lots(4_000_001)}, RefusalCode.INSUFFICIENT_FUNDS),
        ({"price": None, "budget": 100_100_000_000}, RefusalCode.INSUFFICIENT_FUNDS),
    ],
)
def test_refusals_change_nothing(exchange: SandboxExchange, how: dict[str, int], code: RefusalCode) -> None:
    before = exchange.engine.sequence
    assert exchange.engine.place("alice", SHARP, BUY, **how) == Refusal(code)  # type: ignore[arg-type]
    assert exchange.engine.sequence == before
    assert exchange.held("alice", "USDT") == (atoms("1000"), 0)


def test_a_closed_market_takes_no_orders() -> None:
    exchange = SandboxExchange(markets=(replace(SHARP_USDT, open=False),))
    exchange.account("alice", USDT="1000")
    outcome = exchange.engine.place("alice", SHARP, BUY, price=Ticks(1000), lots=Lots(1000))
    assert outcome == Refusal(RefusalCode.MARKET_CLOSED)


def test_client_ids_serve_once_even_after_the_order_closed(exchange: SandboxExchange) -> None:
    order = exchange.limit(BUY, 25_000, 100, client_order_id="tb1")
    again = exchange.engine.place("alice", SHARP, BUY, price=Ticks(1000), lots=Lots(100), client_order_id="tb1")
    assert again == Refusal(RefusalCode.DUPLICATE_ID)
    exchange.engine.cancel(order)
    again = exchange.engine.place("alice", SHARP, BUY, price=Ticks(1000), lots=Lots(100), client_order_id="tb1")
    assert again == Refusal(RefusalCode.DUPLICATE_ID)
    exchange.account("bob", USDT="10")
    exchange.limit(BUY, 1_000, 100, account="bob", client_order_id="tb1")  # ids are per account


def test_fifty_active_orders_and_market_makers_are_exempt(exchange: SandboxExchange) -> None:
    orders = [exchange.limit(BUY, 1_000 + n, 100) for n in range(50)]
    more = exchange.engine.place("alice", SHARP, BUY, price=Ticks(1000), lots=Lots(100))
    assert more == Refusal(RefusalCode.TOO_MANY_ORDERS)
    exchange.engine.cancel(orders[7])
    exchange.limit(BUY, 1_000, 100)
    for n in range(60):
        exchange.quote(BUY, 500 + n, 100)


def test_market_accounts_never_run_dry_and_every_deposit_is_in_the_ledger(exchange: SandboxExchange) -> None:
    exchange.engine.deposit("alice", "USDT", atoms("5000000"))
    exchange.quote(SELL, 25_000, 20_000_000_000)  # far beyond one deposit
    exchange.limit(BUY, 25_000, 19_000_000_000)
    deposits = [e for e in exchange.store.entries(MARKET_MAKER, after=0, until=10**9, limit=100)]
    assert {e.kind for e in deposits} == {"market_deposit"}
    free, used = exchange.held(MARKET_MAKER, "SHARP")
    assert free == sum(e.amount for e in deposits if e.currency == "SHARP") - atoms("190000000")
    assert used == 0


def test_a_self_trade_happens_and_costs_its_fees(exchange: SandboxExchange) -> None:
    exchange.limit(SELL, 25_000, 10_000)
    exchange.limit(BUY, 25_000, 10_000)
    assert exchange.held("alice", "SHARP") == (atoms("999.8"), 0)
    assert exchange.held("alice", "USDT") == (atoms("999.995"), 0)
    fills = exchange.store.fills("alice", SHARP, order_id=None, side=None, offset=0, limit=9)
    assert [fill.self_deal for fill in fills] == [True, True]
    assert len({fill.id for fill in fills}) == 2
    assert len({fill.number for fill in fills}) == 1


def test_an_order_reduced_in_place_frees_what_it_held(exchange: SandboxExchange) -> None:
    order = exchange.limit(BUY, 25_000, 10_000)
    later = exchange.limit(BUY, 25_000, 10_000)
    exchange.engine.reduce(order, Lots(4_000))
    assert exchange.held("alice", "USDT") == (atoms("996.5"), atoms("3.5"))
    exchange.take(SELL, 25_000, 4_000)
    assert (order.state, later.filled) == (OrderState.FILLED, 0)


def test_cancelling_what_is_over_changes_nothing(exchange: SandboxExchange) -> None:
    order = exchange.limit(BUY, 25_000, 10_000)
    assert exchange.engine.cancel(order)
    assert not exchange.engine.cancel(order)
    filled = exchange.limit(BUY, 25_000, 10_000)
    exchange.take(SELL, 25_000, 10_000)
    assert not exchange.engine.cancel(filled)
    assert filled.state is OrderState.FILLED


def test_accounts_do_not_see_each_others_orders(exchange: SandboxExchange) -> None:
    order = exchange.limit(BUY, 25_000, 10_000, client_order_id="tb1")
    exchange.account("bob")
    assert exchange.engine.order("bob", order.id) is None
    assert exchange.engine.order_by_client_id("bob", "tb1") is None
    assert exchange.engine.order("alice", order.id) is order
    assert exchange.engine.order_by_client_id("alice", "tb1") is order


def test_withdrawals_leave_what_orders_hold(exchange: SandboxExchange) -> None:
    exchange.limit(BUY, 25_000, 10_000)
    assert exchange.engine.withdraw("alice", "USDT", atoms("998")) == Refusal(RefusalCode.INSUFFICIENT_FUNDS)
    assert not isinstance(exchange.engine.withdraw("alice", "USDT", atoms("997.5")), Refusal)
    assert exchange.held("alice", "USDT") == (0, atoms("2.5"))


def test_every_event_that_changes_money_has_its_own_number(exchange: SandboxExchange) -> None:
    start = exchange.engine.sequence
    order = exchange.limit(BUY, 25_000, 10_000)
    assert exchange.engine.sequence == start + 1
    exchange.quote(BUY, 24_000, 10_000)
    assert exchange.engine.sequence == start + 1  # market orders hold nothing
    exchange.engine.cancel(order)
    assert exchange.engine.sequence == start + 2


def test_public_trades_come_newest_first(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_000, 300)
    exchange.take(BUY, 25_000, 100)
    exchange.take(BUY, 25_000, 200)
    assert [(t.number, t.lots, t.taker_side) for t in exchange.engine.public_trades(SHARP, 5)] == [
        (2, 200, BUY),
        (1, 100, BUY),
    ]


def test_unknown_and_taken_names(exchange: SandboxExchange) -> None:
    with pytest.raises(NotFound):
        exchange.engine.directory.account("nobody")
    with pytest.raises(Conflict):
        exchange.engine.directory.create("alice", 0)
    with pytest.raises(Conflict):
        exchange.engine.directory.create("bob", 0, account_id=exchange.engine.directory.account("alice").account_id)
