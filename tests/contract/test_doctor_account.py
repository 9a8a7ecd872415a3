"""The doctor on live accounts: reads are shared, ladders too, and what it finds is the account's diagnosis."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.factories import bot
from tests.integration.wire import BALANCES, CANCEL, INFO, PLACE, Held, raising
from tests.integration.world import ACCOUNT, World, a_world, quiet
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.ladder import Ladder, Rung, StepOutcome
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.in_process_network import FOUR, SIX, InProcessNetwork
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.sandbox.faults import Fault, FaultKind


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as made:
        yield made


def doctor_of(world: World, network: InProcessNetwork | None = None) -> Doctor:
    http = HttpSessions(lambda _: world.server.wire.session())
    egress = Egress(None, ("192.0.2.7",), http, world.clock)
    return Doctor(
        http=http,
        limiters=Limiters(world.clock),
        network=network or InProcessNetwork(),
        clock=world.clock,
        egress=egress,
    )


def codes(ladder: Ladder) -> dict[str, str]:
    return {one.rung.value: one.finding.code for one in ladder.steps if one.outcome is StepOutcome.FAIL and one.finding}


async def test_a_trading_bot_is_examined_and_trades_on(world: World) -> None:
    trading = await world.bot()
    await world.run(trading)
    await world.quoting(trading)
    orders = {order.id for order in world.open_orders()}
    wire = world.server.wire
    passed, placed = len(wire.passed), wire.count(PLACE)
    ladder = await doctor_of(world).examine(world.server.account, [trading])
    assert ladder.passed, codes(ladder)
    assert ladder.requests == len(wire.passed) - passed == 5
    assert wire.count(PLACE) == placed
    assert {order.id for order in world.open_orders()} == orders
    assert world.server.account.diagnosed is None


async def test_who_asks_meanwhile_shares_the_ladder_and_may_give_up(world: World) -> None:
    doctor, account, wire = doctor_of(world), world.server.account, world.server.wire
    held = Held()
    wire.before[BALANCES] = [held]
    before = len(wire.passed)
    asking = [asyncio.ensure_future(doctor.examine(account)) for _ in range(3)]
    await held.reached.wait()
    asking[0].cancel()
    late = asyncio.ensure_future(doctor.examine(account))
    await quiet()
    held.release()
    ladders = await asyncio.gather(*asking[1:], late)
    assert all(ladder is ladders[0] for ladder in ladders)
    assert asking[0].cancelled()
    assert len(wire.passed) - before == ladders[0].requests == 5
    assert doctor.last(account.connector.id) is ladders[0]
    assert await doctor.examine(account) is not ladders[0]


async def test_a_read_that_is_under_way_serves_the_doctor_as_well(world: World) -> None:
    account, wire = world.server.account, world.server.wire
    held = Held()
    wire.before[BALANCES] = [held]
    reading = asyncio.ensure_future(account.reader.read(max_age_s=0, force=True))
    await held.reached.wait()
    balances = wire.count(BALANCES)
    climbing = asyncio.ensure_future(doctor_of(world).examine(account))
    await quiet()
    held.release()
    ladder = await climbing
    await reading
    assert ladder.passed
    assert wire.count(BALANCES) == balances + 1  # of the one that was under way: it had not arrived yet
    assert ladder.requests == 4


async def test_the_diagnosis_is_the_accounts_until_it_is_mended(world: World) -> None:
    doctor, account = doctor_of(world), world.server.account
    world.exchange.faults.add(Fault(kind=FaultKind.READ_MISSING))
    first = await doctor.examine(account)
    assert codes(first)["signed_read"] == "permission.read_missing"
    assert account.diagnosed == first.diagnosis
    await world.clock.advance(5)
    again = await doctor.examine(account)
    assert first.diagnosis is not None
    assert again.diagnosis is not None
    assert again.diagnosis.since == first.diagnosis.since  # it still holds
    assert again.diagnosis.evidence != first.diagnosis.evidence
    assert again.remaining == ()
    world.exchange.faults.clear()
    world.exchange.faults.add(Fault(kind=FaultKind.ADDRESS_REFUSED))
    other = await doctor.examine(account)  # the reader explains itself by the former diagnosis; the doctor does not
    assert account.diagnosed is not None
    assert account.diagnosed.code == "ip.not_allowed"
    assert account.diagnosed.parameters == {"addresses": "192.0.2.7", "family": "ipv4"}
    assert other.remaining == ("permission.read_missing",)  # this key has worked before, so its signature is right
    world.exchange.faults.clear()
    assert (await doctor.examine(account)).diagnosis is None
    assert account.diagnosed is None


async def test_an_address_that_reads_do_not_leave_from_and_the_key_does_not_list_is_told(world: World) -> None:
    """The next connection may take it: the predecessor's last hidden cause."""
    account = world.server.account
    doctor = doctor_of(world, InProcessNetwork({Family.IPV4: (FOUR,), Family.IPV6: (SIX,)}))
    world.exchange.faults.add(Fault(kind=FaultKind.ADDRESS_REFUSED, family=Family.IPV4))
    await doctor.examine(account)
    assert account.reader.failure is None
    assert [(one.code, one.parameters.get("family")) for one in account.findings()] == [("ip.not_allowed", "ipv4")]
    world.exchange.faults.clear()
    await doctor.examine(account)
    assert list(account.findings()) == []


