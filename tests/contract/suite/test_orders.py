"""The life of an order at every exchange: placed, looked up, filled in part, cancelled; what never was is not known."""

from dataclasses import replace
from decimal import Decimal

from tests.contract.suite.desk import Desk, value
from tests.sandbox_exchange import SHARP
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.outcome import Answered, NotSent, Refused, Unresolved

BUY, SELL = Side.BUY, Side.SELL
NEVER = "tbabcde0000000000000000000000000"


async def test_an_order_is_told_alike_by_every_call(desk: Desk) -> None:
    market, intent = await desk.market(), desk.intent()
    exchange_order_id = value(await desk.session.create_order(market, intent))
    (listed,) = value(await desk.session.open_orders())
    by_client = value(await desk.session.order_report(market, client_order_id=intent.client_order_id))
    by_exchange = value(await desk.session.order_report(market, exchange_order_id=exchange_order_id))
    for report in (listed, by_client, by_exchange):
        assert report is not None
        assert (report.exchange_order_id, report.client_order_id) == (exchange_order_id, intent.client_order_id)
        assert (report.symbol, report.side, report.price) == (SHARP, BUY, Decimal("0.0255"))
        assert (report.amount, report.filled, report.state) == (Decimal(300), 0, OrderState.NEW)


async def test_a_partial_fill_and_its_trade(desk: Desk) -> None:
    market = await desk.market()
    exchange_order_id = await desk.placed()
    desk.exchange.take(SELL, 25_500, 3000)
    report = value(await desk.session.order_report(market, exchange_order_id=exchange_order_id))
    assert report is not None
    assert (report.state, report.filled) == (OrderState.PARTIALLY_FILLED, Decimal(30))
    (fill,) = value(await desk.session.my_trades(market, exchange_order_id=exchange_order_id))
    assert (fill.side, fill.price, fill.amount, fill.cost) == (BUY, Decimal("0.0255"), Decimal(30), Decimal("0.765"))
    assert (fill.fee, fill.fee_currency, fill.is_maker) == (Decimal("0.06"), "SHARP", True)
    assert fill.exchange_order_id == exchange_order_id
    assert fill.self_deal is False


async def test_a_cancelled_order_keeps_what_was_filled(desk: Desk) -> None:
    market = await desk.market()
    exchange_order_id = await desk.placed()
    desk.exchange.take(SELL, 25_500, 3000)
    said = value(await desk.session.cancel_order(market, exchange_order_id))
    assert said in (None, OrderState.CANCELED, OrderState.PENDING_CANCEL)
    assert value(await desk.session.open_orders()) == ()
    report = value(await desk.session.order_report(market, exchange_order_id=exchange_order_id))
    assert report is not None
    assert (report.state, report.filled) == (OrderState.CANCELED, Decimal(30))


async def test_a_filled_order_says_so(desk: Desk) -> None:
    market = await desk.market()
    exchange_order_id = await desk.placed()
    desk.exchange.take(SELL, 25_500, 30_000)
    report = value(await desk.session.order_report(market, exchange_order_id=exchange_order_id))
    assert report is not None
    assert (report.state, report.filled) == (OrderState.FILLED, Decimal(300))
    again = await desk.session.cancel_order(market, exchange_order_id)
    assert not isinstance(again, Answered) or again.value in (None, OrderState.FILLED)
    if isinstance(again, Refused):
        assert again.finding.code == "order.not_found"


async def test_what_takes_pays_as_taker(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25_400, 1000)
    exchange_order_id = await desk.placed(post_only=False)
    (fill,) = value(await desk.session.my_trades(await desk.market(), exchange_order_id=exchange_order_id))
    assert (fill.is_maker, fill.price, fill.amount) == (False, Decimal("0.0254"), Decimal(10))


async def test_post_only_never_takes(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25_400, 100_000)
    market, intent = await desk.market(), desk.intent()
    outcome = await desk.session.create_order(market, intent)
    if desk.venue.refuses_takers:
        assert isinstance(outcome, Refused)
        assert outcome.finding.code == "order.would_take"
    else:
        report = value(await desk.session.order_report(market, client_order_id=intent.client_order_id))
        assert report is not None
        assert report.state in (OrderState.CANCELED, OrderState.REJECTED, OrderState.EXPIRED)
    assert value(await desk.session.my_trades(market)) == ()
    assert value(await desk.session.open_orders()) == ()


async def test_an_order_that_never_was_is_not_known(desk: Desk) -> None:
    market = await desk.market()
    assert value(await desk.session.order_report(market, client_order_id=NEVER)) is None
    unused = desk.venue.info.unused_order_id
    if unused is not None:
        assert value(await desk.session.order_report(market, exchange_order_id=unused)) is None
        cancelled = await desk.session.cancel_order(market, unused)
        assert isinstance(cancelled, Refused)
        assert cancelled.finding.code == "order.not_found"


async def test_a_second_send_of_one_id_proves_the_first(desk: Desk) -> None:
    market, intent = await desk.market(), desk.intent()
    first = value(await desk.session.create_order(market, intent))
    again = await desk.session.create_order(market, intent)
    assert isinstance(again, Unresolved)
    assert again.finding.code == "order.duplicate"
    report = value(await desk.session.order_report(market, client_order_id=intent.client_order_id))
    assert report is not None
    assert report.exchange_order_id == first
    assert len(value(await desk.session.open_orders())) == 1


async def test_what_is_sent_is_what_was_stored_or_nothing(desk: Desk) -> None:
    market = await desk.market()
    for number, changed in enumerate(({"price": Decimal("0.0255001")}, {"amount": Decimal("300.001")}), 1):
        outcome = await desk.session.create_order(market, desk.intent(number, **changed))
        assert isinstance(outcome, NotSent)
        assert outcome.finding.code == "order.precision"
    exact = desk.intent(3, price=Decimal("0.025501"), amount=Decimal("300.01"))
    value(await desk.session.create_order(market, exact))
    (standing,) = value(await desk.session.open_orders())
    assert (standing.price, standing.amount) == (exact.price, exact.amount)


async def test_more_than_there_is_is_refused_with_what_it_needs(desk: Desk) -> None:
    market, intent = await desk.market(), desk.intent(amount=Decimal("10000000"))
    outcome = await desk.session.create_order(market, intent)
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == "balance.insufficient"
    assert outcome.finding.parameters["currency"] == "USDT"
    assert value(await desk.session.open_orders()) == ()


async def test_an_order_of_a_market_that_is_not_listed_is_not_sent(desk: Desk) -> None:
    gone = replace(await desk.market(), symbol="GONE/USDT")
    assert isinstance(await desk.session.create_order(gone, desk.intent(symbol="GONE/USDT")), NotSent)
