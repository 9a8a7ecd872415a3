"""Which cause a refused key has: every row of the table, and everything that no row may say."""

import itertools

import pytest

from trading_bridge.diagnosis.ladder import Rung
from trading_bridge.diagnosis.tell_apart import TABLE, Said, Signs, tell_apart

A, X, J, U = Said.ACCEPTED, Said.REFUSED, Said.REJECTED, Said.UNTOLD
ADDRESS, READ, TRADE = "ip.not_allowed", "permission.read_missing", "permission.trade_missing"
KEY, SIGNATURE, CLOCK = "credentials.rejected", "signature.refused", "clock.skewed"
BALANCE, ORDER, CANCEL = Rung.SIGNED_READ, Rung.READ_PERMISSION, Rung.TRADE_PERMISSION


def signs(read: Said, order: Said, trade: Said, **more: object) -> Signs:
    return Signs(signed_read=read, read_permission=order, trade_permission=trade, **more)  # type: ignore[arg-type]


CASES = [
    # balance, order that never was, cancel that cannot meet an order -> cause, what remains, whose call decided
    ((A, A, J), SIGNATURE, (CLOCK,), CANCEL),
    ((A, J, A), SIGNATURE, (CLOCK,), ORDER),
    ((J, A, J), SIGNATURE, (CLOCK,), BALANCE),
    ((J, J, A), SIGNATURE, (CLOCK,), BALANCE),
    ((J, J, J), KEY, (SIGNATURE,), BALANCE),
    ((J, U, U), KEY, (SIGNATURE,), BALANCE),
    ((U, J, J), KEY, (SIGNATURE,), ORDER),
    ((U, U, J), KEY, (SIGNATURE,), CANCEL),
    ((A, A, X), TRADE, (), CANCEL),
    ((A, U, X), TRADE, (), CANCEL),
    ((U, A, X), TRADE, (), CANCEL),
    ((A, X, X), TRADE, (ADDRESS,), CANCEL),
    ((A, X, A), ADDRESS, (READ,), ORDER),
    ((A, X, U), ADDRESS, (READ,), ORDER),
    ((X, X, A), READ, (), BALANCE),
    ((X, U, A), READ, (), BALANCE),
    ((U, X, A), READ, (ADDRESS,), ORDER),
    ((X, A, X), READ, (TRADE, ADDRESS), BALANCE),
    ((X, A, A), READ, (ADDRESS,), BALANCE),
    ((X, A, U), READ, (ADDRESS,), BALANCE),
    ((X, X, X), ADDRESS, (READ, SIGNATURE), BALANCE),
    ((X, X, U), ADDRESS, (READ, SIGNATURE), BALANCE),
    ((X, U, U), ADDRESS, (READ, SIGNATURE), BALANCE),
    ((U, X, X), ADDRESS, (READ, SIGNATURE), ORDER),
    ((U, U, X), TRADE, (ADDRESS, SIGNATURE), CANCEL),
]


@pytest.mark.parametrize(("said", "code", "remaining", "rung"), CASES)
def test_a_row_of_the_table(said: tuple[Said, Said, Said], code: str, remaining: tuple[str, ...], rung: Rung) -> None:
    verdict = tell_apart(signs(*said))
    assert verdict is not None
    assert (verdict.code, verdict.remaining, verdict.rung) == (code, remaining, rung)


def test_every_row_is_tried() -> None:
    tried = [
        next(row for row in TABLE if said[0] in row.read and said[1] in row.order and said[2] in row.trade)
        for said, *_ in CASES
    ]
    assert all(any(row is one for one in tried) for row in TABLE)


@pytest.mark.parametrize("said", list(itertools.product(Said, repeat=3)))
def test_a_refusal_always_has_a_cause_and_nothing_else_has_one(said: tuple[Said, Said, Said]) -> None:
    verdict = tell_apart(signs(*said))
    assert (verdict is not None) is bool({X, J} & set(said))
    if verdict is not None:
        calls = dict(zip((BALANCE, ORDER, CANCEL), said, strict=True))
        assert calls[verdict.rung] in (X, J)  # the call that decided is one that was refused
        assert verdict.code not in verdict.remaining


def test_one_family_passes_and_the_other_does_not() -> None:
    for said in ((X, X, X), (X, A, A), (A, A, X), (A, A, A)):
        verdict = tell_apart(signs(*said, by_family={"ipv4": A, "ipv6": X}))
        assert verdict is not None
        assert (verdict.code, verdict.parameters, verdict.remaining) == (ADDRESS, {"family": "ipv6"}, ())


@pytest.mark.parametrize("by_family", [{"ipv4": X, "ipv6": X}, {"ipv4": X, "ipv6": U}, {"ipv4": U, "ipv6": U}, {}])
def test_families_that_do_not_differ_tell_nothing(by_family: dict[str, Said]) -> None:
    assert tell_apart(signs(X, X, A, by_family=by_family)) == tell_apart(signs(X, X, A))
    assert tell_apart(signs(A, A, A, by_family={"ipv4": A, "ipv6": U})) is None


@pytest.mark.parametrize("offset_s", [-3600.0, 11.0])
def test_a_rejected_key_under_a_clock_that_is_off_is_the_clocks(offset_s: float) -> None:
    verdict = tell_apart(signs(J, J, J, offset_s=offset_s))
    assert verdict is not None
    assert (verdict.code, verdict.parameters) == (CLOCK, {"offset_s": f"{offset_s:.0f}"})
    assert verdict.remaining == (KEY,)
    assert verdict.rung is BALANCE


def test_a_clock_that_is_off_is_told_although_all_is_accepted_and_hides_no_missing_permission() -> None:
    verdict = tell_apart(signs(A, A, A, offset_s=20.0))
    assert verdict is not None
    assert (verdict.code, verdict.remaining, verdict.rung) == (CLOCK, (), Rung.CLOCK)
    missing = tell_apart(signs(A, A, X, offset_s=20.0))
    assert missing is not None
    assert missing.code == TRADE


@pytest.mark.parametrize("offset_s", [None, 0.0, -10.0, 9.9])
def test_a_clock_that_is_right_or_unknown_is_not_to_blame(offset_s: float | None) -> None:
    assert tell_apart(signs(A, A, A, offset_s=offset_s)) is None
    rejected = tell_apart(signs(J, J, J, offset_s=offset_s))
    assert rejected is not None
    assert rejected.code == KEY


def test_a_key_that_worked_before_signs_rightly() -> None:
    for said in ((X, X, X), (J, J, J)):
        fresh, known = tell_apart(signs(*said)), tell_apart(signs(*said, worked_before=True))
        assert fresh is not None
        assert known is not None
        assert SIGNATURE in fresh.remaining
        assert known.remaining == tuple(code for code in fresh.remaining if code != SIGNATURE)
    skewed = tell_apart(signs(J, J, J, offset_s=60.0, worked_before=True))
    assert skewed is not None
    assert skewed.remaining == ()
