"""Every way of paging own trades finds each once, and says where it could not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW
from trading_bridge.core.finding import Evidence
from trading_bridge.core.order import Side
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.convert import TradePage
from trading_bridge.exchanges.trade_reader import BEGIN, TRADE_PAGES_MAX, Place, Stretch, Wanted, read_stretch
from trading_bridge.exchanges.wire import FromId, OwnTradePaging, Windows

IDS = FromId(id_param="fromId", order_param="orderId", rows=10)
SPANS = Windows(rows=10, full=10)
DAY = timedelta(days=1)


def trade(number: int, at: datetime, order_id: str = "1") -> Trade:
    return Trade(
        trade_id=str(number),
        exchange_account="a",
        exchange_order_id=order_id,
        symbol="SHARP/USDT",
        side=Side.BUY,
        price=Decimal(1),
        amount=Decimal(1),
        cost=Decimal(1),
        fee=None,
        fee_currency=None,
        is_maker=None,
        exchange_time=at,
    )


@dataclass
class Exchange:
    """Holds trades, oldest first, and answers as the documentation of such an exchange has it."""

    trades: list[Trade]
    newest_first: bool = False
    knows_orders: bool = True
    ignores_ids: bool = False
    asked: list[tuple[datetime | None, Mapping[str, Any]]] = field(default_factory=list)

    async def page(self, *, since: datetime | None, rows: int, params: Mapping[str, Any]) -> Outcome[TradePage]:
        self.asked.append((since, params))
        found = [one for one in self.trades if params.get("orderId") in (None, one.exchange_order_id)]
        if "fromId" in params and not self.ignores_ids:
            found = [one for one in found if int(one.trade_id) >= params["fromId"]][:rows]
        elif since is not None:
            until = datetime.fromtimestamp(params["until"] / 1000, UTC)
            within = [one for one in found if since <= one.exchange_time <= until]
            found = within[-rows:] if self.newest_first else within[:rows]
        else:
            found = found[-rows:]
        return answer(found)

    async def of_order(self, exchange_order_id: str) -> Outcome[TradePage] | None:
        if not self.knows_orders:
            return None
        return answer([one for one in self.trades if one.exchange_order_id == exchange_order_id])


def answer(found: list[Trade]) -> Answered[TradePage]:
    page = TradePage(trades=tuple((int(one.trade_id), one) for one in found), newest_first=False)
    return Answered(value=page, evidence=Evidence(call="fetch_my_trades", at=NOW))


async def read(
    paging: OwnTradePaging,
    exchange: Exchange,
    *,
    after: str | None = None,
    since: datetime | None = None,
    order_id: str | None = None,
    place: Place = BEGIN,
) -> Stretch:
    wanted = Wanted(exchange_order_id=order_id, after_trade_id=after, since=since)
    outcome = await read_stretch(paging, exchange, wanted, place, lambda: NOW)
    assert isinstance(outcome, Answered)
    return outcome.value


def numbers(stretch: Stretch) -> list[int]:
    return [int(one.trade_id) for one in stretch.trades]


def spread(count: int, over: timedelta, first: int = 1000, step: int = 7) -> list[Trade]:
    """Ids of a market are not one apart: most are other people's."""
    return [trade(first + step * index, NOW - over + over * index / count) for index in range(count)]


async def test_from_an_id_on_all_are_read() -> None:
    exchange = Exchange(spread(35, DAY))
    stretch = await read(IDS, exchange, after="1063", since=NOW - 3 * DAY)
    assert numbers(stretch) == [1000 + 7 * index for index in range(10, 35)]
    assert stretch.next_page is None
    assert [params["fromId"] for _, params in exchange.asked] == [1064, 1134, 1204]


async def test_without_an_id_the_newest_page_is_enough_where_it_begins_before() -> None:
    exchange = Exchange(spread(35, DAY))
    stretch = await read(IDS, exchange, since=NOW - timedelta(hours=3))
    assert stretch.next_page is None
    assert len(exchange.asked) == 1
    assert numbers(stretch)[-5:] == numbers(await read(IDS, exchange))[-5:]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("paging", [IDS, SPANS])
async def test_all_since_a_time_are_read_though_each_answer_is_cut(paging: OwnTradePaging, newest_first: bool) -> None:
    exchange = Exchange(spread(90, 4 * DAY), newest_first=newest_first)
    stretch = await read(paging, exchange, since=NOW - 6 * DAY)
    assert numbers(stretch) == [1000 + 7 * index for index in range(90)]
    assert stretch.next_page is None


@pytest.mark.parametrize("paging", [IDS, SPANS])
async def test_what_one_go_does_not_reach_is_said_and_read_on(paging: OwnTradePaging) -> None:
    exchange = Exchange(spread(900, 4 * DAY))
    found: list[int] = []
    place: Place | None = BEGIN
    goes = 0
    while place is not None:
        stretch = await read(paging, exchange, since=NOW - 6 * DAY, place=place)
        found += [number for number in numbers(stretch) if number not in found]
        place, goes = stretch.next_page, goes + 1
    assert sorted(found) == [1000 + 7 * index for index in range(900)]
    assert 1 < goes < 20
    assert len(exchange.asked) <= goes * TRADE_PAGES_MAX


async def test_an_exchange_that_takes_no_notice_of_the_id_has_not_told_all() -> None:
    exchange = Exchange(spread(35, DAY), ignores_ids=True)
    assert (await read(IDS, exchange, after="1231")).next_page is not None


@pytest.mark.parametrize("count", [3, 25])
async def test_those_of_one_order(count: int) -> None:
    others = spread(20, DAY)
    mine = [trade(5000 + index, NOW - timedelta(minutes=30) + timedelta(seconds=index), "9") for index in range(count)]
    assert numbers(await read(IDS, Exchange([*others, *mine]), order_id="9")) == [5000 + n for n in range(count)]


async def test_where_trades_of_one_order_cannot_be_asked_for_not_all_are_told() -> None:
    exchange = Exchange(spread(5, DAY))
    assert (await read(SPANS, exchange, order_id="1")).next_page is None
    exchange.knows_orders = False
    assert (await read(SPANS, exchange, order_id="1")).next_page is not None


async def test_too_many_in_one_moment_are_said() -> None:
    exchange = Exchange([trade(number, NOW - timedelta(hours=1)) for number in range(1, 40)])
    assert (await read(SPANS, exchange, since=NOW - 2 * DAY)).next_page is not None
