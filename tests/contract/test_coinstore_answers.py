"""Answers in the shapes of Coinstore's reference, to the values that a session gives: every digit kept, no default."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.coinstore_wire import exchange, session
from tests.recorded_session import Reply
from trading_bridge.core.balance import Balance
from trading_bridge.core.market import Market
from trading_bridge.core.order import OrderReport, OrderState, Side
from trading_bridge.core.outcome import Answered, Unresolved
from trading_bridge.core.trade import PublicTrade, Trade
from trading_bridge.exchanges.session import Session

ACTIVE_V1 = """{"data":[{"symbol":"LUFFYUSDT","baseCurrency":"LUFFY","quoteCurrency":"USDT","timestamp":1642402062196,
 "side":"BUY","timeInForce":"GTC","accountId":1138204,"ordPrice":9.1E-10,"cumAmt":"0","cumQty":"0","leavesQty":"0",
 "clOrdId":"b1b2ea5e00a84b888d419cb73f8eb203","ordAmt":"0","ordQty":"1","ordId":"1722183748419690",
 "ordStatus":"SUBMITTED","ordType":"LIMIT"}],"code":0}"""
ORDER = {
    "baseCurrency": "SHARP",
    "quoteCurrency": "USDT",
    "side": "SELL",
    "cumQty": "0",
    "ordId": 1758065956225025,
    "clOrdId": "tLCGVA4g19zuEBwsITXi9g3U624Al0Bw",
    "ordType": "LIMIT",
    "ordQty": "171690026.12",
    "cumAmt": "0",
    "accountId": 1134912,
    "timeInForce": "GTC",
    "ordPrice": "0.025610",
    "leavesQty": "10",
    "avgPrice": "0",
    "ordStatus": "SUBMITTED",
    "symbol": "SHARPUSDT",
    "timestamp": 1676622290389,
}
MATCH = """{"id":3984987,"remainingQty":0E-18,"matchRole":1,"feeCurrencyId":44,"acturalFeeRate":0.002000000000000000,
 "role":1,"accountId":1138204,"instrumentId":15,"baseCurrencyId":44,"quoteCurrencyId":30,
 "execQty":40.900000000000000000,"orderState":50,"matchId":258338866,"orderId":1717384395096065,"side":1,
 "execAmt":8.887161000000000000,"selfDealingQty":0E-18,"tradeId":11523732,"fee":0.081800000000000000,
 "matchTime":1637825389,"seq":null}"""


def answer(data: Any, code: Any = 0) -> str:
    return json.dumps({"data": data, "code": code})


async def of_market(made: Session, symbol: str = "SHARP/USDT") -> Market:
    outcome = await made.markets()
    assert isinstance(outcome, Answered)
    return outcome.value[symbol]


def value(outcome: Any) -> Any:
    assert isinstance(outcome, Answered), outcome
    return outcome.value


# -- markets


async def test_markets() -> None:
    made, _ = session()
    markets = value(await made.markets())
    assert markets["SHARP/USDT"] == Market(
        exchange="coinstore",
        symbol="SHARP/USDT",
        base="SHARP",
        quote="USDT",
        tick_size=Decimal("0.000001"),
        lot_size=Decimal("0.01"),
        min_price=Decimal("0.0002"),
        min_amount=Decimal("0.2"),
        min_cost=None,
        maker_fee=Decimal("0.006"),
        taker_fee=Decimal("0.003"),
        active=True,
    )


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"tickSz": 0}, "tick_size", Decimal(1)),
        ({"tickSz": "11"}, "tick_size", Decimal("0.00000000001")),
        ({"openTrade": False}, "active", False),
        ({"openTrade": None}, "active", False),
        ({"minLmtSz": "0"}, "min_amount", None),
        ({"makerFee": None}, "maker_fee", None),
        ({"makerFee": "0"}, "maker_fee", Decimal(0)),
        ({"symbolCode": "sharpUSDT"}, "symbol", "SHARP/USDT"),
    ],
)
async def test_a_market_row(changed: dict[str, Any], field: str, expected: object) -> None:
    row = {
        "symbolId": 7,
        "symbolCode": "SHARPUSDT",
        "tradeCurrencyCode": "sharp",
        "quoteCurrencyCode": "usdt",
        "openTrade": True,
        "tickSz": 6,
        "lotSz": 2,
        "minLmtPr": "0.0002",
        "minLmtSz": "0.2",
        "makerFee": "0.006",
        "takerFee": "0.003",
    }
    made, wire = session()
    wire.replies.clear()
    wire.replies.append(answer([row | changed, None], "0"))
    (market,) = value(await made.markets()).values()
    assert getattr(market, field) == expected


async def test_a_market_without_steps_is_left_out_and_a_list_without_any_is_no_answer() -> None:
    row = {"symbolCode": "AUSDT", "tradeCurrencyCode": "a", "quoteCurrencyCode": "usdt", "openTrade": True}
    good = row | {"symbolCode": "BUSDT", "tradeCurrencyCode": "b", "tickSz": 2, "lotSz": 2}
    made, wire = session()
    wire.replies.clear()
    wire.replies.extend([answer([row, good], "0"), answer([row], "0"), answer(None, "0")])
    assert list(value(await made.markets())) == ["B/USDT"]
    for _ in range(2):
        assert isinstance(await made.markets(), Unresolved)


# -- balances


async def test_balances() -> None:
    made, _ = session()
    made, wire = session()
    wire.replies.clear()
    wire.replies.append(
        Reply(
            """{"data":[{"uid":315,"accountId":1134971,"currency":"USDT","balance":"0.05001","type":4,"typeName":"FROZEN"},
            {"uid":315,"accountId":1134971,"currency":"USDT","balance":"13297.94999","type":1,"typeName":"AVAILABLE"},
            {"uid":315,"accountId":1134971,"currency":"sharp","balance":"171690026.123456789012345678","type":1}],
            "code":0}""",
            headers={"X-Request-Id": "71523"},
        )
    )
    outcome = await made.balances()
    balances = value(outcome)
    assert balances.exchange_account == "1134971"
    assert balances.wallet == "spot"
    assert balances.by_currency == {
        "USDT": Balance(free=Decimal("13297.94999"), used=Decimal("0.05001")),
        "SHARP": Balance(free=Decimal("171690026.123456789012345678"), used=Decimal(0)),
    }
    assert str(balances.of("SHARP").free) == "171690026.123456789012345678"
    assert balances.of("BTC") == Balance(free=Decimal(0), used=Decimal(0))
    assert isinstance(outcome, Answered)
    assert outcome.evidence.request_id == "71523"
    assert outcome.evidence.endpoint == "/spot/accountList"
    assert outcome.evidence.exchange_code == "0"
    assert made.calls[-1].evidence == outcome.evidence


async def test_numbers_beyond_a_double_as_json_numbers() -> None:
    made, wire = session()
    wire.replies.clear()
    wire.replies.append(
        '{"code":0,"data":[{"accountId":1,"currency":"SHARP","balance":171690026.123456789012345678,"type":1},'
        '{"accountId":1,"currency":"SHARP","balance":0E-18,"type":4}]}'
    )
    held = value(await made.balances()).of("SHARP")
    assert held == Balance(free=Decimal("171690026.123456789012345678"), used=Decimal(0))


async def test_a_wallet_without_a_row_is_zero_only_when_the_answer_says_so() -> None:
    made, wire = session()
    wire.replies.clear()
    wire.replies.append(answer([]))
    balances = value(await made.balances())
    assert balances.complete is True
    assert balances.exchange_account is None


@pytest.mark.parametrize(
    "body",
    [
        '{"code":0}',
        '{"code":0,"data":null}',
        '{"code":0,"data":{}}',
        '{"code":0,"data":"none"}',
        '{"data":[]}',  # no code: not the exchange's word
        "[]",
        '{"code":0,"data":[{"currency":"USDT","balance":null,"type":1}]}',
        '{"code":0,"data":[{"currency":"USDT","balance":"many","type":1}]}',
        '{"code":0,"data":[{"currency":"USDT","balance":"NaN","type":1}]}',
        '{"code":0,"data":[{"currency":"USDT","balance":NaN,"type":1}]}',
        '{"code":0,"data":[{"balance":"1","type":1}]}',
        '{"code":0,"data":[{"currency":"USDT","balance":"1","type":1},{"currency":"usdt","balance":"2","type":1}]}',
    ],
)
async def test_no_false_zero(body: str) -> None:
    """What cannot be read is unknown, with a finding; it is never an empty or a zero balance."""
    made, wire = session()
    wire.replies.clear()
    wire.replies.append(body)
    outcome = await made.balances()
    assert isinstance(outcome, Unresolved)
    assert outcome.finding.code == "exchange.no_answer"
    assert made.calls[-1].finding_code == "exchange.no_answer"


async def test_a_currency_of_which_only_unknown_wallets_are_listed_is_unknown() -> None:
    made, wire = session()
    wire.replies.clear()
    wire.replies.append(
        answer(
            [
                {"accountId": 1, "currency": "USDT", "balance": "5", "type": 1},
                {"accountId": 1, "currency": "USDT", "balance": "7", "type": 9},
                {"accountId": 1, "currency": "SHARP", "balance": "7", "type": 9, "typeName": "FUNDING"},
            ]
        )
    )
    balances = value(await made.balances())
    assert [(one.wallet, one.currency, one.amount) for one in balances.elsewhere] == [
        ("9", "USDT", Decimal(7)),
        ("FUNDING", "SHARP", Decimal(7)),
    ]
    assert balances.of("USDT") == Balance(free=Decimal(5), used=Decimal(0))
    assert balances.of("SHARP") is None


# -- books and public trades


async def test_book() -> None:
    made, wire = session(
        """{"data":{"channel":"4@depth@5","level":5,"a":[["0.025610","9.999",-1],["0.02562","100",-1],["0.1","5",-1]],
        "b":[["0.0255","10",1],["0.0099999","20",1],["0.02549","0.004",1]],"symbol":"SHARPUSDT","instrumentId":4},"code":0}"""
    )
    market = await of_market(made)
    book = value(await made.order_book(market, depth=2))
    assert [(level.price, level.amount) for level in book.asks] == [(25610, 999), (25620, 10000)]
    # off the tick: away from the mid; less than one lot: not there
    assert [(level.price, level.amount) for level in book.bids] == [(25500, 1000), (9999, 2000)]
    assert wire.sent[-1].path == "/v1/market/depth/SHARPUSDT?depth=5"


async def test_a_book_is_sorted_by_value_not_by_text() -> None:
    rows = {"b": [["9", "1", 1], ["10", "1", 1]], "a": [["100", "1", -1], ["20", "1", -1]]}
    made, _ = exchange(answer(rows))
    book = await made.fetch_order_book("BTC/USDT")
    assert book["bids"] == [["10", "1"], ["9", "1"]]
    assert book["asks"] == [["20", "1"], ["100", "1"]]


@pytest.mark.parametrize(
    "body", ['{"code":0,"data":null}', '{"code":0,"data":{"a":[]}}', '{"code":0,"data":{"a":[["x","1"]],"b":[]}}']
)
async def test_no_false_book(body: str) -> None:
    made, _ = session(body)
    market = await of_market(made)
    assert isinstance(await made.order_book(market), Unresolved)


async def test_public_trades() -> None:
    row = {
        "channel": "4@trade",
        "time": 1642495112,
        "volume": "0.01",
        "price": "0.02561",
        "tradeId": 14867136,
        "takerSide": "BUY",
        "seq": 14867136,
        "ts": 1642495112000,
        "symbol": "SHARPUSDT",
        "instrumentId": 4,
    }
    later = row | {"tradeId": 14867137, "takerSide": "BEAR", "ts": 1642495112001}
    strange = row | {"tradeId": 14867138, "takerSide": "NOBODY"}
    made, _ = session(answer([strange, later, row]))
    market = await of_market(made)
    trades = value(await made.public_trades(market))
    assert trades == (
        PublicTrade(
            trade_id="14867136",
            symbol="SHARP/USDT",
            side=Side.BUY,
            price=Decimal("0.02561"),
            amount=Decimal("0.01"),
            exchange_time=datetime(2022, 1, 18, 8, 38, 32, tzinfo=UTC),
        ),
        PublicTrade(
            trade_id="14867137",
            symbol="SHARP/USDT",
            side=Side.SELL,
            price=Decimal("0.02561"),
            amount=Decimal("0.01"),
            exchange_time=datetime(2022, 1, 18, 8, 38, 32, 1000, tzinfo=UTC),
        ),
    )


# -- orders


async def test_open_orders_v1() -> None:
    made, _ = session(ACTIVE_V1)
    (report,) = value(await made.open_orders())
    assert report == OrderReport(
        exchange_order_id="1722183748419690",
        client_order_id="b1b2ea5e00a84b888d419cb73f8eb203",
        symbol="LUFFY/USDT",
        side=Side.BUY,
        price=Decimal("0.00000000091"),
        amount=Decimal(1),
        filled=Decimal(0),
        state=OrderState.NEW,
        exchange_time=datetime(2022, 1, 17, 6, 47, 42, 196000, tzinfo=UTC),
    )


async def test_an_order_of_an_unknown_market_is_kept_under_the_exchanges_own_symbol() -> None:
    made, _ = session(answer([ORDER | {"symbol": "NEWUSDT"}]))
    (report,) = value(await made.open_orders())
    assert report.symbol == "NEWUSDT"


async def test_one_unreadable_order_makes_the_list_unreadable() -> None:
    """An order that may live must not be passed over."""
    made, _ = session(answer([ORDER, ORDER | {"side": "BOTH"}]))
    assert isinstance(await made.open_orders(), Unresolved)


@pytest.mark.parametrize("field", ["ordStatus", "ordState"])
@pytest.mark.parametrize(
    ("word", "filled", "state"),
    [
        ("SUBMITTING", "0", OrderState.NEW),
        ("SUBMITTED", "0", OrderState.NEW),
        ("SUBMITTED", "1", OrderState.PARTIALLY_FILLED),
        ("PARTIAL_FILLED", "1", OrderState.PARTIALLY_FILLED),
        ("FILLED", "10", OrderState.FILLED),
        ("CANCELING", "1", OrderState.PENDING_CANCEL),
        ("CANCELED", "1", OrderState.CANCELED),
        ("REJECTED", "0", OrderState.REJECTED),
        ("EXPIRED", "0", OrderState.EXPIRED),
        ("STOPPED", "1", OrderState.CANCELED),
        ("SOMETHING_NEW", "1", None),
    ],
)
@pytest.mark.parametrize("shape", [lambda row: row, lambda row: [row]], ids=["object", "list"])
async def test_order_states(field: str, word: str, filled: str, state: OrderState | None, shape: Any) -> None:
    row = {name: content for name, content in ORDER.items() if name != "ordStatus"} | {field: word, "cumQty": filled}
    made, _ = session(answer(shape(row)))
    report = value(await made.order_report(await of_market(made), exchange_order_id="1758065956225025"))
    assert report.state is state
    assert report.filled == Decimal(filled)
    assert report.amount == Decimal("171690026.12")
    assert report.price == Decimal("0.02561")


@pytest.mark.parametrize(
    "body",
    [
        '{"code":3103,"message":"order-not-found"}',
        '{"code":"3103","msg":"order-not-found"}',
        '{"code":0,"data":{"ordState":"NOT_FOUND"}}',
        '{"code":0,"data":{"ordStatus":"NOT_FOUND","ordId":0}}',
        '{"code":0,"data":null}',
        '{"code":0,"data":[]}',
        '{"code":0,"data":{}}',
        '{"code":0}',
    ],
)
async def test_not_known_yet(body: str) -> None:
    made, _ = session(body)
    outcome = await made.order_report(await of_market(made), client_order_id="tbabcde1")
    assert isinstance(outcome, Answered)
    assert outcome.value is None


@pytest.mark.parametrize("asked", [{"client_order_id": "tbother"}, {"exchange_order_id": "1"}])
async def test_an_answer_about_another_order_is_no_answer(asked: dict[str, str]) -> None:
    made, _ = session(answer(ORDER))
    assert isinstance(await made.order_report(await of_market(made), **asked), Unresolved)


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (1676622291000, datetime(2023, 2, 17, 8, 24, 51, tzinfo=UTC)),
        (1676622291, datetime(2023, 2, 17, 8, 24, 51, tzinfo=UTC)),  # seconds after trades
        (None, datetime(2023, 2, 17, 8, 24, 50, 389000, tzinfo=UTC)),
    ],
)
async def test_times_by_magnitude(update: int | None, expected: datetime) -> None:
    made, _ = session(answer(ORDER | {"orderUpdateTime": update}))
    report = value(await made.order_report(await of_market(made), exchange_order_id="1758065956225025"))
    assert report.exchange_time == expected


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ('{"code":0,"data":{"clientOrderId":"a","state":"CANCELED","ordId":1}}', OrderState.CANCELED),
        ('{"code":0,"data":{"state":"CANCELED","ordId":1}}', OrderState.CANCELED),
        ('{"code":0,"data":{"state":"FILLED","ordId":1}}', OrderState.FILLED),
        ('{"code":0,"data":{"state":"CANCELING","ordId":1}}', OrderState.PENDING_CANCEL),
        ('{"code":0,"data":{"ordId":1}}', None),
        ('{"code":0,"data":null}', None),
        ('{"code":0}', None),
    ],
)
async def test_cancel(body: str, state: OrderState | None) -> None:
    made, _ = session(body)
    assert value(await made.cancel_order(await of_market(made), "1")) is state


async def test_cancel_all_lists_what_is_being_cancelled() -> None:
    made, _ = exchange('{"data":{"canceling":[1722183748419690,11594964764657880]},"code":0}', '{"code":0}')
    orders = await made.cancel_all_orders("SHARP/USDT")
    assert [order["id"] for order in orders] == ["1722183748419690", "11594964764657880"]
    assert await made.cancel_all_orders("SHARP/USDT") == []


# -- own trades


async def test_own_trade() -> None:
    made, _ = session(f'{{"data":[{MATCH}],"code":0}}')
    (trade,) = value(await made.my_trades(await of_market(made, "LUFFY/USDT")))
    assert trade == Trade(
        trade_id="3984987",
        exchange_account="1138204",
        exchange_order_id="1717384395096065",
        symbol="LUFFY/USDT",
        side=Side.BUY,
        price=Decimal("0.21729"),
        amount=Decimal("40.9"),
        cost=Decimal("8.887161"),
        fee=Decimal("0.0818"),
        fee_currency="LUFFY",
        is_maker=False,
        exchange_time=datetime(2021, 11, 25, 7, 29, 49, tzinfo=UTC),
    )
    assert str(trade.amount) == "40.9"


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"feeCurrencyId": 30}, "fee_currency", "USDT"),
        ({"feeCurrencyId": 99}, "fee_currency", None),
        ({"feeCurrencyId": None}, "fee_currency", None),
        ({"fee": None}, "fee", None),
        ({"fee": "0"}, "fee", Decimal(0)),
        ({"fee": "-0.001"}, "fee", Decimal("-0.001")),
        ({"matchRole": -1}, "is_maker", True),
        ({"matchRole": "MAKER"}, "is_maker", True),
        ({"matchRole": "taker"}, "is_maker", False),
        ({"matchRole": None, "role": -1}, "is_maker", True),
        ({"matchRole": 7, "role": 7}, "is_maker", None),
        ({"side": -1}, "side", Side.SELL),
        ({"side": "SELL"}, "side", Side.SELL),
        ({"accountId": None}, "exchange_account", None),
        ({"matchTime": 1637825389000}, "exchange_time", datetime(2021, 11, 25, 7, 29, 49, tzinfo=UTC)),
        ({"execQty": "3", "execAmt": "0.00000102"}, "price", Decimal("0.00000034")),
        ({"orderId": "11594964764657880"}, "exchange_order_id", "11594964764657880"),
    ],
)
async def test_own_trade_fields(changed: dict[str, Any], field: str, expected: object) -> None:
    row = json.loads(MATCH) | changed
    made, _ = session(answer([row]))
    (trade,) = value(await made.my_trades(await of_market(made)))
    assert getattr(trade, field) == expected


@pytest.mark.parametrize(
    "changed", [{"side": 0}, {"execQty": None}, {"orderId": None}, {"id": None}, {"matchTime": None}]
)
async def test_an_unreadable_trade_makes_the_page_unreadable(changed: dict[str, Any]) -> None:
    made, _ = session(answer([json.loads(MATCH), json.loads(MATCH) | changed]))
    assert isinstance(await made.my_trades(await of_market(made)), Unresolved)


def matches(numbers: Any, **changed: Any) -> str:
    """A page of own trades with these match numbers; all within one second."""
    return answer([json.loads(MATCH) | changed | {"id": number + 1000, "matchId": number} for number in numbers])


async def test_pages_of_trades_until_the_known_one_each_once() -> None:
    """New fills push rows to the next page while it is read."""
    made, wire = session(matches(range(300, 200, -1)), matches(range(202, 102, -1)))
    trades = value(await made.my_trades(await of_market(made), after_trade_id="1150"))
    assert [int(trade.trade_id) for trade in trades] == list(range(1151, 1301))
    assert [sent.path.partition("pageNum=")[2] for sent in wire.sent[1:]] == ["1", "2"]


async def test_the_newest_page_is_enough_when_nothing_is_asked_for() -> None:
    made, wire = session(matches(range(300, 200, -1)))
    trades = value(await made.my_trades(await of_market(made)))
    assert [int(trade.trade_id) for trade in trades] == list(range(1201, 1301))
    assert len(wire.sent) == 2


async def test_pages_of_trades_until_one_begins_before_a_time() -> None:
    older = {"matchTime": json.loads(MATCH)["matchTime"] - 60}
    pages = matches(range(300, 200, -1)), matches(range(200, 100, -1), **older), matches(range(100, 0, -1), **older)
    made, wire = session(*pages)
    market = await of_market(made)
    trades = value(await made.my_trades(market, since=datetime(2021, 11, 25, 7, 29, 0, tzinfo=UTC)))
    assert [int(trade.trade_id) for trade in trades] == list(range(1101, 1301))
    assert len(wire.sent) == 3


async def test_what_was_traded_before_a_time_ends_nothing_where_rows_come_oldest_first() -> None:
    older = {"matchTime": json.loads(MATCH)["matchTime"] - 60}
    made, _ = session(matches(range(1, 101), **older), matches(range(101, 130)))
    trades = value(await made.my_trades(await of_market(made), since=datetime(2021, 11, 25, 7, 29, 0, tzinfo=UTC)))
    assert len(trades) == 129


async def test_the_order_of_rows_is_not_relied_on() -> None:
    """Oldest first on the wire: the known trade on the first page does not end the reading."""
    made, _ = session(matches(range(1, 101)), matches(range(101, 130)))
    trades = value(await made.my_trades(await of_market(made), after_trade_id="1050"))
    assert [int(trade.trade_id) for trade in trades] == list(range(1051, 1130))


async def test_a_known_trade_that_never_comes_ends_with_the_last_page() -> None:
    made, _ = session(matches(range(120, 20, -1)), matches(range(20, 0, -1)))
    trades = value(await made.my_trades(await of_market(made), after_trade_id="7"))
    assert len(trades) == 120


async def test_an_endless_history_is_not_read_to_its_end() -> None:
    pages = [matches(range(10_000 - 100 * page, 9_900 - 100 * page, -1)) for page in range(50)]
    made, wire = session(*pages)
    outcome = await made.my_trades(await of_market(made), after_trade_id="7")
    assert isinstance(outcome, Unresolved)
    assert outcome.finding.code == "volume.incomplete"
    assert len(wire.sent) == 51


async def test_a_longer_history_is_read_on_from_the_last_page_of_before() -> None:
    pages = [matches(range(10_000 - 100 * page, 9_900 - 100 * page, -1)) for page in range(52)]
    made, wire = session(*pages[:50], *pages[49:])
    market = await of_market(made)
    first = value(await made.trades_back(market, after_trade_id="5950"))
    assert (len(first.trades), first.next_page) == (5_000, 50)
    then = value(await made.trades_back(market, after_trade_id="5950", from_page=50))
    assert [int(trade.trade_id) for trade in then.trades] == list(range(5_951, 6_101))
    assert then.next_page is None
    assert [sent.path.partition("pageNum=")[2] for sent in wire.sent[51:]] == ["50", "51"]


async def test_a_known_trade_that_is_not_there_ends_where_all_are_older() -> None:
    """As after a key of another account."""
    older = {"matchTime": json.loads(MATCH)["matchTime"] - 60}
    made, wire = session(matches(range(300, 200, -1)), matches(range(200, 100, -1), **older))
    since = datetime(2021, 11, 25, 7, 29, 0, tzinfo=UTC)
    found = value(await made.trades_back(await of_market(made), after_trade_id="7", since=since))
    assert (len(found.trades), found.next_page) == (200, None)
    assert len(wire.sent) == 3


# -- deposits and withdrawals, as the class reads them


async def test_deposits_and_withdrawals() -> None:
    made, _ = exchange(
        """{"code":"0","message":"Success","data":{"depositList":[{"id":38948,"symbol":"doge","chainName":"doge",
        "chainProtocol":"doge","amount":"10.61","createdAt":"2024-02-27 17:36:38","status":1,"explorer":"x",
        "txId":"9ceb","internalType":0,"lockAccount":false,"noDepositMsg":null}],"externalId":null,"label":null}}""",
        """{"code":"0","message":"Success","data":{"withdrawList":[{"id":4886,"symbol":"DOGE",
        "amount":0.300000000000000000,"fee":"0","createdAt":"2024-02-27 18:20:31","status":5,"showStatus":2,
        "explorer":"x","txId":"7b06","addressTo":"DFXm","tag":null,"chainName":"DOGE","chainProtocol":"DOGE",
        "internalType":1}],"externalId":null,"label":null}}""",
    )
    (deposit,) = await made.fetch_deposits()
    assert deposit["id"] == "38948"
    assert (deposit["type"], deposit["status"], deposit["currency"]) == ("deposit", "ok", "DOGE")
    assert (deposit["amount"], deposit["txid"], deposit["internal"]) == ("10.61", "9ceb", False)
    assert deposit["datetime"] == "2024-02-27T17:36:38.000Z"
    (withdrawal,) = await made.fetch_withdrawals()
    assert (withdrawal["type"], withdrawal["status"], withdrawal["address"]) == ("withdrawal", "ok", "DFXm")
    assert withdrawal["amount"] == "0.300000000000000000"
    assert withdrawal["fee"] == {"currency": "DOGE", "cost": "0"}
    assert withdrawal["internal"] is True


# -- an order exists only with code 0 and an id


@pytest.mark.parametrize("name", ["ordId", "order_id", "orderId"])
@pytest.mark.parametrize("identifier", ["1722183748419690", "11594964764657880"])
async def test_acknowledged(name: str, identifier: str) -> None:
    made, _ = exchange(
        f'{{"code":"0","data":{{"{name}":{identifier}}}}}', f'{{"code":0,"data":{{"{name}":"{identifier}"}}}}'
    )
    for _ in range(2):
        order = await made.create_order("BTC/USDT", "limit", "buy", "0.001", "60000.5", {"clientOrderId": "tb1"})
        assert order["id"] == identifier
        assert order["clientOrderId"] == "tb1"
        assert order["status"] is None
        assert order["filled"] is None


async def test_an_acknowledgement_has_the_form_of_ccxts_orders() -> None:
    made, _ = exchange('{"code":0,"data":{"ordId":1}}')
    order = await made.create_order("BTC/USDT", "limit", "buy", "0.001", "60000.5", {"postOnly": True})
    assert set(order) == set(made.safe_order({"info": {}, "fee": None}))
    assert (order["price"], order["amount"], order["postOnly"]) == ("60000.5", "0.001", True)
