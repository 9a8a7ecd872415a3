from trading_bridge.clock import ManualClock
from trading_bridge.sandbox.limits import Rate, RateWindow


async def test_the_window_rolls() -> None:
    clock = ManualClock()
    window = RateWindow(Rate(2, 3.0), clock)
    assert window.take("a")
    await clock.advance(1)
    assert window.take("a")
    assert not window.take("a")
    await clock.advance(1.9)
    assert not window.take("a")  # refused ones do not count, the first is 2.9 s old
    await clock.advance(0.1)
    assert window.take("a")
    assert not window.take("a")  # the second is 2 s old


async def test_names_have_their_own_windows() -> None:
    window = RateWindow(Rate(1, 3.0), ManualClock())
    assert window.take("a")
    assert window.take("b")
    assert not window.take("a")


async def test_no_rate_no_limit() -> None:
    window = RateWindow(None, ManualClock())
    assert all(window.take("a") for _ in range(1000))


async def test_quiet_names_are_forgotten_and_busy_ones_are_not() -> None:
    clock = ManualClock()
    window = RateWindow(Rate(1, 3.0), clock)
    for number in range(9_999):
        window.take(f"quiet-{number}")
    await clock.advance(2)
    window.take("busy")
    await clock.advance(1)
    window.take("new")
    assert not window.take("busy")
    assert len(window._taken) == 2
