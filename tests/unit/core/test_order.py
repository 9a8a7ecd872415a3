import itertools
from dataclasses import replace

import pytest

from tests.factories import order
from trading_bridge.core.order import (
    NUMBERS,
    OrderReport,
    OrderState,
    client_order_id,
    is_final,
    is_of,
    is_ours,
    next_state,
)

S = OrderState


@pytest.mark.parametrize(
    ("now", "said", "then"),
    [
        (S.PENDING_NEW, S.NEW, S.NEW),
        (S.PENDING_NEW, S.UNRESOLVED, S.UNRESOLVED),
        (S.UNRESOLVED, S.PARTIALLY_FILLED, S.PARTIALLY_FILLED),
        (S.PARTIALLY_FILLED, S.NEW, S.PARTIALLY_FILLED),  # an older answer arrives later
        (S.PENDING_CANCEL, S.PARTIALLY_FILLED, S.PARTIALLY_FILLED),  # its cancel failed
        (S.PENDING_CANCEL, S.UNRESOLVED, S.PENDING_CANCEL),
        (S.NEW, S.FILLED, S.FILLED),
        (S.FILLED, S.NEW, S.FILLED),  # a closed order never reopens (I15)
        (S.CANCELED, S.FILLED, S.CANCELED),
        (S.ABSENT, S.NEW, S.NEW),  # found after all: the exchange's word counts (N3)
        (S.ABSENT, S.UNRESOLVED, S.ABSENT),
    ],
)
def test_next_state(now: OrderState, said: OrderState, then: OrderState) -> None:
    assert next_state(now, said) is then


def test_any_order_of_updates_ends_the_same() -> None:
    updates = (S.UNRESOLVED, S.NEW, S.PARTIALLY_FILLED, S.PENDING_CANCEL, S.FILLED)
    ends = set()
    for sequence in itertools.permutations(updates):
        state = S.PENDING_NEW
        for said in sequence:
            state = next_state(state, said)
        ends.add(state)
    assert ends == {S.FILLED}


def test_no_final_state_leaves_but_absent() -> None:
    for now, said in itertools.product(S, S):
        if is_final(now) and now is not S.ABSENT:
            assert next_state(now, said) is now


def test_client_order_id_is_ours_short_and_plain() -> None:
    made = client_order_id(installation_id="ab1cd", epoch=1_800_000_000, number=36**5 + 37, random_part="0123456789ab")
    assert made == "tbab1cd" + "tro8w0" + "00011" + "0123456789ab"
    assert len(made) <= 32
    assert made.isalnum()
    assert made == made.lower()
    assert is_ours(made, "ab1cd")
    assert not is_ours(made, "zz1cd")
    assert not is_ours(None, "ab1cd")


def test_client_order_id_refuses_what_an_exchange_may_cut() -> None:
    with pytest.raises(ValueError, match="at most 32"):
        client_order_id(installation_id="ab1cd", epoch=1, number=0, random_part="x" * 30)


def test_client_order_ids_of_an_epoch_sort_by_their_number() -> None:
    numbers = (0, 1, 35, 36, 1295, 1296, NUMBERS - 1)
    made = [client_order_id(installation_id="ab1cd", epoch=7, number=n, random_part=f"{9 - n % 10}zz") for n in numbers]
    assert made == sorted(made)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, True),
        ({"client_order_id": None}, True),
        ({"exchange_order_id": "8"}, True),
        ({"exchange_order_id": "8", "client_order_id": None}, False),
        ({"symbol": "OTHER/USDT", "client_order_id": "x"}, False),
        ({"symbol": "SHARP2/USDT", "client_order_id": None}, True),
        ({"client_order_id": "x"}, True),
    ],
)
def test_a_report_is_of_the_order_with_its_client_order_id_or_its_number_in_the_market(
    told: dict[str, str | None], expected: bool
) -> None:
    ours = order(exchange_order_id="7")
    same = OrderReport(
        exchange_order_id="7",
        client_order_id=ours.client_order_id,
        symbol=ours.symbol,
        side=ours.side,
        price=ours.price,
        amount=ours.amount,
        filled=ours.filled,
        state=OrderState.NEW,
        exchange_time=None,
    )
    assert is_of(ours, replace(same, **told)) is expected  # type: ignore[arg-type]
