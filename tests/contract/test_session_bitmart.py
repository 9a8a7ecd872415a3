"""A session against the sandbox as BitMart, in process: both wrote the wire down on their own, and here they meet."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

import aiohttp
import pytest
from yarl import URL

from tests.bitmart_sandbox import BitmartSandbox
from tests.bitmart_wire import SYMBOLS, answer
from tests.factories import order
from tests.recorded_session import RecordedSession, Reply
from tests.sandbox_exchange import ADDRESS, ETH, SHARP, atoms
from trading_bridge.core.balance import Balance
from trading_bridge.core.client import Credentials
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderState, Side, TimeInForce
from trading_bridge.core.outcome import Answered, NotSent, Refused, Unresolved
from trading_bridge.exchanges.bitmart_errors import EXACT
from trading_bridge.exchanges.limiter import Limiter
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session
from trading_bridge.sandbox.accounts import ApiKey, Permission
from trading_bridge.sandbox.transport import InProcessSession, Line

BUY, SELL = Side.BUY, Side.SELL

T = TypeVar("T")


@dataclass
class Desk:
    exchange: BitmartSandbox
    http: HttpSessions
    session: Session
    market: Market

    def open(self, key: ApiKey, **credentials: str) -> Session:
        return opened(self.exchange, self.http, key, **credentials)

    def intent(self, number: int = 1, **changed: object) -> Order:
        now = self.exchange.clock.now()
        made = order(
            client_order_id=f"tbabcde{number:05}",
            price=Decimal("0.0255"),
            amount=Decimal("100"),
            signed_at=now,
            decided_at=now,
        )
        return replace(made, **changed)  # type: ignore[arg-type]


def opened(exchange: BitmartSandbox, http: HttpSessions, key: ApiKey, **credentials: str) -> Session:
    info = exchange_info("bitmart")
    assert info is not None
    values = {"api_key": key.api_key, "secret": key.secret, "memo": key.account} | credentials
    return Session(
        info=info,
        credentials=Credentials(**values),
        base_url="http://sandbox/bitmart",
        proxy_url=None,
        ipv4_only=False,
        clock=exchange.clock,
        http=http,
        address_limiter=Limiter.for_address(info, exchange.clock),
    )


async def open_desk(exchange: BitmartSandbox, line: Line | None = None) -> Desk:
    http = HttpSessions(lambda ipv4_only: InProcessSession(exchange.app, address=ADDRESS, line=line))
    session = opened(exchange, http, exchange.key("alice"))
    markets = await session.markets()
    assert isinstance(markets, Answered)
    return Desk(exchange, http, session, markets.value[SHARP])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    exchange = BitmartSandbox(rate_limits=True)
    exchange.account("alice", USDT="1000", SHARP="1000")
    made = await open_desk(exchange)
    yield made
    await made.session.close()
    await made.http.close()


def value(outcome: object) -> object:
    assert isinstance(outcome, Answered), outcome
    return outcome.value


async def in_time(desk: Desk, asked: Coroutine[object, object, T]) -> T:
    """Calls that wait for their turn are given it."""
    task = asyncio.ensure_future(asked)
    while not task.done():
        await desk.exchange.clock.advance(1)
    return task.result()


async def test_markets(desk: Desk) -> None:
    assert set(value(await desk.session.markets())) == {SHARP, ETH}  # type: ignore[call-overload]
    assert (desk.market.tick_size, desk.market.lot_size) == (Decimal("0.000001"), Decimal("0.01"))
    assert (desk.market.min_amount, desk.market.min_cost, desk.market.active) == (Decimal(1), Decimal(1), True)


async def test_balances_to_the_last_digit(desk: Desk) -> None:
    desk.exchange.engine.deposit("alice", "SHARP", 123456789012345678)
    outcome = await desk.session.balances()
    assert isinstance(outcome, Answered)
    assert outcome.value.of("SHARP") == Balance(free=Decimal("1000.123456789012345678"), used=Decimal(0))
    assert outcome.value.of("BTC") == Balance(free=Decimal(0), used=Decimal(0))
    assert (outcome.value.wallet, outcome.value.exchange_account) == ("spot", None)
    assert outcome.evidence.request_id == str(desk.exchange.engine.sequence)


async def test_the_life_of_an_order(desk: Desk) -> None:
    made, market = desk.session, desk.market
    exchange_order_id = value(await made.create_order(market, desk.intent()))
    assert isinstance(exchange_order_id, str)
    held = value(await made.balances())
    assert held.of("USDT") == Balance(free=Decimal("997.45"), used=Decimal("2.55"))  # type: ignore[attr-defined]
    (listed,) = value(await made.open_orders())  # type: ignore[misc]
    asked = value(await made.order_report(market, client_order_id="tbabcde00001"))
    assert listed == asked
    assert (listed.exchange_order_id, listed.state, listed.symbol) == (exchange_order_id, OrderState.NEW, SHARP)
    assert (listed.side, listed.price, listed.amount) == (BUY, Decimal("0.0255"), Decimal(100))

    desk.exchange.take(SELL, 25500, 3000)
    report = value(await made.order_report(market, exchange_order_id=exchange_order_id))
    assert (report.state, report.filled) == (OrderState.PARTIALLY_FILLED, Decimal(30))  # type: ignore[attr-defined]
    (fill,) = value(await made.my_trades(market, exchange_order_id=exchange_order_id))  # type: ignore[misc]
    assert (fill.side, fill.price, fill.amount, fill.cost) == (BUY, Decimal("0.0255"), Decimal(30), Decimal("0.765"))
    assert (fill.fee, fill.fee_currency, fill.is_maker) == (Decimal("0.06"), "SHARP", True)

    assert value(await made.cancel_order(market, exchange_order_id)) is None  # asked for; a report tells
    assert value(await made.open_orders()) == ()
    report = value(await made.order_report(market, exchange_order_id=exchange_order_id))
    assert (report.state, report.filled) == (OrderState.CANCELED, Decimal(30))  # type: ignore[attr-defined]
    again = await made.cancel_order(market, exchange_order_id)
    assert isinstance(again, Refused)
    assert again.finding.code == "order.not_found"


async def test_an_order_that_never_was(desk: Desk) -> None:
    assert value(await desk.session.order_report(desk.market, client_order_id="tbabcde99999")) is None
    assert value(await desk.session.order_report(desk.market, exchange_order_id="1")) is None


async def test_post_only_that_would_take_ends_without_a_fill(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25400, 10000)
    placed = value(await desk.session.create_order(desk.market, desk.intent()))
    report = value(await desk.session.order_report(desk.market, exchange_order_id=str(placed)))
    assert (report.state, report.filled) == (OrderState.CANCELED, Decimal(0))  # type: ignore[attr-defined]


async def test_a_taker_by_ioc(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25400, 1000)
    intent = desk.intent(post_only=False, time_in_force=TimeInForce.IOC)
    placed = value(await desk.session.create_order(desk.market, intent))
    report = value(await desk.session.order_report(desk.market, exchange_order_id=str(placed)))
    assert (report.state, report.filled) == (OrderState.CANCELED, Decimal(10))  # type: ignore[attr-defined]
    (fill,) = value(await desk.session.my_trades(desk.market))  # type: ignore[misc]
    assert (fill.is_maker, fill.price) == (False, Decimal("0.0254"))


async def test_a_second_send_of_one_id_proves_the_first(desk: Desk) -> None:
    first = value(await desk.session.create_order(desk.market, desk.intent()))
    again = await desk.session.create_order(desk.market, desk.intent())
    assert isinstance(again, Unresolved)
    assert again.finding.code == "order.duplicate"
    report = value(await desk.session.order_report(desk.market, client_order_id="tbabcde00001"))
    assert report.exchange_order_id == first  # type: ignore[attr-defined]


async def test_books_and_public_trades(desk: Desk) -> None:
    for tick in range(30):
        desk.exchange.quote(SELL, 25600 + tick, 1000 + tick)
        desk.exchange.quote(BUY, 25500 - tick, 1000 + tick)
    desk.exchange.take(BUY, 25600, 400)
    desk.exchange.take(SELL, 25500, 300)
    book = value(await desk.session.order_book(desk.market, depth=20))
    assert [level.price for level in book.asks] == list(range(25600, 25620))  # type: ignore[attr-defined]
    assert (book.asks[0].amount, book.bids[0].amount) == (600, 700)  # type: ignore[attr-defined]
    trades = value(await desk.session.public_trades(desk.market))
    assert {(trade.side, trade.amount) for trade in trades} == {(BUY, Decimal(4)), (SELL, Decimal(3))}  # type: ignore[attr-defined]


async def test_every_fill_once_and_in_order_over_cut_answers(desk: Desk) -> None:
    """More fills than one answer has: the span of time is asked for in halves."""
    exchange = desk.exchange
    began = exchange.clock.now()
    value(await desk.session.create_order(desk.market, desk.intent(amount=Decimal("1000"))))
    for _ in range(450):
        exchange.take(SELL, 25500, 200)
        await exchange.clock.advance(0.5)
    found = value(await in_time(desk, desk.session.my_trades(desk.market, since=began)))
    ids = [int(trade.trade_id) for trade in found]  # type: ignore[attr-defined]
    assert len(ids) == 450
    assert ids == sorted(set(ids))
    after = value(await in_time(desk, desk.session.my_trades(desk.market, after_trade_id=str(ids[19]), since=began)))
    assert [int(trade.trade_id) for trade in after] == ids[20:]  # type: ignore[attr-defined]


async def test_money_that_came_and_left(desk: Desk) -> None:
    desk.exchange.engine.withdraw("alice", "USDT", atoms("1.25"))
    came, left = value(await desk.session.deposits()), value(await desk.session.withdrawals())
    assert {(one.currency, one.amount, one.completed) for one in came} == {  # type: ignore[attr-defined]
        ("SHARP", Decimal(1000), True),
        ("USDT", Decimal(1000), True),
    }
    assert [(one.exchange_id, one.amount) for one in left] == [("withdrawal-3", Decimal("-1.25"))]  # type: ignore[attr-defined]


async def test_a_revoked_key_is_a_finding_and_no_number(desk: Desk) -> None:
    key = desk.exchange.key("alice")
    made = desk.open(key)
    assert isinstance(await made.balances(), Answered)
    desk.exchange.engine.directory.change_key(key.api_key, revoked=True)
    for outcome in (await made.balances(), await made.open_orders(), await made.my_trades(desk.market)):
        assert isinstance(outcome, Refused)
        assert outcome.finding.code == "credentials.rejected"
        assert outcome.finding.evidence is not None
        assert (outcome.finding.evidence.http_status, outcome.finding.evidence.exchange_code) == (401, "30002")


@pytest.mark.parametrize(
    ("permissions", "addresses", "balance", "create"),
    [
        ((Permission.READ,), (), None, "access.refused"),
        ((Permission.TRADE,), (), "access.refused", None),
        ((Permission.READ, Permission.TRADE), ("203.0.113.9",), "ip.not_allowed", "ip.not_allowed"),
        ((Permission.READ, Permission.TRADE), (ADDRESS,), None, None),
    ],
)
async def test_permissions_and_addresses(
    desk: Desk, permissions: tuple[Permission, ...], addresses: tuple[str, ...], balance: str | None, create: str | None
) -> None:
    made = desk.open(desk.exchange.key("alice", permissions, addresses))
    value(await made.markets())
    for outcome, expected in (
        (await made.balances(), balance),
        (await made.create_order(desk.market, desk.intent()), create),
    ):
        assert (outcome.finding.code if isinstance(outcome, Refused) else None) == expected


@pytest.mark.parametrize("wrong", ["secret", "memo"])
async def test_a_wrong_secret_or_memo(desk: Desk, wrong: str) -> None:
    """The balance is shown to whoever has the key; what is signed is refused."""
    made = desk.open(desk.exchange.key("alice"), **{wrong: "not-it"})
    assert isinstance(await made.balances(), Answered)
    outcome = await made.open_orders()
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == "signature.refused"


async def test_a_clock_that_is_off(desk: Desk) -> None:
    intent = desk.intent()
    await desk.exchange.clock.advance(61)
    outcome = await desk.session.create_order(desk.market, intent)
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == "clock.skewed"


async def test_refusals_of_an_order(desk: Desk) -> None:
    for changed, code in (
        ({"amount": Decimal("1000000")}, "balance.insufficient"),
        ({"amount": Decimal("10")}, "order.too_small"),  # by its cost
        ({"amount": Decimal("0.5"), "price": Decimal(9)}, "order.too_small"),
    ):
        outcome = await desk.session.create_order(desk.market, desk.intent(**changed))  # type: ignore[arg-type]
        assert isinstance(outcome, Refused)
        assert outcome.finding.code == code
    gone = replace(desk.market, symbol="GONE/USDT")
    assert isinstance(await desk.session.create_order(gone, desk.intent(symbol="GONE/USDT")), NotSent)


#: code, HTTP status, words, how a create ends, finding
REFUSALS = [
    (30001, 401, "", Refused, "credentials.rejected"),
    (30003, 401, "", Refused, "account.restricted"),
    (30005, 401, "", Refused, "signature.refused"),
    (30007, 401, "", Refused, "clock.skewed"),
    (30010, 403, "", Refused, "ip.not_allowed"),
    (30011, 403, "", Refused, "credentials.rejected"),
    (30012, 403, "", Refused, "access.refused"),
    (30013, 429, "", Refused, "rate.limited"),
    (30014, 503, "", Unresolved, "exchange.no_answer"),
    (30016, 200, "", Unresolved, "exchange.maintenance"),
    (30017, 418, "", Refused, "rate.limited"),
    (30019, 200, "", Refused, "account.restricted"),
    (30031, 200, "", Unresolved, "exchange.unrecognised"),
    (40044, 400, "", Refused, "order.precision"),
    (50001, 400, "", Refused, "market.unknown"),
    (50009, 400, "", Refused, "order.too_small"),
    (50020, 400, "", Refused, "balance.insufficient"),
    (50022, 400, "", Unresolved, "exchange.no_answer"),
    (50023, 400, "", Refused, "market.halted"),
    (50034, 400, "", Refused, "order.refused"),
    (50040, 400, "", Refused, "market.halted"),
    (50042, 400, "", Unresolved, "order.duplicate"),
    (51008, 400, "Your operation is limited", Refused, "order.refused"),
    (51008, 400, "This trading pair does not support API trading", Refused, "market.halted"),
    (53004, 403, "", Refused, "account.restricted"),
    (59002, 500, "", Unresolved, "exchange.no_answer"),
    (59002, 400, "", Unresolved, "exchange.no_answer"),
    (99999, 400, "", Unresolved, "exchange.unrecognised"),
]


@pytest.mark.parametrize(("code", "status", "words", "ending", "finding"), REFUSALS)
async def test_words_of_refusals(code: int, status: int, words: str, ending: type, finding: str) -> None:
    wire = RecordedSession(SYMBOLS, Reply(answer(None, code, message=words), status))
    exchange = BitmartSandbox()
    exchange.account("alice")
    made = opened(exchange, HttpSessions(lambda family: wire), exchange.key("alice"))
    market = value(await made.markets())["SHARP/USDT"]  # type: ignore[index]
    outcome = await made.create_order(market, order(price=Decimal("0.0255"), amount=Decimal("300")))
    assert (type(outcome), outcome.finding.code) == (ending, finding)  # type: ignore[union-attr]
    assert outcome.finding.evidence.exchange_code == str(code)  # type: ignore[union-attr]


def test_every_code_that_a_cause_has_is_known_to_the_class() -> None:
    info = exchange_info("bitmart")
    assert info is not None
    unmapped = {code for code in info.wire.causes if code not in EXACT}
    assert {code for code in unmapped if not code.startswith("59")} == set()


async def test_the_exchange_never_has_to_say_too_many(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(desk.session.balances()) for _ in range(30)]
        await desk.exchange.clock.advance(10)
    assert all(isinstance(task.result(), Answered) for task in waiting)


class Broken:
    """Fails one request, before the exchange sees it or after it has done it."""

    def __init__(self) -> None:
        self.before: Exception | None = None
        self.after: Exception | None = None

    async def request(self, method: str, url: URL) -> None:
        if self.before is not None:
            error, self.before = self.before, None
            raise error

    async def answer(self, method: str, url: URL, status: int) -> None:
        if self.after is not None:
            error, self.after = self.after, None
            raise error


@pytest.mark.parametrize(
    "error", [aiohttp.ServerDisconnectedError(), TimeoutError(), aiohttp.ClientPayloadError("cut")]
)
@pytest.mark.parametrize("accepted", [True, False])
async def test_unanswered_and_asked_for_by_id(error: Exception, accepted: bool) -> None:
    exchange = BitmartSandbox()
    exchange.account("alice", USDT="1000", SHARP="1000")
    line = Broken()
    desk = await open_desk(exchange, line)
    if accepted:
        line.after = error
    else:
        line.before = error
    outcome = await desk.session.create_order(desk.market, desk.intent())
    assert isinstance(outcome, Unresolved)
    assert outcome.finding.code == "exchange.no_answer"
    report = value(await desk.session.order_report(desk.market, client_order_id="tbabcde00001"))
    assert (report is not None) is accepted
    assert len(exchange.engine.open_orders("alice")) == int(accepted)
