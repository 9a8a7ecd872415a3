"""The life of one order as a value: what is known of it, and what follows from each new word about it.

Words come in any order, any number of times, some of them late. Rules:
- only the exchange's word ends an order, or the proof that it never had it; silence ends nothing
- a fill counts once, by its trade id, also after the end; a fill after a cancel is legal
- a word that was older than what is known changes nothing; one that cannot be true freezes the order
- a frozen order counts as live, and only the exchange's word about its end, after a cancel, moves it
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from trading_bridge.core.contradiction import (
    NEVER_THERE,
    Contradiction,
    Wrong,
    overfilled,
    second_id,
    wrong_fills,
    wrong_report,
)
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.order import Order, OrderReport, OrderState, is_final, next_state
from trading_bridge.core.swift import changed, swift
from trading_bridge.core.trade import Trade

#: an exchange may answer as it was so long ago (faults X3)
READ_LAG_S = 10.0

_ZERO = Decimal(0)
_OPEN = frozenset({OrderState.NEW, OrderState.PARTIALLY_FILLED, OrderState.PENDING_CANCEL})


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    order: Order
    #: sum of the fills that were stored before this process looked; their ids are not known
    before: Decimal = _ZERO
    #: sum of the fills that storage has, these included
    booked: Decimal = _ZERO
    #: every fill that was told, stored or not: trade id -> amount
    told: Mapping[str, Decimal] = field(default_factory=dict)
    #: of these, those that storage has, as they were last told
    stored: Mapping[str, Trade] = field(default_factory=dict)
    #: of these, the sum of those that were new to it
    added: Decimal = _ZERO
    #: monotonic time at which the filled amount last rose, or the order ended
    changed_at: float
    #: monotonic time at which its cancel was asked for, or was found under way; None: it was not
    cancel_at: float | None = None
    #: numbers and ids of the contradiction
    detail: str = ""

    @property
    def owed(self) -> bool:
        """The exchange filled more than storage has fills for; of a frozen order nobody can say."""
        return self.order.filled > self.booked and self.order.frozen is None


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The answer to the request that made it, or that there was none; never an end that may owe fills."""

    state: OrderState
    exchange_order_id: str | None = None
    refusal_code: str | None = None
    refusal_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A look at the order: in the list of open ones, or by its id."""

    report: OrderReport
    #: monotonic time at which the look began
    began: float
    #: monotonic time of now
    at: float
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Fills of it, known ones among them."""

    trades: tuple[Trade, ...]
    #: monotonic time of now
    at: float
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Storage has these fills; `new` are those that it did not have before."""

    trades: tuple[Trade, ...]
    new: tuple[Trade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked:
    #: monotonic
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFailed:
    """The exchange refused the cancel, or does not say that it has it: the order is open as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedAbsent:
    """After the signature window and the read lag no list, no look-up and no trade knows of it (faults N3)."""

    #: monotonic
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """Storage does not take what was said of it."""

    wrong: Wrong


Update = Said | Reported | Filled | Stored | CancelAsked | CancelFailed | ProvedAbsent | Doubted


def after(life: Life, update: Update) -> Life:
    """The same value where nothing is new."""
    match update:
        case Said():
            return _after_answer(life, update)
        case Reported():
            return _after_report(life, update)
        case Filled():
            return _after_fills(life, update)
        case Stored():
            return _after_storing(life, update)
        case CancelAsked(at=at):
            return _after_cancel(life, at)
        case CancelFailed():
            return _after_failed_cancel(life)
        case ProvedAbsent(at=at):
            return _after_proof(life, at)
        case Doubted(wrong=wrong):
            return _frozen(life, wrong)
        case _:
            assert_never(update)


def _after_answer(life: Life, said: Said) -> Life:
    order = life.order
    second = second_id(order, said.exchange_order_id)
    if second is not None:
        return _frozen(life, second)
    if said.state in NEVER_THERE and order.exchange_order_id is not None:
        return life  # the exchange has it: a second delivery of the request was refused (faults N5)
    state = order.state if order.frozen is not None else next_state(order.state, said.state)
    return _with(
        life,
        state=state,
        exchange_order_id=order.exchange_order_id or said.exchange_order_id,
        refusal_code=said.refusal_code or order.refusal_code,
        refusal_text=said.refusal_text or order.refusal_text,
    )


