"""The rolling windows, counted from outside: never more than a limit in any window, and cancels first."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.description import RateLimit
from trading_bridge.exchanges.limiter import (
    BACKOFF_MAX_S,
    CANCEL_SHARE,
    JITTER_S,
    ORDER_SHARE,
    CallKind,
    Limiter,
    book,
    booked_at_once,
    delay,
)
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import exchange_info, exchanges

RATE = RateLimit(calls=20, per_s=3.0)
WINDOW = RATE.per_s + JITTER_S
READ, CANCEL, CREATE, PUBLIC = CallKind.READ, CallKind.CANCEL, CallKind.CREATE, CallKind.PUBLIC
RECOVERY = CallKind.RECOVERY
CALLS = {
    READ: "fetch_balance",
    CANCEL: "cancel_order",
    CREATE: "create_order",
    PUBLIC: "fetch_order_book",
    RECOVERY: "fetch_balance",
}
HEAVY = RateLimit(calls=100, per_s=10.0, weights={"fetch_balance": 20, "fetch_order_book": 0}, used_header="X-Used")
ORDERS_ONLY = RateLimit(calls=10, per_s=10.0, weights={"create_order": 1}, others=0)


def of(*rates: RateLimit, clock: ManualClock | None = None) -> Limiter:
    return Limiter(clock or ManualClock(), rates)


def booked(limiter: Limiter, kind: CallKind) -> float:
    return limiter.book(kind, CALLS[kind])


def most_in_a_window(moments: list[tuple[float, int]], window_s: float) -> int:
    most, inside, weight = 0, deque[tuple[float, int]](), 0
    for moment, units in sorted(moments):
        inside.append((moment, units))
        weight += units
        while moment - inside[0][0] >= window_s:
            weight -= inside.popleft()[1]
        most = max(most, weight)
    return most


@given(
    kinds=some.lists(
        some.tuples(some.sampled_from(list(CallKind)), some.sampled_from([0.0, 0.0, 0.2, 1.7])), max_size=200
    )
)
async def test_never_more_than_any_limit_in_any_window(kinds: list[tuple[CallKind, float]]) -> None:
    """Weights, shares and several limits at once, of a key and of an address."""
    clock = ManualClock()
    rates = (HEAVY, ORDERS_ONLY, RATE)
    limiters = (of(HEAVY, ORDERS_ONLY, clock=clock), of(RATE, clock=clock))
    left: list[list[tuple[float, int]]] = [[] for _ in rates]
    for kind, pause_s in kinds:
        await clock.advance(pause_s)
        call = CALLS[kind]
        wait_s = delay(limiters, kind, call)
        assert book(limiters, kind, call) == wait_s
        for rate, calls in zip(rates, left, strict=True):
            calls.append((clock.monotonic() + wait_s, rate.weight(call)))
    for rate, calls in zip(rates, left, strict=True):
        assert most_in_a_window(calls, rate.per_s) <= rate.calls


def test_the_rate_is_used() -> None:
    limiter = of(RATE)
    waits = [booked(limiter, READ) for _ in range(45)]
    assert waits == [0.0] * 15 + [WINDOW] * 15 + [2 * WINDOW] * 15  # 4 of 20 are for cancels, 1 is for orders


def test_a_cancel_passes_a_queue_of_reads_and_of_orders() -> None:
    limiter = of(RATE)
    for _ in range(50):
        booked(limiter, READ)
        booked(limiter, CREATE)
    assert [booked(limiter, CANCEL) for _ in range(4)] == [0.0] * 4


def test_a_new_order_passes_a_queue_of_reads() -> None:
    limiter = of(RATE)
    for _ in range(50):
        booked(limiter, READ)
    assert booked(limiter, CREATE) == 0.0


def test_cancels_alone_may_use_all_but_what_reads_have() -> None:
    limiter = of(RATE)
    assert [booked(limiter, CANCEL) for _ in range(17)] == [0.0] * 17
    assert booked(limiter, CANCEL) > 0


@pytest.mark.parametrize("kind", [READ, PUBLIC])
def test_a_read_passes_a_flood_of_cancels_and_of_orders(kind: CallKind) -> None:
    limiter = of(RATE)
    for _ in range(200):
        booked(limiter, CANCEL)
        booked(limiter, CREATE)
    assert [booked(limiter, kind) for _ in range(3)] == [0.0] * 3


def test_what_a_start_must_read_may_use_everything() -> None:
    limiter = of(RATE)
    assert [booked(limiter, RECOVERY) for _ in range(20)] == [0.0] * 20
    assert booked(limiter, RECOVERY) > 0


def test_a_call_weighs_what_the_exchange_says() -> None:
    limiter = of(HEAVY)
    assert [booked(limiter, READ) for _ in range(4)] == [0.0, 0.0, 0.0, HEAVY.per_s + JITTER_S]
    assert booked(limiter, PUBLIC) == 0.0  # it counts elsewhere


def test_a_call_that_is_heavier_than_the_limit_waits_for_an_empty_window() -> None:
    limiter = of(RateLimit(calls=100, per_s=10.0, weights={"fetch_balance": 500}))
    assert booked(limiter, READ) == 0.0
    assert booked(limiter, READ) == 10.25


def test_what_orders_alone_count_for_delays_nothing_else() -> None:
    limiter = of(ORDERS_ONLY)
    assert [booked(limiter, CREATE) for _ in range(11)] == [0.0] * 10 + [10.25]
    assert booked(limiter, READ) == booked(limiter, CANCEL) == 0.0


def test_a_call_leaves_when_all_that_count_it_allow_it() -> None:
    """And counts at that moment in each of them: one that waited for its key is in the address's window later."""
    clock = ManualClock()
    key, address = of(RateLimit(calls=1, per_s=7.0), clock=clock), of(RateLimit(calls=2, per_s=3.0), clock=clock)
    assert [book((address, key), READ, "fetch_balance") for _ in range(2)] == [0.0, 7.25]
    assert [book((address,), PUBLIC, "fetch_order_book") for _ in range(2)] == [3.25, 10.5]


