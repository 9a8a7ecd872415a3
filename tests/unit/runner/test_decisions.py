"""What each bot decided is stored when it changes, counted in between, and never told wrongly."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, finding, market
from tests.storage.conftest import make, populate, running
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.decision import Decision, Reason, StoredDecision, Wanted, WantedOrder
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.errors import NotReady, StorageRefused, TradingBridgeError
from trading_bridge.runner.decisions import RETRY_EVERY_S, UNWRITTEN_MAX, DecisionLog
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_group import Group, Stored
from trading_bridge.storage.journal_rows import Row, Written

AWAY = NotReady("storage.unwritable", "the disk is full")


class Tables(Journal):
    """A journal on tables in memory, which answers when it is told to and fails as it is told."""

    def __init__(self) -> None:
        self.rows: dict[str, StoredDecision] = {}
        self.offers = 0
        self.failing: TradingBridgeError | None = None
        #: whether what is answered with `failing` is stored all the same
        self.stores_in_secret = False
        #: refuses what comes now, at once
        self.full = False
        self._waiting: list[tuple[tuple[Row, ...], asyncio.Future[tuple[Written, ...]]]] = []

    def write(self, *rows: Row) -> "asyncio.Future[tuple[Written, ...]]":
        self.offers += 1
        done: asyncio.Future[tuple[Written, ...]] = asyncio.get_running_loop().create_future()
        if self.full:
            done.set_exception(NotReady("storage.slow", "too many rows wait for the storage already"))
        else:
            self._waiting.append((rows, done))
        return done

    async def commit(self) -> None:
        """Answers everything that waits."""
        for rows, done in self._waiting:
            if self.failing is None:
                done.set_result(self._take(rows))
            else:
                if self.stores_in_secret:
                    self._take(rows)
                done.set_exception(self.failing)
        self._waiting.clear()
        await asyncio.sleep(0)

    def _take(self, rows: tuple[Row, ...]) -> tuple[Written, ...]:
        group = Group(Stored(decisions={key: row.ended_at is not None for key, row in self.rows.items()}))
        written = group.take(rows)
        self.rows |= group.changes.decided
        for key, row in group.changes.ended.items():
            self.rows[key] = replace(self.rows[key], ended_at=row.ended_at, cycles=row.cycles)
        return written


@dataclass
class Desk:
    clock: ManualClock = field(default_factory=ManualClock)
    tables: Tables = field(default_factory=Tables)

    def __post_init__(self) -> None:
        self.log = DecisionLog(self.tables, CountingEntropy(), self.clock)

    def record(self, decision: Decision, bot_id: str = "bot1") -> str:
        return self.log.record(bot_id, decision, self.clock.now(), market())

    def rows(self, bot_id: str = "bot1") -> list[StoredDecision]:
        rows = [row for row in self.tables.rows.values() if row.bot_id == bot_id]
        return sorted(rows, key=lambda row: (row.decided_at, row.id))


def quoting(*prices: int, side: Side = Side.BUY, notes: tuple[Reason, ...] = ()) -> Decision:
    wanted = tuple(Wanted(side=side, price=Ticks(price), amount=Lots(200_000)) for price in prices)
    return Decision(reason=Reason(code="quoting", parameters={"levels": str(len(prices))}), wanted=wanted, notes=notes)


def holding(code: str, *, wanted: tuple[Wanted, ...] | None = None, why: str | None = None) -> Decision:
    return Decision(reason=Reason(code=code), wanted=wanted, finding=None if why is None else finding(why))


SHORT = Reason(code="balance.insufficient", parameters={"has": "1"})


async def test_a_decision_is_stored_at_once_and_counted_while_it_stands() -> None:
    desk = Desk()
    first = desk.record(quoting(25_590))
    for _ in range(9):
        await desk.clock.advance(1)
        assert desk.record(quoting(25_600)) == first
    assert desk.tables.offers == 1
    await desk.tables.commit()
    order = WantedOrder(side=Side.BUY, price=Decimal("0.02559"), amount=Decimal(2000))
    begun = StoredDecision(
        id=first,
        bot_id="bot1",
        decided_at=NOW,
        reason=Reason(code="quoting", parameters={"levels": "1"}),
        wanted=(order,),
    )
    assert desk.rows() == [begun]
    newest = replace(begun, wanted=(replace(order, price=Decimal("0.0256")),), cycles=10)
    assert desk.log.current("bot1") == newest
    assert desk.log.current("bot2") is None


@pytest.mark.parametrize(
    "other",
    [
        holding("waiting"),
        quoting(25_590, side=Side.SELL),
        quoting(),
        replace(quoting(25_590), wanted=None),
        quoting(25_590, notes=(SHORT,)),
        replace(quoting(25_590), finding=finding()),
    ],
)
async def test_what_changes_the_answer_ends_one_and_begins_another(other: Decision) -> None:
    desk = Desk()
    first = desk.record(quoting(25_590))
    await desk.clock.advance(1)
    second = desk.record(other)
    await desk.clock.advance(1)
    third = desk.record(quoting(25_590))
    await desk.tables.commit()
    assert [row.id for row in desk.rows()] == [first, second, third]
    assert [row.cycles for row in desk.rows()] == [1, 1, None]
    assert [row.ended_at for row in desk.rows()] == [row.decided_at for row in desk.rows()[1:]] + [None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (quoting(25_590), quoting(25_591)),
        (quoting(25_590), quoting(25_590, 25_580)),
        (quoting(1, notes=(SHORT,)), quoting(1, notes=(Reason(code=SHORT.code, parameters={"has": "2"}),))),
        (quoting(1, notes=(SHORT,)), quoting(1, notes=(SHORT, SHORT))),
        (
            holding("book.stale", why="book.stale"),
            replace(holding("book.stale"), finding=replace(finding("book.stale"), since=NOW + timedelta(days=1))),
        ),
    ],
)
async def test_numbers_that_move_are_no_change(one: Decision, other: Decision) -> None:
    desk = Desk()
    assert desk.record(one) == desk.record(other)
    assert desk.tables.offers == 1


async def test_a_cycle_that_could_not_look_at_the_market_is_told_too() -> None:
    desk = Desk()
    for decision in (holding("connector.missing", why="connector.missing"), holding("config.invalid", wanted=())):
        desk.log.record("bot1", decision, desk.clock.now(), None)
        await desk.clock.advance(1)
    await desk.tables.commit()
    assert [(row.reason.code, row.finding_code, row.wanted) for row in desk.rows()] == [
        ("connector.missing", "connector.missing", None),
        ("config.invalid", None, ()),
    ]


async def test_a_bot_that_ends_leaves_nothing_that_stands() -> None:
    desk = Desk()
    desk.record(quoting(1))
    desk.record(quoting(1), "bot2")
    await desk.clock.advance(7)
    desk.log.end("bot1")
    desk.log.end("bot1")
    desk.log.end("nobody")
    await desk.tables.commit()
    assert [(row.ended_at, row.cycles) for row in desk.rows()] == [(NOW + timedelta(seconds=7), 1)]
    assert [(row.ended_at, row.cycles) for row in desk.rows("bot2")] == [(None, None)]
    assert desk.log.current("bot1") is None
    desk.record(quoting(1))
    await desk.tables.commit()
    assert [row.ended_at is None for row in desk.rows()] == [False, True]


async def test_a_clock_that_steps_back_makes_no_negative_time() -> None:
    desk = Desk()
    desk.record(quoting(1))
    desk.log.record("bot1", holding("waiting"), NOW - timedelta(hours=1), None)
    await desk.tables.commit()
    ended = next(row for row in desk.rows() if row.reason.code == "quoting")
    assert ended.ended_at == ended.decided_at


async def test_fault_S2_what_the_storage_did_not_take_is_offered_again_and_told() -> None:
    desk = Desk()
    desk.record(quoting(1))
    await desk.tables.commit()
    desk.tables.failing = AWAY
    for decision in (holding("waiting"), quoting(1), quoting(2)):
        await desk.clock.advance(1)
        desk.record(decision)
        await desk.tables.commit()
    assert desk.log.failure is not None
    assert (desk.log.failure.code, desk.log.failure.since) == ("storage.unwritable", NOW + timedelta(seconds=1))
    assert desk.log.failure.parameters == {"detail": "the disk is full"}
    assert [(row.reason.code, row.ended_at) for row in desk.rows()] == [("quoting", None)]
    desk.tables.failing = None
    await desk.clock.advance(RETRY_EVERY_S)
    desk.record(quoting(3))
    await desk.tables.commit()
    assert desk.log.failure is None
    assert [row.cycles for row in desk.rows()] == [1, 1, None]
    offers = desk.tables.offers
    await desk.clock.advance(RETRY_EVERY_S)
    desk.record(quoting(4))
    assert desk.tables.offers == offers


async def test_an_end_that_comes_while_its_beginning_is_offered_again_is_not_lost() -> None:
    desk = Desk()
    desk.tables.failing = AWAY
    desk.record(quoting(1))
    await desk.tables.commit()
    desk.tables.failing = None
    await desk.clock.advance(RETRY_EVERY_S)
    desk.record(quoting(1))
    desk.log.end("bot1")
    await desk.tables.commit()
    assert [(row.ended_at, row.cycles) for row in desk.rows()] == [(desk.clock.now(), 2)]
    assert desk.log.failure is None


async def test_a_full_journal_that_refuses_an_end_before_it_wrote_the_beginning_gets_it_later() -> None:
    desk = Desk()
    desk.record(quoting(1))
    desk.tables.full = True
    await desk.clock.advance(1)
    desk.log.end("bot1")
    await desk.tables.commit()
    assert desk.log.failure is not None
    assert desk.log.failure.code == "storage.slow"
    desk.tables.full = False
    desk.record(quoting(1), "bot2")
    await desk.tables.commit()
    assert [(row.ended_at, row.cycles) for row in desk.rows()] == [(NOW + timedelta(seconds=1), 1)]
    assert desk.log.failure is None


async def test_a_refused_decision_is_told_and_not_offered_again() -> None:
    desk = Desk()
    desk.tables.failing = StorageRefused("bot.unknown", "there is no bot 'bot1'")
    desk.record(quoting(1))
    await desk.tables.commit()
    assert desk.log.failure is not None
    assert desk.log.failure.code == "bot.unknown"
    await desk.clock.advance(RETRY_EVERY_S)
    desk.record(quoting(1))
    assert desk.tables.offers == 1


async def test_while_the_storage_is_away_it_is_asked_once_a_second_and_little_is_kept() -> None:
    desk = Desk()
    desk.tables.failing = AWAY
    for number in range(UNWRITTEN_MAX + 50):
        desk.record(holding(f"waiting.{number}"))
        await desk.tables.commit()
    offers = desk.tables.offers
    await desk.clock.advance(RETRY_EVERY_S)
    for _ in range(10):
        desk.record(holding(f"waiting.{UNWRITTEN_MAX + 49}"))
        await desk.tables.commit()
    assert desk.tables.offers == offers + UNWRITTEN_MAX
    desk.tables.failing = None
    await desk.clock.advance(RETRY_EVERY_S)
    desk.record(holding("waiting"))
    await desk.tables.commit()
    kept = {row.reason.code for row in desk.rows()}
    assert "waiting" in kept
    assert f"waiting.{UNWRITTEN_MAX + 49}" in kept
    assert "waiting.0" not in kept


async def test_what_was_offered_again_and_is_not_answered_is_not_offered_once_more() -> None:
    desk = Desk()
    desk.tables.failing = AWAY
    desk.record(quoting(1))
    await desk.tables.commit()
    for _ in range(10):
        await desk.clock.advance(RETRY_EVERY_S)
        desk.record(quoting(1))
    assert desk.tables.offers == 2
    desk.tables.failing = None
    await desk.tables.commit()
    assert desk.log.failure is None


async def test_on_a_database_the_decision_is_there_before_anybody_waits(tmp_path: Path) -> None:
    clock = ManualClock()
    database = make(f"sqlite:///{tmp_path}/storage.db", clock)
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        log = DecisionLog(journal, CountingEntropy(), clock)
        first = log.record(world.bot.id, quoting(25_590), clock.now(), market())
        await clock.advance(1)
        second = log.record(world.bot.id, holding("waiting"), clock.now(), market())
        await journal.write()
        async with database.unit_of_work(read_only=True) as uow:
            rows = (await uow.decisions.list(world.bot.id)).items
        standing = log.current(world.bot.id)
    assert [(row.id, row.cycles) for row in rows] == [(second, None), (first, 1)]
    assert standing is not None
    assert replace(standing, cycles=None) == rows[0]
    assert log.failure is None
    await database.close()


DECISIONS = (
    quoting(1),
    quoting(2),
    quoting(2, side=Side.SELL),
    quoting(),
    quoting(1, notes=(SHORT,)),
    holding("waiting"),
    holding("book.stale", why="book.stale"),
)
#: a bot's next decision, its end (None), or the storage goes away, comes back, answers
steps = st.lists(
    st.tuples(st.sampled_from(["bot1", "bot2"]), st.one_of(st.sampled_from(DECISIONS), st.none())), max_size=60
)
storage = st.lists(st.sampled_from(["away", "unsure", "back", "commit", "full", ""]), min_size=60, max_size=60)


@dataclass
class Story:
    """What happened, told apart from the log: each cycle by its id."""

    desk: Desk = field(default_factory=Desk)
    cycles: dict[str, list[tuple[str, datetime, Decision]]] = field(default_factory=dict)  # id -> bot, time, decision

    async def step(self, bot_id: str, decision: Decision | None) -> None:
        await self.desk.clock.advance(1)
        if decision is None:
            self.desk.log.end(bot_id)
            return
        decision_id = self.desk.record(decision, bot_id)
        self.cycles.setdefault(decision_id, []).append((bot_id, self.desk.clock.now(), decision))

    def check_nothing_false(self) -> None:
        """Whatever is stored is true; nothing overlaps."""
        for bot_id in ("bot1", "bot2"):
            rows = self.desk.rows(bot_id)
            for row in rows:
                told = self.cycles[row.id]
                assert {bot for bot, _, _ in told} == {bot_id}
                assert {decision.reason.code for _, _, decision in told} == {row.reason.code}
                assert row.decided_at == told[0][1]
                assert (row.ended_at is None) == (row.cycles is None)
                if row.ended_at is not None:
                    assert row.cycles == len(told)
                    assert row.ended_at > told[-1][1]
            for row, after in pairwise(rows):
                assert row.ended_at is None or row.ended_at <= after.decided_at

    def check_whole(self) -> None:
        """Everything is stored: times follow each other without gaps, and counts add up."""
        for bot_id in ("bot1", "bot2"):
            rows = self.desk.rows(bot_id)
            times = [at for told in self.cycles.values() for bot, at, _ in told if bot == bot_id]
            assert sum(row.cycles or 0 for row in rows) == len(times)
            for at in times:
                assert sum(row.ended_at is not None and row.decided_at <= at < row.ended_at for row in rows) == 1


def play(story: Callable[[Story], Awaitable[None]]) -> None:
    async def run() -> None:
        await story(Story())

    asyncio.run(run())


@given(steps=steps)
def test_any_sequence_gives_rows_that_divide_time_and_counts_that_add_up(
    steps: list[tuple[str, Decision | None]],
) -> None:
    async def story(told: Story) -> None:
        for bot_id, decision in steps:
            await told.step(bot_id, decision)
        standing = Counter(row.bot_id for row in map(told.desk.log.current, ("bot1", "bot2")) if row is not None)
        await told.desk.tables.commit()  # and here the server would die
        told.check_nothing_false()
        for bot_id in ("bot1", "bot2"):
            without_end = [row.ended_at is None for row in told.desk.rows(bot_id)]
            assert sum(without_end) == standing[bot_id]
            assert not any(without_end[:-1])
            await told.step(bot_id, None)
        await told.desk.tables.commit()
        told.check_whole()

    play(story)


@given(steps=steps, storage=storage)
def test_storage_that_fails_at_any_time_makes_nothing_false_and_loses_nothing(
    steps: list[tuple[str, Decision | None]], storage: list[str]
) -> None:
    async def story(told: Story) -> None:
        tables = told.desk.tables
        for (bot_id, decision), happens in zip(steps, storage, strict=False):
            await told.step(bot_id, decision)
            tables.failing = {"away": AWAY, "unsure": AWAY, "back": None}.get(happens, tables.failing)
            tables.stores_in_secret = happens == "unsure"
            tables.full = happens == "full"
            await asyncio.sleep(0)
            if happens not in ("", "full"):
                await tables.commit()
                told.check_nothing_false()
        tables.full = False
        for bot_id in ("bot1", "bot2"):
            await told.step(bot_id, None)
        await tables.commit()
        tables.failing = None
        await told.step("bot1", holding("the storage is back"))
        await tables.commit()
        await told.step("bot1", None)
        await tables.commit()
        assert told.desk.log.failure is None
        told.check_nothing_false()
        told.check_whole()

    play(story)
