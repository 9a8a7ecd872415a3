"""Decisions in the journal: with or before the orders that name them, and no refusal but their own."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.factories import NOW, decision, order
from tests.storage.conftest import KEY, SHARD, World, populate, running
from tests.storage.test_journal_faults import Faulty
from trading_bridge.clock import ManualClock, SystemEntropy
from trading_bridge.core.decision import Reason, StoredDecision
from trading_bridge.errors import NotReady, StorageRefused
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, OpenIntent, StoreDecision, Written

LATER = NOW + timedelta(minutes=5)


def made(world: World, decision_id: str = "d1", **changed: object) -> StoredDecision:
    return decision(id=decision_id, bot_id=world.bot.id, **changed)


def store(world: World, decision_id: str = "d1", **changed: object) -> StoreDecision:
    return StoreDecision(decision=made(world, decision_id, **changed))


def end(world: World, decision_id: str = "d1", cycles: int = 300) -> StoreDecision:
    return store(world, decision_id, ended_at=LATER, cycles=cycles)


def intent(world: World, number: int, decision_id: str) -> OpenIntent:
    made = order(
        client_order_id=f"tb00000x{number:04}",
        bot_id=world.bot.id,
        connector_id=world.connector.id,
        epoch=world.epoch,
        decision_id=decision_id,
    )
    return OpenIntent(order=made, shard=SHARD)


async def stored(database: Database, decision_id: str = "d1") -> StoredDecision | None:
    async with database.unit_of_work(read_only=True) as uow:
        return await uow.decisions.get(decision_id)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"wanted": None, "finding_code": "book.stale", "notes": ()},
        {"wanted": ()},
        {"reason": Reason(code="config.invalid", parameters={"fields": "a\x00\ud800"})},
    ],
)
async def test_a_decision_is_read_as_it_was_handed_over(
    database: Database, journal: Journal, world: World, changed: dict[str, object]
) -> None:
    given = made(world, **changed)
    assert await journal.write(StoreDecision(decision=given)) == (Written(),)
    assert await stored(database) == given
    assert await journal.write(end(world)) == (Written(),)
    assert await stored(database) == replace(given, ended_at=LATER, cycles=300)


async def test_what_was_stored_before_changes_nothing(database: Database, journal: Journal, world: World) -> None:
    begins, ends = store(world), end(world)
    assert await journal.write(begins, begins) == (Written(), Written(duplicate=True))
    assert await journal.write(begins) == (Written(duplicate=True),)
    assert await journal.write(ends) == (Written(),)
    assert await journal.write(end(world, cycles=9), ends, begins) == (Written(duplicate=True),) * 3
    assert await stored(database) == ends.decision
    whole = end(world, "d2", cycles=1)
    assert await journal.write(whole, store(world, "d2")) == (Written(), Written(duplicate=True))
    assert await stored(database, "d2") == whole.decision


async def test_one_decision_ends_and_the_next_begins_in_one_turn(
    database: Database, journal: Journal, world: World
) -> None:
    await asyncio.gather(
        journal.write(store(world, "d1")),
        journal.write(end(world, "d1", 1)),
        journal.write(store(world, "d2")),
    )
    assert await stored(database, "d1") == made(world, "d1", ended_at=LATER, cycles=1)
    assert await stored(database, "d2") == made(world, "d2")


async def test_a_decision_is_stored_with_or_before_the_order_that_names_it(
    database: Database, journal: Journal, world: World
) -> None:
    for number in range(20):
        journal.write(store(world, f"d{number}"))
        await journal.write(intent(world, number, f"d{number}"))
        assert await stored(database, f"d{number}") is not None


BAD = {
    "unknown bot": ("bot.unknown", StoreDecision(decision=decision(id="d9", bot_id="nobody"))),
    "a time without a zone": (
        "storage.refused",
        StoreDecision(decision=decision(id="d9", decided_at=NOW.replace(tzinfo=None))),
    ),
}


@pytest.mark.parametrize(("code", "bad"), BAD.values(), ids=BAD.keys())
async def test_a_bad_decision_fails_alone(
    database: Database, journal: Journal, world: World, code: str, bad: StoreDecision
) -> None:
    if bad.decision.bot_id == "bot1":
        bad = StoreDecision(decision=replace(bad.decision, bot_id=world.bot.id))
    outcomes = await asyncio.gather(
        journal.write(store(world)),
        journal.write(bad),
        journal.write(intent(world, 1, "d9")),
        journal.write(end(world)),
        return_exceptions=True,
    )
    refused = outcomes.pop(1)
    assert isinstance(refused, StorageRefused)
    assert refused.code == code
    assert not any(isinstance(outcome, BaseException) for outcome in outcomes)
    assert await stored(database) == made(world, ended_at=LATER, cycles=300)
    assert await stored(database, "d9") is None


async def test_a_refused_order_takes_no_decision_with_it(database: Database, journal: Journal, world: World) -> None:
    twice = intent(world, 1, "d1")
    await journal.write(twice)
    outcomes = await asyncio.gather(
        journal.write(store(world)),
        journal.write(twice),
        journal.write(end(world)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], StorageRefused)
    assert await stored(database) == made(world, ended_at=LATER, cycles=300)


@pytest.mark.parametrize("times", [1, 2])
async def test_fault_S3_the_answer_to_a_decisions_commit_is_lost(url: str, clock: ManualClock, times: int) -> None:
    database = Faulty(url, secret_keys=[KEY], clock=clock, entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        database.lose_answers = times
        assert await journal.write(store(world)) == (Written(),)
        database.lose_answers = times
        await journal.write(end(world))
        database.break_connections = 3
        with pytest.raises(NotReady):
            await journal.write(store(world, "d2"))
    assert await stored(database) == made(world, ended_at=LATER, cycles=300)
    assert await database.transact(lambda c: c.execute(text("SELECT count(*) FROM decisions")).scalar_one()) == 1
    await database.close()


async def test_decisions_are_listed_newest_first_and_for_one_bot(
    database: Database, journal: Journal, world: World
) -> None:
    async with database.unit_of_work() as uow:
        other = await uow.bots.add(
            client_id=world.client.id,
            name="other",
            connector="coinstore",
            symbol="ETH/USDT",
            bot_type="spread",
            config={},
        )
    rows = [made(world, f"d{number}", decided_at=NOW + timedelta(seconds=number // 2)) for number in range(7)]
    await journal.write(*(StoreDecision(decision=row) for row in rows))
    await journal.write(StoreDecision(decision=decision(id="theirs", bot_id=other.id)))
    seen, cursor = [], None
    async with database.unit_of_work(read_only=True) as uow:
        while True:
            page = await uow.decisions.list(world.bot.id, cursor, limit=2)
            seen += page.items
            if (cursor := page.next) is None:
                break
    assert seen == rows[::-1]
