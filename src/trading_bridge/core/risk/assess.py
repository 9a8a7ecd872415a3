"""Where a bot stands against its limits at one moment: whether it is halted, and what it may still do."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.core.decision import Decision, Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.risk.drawdown import Step, drawdown_halt, drawdown_step, net_loss
from trading_bridge.core.risk.execution_loss import execution_loss, loss_exceeded, marked
from trading_bridge.core.risk.fees import fees_exceeded
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.shock import shocked
from trading_bridge.core.risk.state import Day, Halt, RiskState, day_of, without_old_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the limits look at, besides what they remember."""

    now: datetime
    #: of others' orders, in quote
    mid: Decimal
    #: lowest and highest mid within the shock window
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """A bot's shares as amounts, in quote."""

    order: Decimal
    band: Decimal


def caps(worth: Decimal, limits: Limits) -> Caps:
    return Caps(
        order=min(limits.max_order_notional, worth * limits.max_order_share), band=worth * limits.max_inventory_share
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """What a decision must keep to."""

    caps: Caps
    #: net base of own fills
    position: Decimal
    step: Step = Step.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Of a trailing day, in quote; above zero: lost or paid."""

    execution_loss: Decimal
    fees: Decimal
    net_loss: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the limits of one bot remember, for people."""

    state: RiskState
    #: None: no market was seen since the start
    counters: Counters | None


def counters_of(state: RiskState, day: Day, mid: Decimal) -> Counters:
    return Counters(execution_loss=execution_loss(state, day, mid), fees=day.fees, net_loss=net_loss(state, day, mid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    state: RiskState
    day: Day
    counters: Counters
    step: Step


def assess(state: RiskState, day: Day, moment: Moment, limits: Limits, others_loss: Reason | None = None) -> Assessed:
    """The state as it is now: minutes that are over are valued, a cool-down that is over is lifted, and a limit that is
    hit halts. `day` are the sums of the state's hours, made anew here only where they changed; `others_loss` is what
    bots of the same client or platform have lost together, where that is too much. The basis must be known."""
    assert state.basis is not None, "shares need what they are of"
    now, mid, worth = moment.now, moment.mid, state.basis.worth
    if state.pending:
        before = state
        state = marked(state, mid, now)
        if state is not before:
            state = without_old_hours(state, now)
            day = day_of(state.hours, now)
    counters = counters_of(state, day, mid)
    step = drawdown_step(counters.net_loss, worth, limits)
    if state.halt is not None and state.halt.over(now):
        state = replace(state, halt=None)
    if state.halt is None or not state.halt.pulls:
        halt = _halt(counters, moment, worth, limits, step, others_loss)
        if halt is not None:
            state = replace(state, halt=halt)
    return Assessed(state=state, day=day, counters=counters, step=step)


def _halt(
    counters: Counters, moment: Moment, worth: Decimal, limits: Limits, step: Step, others_loss: Reason | None
) -> Halt | None:
    """Those that need a person go before the one that cools down."""
    if counters.execution_loss > 0 and (found := loss_exceeded(counters.execution_loss, worth, limits)) is not None:
        return _until_resumed(found, moment.now)
    if others_loss is not None:
        return _until_resumed(others_loss, moment.now)
    if counters.fees > 0 and (found := fees_exceeded(counters.fees, worth, limits)) is not None:
        return _until_resumed(found, moment.now)
    if step is Step.HOLD:
        return _until_resumed(drawdown_halt(counters.net_loss, worth, limits), moment.now)
    if (found := shocked(moment.mid, moment.low, moment.high, limits.shock_bps)) is not None:
        until = moment.now + timedelta(seconds=limits.cool_down_s)
        return Halt(code=found.code, parameters=found.parameters, since=moment.now, until=until)
    return None


def _until_resumed(reason: Reason, now: datetime) -> Halt:
    return Halt(code=reason.code, parameters=reason.parameters, since=now)


def halted(halt: Halt) -> Decision:
    """Of a bot that is halted."""
    severity = Severity.WARNING if halt.until is not None else Severity.CRITICAL
    finding = Finding(code=halt.code, severity=severity, since=halt.since, parameters=halt.parameters)
    wanted = () if halt.pulls else None
    return Decision(reason=Reason(code=halt.code, parameters=halt.parameters), wanted=wanted, finding=finding)