def test_a_turn_at_once_is_taken_everywhere_or_nowhere() -> None:
    clock = ManualClock()
    key, address = of(RateLimit(calls=1, per_s=7.0), clock=clock), of(RateLimit(calls=2, per_s=3.0), clock=clock)
    taken = [booked_at_once((address, key), READ, "fetch_balance") for _ in range(3)]
    assert taken == [True, False, False]
    assert [booked_at_once((address,), READ, "fetch_balance") for _ in range(2)] == [True, False]
    address.exceeded()
    assert not booked_at_once((address, of(RATE, clock=clock)), CREATE, "create_order")


def test_turns_are_in_the_order_of_asking() -> None:
    limiter = of(RATE)
    waits = [booked(limiter, READ) for _ in range(100)]
    assert waits == sorted(waits)


def test_asking_takes_no_turn() -> None:
    limiter = of(RATE)
    for _ in range(40):
        assert limiter.delay(READ, "fetch_balance") == limiter.delay(CANCEL, "cancel_order") == 0.0


async def test_what_others_use_counts() -> None:
    """The exchange's own header: another program on the same address, or this one before its restart."""
    clock = ManualClock()
    limiter = of(HEAVY, clock=clock)
    booked(limiter, READ)
    limiter.accepted({"X-Used": "20"})
    assert limiter.delay(READ, "fetch_balance") == 0.0
    limiter.accepted({"X-Used": "70"})
    assert limiter.delay(READ, "fetch_balance") == 10.25
    assert limiter.delay(CANCEL, "cancel_order") == 0.0
    limiter.accepted({"X-Used": "5000"})
    limiter.accepted({"X-Used": "no number"})
    await clock.advance(10.25)
    assert limiter.delay(READ, "fetch_balance") == 0.0


