"""A session at BitMart beyond what the contract suite asks of every exchange: its memo, its words, its cut answers."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from tests.bitmart_wire import SYMBOLS, answer
from tests.contract.suite.desk import Desk, Way, opened, value
from tests.contract.suite.venues import VENUES
from tests.factories import order
from tests.recorded_session import RecordedSession, Reply
from tests.sandbox_exchange import SHARP
from trading_bridge.core.balance import Balance
from trading_bridge.core.client import Credentials
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.core.outcome import Answered, Refused, Unresolved
from trading_bridge.exchanges.bitmart_errors import EXACT
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.sandbox.accounts import Permission

(BITMART,) = [venue for venue in VENUES if venue.info.id == "bitmart"]
SELL = Side.SELL


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened(BITMART, Way.IN_PROCESS) as made:
        yield made


async def test_the_smallest_order_by_its_cost(desk: Desk) -> None:
    market = await desk.market()
    assert (market.min_amount, market.min_cost) == (Decimal(1), Decimal(1))
    for changed in ({"amount": Decimal("10")}, {"amount": Decimal("0.5"), "price": Decimal(9)}):
        outcome = await desk.session.create_order(market, desk.intent(**changed))  # type: ignore[arg-type]
        assert isinstance(outcome, Refused)
        assert outcome.finding.code == "order.too_small"


async def test_a_currency_of_which_nothing_is_there_is_zero(desk: Desk) -> None:
    held = value(await desk.session.balances())
    assert held.of("ETH") == Balance(free=Decimal(0), used=Decimal(0))
    assert (held.wallet, held.exchange_account) == ("spot", None)


async def test_a_taker_by_ioc_ends_as_partially_canceled(desk: Desk) -> None:
    desk.exchange.quote(SELL, 25400, 1000)
    placed = await desk.placed(post_only=False, time_in_force=TimeInForce.IOC)
    report = value(await desk.session.order_report(await desk.market(), exchange_order_id=placed))
    assert report is not None
    assert (report.state, report.filled) == (OrderState.CANCELED, Decimal(10))


async def test_every_fill_once_and_in_order_over_cut_answers(desk: Desk) -> None:
    """More fills than one answer has: the span of time is asked for in halves."""
    exchange, market = desk.exchange, await desk.market()
    began = exchange.clock.now()
    await desk.placed(amount=Decimal("1000"))
    for _ in range(450):
        exchange.take(SELL, 25500, 200)
        await exchange.clock.advance(0.5)
    found = value(await desk.in_time(desk.session.my_trades(market, since=began)))
    ids = [int(trade.trade_id) for trade in found]
    assert len(ids) == 450
    assert ids == sorted(set(ids))
    after = value(await desk.in_time(desk.session.my_trades(market, after_trade_id=str(ids[19]), since=began)))
    assert [int(trade.trade_id) for trade in after] == ids[20:]


@pytest.mark.parametrize("wrong", ["secret", "memo"])
async def test_a_wrong_secret_or_memo(desk: Desk, wrong: str) -> None:
    """The balance is shown to whoever has the key; what is signed is refused."""
    key = desk.exchange.key("alice")
    given = {"api_key": key.api_key, "secret": key.secret, "memo": key.account} | {wrong: "not-it"}
    made = desk.open(key, credentials=Credentials(**given))
    assert isinstance(await made.balances(), Answered)
    outcome = await made.open_orders()
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == "signature.refused"


@pytest.mark.parametrize(
    ("permission", "balance", "create"),
    [(Permission.READ, None, "access.refused"), (Permission.TRADE, "access.refused", None)],
)
async def test_permissions(desk: Desk, permission: Permission, balance: str | None, create: str | None) -> None:
    made = desk.open(desk.exchange.key("alice", (permission,)))
    market = await desk.market()
    for outcome, expected in (
        (await made.balances(), balance),
        (await made.create_order(market, desk.intent()), create),
    ):
        assert (outcome.finding.code if isinstance(outcome, Refused) else None) == expected


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
async def test_words_of_refusals(desk: Desk, code: int, status: int, words: str, ending: type, finding: str) -> None:
    wire = RecordedSession(SYMBOLS, Reply(answer(None, code, message=words), status))
    desk.http = HttpSessions(lambda family: wire)
    shared, desk.sessions = desk.sessions, []
    made = desk.open(desk.exchange.key("alice"))
    desk.sessions += shared
    market = value(await made.markets())[SHARP]
    outcome = await made.create_order(market, order(price=Decimal("0.0255"), amount=Decimal("300")))
    assert (type(outcome), outcome.finding.code) == (ending, finding)  # type: ignore[union-attr]
    assert outcome.finding.evidence.exchange_code == str(code)  # type: ignore[union-attr]


def test_every_code_that_a_cause_has_is_known_to_the_class() -> None:
    unmapped = {code for code in BITMART.info.wire.causes if code not in EXACT}
    assert {code for code in unmapped if not code.startswith("59")} == set()
