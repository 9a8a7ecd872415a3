"""A session against the sandbox, in process: both wrote the wire down on their own, and here they meet."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import aiohttp
import pytest
from yarl import URL

from tests.factories import order
from tests.sandbox_exchange import ADDRESS, ETH, SHARP, SandboxExchange, atoms
from trading_bridge.clock import ManualClock
from trading_bridge.core.balance import Balance, Balances
from trading_bridge.core.client import Credentials
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderState, OrderType, Side, TimeInForce
from trading_bridge.core.outcome import Answered, NotSent, Refused, Unresolved
from trading_bridge.exchanges.limiter import CallKind
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session
from trading_bridge.sandbox.accounts import ApiKey, Permission
from trading_bridge.sandbox.transport import InProcessSession, Line

BUY, SELL = Side.BUY, Side.SELL


@dataclass
class Desk:
    exchange: SandboxExchange
    public: Session
    http: HttpSessions
    sessions: list[Session]
    market: Market

    @property
    def session(self) -> Session:
        return self.sessions[0]

    def open(self, key: ApiKey, **credentials: str) -> Session:
        info = exchange_info("coinstore")
        assert info is not None
        values = {"api_key": key.api_key, "secret": key.secret} | credentials
        made = Session(
            info=info,
            credentials=Credentials(**values),
            base_url="http://sandbox/api",
            proxy_url=None,
            ipv4_only=False,
            clock=self.exchange.clock,
            http=self.http,
            limiters=Limiters(self.exchange.clock),
            markets_of=self.public,
        )
        self.sessions.append(made)
        return made

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


async def open_desk(
    exchange: SandboxExchange, line: Line | None = None, transport: type[InProcessSession] = InProcessSession
) -> Desk:
    info = exchange_info("coinstore")
    assert info is not None
    http = HttpSessions(lambda ipv4_only: transport(exchange.app, address=ADDRESS, line=line))
    public = Session(
        info=info,
        credentials=None,
        base_url="http://sandbox/api",
        proxy_url=None,
        ipv4_only=False,
        clock=exchange.clock,
        http=http,
        limiters=Limiters(exchange.clock),
    )
    markets = await public.markets()
    assert isinstance(markets, Answered)
    desk = Desk(exchange, public, http, [], markets.value[SHARP])
    desk.open(exchange.key("alice"))
    return desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="1000", SHARP="1000")
    made = await open_desk(exchange)
    yield made
    for session in (made.public, *made.sessions):
        await session.close()
    await made.http.close()


def value(outcome: object) -> object:
    assert isinstance(outcome, Answered), outcome
    return outcome.value


async def test_markets_of_the_sandbox(desk: Desk) -> None:
    assert set(value(await desk.session.markets())) == {SHARP, ETH}  # type: ignore[call-overload]
    assert desk.market.tick_size == Decimal("0.000001")
    assert desk.market.lot_size == Decimal("0.01")
    assert desk.market.active is True


async def test_balances_to_the_last_digit_at_a_sequence_number(desk: Desk) -> None:
    desk.exchange.engine.deposit("alice", "SHARP", 123456789012345678)
    outcome = await desk.session.balances()
    assert isinstance(outcome, Answered)
    assert outcome.value.of("SHARP") == Balance(free=Decimal("1000.123456789012345678"), used=Decimal(0))
    assert outcome.value.of("BTC") == Balance(free=Decimal(0), used=Decimal(0))
    assert outcome.evidence.request_id == str(desk.exchange.engine.sequence)
    ledger = await desk.exchange.control(
        "GET", "/ledger", {"account": "alice", "until_sequence": outcome.evidence.request_id}
    )
    assert ledger.status == 200
    assert Decimal(str(ledger.json["balances"]["SHARP"]["free"])) == Decimal("1000.123456789012345678")


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
    assert fill.exchange_order_id == exchange_order_id
    assert fill.exchange_account == held.exchange_account  # type: ignore[attr-defined]

    assert value(await made.cancel_order(market, exchange_order_id)) is OrderState.CANCELED
    assert value(await made.open_orders()) == ()
    report = value(await made.order_report(market, exchange_order_id=exchange_order_id))
    assert (report.state, report.filled) == (OrderState.CANCELED, Decimal(30))  # type: ignore[attr-defined]
    assert value(await made.cancel_order(market, exchange_order_id)) is OrderState.CANCELED  # again


async def test_a_cancel_of_a_filled_order_says_so(desk: Desk) -> None:
    exchange_order_id = value(await desk.session.create_order(desk.market, desk.intent()))
    desk.exchange.take(SELL, 25500, 10000)
    assert value(await desk.session.cancel_order(desk.market, str(exchange_order_id))) is OrderState.FILLED


async def test_post_only_that_would_take_ends_without_a_fill(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25400, 10000)
    outcome = await desk.session.create_order(desk.market, desk.intent())
    assert isinstance(outcome, Answered)
    report = value(await desk.session.order_report(desk.market, exchange_order_id=outcome.value))
    assert report.state in (OrderState.CANCELED, OrderState.REJECTED)  # type: ignore[attr-defined]
    assert report.filled == 0  # type: ignore[attr-defined]


async def test_a_taker_by_ioc(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25400, 1000)
    intent = desk.intent(post_only=False, time_in_force=TimeInForce.IOC)
    outcome = await desk.session.create_order(desk.market, intent)
    assert isinstance(outcome, Answered)
    report = value(await desk.session.order_report(desk.market, exchange_order_id=outcome.value))
    assert (report.state, report.filled) == (OrderState.CANCELED, Decimal(10))  # type: ignore[attr-defined]
    (fill,) = value(await desk.session.my_trades(desk.market))  # type: ignore[misc]
    assert fill.is_maker is False
    assert fill.price == Decimal("0.0254")


async def test_market_orders_are_not_ours(desk: Desk) -> None:
    outcome = await desk.session.create_order(desk.market, desk.intent(type=OrderType.MARKET, price=None))
    assert isinstance(outcome, NotSent)


async def test_a_second_send_of_one_id_proves_the_first(desk: Desk) -> None:
    first = await desk.session.create_order(desk.market, desk.intent())
    again = await desk.session.create_order(desk.market, desk.intent())
    assert isinstance(first, Answered)
    assert isinstance(again, Unresolved)
    assert again.finding.code == "order.duplicate"
    report = value(await desk.session.order_report(desk.market, client_order_id="tbabcde00001"))
    assert report.exchange_order_id == first.value  # type: ignore[attr-defined]


async def test_books_and_public_trades(desk: Desk) -> None:
    for tick in range(30):
        desk.exchange.quote(SELL, 25600 + tick, 1000 + tick)
        desk.exchange.quote(BUY, 25500 - tick, 1000 + tick)
    desk.exchange.take(BUY, 25600, 400)
    desk.exchange.take(SELL, 25500, 300)
    book = value(await desk.public.order_book(desk.market, depth=20))
    assert [level.price for level in book.asks] == list(range(25600, 25620))  # type: ignore[attr-defined]
    assert [level.price for level in book.bids] == list(range(25500, 25480, -1))  # type: ignore[attr-defined]
    assert (book.asks[0].amount, book.bids[0].amount) == (600, 700)  # type: ignore[attr-defined]
    trades = value(await desk.public.public_trades(desk.market))
    assert [(trade.side, trade.amount) for trade in trades] == [(BUY, Decimal(4)), (SELL, Decimal(3))]  # type: ignore[attr-defined]


async def test_every_fill_of_many_pages_once_and_in_order(desk: Desk) -> None:
    exchange_order_id = str(value(await desk.session.create_order(desk.market, desk.intent(amount=Decimal("300")))))
    for _ in range(230):
        desk.exchange.take(SELL, 25500, 100)
    of_order = value(await desk.session.my_trades(desk.market, exchange_order_id=exchange_order_id))
    assert len(of_order) == len({trade.trade_id for trade in of_order}) == 230  # type: ignore[arg-type, attr-defined]
    ids = [int(trade.trade_id) for trade in of_order]  # type: ignore[attr-defined]
    assert ids == sorted(ids)
    after = value(await desk.session.my_trades(desk.market, after_trade_id=str(ids[19])))
    assert [int(trade.trade_id) for trade in after] == ids[20:]  # type: ignore[attr-defined]


async def test_a_revoked_key_is_a_finding_and_no_number(desk: Desk) -> None:
    key = desk.exchange.key("alice")
    made = desk.open(key)
    assert isinstance(await made.balances(), Answered)
    desk.exchange.engine.directory.change_key(key.api_key, revoked=True)
    for outcome in (await made.balances(), await made.open_orders(), await made.my_trades(desk.market)):
        assert isinstance(outcome, Refused)
        assert outcome.finding.code == "credentials.rejected"
        assert outcome.finding.evidence is not None
        assert (outcome.finding.evidence.http_status, outcome.finding.evidence.exchange_code) == (401, "401")


@pytest.mark.parametrize(
    ("permissions", "addresses", "balance", "create"),
    [
        ((Permission.READ,), (), Answered, Refused),
        ((Permission.TRADE,), (), Refused, Answered),
        ((Permission.READ, Permission.TRADE), ("203.0.113.9",), Refused, Refused),
        ((Permission.READ, Permission.TRADE), (ADDRESS,), Answered, Answered),
    ],
)
async def test_permissions_and_addresses(
    desk: Desk, permissions: tuple[Permission, ...], addresses: tuple[str, ...], balance: type, create: type
) -> None:
    made = desk.open(desk.exchange.key("alice", permissions, addresses))
    for outcome, expected in (
        (await made.balances(), balance),
        (await made.create_order(desk.market, desk.intent()), create),
    ):
        assert type(outcome) is expected
        if isinstance(outcome, Refused):
            assert outcome.finding.code == "access.refused"
            assert outcome.finding.evidence is not None
            assert (outcome.finding.evidence.http_status, outcome.finding.evidence.exchange_code) == (200, "1401")


async def test_a_wrong_secret(desk: Desk) -> None:
    made = desk.open(desk.exchange.key("alice"), secret="not-it")
    outcome = await made.balances()
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == "credentials.rejected"


async def test_refusals_of_an_order(desk: Desk) -> None:
    too_much = await desk.session.create_order(desk.market, desk.intent(amount=Decimal("1000000")))
    assert isinstance(too_much, Refused)
    assert too_much.finding.code == "balance.insufficient"
    gone = replace(desk.market, symbol="GONE/USDT")
    assert isinstance(await desk.session.create_order(gone, desk.intent(symbol="GONE/USDT")), NotSent)


async def test_a_coin_that_no_market_trades_is_told_apart(desk: Desk) -> None:
    desk.exchange.engine.deposit("alice", "SHARP2", atoms("5"))
    desk.exchange.engine.deposit("alice", "ETH", atoms("5"))
    held = value(await desk.session.balances())
    assert isinstance(held, Balances)
    assert held.untraded == {"SHARP2"}


# -- the signed time


async def test_the_signed_time_is_the_intents_not_the_clocks(desk: Desk) -> None:
    """A request that was held up for longer than the window is refused by the exchange, because it signs the time at
    which it was decided that it may leave (fault T3)."""
    intent = desk.intent()
    await desk.exchange.clock.advance(31)
    outcome = await desk.session.create_order(desk.market, intent)
    assert isinstance(outcome, Refused)
    assert outcome.finding.code in ("credentials.rejected", "clock.skewed")
    fresh = await desk.session.create_order(desk.market, replace(intent, signed_at=desk.exchange.clock.now()))
    assert isinstance(fresh, Answered)


class SlowLine:
    """Lets other tasks run before each request."""

    async def request(self, method: str, url: URL) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    async def answer(self, method: str, url: URL, status: int) -> None:
        await asyncio.sleep(0)


async def test_calls_at_the_same_time_sign_each_their_own_time() -> None:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="1000", SHARP="1000")
    seen: list[tuple[str, str]] = []

    class Recording(InProcessSession):
        def post(self, url, **options):  # type: ignore[no-untyped-def]
            seen.append((options["headers"].get("X-CS-EXPIRES", ""), (options["data"] or b"").decode()))
            return super().post(url, **options)

    desk = await open_desk(exchange, SlowLine(), Recording)
    made = desk.session
    start = exchange.clock.now()
    intents = [desk.intent(number, signed_at=start + timedelta(milliseconds=number)) for number in range(5)]
    outcomes = await asyncio.gather(*(made.create_order(desk.market, intent) for intent in intents), made.balances())
    assert all(isinstance(outcome, Answered) for outcome in outcomes)
    start_ms = int(start.timestamp()) * 1000
    for number in range(5):
        (times,) = [(expires, body) for expires, body in seen if f"tbabcde{number:05}" in body]
        assert times[0] == str(start_ms + number)
        assert f'"timestamp":{start_ms + number}' in times[1]


class StandingLine:
    """The process stands still after the exchange has answered, before it reads the answer."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.stands_s = 0.0

    async def request(self, method: str, url: URL) -> None: ...

    async def answer(self, method: str, url: URL, status: int) -> None:
        self.clock.jump(self.stands_s)


