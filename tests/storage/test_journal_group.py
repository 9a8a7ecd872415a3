"""How calls fall into groups changes nothing: one commit for all, one for each, or anything in between."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, balances, decision, fill, order
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.order import OrderState
from trading_bridge.errors import StorageRefused
from trading_bridge.storage.journal_group import Group, Stored
from trading_bridge.storage.journal_rows import (
    OpenIntent,
    Row,
    StoreBalances,
    StoreDecision,
    StoreFill,
    UpdateOrder,
    Written,
)

EPOCH = 5
ids = st.sampled_from(["a", "b", "c"])
rows = st.one_of(
    st.builds(
        lambda name, epoch: OpenIntent(order=order(client_order_id=name, epoch=epoch, amount=Decimal(10)), shard=0),
        ids,
        st.sampled_from([EPOCH, EPOCH, EPOCH, EPOCH - 1]),
    ),
    st.builds(
        UpdateOrder,
        client_order_id=ids,
        state=st.sampled_from(OrderState),
        exchange_order_id=st.sampled_from([None, "1", "2"]),
        filled=st.sampled_from([None, Decimal(0), Decimal(4), Decimal(10), Decimal(11)]),
        refusal_code=st.sampled_from([None, "1401"]),
    ),
    st.builds(
        lambda number, bot_id: StoreFill(
            trade=fill(trade_id=str(number), cost=Decimal(number)),
            exchange="coinstore",
            connector_id="connector1",
            bot_id=bot_id,
            client_order_id="a",
        ),
        st.integers(min_value=1, max_value=4),
        st.sampled_from([None, "bot1", "nobody"]),
    ),
    st.builds(
        lambda seconds: StoreBalances(
            connector_id="connector1", balances=balances(USDT=str(seconds)), as_of=NOW.replace(second=seconds)
        ),
        st.integers(min_value=0, max_value=3),
    ),
    st.builds(
        lambda name, bot_id, ended: StoreDecision(
            decision=decision(id=name, bot_id=bot_id, ended_at=NOW if ended else None, cycles=3 if ended else None)
        ),
        ids,
        st.sampled_from(["bot1", "bot1", "nobody"]),
        st.booleans(),
    ),
)
calls = st.lists(st.lists(rows, min_size=1, max_size=3), max_size=12)
Answer = tuple[Written, ...] | str


def written(calls: Sequence[Sequence[Row]], cuts: set[int]) -> tuple[list[Answer], Stored]:
    """The answers, and the tables after the last commit; a commit comes before each call in `cuts`."""
    stored = tables()
    group = Group(stored)
    answers: list[Answer] = []
    for number, call in enumerate(calls):
        if number in cuts:
            stored = committed(stored, group)
            group = Group(stored)
        try:
            answers.append(group.take(call))
        except StorageRefused as refused:
            answers.append(refused.code)
    return answers, committed(stored, group)


def tables() -> Stored:
    return Stored(epochs={0: EPOCH}, bots=frozenset({"bot1"}), connectors=frozenset({"connector1"}))


def committed(stored: Stored, group: Group) -> Stored:
    changes = group.changes
    return Stored(
        epochs=stored.epochs,
        orders=stored.orders | changes.orders,
        fills=stored.fills | set(changes.fills),
        totals=stored.totals | changes.totals,
        balances=stored.balances | {key: row.as_of for key, row in changes.balances.items()},
        decisions=stored.decisions
        | {key: made.ended_at is not None for key, made in (changes.decided | changes.ended).items()},
        bots=stored.bots,
        connectors=stored.connectors,
    )


@given(calls=calls, cuts=st.sets(st.integers(min_value=0, max_value=12)))
def test_grouping_changes_neither_answers_nor_tables(calls: list[list[Row]], cuts: set[int]) -> None:
    together = written(calls, set())
    assert written(calls, cuts) == together
    assert written(calls, set(range(13))) == together


@given(calls=calls)
def test_what_was_written_again_changes_nothing(calls: list[list[Row]]) -> None:
    answers, once = written(calls, set())
    again = Group(once)
    for call, answer in zip(calls, answers, strict=True):
        for row in call:
            if isinstance(answer, tuple) and isinstance(row, StoreFill | StoreDecision):
                assert again.take([row]) == (Written(duplicate=True),)
    assert again.changes == Group(once).changes


@given(calls=calls)
def test_orders_only_move_forward(calls: list[list[Row]]) -> None:
    stored = tables()
    for call in calls:
        group = Group(stored)
        try:
            group.take(call)
        except StorageRefused:
            assert group.changes == Group(stored).changes
        after = committed(stored, group)
        for name, before in stored.orders.items():
            now = after.orders[name]
            assert before.filled <= now.filled <= now.amount
            assert before.exchange_order_id in (None, now.exchange_order_id)
        stored = after


def test_sums_keep_more_digits_than_pythons_own_context() -> None:
    parts = [Decimal("171690026.123456789012345678"), Decimal("0.0000000000000000000000000001")]
    assert str(exact_sum(*parts)) == "171690026.1234567890123456780000000001"
    assert exact_sum() == 0
