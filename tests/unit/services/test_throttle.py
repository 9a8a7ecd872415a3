"""Failed sign-ins: who makes them waits, who does not is left alone, and memory is bounded."""

from trading_bridge.clock import ManualClock
from trading_bridge.services.throttle import (
    PER_ADDRESS,
    PER_PERSON,
    PER_PERSON_AND_ADDRESS,
    REMEMBERED,
    WINDOW_S,
    LoginThrottle,
)


def test_a_person_at_an_address_waits_after_so_many_failures() -> None:
    throttle = LoginThrottle(ManualClock())
    for _ in range(PER_PERSON_AND_ADDRESS):
        assert throttle.wait_s("a@b", "1.1.1.1") is None
        throttle.began("a@b", "1.1.1.1")
    assert throttle.wait_s("a@b", "1.1.1.1") == WINDOW_S + 1
    assert throttle.wait_s("a@b", "2.2.2.2") is None
    assert throttle.wait_s("c@d", "1.1.1.1") is None


def test_an_address_that_tries_many_people_waits() -> None:
    throttle = LoginThrottle(ManualClock())
    for number in range(PER_ADDRESS):
        throttle.began(f"{number}@b", "1.1.1.1")
    assert throttle.wait_s("new@b", "1.1.1.1") is not None
    assert throttle.wait_s("new@b", "2.2.2.2") is None


def test_a_person_tried_from_many_addresses_is_protected() -> None:
    throttle = LoginThrottle(ManualClock())
    for number in range(PER_PERSON):
        throttle.began("a@b", f"10.0.0.{number}")
    assert throttle.wait_s("a@b", "2.2.2.2") is not None


def test_success_takes_its_own_attempt_back() -> None:
    throttle = LoginThrottle(ManualClock())
    for _ in range(200):
        throttle.began("a@b", "1.1.1.1")
        throttle.succeeded("a@b", "1.1.1.1")
    assert throttle.wait_s("a@b", "1.1.1.1") is None
    assert throttle.wait_s("c@d", "1.1.1.1") is None


async def test_the_wait_ends() -> None:
    clock = ManualClock()
    throttle = LoginThrottle(clock)
    for _ in range(PER_PERSON_AND_ADDRESS):
        throttle.began("a@b", "1.1.1.1")
    await clock.advance(WINDOW_S - 1)
    assert throttle.wait_s("a@b", "1.1.1.1") is not None
    await clock.advance(1)
    assert throttle.wait_s("a@b", "1.1.1.1") is None


def test_memory_is_bounded_whoever_tries() -> None:
    throttle = LoginThrottle(ManualClock())
    for number in range(REMEMBERED * 2):
        throttle.began(f"{number}@b", f"addr{number}")
    assert len(throttle._counts) <= REMEMBERED