async def test_fault_T5_what_an_exchange_answered_before_the_process_stood_still_is_not_told_as_new() -> None:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="1000", SHARP="1000")
    line = StandingLine(exchange.clock)
    desk = await open_desk(exchange, line)
    line.stands_s = 4.9
    assert isinstance(await desk.session.balances(), Answered)
    line.stands_s = 5.1
    for outcome in (await desk.session.balances(), await desk.session.order_book(desk.market)):
        assert isinstance(outcome, Unresolved)
        assert outcome.finding.code == "exchange.no_answer"
        assert outcome.finding.parameters["stage"] == "timeout"
    placed = await desk.session.create_order(desk.market, desk.intent())
    assert isinstance(placed, Answered)  # what became of an order is as true later


# -- rate


async def test_fault_I7_the_exchange_never_has_to_say_too_many(desk: Desk) -> None:
    """Two sessions of one user would share its limit; one session keeps it by itself, cancels included."""
    clock = desk.exchange.clock
    outcomes: list[object] = []

    async def read() -> None:
        outcomes.append(await desk.session.balances())

    async def send(number: int) -> None:
        await desk.session.grant(CallKind.CREATE, "create_order")
        intent = desk.intent(number, signed_at=clock.now(), amount=Decimal(1))
        outcomes.append(await desk.session.create_order(desk.market, intent))

    async def cancel(number: int) -> None:
        outcomes.append(await desk.session.cancel_order(desk.market, str(number)))

    async with asyncio.TaskGroup() as tasks:
        for number in range(150):
            tasks.create_task(read())
            if number < 40:
                tasks.create_task(send(number))
            tasks.create_task(cancel(number))
        await clock.advance(60)
    assert len(outcomes) == 340
    limited = [
        outcome
        for outcome in outcomes
        if isinstance(outcome, Refused | NotSent | Unresolved) and outcome.finding.code == "rate.limited"
    ]
    assert limited == []