async def test_too_much_is_waited_out_longer_each_time() -> None:
    clock = ManualClock()
    limiter = of(RATE, clock=clock)
    waits = []
    for _ in range(7):
        waits.append(limiter.exceeded())
        assert limiter.delay(READ, "fetch_balance") == limiter.delay(CREATE, "create_order") == waits[-1]
        assert limiter.delay(CANCEL, "cancel_order") == 0.0
        await clock.advance(waits[-1])
    assert waits == [3.0, 6.0, 12.0, 24.0, 48.0, BACKOFF_MAX_S, BACKOFF_MAX_S]
    limiter.accepted({})
    assert limiter.exceeded() == 3.0


async def test_answers_of_calls_under_way_are_one_strike() -> None:
    limiter = of(RATE)
    assert [limiter.exceeded() for _ in range(20)] == [3.0] * 20
    limiter.accepted({})  # of a call that was sent before: the wait goes on
    assert limiter.delay(READ, "fetch_balance") == 3.0


def test_a_named_wait_is_obeyed() -> None:
    limiter = of(RATE)
    assert limiter.exceeded(retry_after_s=90) == 90
    assert limiter.exceeded(retry_after_s=1) == 90


def test_a_thousand_strikes_do_not_overflow() -> None:
    limiter = of(RATE)
    for _ in range(2000):
        limiter._blocked_until = float("-inf")
        wait_s = limiter.exceeded()
    assert wait_s == BACKOFF_MAX_S


def test_fault_T2_a_clock_that_steps_back_neither_stalls_nor_bursts() -> None:
    """Only the monotonic clock is read."""

    class Stepping(ManualClock):
        def now(self):  # type: ignore[no-untyped-def]
            raise AssertionError("the limiter reads the wall clock")

    limiter = of(RATE, clock=Stepping())
    for _ in range(20):
        booked(limiter, READ)
    limiter.exceeded()
    limiter.accepted({})


def test_coinstores_rates() -> None:
    info = exchange_info("coinstore")
    assert info is not None
    for limits, calls in ((info.user_limits, 120), (info.address_limits, 300)):
        limiter = of(*limits)
        at_once = sum(1 for _ in range(500) if booked(limiter, READ) == 0)
        assert at_once == calls - int(calls * CANCEL_SHARE) - int(calls * ORDER_SHARE)


def test_every_call_of_an_order_finds_room_at_every_exchange() -> None:
    for info in exchanges():
        limiters = of(*info.user_limits), of(*info.address_limits)
        for _ in range(100):
            book(limiters, READ, "fetch_open_orders")
        assert delay(limiters, CREATE, "create_order") == delay(limiters, CANCEL, "cancel_order") == 0.0, info.id


def test_whoever_uses_a_key_or_an_address_shares_its_limits() -> None:
    info = exchange_info("coinstore")
    assert info is not None
    limiters, sandbox = Limiters(ManualClock()), "http://127.0.0.1:8100/api"
    mine, other = (Credentials(api_key=name, secret="s") for name in ("mine", "other"))
    assert limiters.of_key(info, mine, None) is limiters.of_key(info, mine, None)
    assert limiters.of_key(info, mine, None) is not limiters.of_key(info, other, None)
    assert limiters.of_key(info, mine, None) is not limiters.of_key(info, mine, sandbox)
    home = limiters.of_address(info, None, None, ipv4_only=False)
    assert limiters.of_address(info, None, None, ipv4_only=False) is home
    assert limiters.of_address(info, None, None, ipv4_only=True) is not home
    assert limiters.of_address(info, None, "http://proxy:3128", ipv4_only=False) is not home
    there = limiters.of_address(info, sandbox, None, ipv4_only=False)
    assert there is not home
    assert limiters.of_address(info, f"{sandbox}/", None, ipv4_only=False) is there