async def test_what_a_bot_lacks_is_no_diagnosis_of_its_connector(world: World) -> None:
    account = world.server.account
    poor = bot(account=ACCOUNT, config={"order_amount_quote": "20000"})
    ladder = await doctor_of(world).examine(account, [poor])
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.code == "balance.insufficient"
    assert account.diagnosed is None


async def test_bots_that_are_not_served_any_more_say_so_and_the_rest_runs(world: World) -> None:
    account = world.server.account
    bots = [bot(id="a", account=ACCOUNT), bot(id="b", account=ACCOUNT, connector="mexc"), bot(id="c", account="gone")]
    ladder = await doctor_of(world).examine(account, bots)
    balances = [one for one in ladder.steps if one.rung is Rung.BALANCE]
    assert [one.outcome.value for one in balances] == ["pass", "fail", "fail"]
    assert balances[1].finding is not None
    assert balances[1].finding.code == "connector.missing"
    assert balances[1].finding.parameters["existing"] == account.connector.name
    assert all(one.outcome is not StepOutcome.FAIL for one in ladder.steps if one.bot_id is None)


async def test_a_connector_that_goes_while_it_is_examined(world: World) -> None:
    doctor, account, wire = doctor_of(world), world.server.account, world.server.wire
    held = Held()
    wire.before[INFO] = [held]
    climbing = asyncio.ensure_future(doctor.examine(account, [bot(account=ACCOUNT)]))
    await held.reached.wait()
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.delete(account.connector.id)
    await world.server.manager.sync()
    held.release()
    ladder = await climbing
    assert account.closed
    assert [one.rung for one in ladder.steps] == list(Rung)
    assert doctor.last(account.connector.id) is None


async def test_every_signed_call_may_be_lost(world: World) -> None:
    account, wire = world.server.account, world.server.wire
    for path in (BALANCES, INFO, CANCEL):
        wire.before[path] = [raising(aiohttp.ServerDisconnectedError()) for _ in range(5)]
    ladder = await doctor_of(world).examine(account)
    told = dict.fromkeys(("signed_read", "read_permission", "trade_permission"), "exchange.no_answer")
    assert codes(ladder) == told
    assert ladder.diagnosis is not None
    assert ladder.diagnosis.code == "exchange.no_answer"


async def test_a_doctor_that_closes_ends_what_is_under_way(world: World) -> None:
    doctor, account = doctor_of(world), world.server.account
    held = Held()
    world.server.wire.before[BALANCES] = [held]
    climbing = asyncio.ensure_future(doctor.examine(account))
    await held.reached.wait()
    await doctor.close()
    with pytest.raises(asyncio.CancelledError):
        await climbing
    held.release()
    assert doctor.last(account.connector.id) is None
