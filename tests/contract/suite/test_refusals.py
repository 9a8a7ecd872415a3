"""What an exchange refuses, by its name of ours; and what is no word of the exchange's proves nothing."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.contract.suite.desk import Desk, Way, opened, value
from tests.contract.suite.venues import REFUSED, UNPROVEN, Venue
from tests.wire_server import WireServer, answers, breaks_off_chunks, closes, resets
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered, NotSent, Outcome, Refused, Unresolved
from trading_bridge.exchanges.session import Session
from trading_bridge.sandbox.faults import Fault, FaultKind

K = FaultKind
PARAMETERS: dict[FaultKind, dict[str, Any]] = {
    K.CLOCK_SKEW: {"seconds_off": 120},
    K.PRECISION_CHANGED: {"tick_decimals": 3},
    K.MINIMUM_RAISED: {"min_amount": Decimal(1000)},
    K.MARKET_RENAMED: {"to": "SHARPX/USDT"},
}
OF_A_MARKET = {K.MARKET_HALTED, K.MARKET_RENAMED, K.PRECISION_CHANGED, K.MINIMUM_RAISED}
#: a read says it too
OF_THE_KEY = (K.ADDRESS_REFUSED, K.READ_MISSING, K.KEY_DELETED, K.SECRET_WRONG, K.CLOCK_SKEW)


def switched(desk: Desk, kind: FaultKind) -> None:
    symbol = {"symbol": "SHARP/USDT"} if kind in OF_A_MARKET else {}
    desk.exchange.faults.add(Fault(kind=kind, **symbol, **PARAMETERS.get(kind, {})))


@pytest.mark.parametrize("kind", [kind for kind in REFUSED if kind is not K.READ_MISSING])
async def test_a_create_is_refused_by_the_name_of_its_cause(desk: Desk, kind: FaultKind) -> None:
    if kind is K.PRECISION_CHANGED and desk.venue.cuts_prices:
        pytest.skip("it cuts the price")
    market = await desk.market()
    switched(desk, kind)
    outcome = await desk.session.create_order(market, desk.intent())
    assert isinstance(outcome, Unresolved if desk.venue.refusal(kind) == UNPROVEN else Refused), outcome
    assert outcome.finding.code == desk.venue.refusal(kind)
    desk.exchange.faults.clear()
    await desk.pass_limits()
    assert value(await desk.session.open_orders()) == ()


@pytest.mark.parametrize("kind", OF_THE_KEY)
async def test_a_read_is_refused_by_the_name_of_its_cause(desk: Desk, kind: FaultKind) -> None:
    await desk.placed()
    switched(desk, kind)
    by_key_alone = desk.venue.balance_by_key_alone and kind in (K.SECRET_WRONG, K.CLOCK_SKEW)
    balances = await desk.session.balances()
    assert isinstance(balances, Answered) is by_key_alone
    for outcome in (*(() if by_key_alone else (balances,)), await desk.session.open_orders()):
        assert isinstance(outcome, Refused), outcome
        assert outcome.finding.code == desk.venue.refusal(kind)
    desk.exchange.faults.clear()
    assert len(value(await desk.session.open_orders())) == 1


@pytest.mark.parametrize("kind", [K.MAINTENANCE, K.SERVER_ERROR, K.EMPTY_BODY, K.HTML_BODY])
async def test_a_create_that_the_exchange_said_nothing_about_is_unresolved(desk: Desk, kind: FaultKind) -> None:
    market = await desk.market()
    switched(desk, kind)
    outcome = await desk.session.create_order(market, desk.intent())
    assert isinstance(outcome, Unresolved), outcome
    assert outcome.finding.code in ("exchange.maintenance", "exchange.no_answer")


class Broken:
    """A line on which requests or answers are lost."""

    def __init__(self) -> None:
        self.going: Exception | None = None
        self.coming: Exception | None = None

    async def request(self, method: str, url: URL) -> None:
        if self.going is not None:
            raise self.going

    async def answer(self, method: str, url: URL, status: int) -> None:
        if self.coming is not None:
            raise self.coming


Lost = Callable[[Session, Market], Awaitable[Outcome[Any]]]
CALLS: list[Lost] = [
    lambda session, market: session.order_report(market, client_order_id="tbabcde1"),
    lambda session, market: session.order_report(market, exchange_order_id="1"),
    lambda session, market: session.open_orders(),
    lambda session, market: session.my_trades(market, after_trade_id="1"),
    lambda session, market: session.balances(),
    lambda session, market: session.cancel_order(market, "1"),
]


@pytest.mark.parametrize("error", [TimeoutError(), aiohttp.ServerDisconnectedError(), ConnectionResetError()])
async def test_a_lost_answer_is_never_told_as_none(venue: Venue, error: Exception) -> None:
    line = Broken()
    async with opened(venue, Way.IN_PROCESS, line) as desk:
        market = await desk.market()
        line.coming = error
        for call in CALLS:
            assert isinstance(await call(desk.session, market), Unresolved)
        lost = await desk.session.create_order(market, desk.intent())
        assert isinstance(lost, Unresolved)
        line.coming = None
        report = value(await desk.session.order_report(market, client_order_id=desk.intent().client_order_id))
        assert report is not None  # it had arrived


async def test_what_never_left_is_proved(venue: Venue) -> None:
    line = Broken()
    async with opened(venue, Way.IN_PROCESS, line) as desk:
        market = await desk.market()
        line.going = aiohttp.ConnectionTimeoutError()
        outcome = await desk.session.create_order(market, desk.intent())
        assert isinstance(outcome, NotSent)
        line.going = None
        assert value(await desk.session.open_orders()) == ()


BEHAVIOURS = {
    "closed": closes,
    "reset": resets,
    "cut off": breaks_off_chunks,
    "not found": answers("<html>404 Not Found</html>", "404 Not Found", "Content-Type: text/html\r\n"),
    "plain not found": answers("Not Found", "404 Not Found"),
    "gateway": answers("", "502 Bad Gateway"),
    "forbidden": answers("<html>denied</html>", "403 Forbidden", "Content-Type: text/html\r\n"),
    "empty": answers(""),
    "empty object": answers("{}", headers="Content-Type: application/json\r\n"),
    "null": answers("null", headers="Content-Type: application/json\r\n"),
    "elsewhere": answers("", "302 Found", "Location: https://login.example/\r\n"),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
async def test_what_stands_in_the_place_of_an_answer_is_never_told_as_none(venue: Venue, name: str) -> None:
    async with opened(venue, Way.HTTP) as desk, WireServer(BEHAVIOURS[name]) as between:
        market, key = await desk.market(), desk.exchange.key("alice")
        cut = desk.open(key, base_url=between.url() + venue.prefix)
        for call in CALLS:
            outcome = await call(cut, market)
            assert not isinstance(outcome, Answered), (name, outcome)
            assert not isinstance(outcome, Refused), (name, outcome)
        assert isinstance(await cut.create_order(market, desk.intent()), Unresolved)