async def test_a_read_that_would_wait_too_long_is_not_made(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(desk.session.balances()) for _ in range(700)]
        await desk.exchange.clock.advance(60)
    dropped = [task.result() for task in waiting if isinstance(task.result(), NotSent)]
    assert dropped
    assert {outcome.finding.code for outcome in dropped} == {"rate.limited"}  # type: ignore[union-attr]


# -- faults of the line, with the sandbox's own truth beside it


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
    "error",
    [
        aiohttp.ServerTimeoutError("no answer"),
        aiohttp.SocketTimeoutError("no answer"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(104, "Connection reset by peer"),
        aiohttp.ClientPayloadError("cut"),
        TimeoutError(),
        ConnectionResetError(),
    ],
)
@pytest.mark.parametrize("accepted", [True, False])
async def test_fault_N2_N3_unanswered_and_asked_for_by_id(error: Exception, accepted: bool) -> None:
    exchange = SandboxExchange()
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


async def test_another_market_of_the_account_is_listed_too(desk: Desk) -> None:
    desk.exchange.engine.deposit("alice", "ETH", 10**18)
    markets = value(await desk.session.markets())
    eth = markets[ETH]  # type: ignore[index]
    intent = desk.intent(symbol=ETH, side=SELL, price=Decimal("2410.01"), amount=Decimal("0.05"))
    assert isinstance(await desk.session.create_order(eth, intent), Answered)
    (report,) = value(await desk.session.open_orders())  # type: ignore[misc]
    assert report.symbol == ETH


