"""Whatever the order in which fills, movements and reads become known, the books equal the balance to the digit."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import fill
from trading_bridge.accounts.ledger import Ledger, Seen
from trading_bridge.clock import ManualClock
from trading_bridge.core.conservation import changes_of
from trading_bridge.core.order import Side

START = {"SHARP": Decimal(1_000_000), "USDT": Decimal(50_000)}
amounts = st.decimals(min_value="0.000000000000000001", max_value="1000", places=18)
#: side, amount, cost, fee, and when it became known
fills = st.lists(st.tuples(st.sampled_from(Side), amounts, amounts, amounts, st.integers(0, 2)), max_size=8)
Fills = list[tuple[Side, Decimal, Decimal, Decimal, int]]


@given(fills, st.one_of(st.just(Decimal(0)), st.decimals(min_value="-9000", max_value="9000", places=18)))
async def test_what_moved_is_among_what_a_read_may_show(told: Fills, moved: Decimal) -> None:
    """0: told before the read. 1: in the read, told later. 2: not in the read, told later."""
    clock = ManualClock()
    ledger = Ledger(clock)
    ledger.open({currency: frozenset({total}) for currency, total in START.items()}, seen(clock, START))
    await clock.advance(1)
    truth, later = dict(START), []
    for number, (side, amount, cost, fee, when) in enumerate(told):
        one = fill(
            trade_id=str(number),
            side=side,
            amount=amount,
            cost=cost,
            fee=fee,
            fee_currency="USDT",
            exchange_time=clock.now(),
        )
        if when != 2:
            for currency, change in changes_of(one).items():
                truth[currency] += change
        if when == 0:
            ledger.filled(one)
        else:
            later.append(one)
    truth["USDT"] += moved
    await clock.advance(1)
    read = seen(clock, truth)
    await clock.advance(1)
    for one in later:
        ledger.filled(one)
        ledger.filled(one)  # told twice
    found = ledger.differences(read)
    assert found is not None
    assert moved in found["USDT"]
    assert 0 in found["SHARP"]


def seen(clock: ManualClock, totals: dict[str, Decimal]) -> Seen:
    return Seen(
        connector_id="connector1",
        started=clock.monotonic(),
        as_of=clock.now(),
        totals=dict(totals),
        complete=True,
        traded=frozenset(totals),
    )
