"""What signing in keeps in memory is bounded and forgets."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from trading_bridge.clock import ManualClock
from trading_bridge.errors import TooMany
from trading_bridge.services import sign_in
from trading_bridge.services.sign_in import HASHES_AT_ONCE, HASHES_WAITING, RECHECK_S, SignedInAs, SignInDesk

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def session(clock: ManualClock, seconds: float = 60) -> SignedInAs:
    return SignedInAs(user_id="u", email="a@b", expires_at=clock.now() + timedelta(seconds=seconds))


async def test_a_known_session_is_recalled_for_seconds_and_not_past_its_end() -> None:
    clock = ManualClock()
    desk = SignInDesk(clock, CHEAP)
    desk.remember("token", session(clock))
    desk.remember("short", session(clock, 1))
    assert desk.recall("token") is not None
    assert desk.recall("other") is None
    await clock.advance(1)
    assert desk.recall("short") is None
    await clock.advance(RECHECK_S - 1)
    assert desk.recall("token") is None
    desk.remember("token", session(clock))
    desk.forget("token")
    assert desk.recall("token") is None


async def test_memory_is_bounded_and_holds_no_token() -> None:
    clock = ManualClock()
    desk = SignInDesk(clock, CHEAP)
    for number in range(sign_in.REMEMBERED + 5):
        desk.remember(f"token{number}", session(clock))
    assert len(desk._known) == sign_in.REMEMBERED
    assert not any("token" in key for key in desk._known)


async def test_a_set_up_token_is_good_until_disarmed() -> None:
    desk = SignInDesk(ManualClock(), CHEAP)
    assert not desk.is_setup_token("")
    desk.arm_setup("link")
    assert desk.is_setup_token("link")
    assert not desk.is_setup_token("lin")
    desk.disarm_setup()
    assert not desk.is_setup_token("link")


class _Slow(ManualClock):
    """Offloaded work waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.running = 0
        self.most = 0

    async def offload(self, function):  # type: ignore[no-untyped-def]
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate.wait()
        self.running -= 1
        return function()


async def test_few_passwords_are_hashed_at_once_and_a_long_queue_is_refused() -> None:
    clock = _Slow()
    desk = SignInDesk(clock, CHEAP)
    waiting = [asyncio.create_task(desk.hash("password")) for _ in range(HASHES_AT_ONCE + HASHES_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await desk.hash("one too many")
    clock.gate.set()
    await asyncio.gather(*waiting)
    assert clock.most == HASHES_AT_ONCE
    assert await desk.hash("again")


async def test_a_password_fits_its_own_hash_only() -> None:
    desk = SignInDesk(ManualClock(), CHEAP)
    made = await desk.hash("right \ud800")
    assert await desk.fits("right \ud800", made)
    assert not await desk.fits("wrong", made)
    assert not await desk.fits("nobody", None)
    assert not await desk.fits("right", "no hash at all")