async def test_money_that_came_and_left(desk: Desk) -> None:
    """The exchange's records of it, since a time."""
    exchange = desk.exchange
    exchange.engine.withdraw("alice", "USDT", atoms("1.25"))
    client = desk.session._client
    deposits = await client.fetch_deposits()
    assert {(row["currency"], row["amount"], row["status"]) for row in deposits} == {
        ("USDT", "1000", "ok"),
        ("SHARP", "1000", "ok"),
    }
    came, left = value(await desk.session.deposits()), value(await desk.session.withdrawals())
    assert [(one.currency, one.amount, one.completed) for one in (*came, *left)] == [
        ("SHARP", Decimal(1000), True),
        ("USDT", Decimal(1000), True),
        ("USDT", Decimal("-1.25"), True),
    ]
    assert left[0].exchange_id.startswith("withdrawal-")
    later = exchange.clock.now() + timedelta(seconds=1)
    assert value(await desk.session.deposits(later)) == ()
    exchange.account("bob")
    assert value(await desk.open(exchange.key("bob")).deposits()) == ()
    (withdrawal,) = await client.fetch_withdrawals("USDT", None, 10)
    assert (withdrawal["type"], withdrawal["amount"], withdrawal["status"]) == ("withdrawal", "1.25", "ok")
    assert withdrawal["timestamp"] == exchange.engine.now_ms()


async def test_no_real_time_is_spent() -> None:
    """Closing waits a quarter of a second in ccxt by default."""
    exchange = SandboxExchange(clock=ManualClock())
    exchange.account("alice")
    desk = await open_desk(exchange)
    began = asyncio.get_running_loop().time()
    for session in (desk.public, *desk.sessions):
        await session.close()
    assert asyncio.get_running_loop().time() - began < 0.1
