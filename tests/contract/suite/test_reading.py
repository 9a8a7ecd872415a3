"""What every exchange must tell truly: its markets, books, balances, and trades without gaps or repeats."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.contract.suite.desk import Desk, Way, opened, value
from tests.contract.suite.venues import Venue
from tests.sandbox_exchange import ETH, SHARP, atoms
from trading_bridge.core.balance import NOTHING, Balance
from trading_bridge.core.order import Side

BUY, SELL = Side.BUY, Side.SELL


async def test_markets_with_their_rules(desk: Desk) -> None:
    markets = value(await desk.session.markets())
    assert set(markets) == {SHARP, ETH}
    market = markets[SHARP]
    assert (market.exchange, market.base, market.quote) == (desk.venue.info.id, "SHARP", "USDT")
    assert (market.tick_size, market.lot_size) == (Decimal("0.000001"), Decimal("0.01"))
    assert market.min_amount is not None
    assert market.active is True


async def test_the_best_levels_of_a_book(desk: Desk) -> None:
    for tick in range(30):
        desk.exchange.quote(SELL, 25_600 + tick, 1000 + tick)
        desk.exchange.quote(BUY, 25_500 - tick, 1000 + tick)
    book = value(await desk.session.order_book(await desk.market(), depth=20))
    assert [level.price for level in book.asks] == list(range(25_600, 25_620))
    assert [level.price for level in book.bids] == list(range(25_500, 25_480, -1))
    assert [level.amount for level in book.asks] == list(range(1000, 1020))


async def test_prices_of_more_and_fewer_digits_stand_in_order(desk: Desk) -> None:
    """As text 9 comes after 10."""
    for price in (900_000, 1_000_000, 99_000):
        desk.exchange.quote(SELL, price, 1000)
    book = value(await desk.session.order_book(await desk.market()))
    assert [level.price for level in book.asks] == [99_000, 900_000, 1_000_000]


async def test_an_empty_book_is_a_book(desk: Desk) -> None:
    book = value(await desk.session.order_book(await desk.market()))
    assert (book.bids, book.asks) == ((), ())


async def test_public_trades_with_the_takers_side(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25_600, 1000)
    desk.exchange.quote(BUY, 25_500, 1000)
    desk.exchange.take(BUY, 25_600, 400)
    await desk.exchange.clock.advance(1)
    desk.exchange.take(SELL, 25_500, 300)
    trades = value(await desk.session.public_trades(await desk.market()))
    assert [(trade.side, trade.price, trade.amount) for trade in trades] == [
        (BUY, Decimal("0.0256"), Decimal(4)),
        (SELL, Decimal("0.0255"), Decimal(3)),
    ]


async def test_balances_and_whose_they_are(desk: Desk) -> None:
    desk.exchange.engine.deposit("alice", "SHARP", atoms("0.12345678"))
    await desk.placed()
    held = value(await desk.session.balances())
    assert held.of("SHARP") == Balance(free=Decimal("100000.12345678"), used=Decimal(0))
    assert held.of("USDT") == Balance(free=Decimal("99992.35"), used=Decimal("7.65"))
    assert (held.exchange_account is not None) is desk.venue.names_accounts
    desk.exchange.account("bob")
    other = value(await desk.open(desk.exchange.key("bob")).balances())
    assert (other.exchange_account != held.exchange_account) is desk.venue.names_accounts


async def test_a_currency_that_is_not_listed_is_zero_only_where_that_is_documented(desk: Desk) -> None:
    held = value(await desk.session.balances())
    assert held.of("NEVERHEARDOF") == (NOTHING if desk.venue.info.complete_balances else None)


async def test_deposits_and_withdrawals_with_their_signs(desk: Desk) -> None:
    desk.exchange.engine.deposit("alice", "SHARP", atoms("5"))
    desk.exchange.engine.withdraw("alice", "USDT", atoms("7"))
    came = value(await desk.session.deposits())
    left = value(await desk.session.withdrawals())
    assert ("SHARP", Decimal(5)) in [(one.currency, one.amount) for one in came]
    assert [(one.currency, one.amount, one.completed) for one in left] == [("USDT", Decimal(-7), True)]
    assert len({one.exchange_id for one in (*came, *left)}) == len(came) + len(left)


async def test_every_own_trade_of_many_answers_once_and_in_order(venue: Venue) -> None:
    async with opened(venue, Way.IN_PROCESS) as desk:
        market, began = await desk.market(), desk.exchange.clock.now()
        half = venue.many // 2
        ids = []
        for number in (1, 2):
            ids.append(await desk.placed(number, amount=Decimal(10 * half)))
            for _ in range(half):
                desk.exchange.take(SELL, 25_500, 1000)
            await desk.exchange.clock.advance(2)
        asked = [desk.in_time(desk.session.my_trades(market, exchange_order_id=one)) for one in ids]
        first, second = [value(await one) for one in asked]
        assert [len(first), len(second)] == [half, half]
        of_both = [trade.trade_id for trade in (*first, *second)]
        assert len(set(of_both)) == 2 * half
        account = value(await desk.session.balances()).exchange_account
        assert {trade.exchange_account for trade in (*first, *second)} == {account}
        since = value(await desk.in_time(desk.session.my_trades(market, since=began - timedelta(seconds=2))))
        assert [trade.trade_id for trade in since] == of_both
        await desk.pass_limits()
        after = value(await desk.in_time(desk.session.my_trades(market, after_trade_id=of_both[half // 2])))
        assert [trade.trade_id for trade in after] == of_both[half // 2 + 1 :]
        last = desk.session.my_trades(market, after_trade_id=of_both[-1])
        assert value(await desk.in_time(last)) == ()


async def test_another_markets_trades_are_not_among_them(desk: Desk) -> None:
    market = await desk.market()
    await desk.placed()
    desk.exchange.take(SELL, 25_500, 100)
    assert len(value(await desk.session.my_trades(market))) == 1
    other = value(await desk.session.markets())[ETH]
    assert value(await desk.session.my_trades(replace(other))) == ()
