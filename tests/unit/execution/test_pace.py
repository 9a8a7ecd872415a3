"""The last minute's orders and cancels."""

from datetime import timedelta

from tests.factories import bot
from trading_bridge.clock import ManualClock
from trading_bridge.core.risk.at_send import Sent
from trading_bridge.execution.pace import PLATFORM, WINDOW_S, Pace, Window


async def test_each_counts_for_its_bot_its_client_and_the_platform_for_a_minute() -> None:
    clock = ManualClock()
    pace = Pace(clock)
    pace.ordered(bot())
    await clock.advance(30)
    pace.ordered(bot(id="bot2"))
    pace.ordered(bot(id="bot3", client_id="client2"))
    pace.canceled(bot())
    everybody = ("bot1", "bot2", "client1", "client2", PLATFORM)
    assert [pace.orders(one) for one in everybody] == [1, 1, 2, 1, 3]
    assert [pace.cancels(one) for one in everybody] == [1, 0, 1, 0, 1]
    await clock.advance(30)
    assert [pace.orders(one) for one in everybody] == [0, 1, 1, 1, 2]
    await clock.advance(30)
    assert [pace.orders(one) for one in everybody] == [0, 0, 0, 0, 0]
    assert pace.cancels("bot1") == 0


async def test_a_restart_forgets_none() -> None:
    clock = ManualClock()
    pace, now = Pace(clock), clock.now()
    ago = [now - timedelta(seconds=seconds) for seconds in (50, 10)]
    sent = [Sent(bot_id="bot1", client_id="client1", opened_at=at, canceled_at=None) for at in reversed(ago)]
    pace.restore([*sent, Sent(bot_id="bot1", client_id="client1", opened_at=ago[0], canceled_at=ago[1])])
    assert (pace.orders("bot1"), pace.orders(PLATFORM), pace.cancels("bot1")) == (3, 3, 1)
    await clock.advance(10)
    assert (pace.orders("client1"), pace.cancels("client1")) == (1, 1)
    await clock.advance(40)
    assert (pace.orders("bot1"), pace.cancels("bot1")) == (0, 0)


async def test_what_nobody_asks_about_is_forgotten_all_the_same() -> None:
    clock = ManualClock()
    window = Window()
    for _ in range(500):
        window.add(("bot1",), clock.monotonic())
        await clock.advance(1)
    assert len(window._times["bot1"]) <= WINDOW_S
