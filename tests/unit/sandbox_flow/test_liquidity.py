import pytest

from tests.unit.sandbox_flow.exchange import ETH, Exchange
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.flow.liquidity import Liquidity


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def liquidity(exchange: Exchange) -> Liquidity:
    return Liquidity(exchange.engine, ETH)


def put(liquidity: Liquidity, side: Side, price: int, amount: int) -> None:
    liquidity.set(side, Ticks(price), Lots(amount))


def queue(exchange: Exchange, price: int) -> list[tuple[str, int]]:
    """Who rests on the bid at a price, first in the queue first."""
    matches = exchange.engine.book(ETH).match(Side.SELL, limit=Ticks(price), lots=Lots(10**9))
    return [(match.maker.account, match.lots) for match in matches]


def test_more_joins_behind_and_less_leaves_from_behind(exchange: Exchange, liquidity: Liquidity) -> None:
    put(liquidity, Side.BUY, 1000, 50)
    exchange.rest(ETH, Side.BUY, 1000, 7)
    put(liquidity, Side.BUY, 1000, 80)
    put(liquidity, Side.BUY, 1000, 60)
    assert queue(exchange, 1000) == [(MARKET_MAKER, 50), ("bot", 7), (MARKET_MAKER, 10)]


def test_less_than_the_first_order_shrinks_it_in_place(exchange: Exchange, liquidity: Liquidity) -> None:
    put(liquidity, Side.BUY, 1000, 50)
    exchange.rest(ETH, Side.BUY, 1000, 7)
    put(liquidity, Side.BUY, 1000, 80)
    put(liquidity, Side.BUY, 1000, 20)
    assert queue(exchange, 1000) == [(MARKET_MAKER, 20), ("bot", 7)]


def test_orders_of_others_are_neither_counted_nor_touched(exchange: Exchange, liquidity: Liquidity) -> None:
    """An order of a bot at a better price, or at the market's, is not the market's level."""
    put(liquidity, Side.BUY, 1000, 50)
    better, same = exchange.rest(ETH, Side.BUY, 1001, 5), exchange.rest(ETH, Side.BUY, 1000, 30)
    put(liquidity, Side.BUY, 1001, 0)
    put(liquidity, Side.BUY, 1000, 50)
    assert exchange.depth(ETH)[0] == [(1001, 5), (1000, 80)]
    put(liquidity, Side.BUY, 1000, 0)
    assert exchange.depth(ETH)[0] == [(1001, 5), (1000, 30)]
    assert better.is_open
    assert same.is_open


def test_a_level_that_was_eaten_is_filled_up_again(exchange: Exchange, liquidity: Liquidity) -> None:
    put(liquidity, Side.SELL, 1000, 50)
    exchange.engine.place("bot", ETH, Side.BUY, price=Ticks(1000), lots=Lots(50))
    assert exchange.depth(ETH) == ([], [])
    put(liquidity, Side.SELL, 1000, 50)
    assert exchange.depth(ETH)[1] == [(1000, 50)]


def test_a_quote_that_crosses_an_order_of_a_bot_fills_it(exchange: Exchange, liquidity: Liquidity) -> None:
    order = exchange.rest(ETH, Side.BUY, 1005, 20)
    put(liquidity, Side.SELL, 1003, 50)
    assert order.state is OrderState.FILLED
    assert order.filled_cost == 1005 * 20, "the maker's price counts"
    assert exchange.depth(ETH) == ([], [(1003, 30)])


def test_the_market_does_not_trade_with_itself(exchange: Exchange, liquidity: Liquidity) -> None:
    put(liquidity, Side.BUY, 1000, 50)
    put(liquidity, Side.BUY, 999, 50)
    own = exchange.rest(ETH, Side.BUY, 1001, 5)
    put(liquidity, Side.SELL, 1000, 20)
    assert own.state is OrderState.FILLED
    assert exchange.depth(ETH) == ([(999, 50)], [(1000, 15)])
    assert {trade.buyer for trade in exchange.engine.public_trades(ETH, 10)} == {"bot"}


def test_a_halt_takes_only_what_the_market_has(exchange: Exchange, liquidity: Liquidity) -> None:
    put(liquidity, Side.BUY, 1000, 50)
    put(liquidity, Side.SELL, 1010, 50)
    exchange.rest(ETH, Side.SELL, 1010, 3)
    liquidity.clear()
    assert exchange.depth(ETH) == ([], [(1010, 3)])
    put(liquidity, Side.SELL, 1010, 50)
    assert exchange.depth(ETH)[1] == [(1010, 53)]
