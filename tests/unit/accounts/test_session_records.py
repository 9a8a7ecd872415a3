"""What a session leaves in storage: what could not be written is written later, and no error is left for nobody."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.factories import NOW
from tests.unit.accounts.scripted import KeptJournal
from trading_bridge.accounts.balance_reader import GoodRead
from trading_bridge.accounts.session_records import SessionRecords
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.errors import NotReady

AWAY = NotReady("storage.unreachable", "The database does not answer.")
TAKEN_BACK = OperationalError("any", {}, OSError("the transaction was taken back"))


class Storage:
    """Takes what is written, unless it is away."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.written: list[tuple[object, ...]] = []
        self.connectors = SimpleNamespace(
            set_exchange_account=self._take, strangers_found=self._take, key_succeeded=self._pass_over
        )

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator["Storage"]:
        if self.error is not None:
            raise self.error
        yield self

    async def _take(self, *values: object) -> None:
        self.written.append(values)

    async def _pass_over(self, *values: object) -> None: ...


class Kept:
    """Records, their storage, and the tasks that they started."""

    def __init__(self) -> None:
        self.storage = Storage()
        self.tasks: list[asyncio.Task[None]] = []
        self.records = SessionRecords(
            self.storage,  # type: ignore[arg-type]
            KeptJournal(),  # type: ignore[arg-type]
            ManualClock(NOW),
            self._spawn,
            books=lambda _: None,
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    async def opens(self, known: Connector, exchange_account: str) -> None:
        self.records.opens(known, exchange_account)
        await self.settled()

    async def read_well(self, connector_id: str) -> None:
        self.records.read_well(connector_id, GoodRead(balances={}, as_of=NOW, started=None, evidence=None))
        await self.settled()

    async def settled(self) -> None:
        if self.tasks:
            await asyncio.wait(self.tasks)


def connector(exchange_account: str | None = None) -> Connector:
    return Connector(
        id="k1",
        client_id="c1",
        account="client",
        name="coinstore",
        exchange="coinstore",
        base_url=None,
        proxy_url=None,
        ipv4_only=False,
        key_last4="1a2b",
        exchange_account=exchange_account,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )


async def test_the_name_of_an_account_is_stored_once() -> None:
    kept, known = Kept(), connector()
    await kept.opens(known, "1134971")
    await kept.opens(known, "1134971")
    await kept.opens(connector("1134971"), "1134971")
    assert kept.storage.written == [("k1", "1134971")]


async def test_the_name_that_storage_has_is_not_stored_again() -> None:
    kept = Kept()
    await kept.opens(connector("1134971"), "1134971")
    assert kept.tasks == []


@pytest.mark.parametrize("error", [AWAY, TAKEN_BACK])
async def test_a_name_that_storage_did_not_take_is_stored_with_the_next_balance(error: Exception) -> None:
    """Until then the keys of one exchange account count as keys of several, also in the next process (faults K4)."""
    kept, known = Kept(), connector()
    kept.storage.error = error
    await kept.opens(known, "1134971")
    kept.storage.error = None
    await kept.opens(known, "1134971")
    await kept.opens(known, "1134971")
    assert kept.storage.written == [("k1", "1134971")]
    assert [task.exception() for task in kept.tasks] == [None, None]


async def test_the_account_of_the_next_key_is_stored() -> None:
    kept = Kept()
    await kept.opens(connector(), "1134971")
    kept.records.ended("k1")
    await kept.opens(connector("1134971"), "1134972")
    assert kept.storage.written == [("k1", "1134971"), ("k1", "1134972")]


@pytest.mark.parametrize("error", [AWAY, TAKEN_BACK])
async def test_alarms_that_storage_did_not_take_are_stored_with_the_next_balance(error: Exception) -> None:
    """Else the account is held for something that nobody is shown, and so nobody can answer for."""
    kept = Kept()
    kept.storage.error = error
    alarms = {"account.shared": Finding(code="account.shared", severity=Severity.CRITICAL, since=NOW, parameters={})}
    kept.records.alarmed("k1", alarms)
    await kept.settled()
    await kept.read_well("k1")
    assert kept.storage.written == []
    kept.storage.error = None
    await kept.read_well("k1")
    await kept.read_well("k1")
    assert kept.storage.written == [("k1", alarms)]
    assert {task.exception() for task in kept.tasks} == {None}


async def test_alarms_of_a_session_that_ended_are_not_stored_after_it() -> None:
    """A person may have answered for them."""
    kept = Kept()
    kept.storage.error = AWAY
    kept.records.alarmed("k1", {})
    await kept.settled()
    kept.records.ended("k1")
    kept.storage.error = None
    await kept.read_well("k1")
    assert kept.storage.written == []
