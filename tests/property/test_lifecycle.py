"""True words in any order end an order as it ended; and no word, true or not, breaks its value."""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, fill, order
from trading_bridge.core.contradiction import Contradiction
from trading_bridge.core.lifecycle import (
    CancelAsked,
    CancelFailed,
    Filled,
    Life,
    ProvedAbsent,
    Reported,
    Said,
    Stored,
    Update,
    after,
)
from trading_bridge.core.order import Order, OrderReport, OrderState, Side, is_final, next_state
from trading_bridge.core.trade import Trade

S = OrderState
ID = "1722183748419690"
AMOUNT = order().amount
#: of words that are told in the wrong order; the truth is read long after
TOLD, READ = 100.0, 1000.0


@dataclass(frozen=True)
class Truth:
    """What happened at the exchange."""

    fills: tuple[Trade, ...]
    end: OrderState

    @property
    def filled(self) -> Decimal:
        return sum((trade.amount for trade in self.fills), Decimal(0))

    def report(self, fills: int, *, ended: bool, began: float) -> Reported:
        """As a look after so many fills sees it."""
        filled = sum((trade.amount for trade in self.fills[:fills]), Decimal(0))
        state = self.end if ended else S.PARTIALLY_FILLED if filled else S.NEW
        return reported(state, filled, began=began, at=began)


def reported(state: OrderState | None, filled: Decimal, *, began: float, at: float, **changed: object) -> Reported:
    told = OrderReport(
        exchange_order_id=ID,
        client_order_id=None,
        symbol=order().symbol,
        side=order().side,
        price=order().price,
        amount=AMOUNT,
        filled=filled,
        state=state,
        exchange_time=NOW,
    )
    return Reported(report=replace(told, **changed), began=began, at=at, now=NOW)  # type: ignore[arg-type]


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    cuts = draw(st.lists(st.integers(1, int(AMOUNT) - 1), max_size=5, unique=True).map(sorted))
    whole = draw(st.booleans())
    edges = [0, *cuts, *([int(AMOUNT)] if whole else [])]
    amounts = [Decimal(high - low) for low, high in pairwise(edges)]
    fills = tuple(fill(trade_id=str(n), amount=amount) for n, amount in enumerate(amounts))
    return Truth(fills, S.FILLED if whole else draw(st.sampled_from([S.CANCELED, S.EXPIRED])))


class Told:
    """A life with the storage that it is kept in."""

    def __init__(self) -> None:
        self.life = Life(order=order(), changed_at=0.0)
        self.stored = self.life.order
        self.booked: dict[str, Decimal] = {}

    def hear(self, word: Update) -> None:
        self.life = after(self.life, word)
        if isinstance(word, Filled):
            new = tuple(trade for trade in word.trades if trade.trade_id not in self.booked)
            self.booked |= {trade.trade_id: trade.amount for trade in word.trades}
            self.life = after(self.life, Stored(trades=word.trades, new=new))
        now = self.life.order
        state = S.PARTIALLY_FILLED if self.life.owed and is_final(now.state) else now.state
        self.stored = replace(now, state=next_state(self.stored.state, state))

    def restart(self) -> None:
        """A process that died goes on with what storage has."""
        order = self.stored
        if order.exchange_order_id is None:
            order = replace(order, state=next_state(order.state, S.UNRESOLVED))
        sum_stored = sum(self.booked.values(), Decimal(0))
        self.life = Life(order=order, before=sum_stored, booked=sum_stored, changed_at=TOLD)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Truth, list[Update | None]]:
    """Words about one truth: some never told, some told again, in any order; None: a restart."""
    truth = draw(truths())
    looks = draw(st.lists(st.integers(0, len(truth.fills)), max_size=4))
    words: list[Update | None] = [truth.report(fills, ended=False, began=1.0) for fills in looks]
    words += [truth.report(len(truth.fills), ended=True, began=2.0)]
    words += [Filled(trades=(trade,), at=TOLD, now=NOW) for trade in truth.fills]
    words += [Said(state=S.NEW, exchange_order_id=ID), Said(state=S.UNRESOLVED), CancelAsked(at=3.0), CancelFailed()]
    words += [None, None]
    return truth, draw(st.lists(st.sampled_from(words), max_size=25))


@given(histories())
def test_true_words_in_any_order_end_as_it_was(history: tuple[Truth, list[Update | None]]) -> None:
    truth, words = history
    told = Told()
    for word in words:
        before = told.life.order
        if word is None:
            told.restart()
        else:
            told.hear(word)
        now = told.life.order
        assert now.frozen is None
        assert before.filled <= now.filled <= truth.filled
        assert not is_final(before.state) or word is None or now.state is before.state
    told.hear(truth.report(len(truth.fills), ended=True, began=READ))
    told.hear(Filled(trades=truth.fills, at=READ, now=NOW))
    told.hear(truth.report(len(truth.fills), ended=True, began=READ))
    ended = told.life.order
    assert (ended.state, ended.filled, ended.frozen) == (truth.end, truth.filled, None)
    assert not told.life.owed
    assert sum(told.booked.values(), Decimal(0)) == truth.filled
    assert told.stored.state is truth.end


AMOUNTS = st.decimals(min_value=-10, max_value=5000, places=2)
STATES = st.sampled_from([S.NEW, S.PARTIALLY_FILLED, S.PENDING_CANCEL, S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED])
TIMES = st.floats(min_value=0, max_value=60)
IDS = st.sampled_from([ID, "99"])
SIDES = st.sampled_from(Side)


@st.composite
def any_words(draw: st.DrawFn) -> Update:
    kind = draw(st.sampled_from(["report", "fill", "answer", "cancel", "uncancel", "absent"]))
    at = draw(TIMES)
    match kind:
        case "report":
            told = reported(draw(STATES), draw(AMOUNTS), began=draw(TIMES), at=at)
            changed = replace(told.report, exchange_order_id=draw(IDS), side=draw(SIDES), amount=draw(AMOUNTS))
            return replace(told, report=changed)
        case "fill":
            trade_id, amount = draw(st.sampled_from("abcdef")), draw(AMOUNTS)
            return Filled(trades=(fill(trade_id=trade_id, amount=amount, side=draw(SIDES)),), at=at, now=NOW)
        case "answer":
            state = draw(st.sampled_from([S.NEW, S.REJECTED, S.NOT_SENT, S.UNRESOLVED]))
            return Said(state=state, exchange_order_id=draw(IDS) if state is S.NEW else None)
        case "cancel":
            return CancelAsked(at=at)
        case "uncancel":
            return CancelFailed()
    return ProvedAbsent(at=at)


@given(st.lists(any_words(), max_size=30))
def test_no_word_breaks_the_value(words: list[Update]) -> None:
    life = Life(order=order(), changed_at=0.0)
    for word in words:
        before, life = life.order, after(life, word)
        now = life.order
        assert 0 <= before.filled <= now.filled <= now.amount
        assert before.frozen in (None, now.frozen)
        assert before.exchange_order_id in (None, now.exchange_order_id)
        assert _may_follow(before, now)
        assert after(life, word).order == now, "the same word again changes nothing"


def _may_follow(before: Order, now: Order) -> bool:
    """A closed order never reopens (I15), but as one that nothing is done with any more, or after it was absent."""
    if now.state is before.state or not is_final(before.state):
        return True
    return before.state is S.ABSENT or now.frozen == Contradiction.REOPENED
