"""Tasks of accounts and feeds have an owner, and begin only while it takes them."""

import asyncio

import pytest

from trading_bridge.accounts.tasks import Tasks
from trading_bridge.clock import ManualClock
from trading_bridge.errors import NotReady


async def test_a_task_that_would_begin_while_the_server_stops_is_refused_and_leaves_nothing(
    recwarn: pytest.WarningsRecorder,
) -> None:
    tasks = Tasks(ManualClock())
    began = asyncio.Event()

    async def work() -> None:
        began.set()

    async def holds_out() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            with pytest.raises(NotReady):
                tasks.start("account coinstore", work)

    async def fails() -> None:
        raise LookupError

    async def stops() -> None:
        async with asyncio.TaskGroup() as group:
            tasks.own(group)
            group.create_task(holds_out())
            group.create_task(fails())

    with pytest.raises(ExceptionGroup):
        await stops()
    assert not began.is_set()
    assert not recwarn.list
