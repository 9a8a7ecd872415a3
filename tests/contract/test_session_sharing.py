"""What sessions share, so that a further one costs kilobytes; and what they must not share."""

import asyncio
import gc
import json
import logging
import tracemalloc

import pytest

from tests.coinstore_wire import info, session
from tests.recorded_session import RecordedSession
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Credentials
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.limiter import CallKind
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions, Session

MARKETS = 800
BYTES_MAX = 1_500_000


def many_markets(count: int = MARKETS, tick: int = 6) -> str:
    rows = [
        {
            "symbolId": number,
            "symbolCode": f"TOKEN{number}USDT",
            "tradeCurrencyCode": f"token{number}",
            "quoteCurrencyCode": "usdt",
            "openTrade": True,
            "onLineTime": 1609813531019,
            "tickSz": tick,
            "lotSz": 2,
            "minLmtPr": "0.000001",
            "minLmtSz": "1",
            "minMktVa": "1",
            "minMktSz": "1",
            "makerFee": "0.002",
            "takerFee": "0.002",
        }
        for number in range(count)
    ]
    return json.dumps({"code": "0", "data": rows})


def another(
    of: Session, http: HttpSessions, number: int = 0, clock: ManualClock | None = None, limiters: Limiters | None = None
) -> Session:
    clock = clock or ManualClock()
    return Session(
        info=info(),
        credentials=Credentials(api_key=f"key{number}", secret=f"secret{number}"),
        base_url=None,
        proxy_url=None,
        ipv4_only=False,
        clock=clock,
        http=http,
        limiters=limiters or Limiters(clock),
        markets_of=of,
    )


async def source(*replies: str) -> tuple[Session, HttpSessions, RecordedSession]:
    wire = RecordedSession(*replies)
    http = HttpSessions(lambda ipv4_only: wire)
    made, _ = session(http=http, credentials=None)
    assert isinstance(await made.markets(), Answered)
    return made, http, wire


async def test_a_further_session_costs_kilobytes() -> None:
    public, http, wire = await source(many_markets())
    first = another(public, http)
    wire.replies.append('{"code":0,"data":[]}')
    await first.open_orders()  # whatever is made once is made now
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        further = [another(public, http, number) for number in range(20)]
        wire.replies.extend(['{"code":0,"data":[]}'] * 20)
        for made in further:
            assert isinstance(await made.open_orders(), Answered)
        gc.collect()
        each = (tracemalloc.get_traced_memory()[0] - before) / len(further)
    finally:
        tracemalloc.stop()
    assert each < BYTES_MAX / 10, f"{each / 1000:.0f} kB a session"
    for made in (public, first, *further):
        await made.close()


async def test_markets_are_read_once_and_are_the_same_object() -> None:
    public, http, wire = await source(many_markets(5), '{"code":0,"data":[]}', '{"code":0,"data":[]}')
    one, other = another(public, http, 1), another(public, http, 2)
    for made in (one, other):
        await made.open_orders()
    assert one._client.markets is other._client.markets is public._client.markets
    assert one._client.ssl_context is other._client.ssl_context is http.ssl_context
    assert one._client.session is other._client.session
    assert [sent.path for sent in wire.sent].count("/v2/public/config/spot/symbols") == 1


async def test_new_rules_reach_every_session() -> None:
    """Fault X14: the tick changed, and the next order of another session is held to it."""
    public, http, _ = await source(
        many_markets(1), '{"code":0,"data":[]}', many_markets(1, tick=4), '{"code":0,"data":[]}'
    )
    made = another(public, http)
    await made.open_orders()
    assert made._client.market("TOKEN0/USDT")["precision"]["price"] == "0.000001"
    await made.markets()
    await made.open_orders()
    assert made._client.market("TOKEN0/USDT")["precision"]["price"] == "0.0001"


async def test_a_session_without_read_markets_reads_them_first() -> None:
    wire = RecordedSession(many_markets(3), '{"code":0,"data":[]}')
    http = HttpSessions(lambda ipv4_only: wire)
    public, _ = session(http=http, credentials=None)
    made = another(public, http)
    assert isinstance(await made.open_orders(), Answered)
    assert [sent.path for sent in wire.sent] == ["/v2/public/config/spot/symbols", "/trade/order/active"]


async def test_one_http_session_for_each_family_made_when_needed_and_closed_once() -> None:
    made: list[tuple[Family, RecordedSession]] = []

    def factory(family: Family) -> RecordedSession:
        made.append((family, RecordedSession(*['{"code":0,"data":[]}'] * 3)))
        return made[-1][1]

    http = HttpSessions(factory)
    sessions = [session(http=http, ipv4_only=ipv4_only)[0] for ipv4_only in (True, False, True, False)]
    assert made == []
    for each in sessions:
        await each.balances()
    assert [family for family, _ in made] == [Family.IPV4, Family.ANY]
    for each in sessions:
        await each.close()
    assert not any(wire.closed for _, wire in made)
    await http.close()
    assert all(wire.closed for _, wire in made)


async def test_sessions_do_not_share_keys_or_signatures() -> None:
    public, http, wire = await source(many_markets(1), *['{"code":0,"data":[]}'] * 2)
    one, other = another(public, http, 1), another(public, http, 2)
    await one.balances()
    await other.balances()
    first, second = wire.sent[1:]
    assert (first.headers["X-CS-APIKEY"], second.headers["X-CS-APIKEY"]) == ("key1", "key2")
    assert first.headers["X-CS-SIGN"] != second.headers["X-CS-SIGN"]


async def test_ccxt_says_nothing_even_at_debug(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("ccxt").setLevel(logging.DEBUG)
    public, http, _ = await source(many_markets(1), '{"code":0,"data":[]}')
    made = another(public, http)
    await made.balances()
    await made.close()
    assert not [record for record in caplog.records if "ccxt" in record.name]
    assert capsys.readouterr() == ("", "")


async def test_the_last_calls_are_kept_and_no_more() -> None:
    made, _ = session(*['{"code":0,"data":[]}'] * 70)
    await made.markets()
    for _ in range(70):
        await made.open_orders()
        await made._clock.advance(1)  # type: ignore[attr-defined]
    assert len(made.calls) == 50
    assert made.calls[-1].evidence.call == "fetch_open_orders"


async def test_a_key_that_must_wait_takes_nothing_of_its_address_from_others() -> None:
    public, http, _ = await source(many_markets())
    clock = ManualClock()
    limiters = Limiters(clock)
    slow, other = (another(public, http, number, clock, limiters) for number in range(2))
    slow._user_limiter.exceeded(60)
    waiting = [asyncio.ensure_future(slow.grant(CallKind.CREATE, "create_order")) for _ in range(500)]
    await clock.advance(0)
    for _ in range(50):
        going = asyncio.ensure_future(other.grant(CallKind.READ, "fetch_balance"))
        await clock.advance(0)
        assert going.done()
    for one in waiting:
        one.cancel()