def _after_report(life: Life, told: Reported) -> Life:
    order, report = life.order, told.report
    if order.frozen is not None:
        return _reported_though_frozen(life, report)
    late = told.began - life.changed_at >= READ_LAG_S
    wrong = wrong_report(order, report, late=late, now=told.now)
    if wrong is not None:
        linked = _with(life, exchange_order_id=order.exchange_order_id or report.exchange_order_id)
        frozen = _frozen(linked, wrong, state=report.state if wrong.code is Contradiction.REOPENED else None)
        return _reported_though_frozen(frozen, report)
    if report.filled < order.filled:
        return life  # older than what is known
    state = order.state if report.state is None else next_state(order.state, report.state)
    cancel_at = life.cancel_at
    if order.state is OrderState.PENDING_CANCEL and cancel_at is not None and state in _OPEN:
        if told.began - cancel_at < READ_LAG_S:
            state = OrderState.PENDING_CANCEL
        elif state is not OrderState.PENDING_CANCEL:
            cancel_at = None
    elif state is OrderState.PENDING_CANCEL and cancel_at is None:
        cancel_at = told.at
    if state is OrderState.NEW and report.filled > 0:
        state = OrderState.PARTIALLY_FILLED
    rose = report.filled > order.filled or (is_final(state) and not is_final(order.state))
    moved = _with(
        life, state=state, exchange_order_id=report.exchange_order_id, filled=max(order.filled, report.filled)
    )
    if not rose and cancel_at == life.cancel_at:
        return moved
    return changed(moved, changed_at=told.at if rose else life.changed_at, cancel_at=cancel_at)


def _after_fills(life: Life, told: Filled) -> Life:
    """The amounts are counted in any case: what an exchange says that it traded moved money."""
    order = life.order
    fresh = {trade.trade_id: trade for trade in told.trades if trade.trade_id not in life.told}
    if not fresh:
        return life
    known = {**life.told, **{trade_id: trade.amount for trade_id, trade in fresh.items()}}
    then = changed(life, told=known)
    total = max(exact_sum(*known.values()), then.booked)
    filled = max(order.filled, min(total, order.amount))
    if filled > order.filled:
        then = changed(then, changed_at=told.at)
    exchange_order_id = order.exchange_order_id or next(iter(fresh.values())).exchange_order_id
    then = _with(then, filled=filled, exchange_order_id=exchange_order_id)
    if order.frozen is not None:
        return then
    state = OrderState.FILLED if filled == order.amount else OrderState.PARTIALLY_FILLED
    wrong = wrong_fills(order, tuple(fresh.values()), total, now=told.now)
    if wrong is not None:
        return _frozen(then, wrong, state=state if wrong.code is Contradiction.REOPENED else None)
    if order.state is OrderState.PENDING_CANCEL and state is OrderState.PARTIALLY_FILLED:
        return then
    return _with(then, state=next_state(order.state, state))


def _after_storing(life: Life, told: Stored) -> Life:
    stored = {**life.stored, **{trade.trade_id: trade for trade in told.trades}}
    added = exact_sum(life.added, *(trade.amount for trade in told.new if trade.trade_id not in life.stored))
    booked = max(exact_sum(life.before, added), exact_sum(*(trade.amount for trade in stored.values())))
    known = {**{trade.trade_id: trade.amount for trade in told.trades}, **life.told}
    then = changed(life, stored=stored, told=known, added=added, booked=booked)
    order = life.order
    if booked <= order.filled:
        return then
    wrong = overfilled(order, booked)
    then = _with(then, filled=min(booked, order.amount))
    return then if wrong is None else _frozen(then, wrong)


def _after_cancel(life: Life, at: float) -> Life:
    """One that has no exchange id yet is looked for first: its create may be overtaken (faults N6)."""
    order = life.order
    if is_final(order.state) or order.exchange_order_id is None:
        return life
    return _with(changed(life, cancel_at=at), state=next_state(order.state, OrderState.PENDING_CANCEL))


def _after_failed_cancel(life: Life) -> Life:
    order = life.order
    if order.state is not OrderState.PENDING_CANCEL or order.frozen is not None:
        return life
    opened = OrderState.PARTIALLY_FILLED if order.filled > 0 else OrderState.NEW
    return _with(changed(life, cancel_at=None), state=opened)


def _after_proof(life: Life, at: float) -> Life:
    order = life.order
    if is_final(order.state) or order.exchange_order_id is not None or order.filled > 0:
        return life
    return _with(changed(life, changed_at=at), state=OrderState.ABSENT)


def _reported_though_frozen(life: Life, report: OrderReport) -> Life:
    """Its end counts once a person had it cancelled, and the exchange says that it trades no more."""
    order = life.order
    if order.exchange_order_id is None:
        life = _with(life, exchange_order_id=report.exchange_order_id)
    elif order.exchange_order_id != report.exchange_order_id:
        return life
    if life.cancel_at is None or report.state is None or not is_final(report.state):
        return life
    filled = max(order.filled, min(report.filled, order.amount))
    return _with(life, state=next_state(order.state, report.state), filled=filled)


def _frozen(life: Life, wrong: Wrong, *, state: OrderState | None = None) -> Life:
    """`state`: what the exchange shows of an order that had ended; None: as it was. The first contradiction stays."""
    order = life.order
    if order.frozen is not None:
        return life
    frozen = changed(order, frozen=str(wrong.code), state=order.state if state is None else state)
    return changed(life, order=frozen, detail=wrong.detail)


def _with(life: Life, **values: object) -> Life:
    order = life.order
    for name, value in values.items():
        if getattr(order, name) != value:
            return changed(life, order=changed(order, **values))
    return life
