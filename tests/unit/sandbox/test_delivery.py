"""Answers that come late, hang, or never come, by the clock of the test."""

import asyncio

import aiohttp
import pytest
from yarl import URL

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.transport import InProcessSession

PLACE = "/trade/order/place"
ORDER = {"symbol": "SHARPUSDT", "side": "BUY", "ordType": "LIMIT", "ordPrice": "0.025", "ordQty": "100"}
DEPTH = URL("http://sandbox/api/v1/market/depth/SHARPUSDT?depth=5", encoded=True)


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000")
    return made


@pytest.fixture
def key(exchange: SandboxExchange) -> ApiKey:
    return exchange.key("alice")


def standing(exchange: SandboxExchange) -> int:
    return len(exchange.engine.open_orders("alice"))


async def test_a_slow_answer_leaves_late_and_the_order_stands_at_once(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.SLOW, delay_s=2.5))
    asking = asyncio.create_task(exchange.signed(key, "POST", PLACE, ORDER))
    await exchange.clock.advance(2.4)
    assert standing(exchange) == 1
    assert not asking.done()
    await exchange.clock.advance(0.1)
    assert (await asking).data


async def test_a_hung_answer_comes_when_the_fault_is_cleared(exchange: SandboxExchange, key: ApiKey) -> None:
    fault = exchange.faults.add(Fault(kind=FaultKind.HUNG, endpoint=PLACE))
    asking = asyncio.create_task(exchange.signed(key, "POST", PLACE, ORDER))
    await exchange.clock.advance(30)
    assert not asking.done()
    assert standing(exchange) == 1
    exchange.faults.clear(fault)
    assert (await asking).data


@pytest.mark.parametrize(("seconds", "answered_after"), [(None, 60), (7, 7), (100, 60)])
async def test_a_hung_answer_hangs_no_longer_than_its_fault_or_a_minute(
    exchange: SandboxExchange, key: ApiKey, seconds: float | None, answered_after: float
) -> None:
    exchange.faults.add(Fault(kind=FaultKind.HUNG, seconds=seconds))
    asking = asyncio.create_task(exchange.signed(key, "POST", PLACE, ORDER))
    await exchange.clock.advance(answered_after - 0.1)
    assert not asking.done()
    await exchange.clock.advance(0.1)
    assert (await asking).data


async def test_a_request_that_hung_before_it_arrived_is_never_answered(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.HUNG, seconds=5, carried_out=False))
    asking = asyncio.create_task(exchange.signed(key, "POST", PLACE, ORDER))
    await exchange.clock.advance(5)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await asking
    assert standing(exchange) == 0


async def test_a_slow_answer_may_be_dropped_in_the_end(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.DROPPED))
    exchange.faults.add(Fault(kind=FaultKind.SLOW, delay_s=2))
    asking = asyncio.create_task(exchange.signed(key, "POST", PLACE, ORDER))
    await exchange.clock.advance(1.9)
    assert not asking.done()
    await exchange.clock.advance(0.1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await asking
    assert standing(exchange) == 1


async def test_a_client_that_gives_up_leaves_nothing_running(exchange: SandboxExchange) -> None:
    exchange.faults.add(Fault(kind=FaultKind.HUNG))
    session = InProcessSession(exchange.app, clock=exchange.clock)
    before = asyncio.all_tasks()

    async def ask() -> None:
        async with session.get(DEPTH, timeout=aiohttp.ClientTimeout(total=10)):
            pass

    asking = asyncio.create_task(ask())
    await exchange.clock.advance(9.9)
    assert not asking.done()
    await exchange.clock.advance(0.1)
    with pytest.raises(aiohttp.ServerTimeoutError):
        await asking
    await exchange.clock.advance(0)
    assert asyncio.all_tasks() == before


async def test_others_do_not_wait(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.HUNG, account="alice"))
    asking = asyncio.create_task(exchange.signed(key, "POST", PLACE, ORDER))
    await exchange.clock.advance(1)
    assert (await exchange.send("GET", DEPTH.path)).status == 200
    exchange.faults.clear()
    assert (await asking).data
