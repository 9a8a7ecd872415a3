"""What a bot's limits remember: stored, so that no restart, deploy or edit forgets it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.core.bot import Budget
from trading_bridge.core.order import Side
from trading_bridge.core.risk.limits import Purse

_ZERO = Decimal(0)
_NOTHING = Purse(base=_ZERO, quote=_ZERO)
#: the bot was refused too often for one cause
REFUSED = "limit.refusals"
#: what is counted by the day is counted by the hour, and an hour counts until all of it is a day old
DAY = timedelta(hours=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A limit was hit: nothing new is asked for until its cool-down is over or a person resumes the bot."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    since: datetime
    #: None: only a person ends it
    until: datetime | None = None

    @property
    def pulls(self) -> bool:
        """What stands goes; but who was only refused too often keeps what the exchange took."""
        return self.code != REFUSED

    def over(self, now: datetime) -> bool:
        return self.until is not None and now >= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Markout:
    """A fill whose mid a minute later is not known yet."""

    #: the exchange's time, or ours where that lies ahead
    at: datetime
    side: Side
    price: Decimal
    amount: Decimal

    def loss(self, mid: Decimal) -> Decimal:
        """In quote, against a mid; below zero: a gain."""
        return (self.price - mid if self.side is Side.BUY else mid - self.price) * self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What the fills of one hour came to, in quote."""

    start: datetime
    #: against the mid a minute later, above zero: a loss; without those whose minute is not over
    slippage: Decimal = _ZERO
    #: above zero: paid
    fees: Decimal = _ZERO
    #: what closing the own position brought over its entry, above zero: a gain; without fees
    realised: Decimal = _ZERO

    def plus(self, *, slippage: Decimal = _ZERO, fees: Decimal = _ZERO, realised: Decimal = _ZERO) -> "Hour":
        return Hour(
            start=self.start,
            slippage=self.slippage + slippage,
            fees=self.fees + fees,
            realised=self.realised + realised,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """In a row, for one cause."""

    code: str
    count: int
    #: of the last
    at: datetime
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What shares are of; valued once, so that a limit does not move with the price of what the bot holds."""

    held: Purse
    #: at which `held` was valued; quote for one base
    price: Decimal
    at: datetime
    #: None: the account's balances at the bot's first start
    budget: Budget | None
    #: labelled transfers since then, where there is no budget
    transferred: Purse = _NOTHING

    @property
    def worth(self) -> Decimal:
        """In quote, never below zero."""
        return max(_ZERO, self.held.worth(self.price) + self.transferred.worth(self.price))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The price around which the collar lay."""

    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskState:
    """One bot's."""

    #: None: it never had a market view
    basis: Basis | None = None
    #: net of all own fills that were taken in, with their fees
    moved: Purse = _NOTHING
    #: of which before the budget was set, so that they do not count against it
    moved_before_budget: Purse = _NOTHING
    #: net base of own fills, without fees; below zero: more was sold than bought
    position: Decimal = _ZERO
    #: what the open position was traded for, in quote; never below zero
    entry: Decimal = _ZERO
    #: oldest first
    hours: tuple[Hour, ...] = ()
    #: oldest first
    pending: tuple[Markout, ...] = ()
    #: highest rate that a fill of the bot, or its market, was ever seen with, as a share of the cost; None: none yet
    worst_fee: Decimal | None = None
    #: id of the last stored fill that was taken in
    fills_through: int = 0
    refusals: Refusals | None = None
    #: when people cancelled orders of the bot at the exchange, oldest first
    strokes: tuple[datetime, ...] = ()
    halt: Halt | None = None
    #: None: none yet
    reference: Reference | None = None
    #: when a buy and a sell of the bot last filled, by the exchange's time and never in the future; None: never, or
    #: before this was kept
    bought_at: datetime | None = None
    sold_at: datetime | None = None

    def in_hour(
        self, at: datetime, *, slippage: Decimal = _ZERO, fees: Decimal = _ZERO, realised: Decimal = _ZERO
    ) -> "RiskState":
        """With so much more in the hour of a time."""
        start = at.replace(minute=0, second=0, microsecond=0)
        before = next((hour for hour in self.hours if hour.start == start), Hour(start=start))
        others = (hour for hour in self.hours if hour.start != start)
        hour = before.plus(slippage=slippage, fees=fees, realised=realised)
        return replace(self, hours=tuple(sorted((*others, hour), key=_start)))

    def stepped(self, by: timedelta) -> "RiskState":
        """The wall clock was set by so much: what waits for a time waits as long as it did (faults T2)."""
        halt, refused, reference = self.halt, self.refusals, self.reference
        if halt is not None and halt.until is not None:
            halt = replace(halt, since=halt.since + by, until=halt.until + by)
        return replace(
            self,
            halt=halt,
            refusals=None if refused is None else replace(refused, at=refused.at + by),
            reference=None if reference is None else replace(reference, at=reference.at + by),
            pending=tuple(replace(one, at=one.at + by) for one in self.pending),
            bought_at=None if self.bought_at is None else self.bought_at + by,
            sold_at=None if self.sold_at is None else self.sold_at + by,
        )

    def resumed(self) -> "RiskState":
        """A person has looked: what halts counts anew from here, the position as if it were opened at the reference."""
        entry = self.entry if self.reference is None else abs(self.position) * self.reference.price
        return replace(self, halt=None, refusals=None, hours=(), pending=(), entry=entry)


def _start(hour: Hour) -> datetime:
    return hour.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The sums of the hours that still count, in quote."""

    slippage: Decimal
    fees: Decimal
    realised: Decimal
    #: when the oldest of them counts no more; None: there is none
    until: datetime | None


def day_of(hours: tuple[Hour, ...], now: datetime) -> Day:
    slippage = fees = realised = _ZERO
    until: datetime | None = None
    for hour in hours:
        if now - hour.start < DAY:
            slippage += hour.slippage
            fees += hour.fees
            realised += hour.realised
            until = until or hour.start + DAY
    return Day(slippage=slippage, fees=fees, realised=realised, until=until)


def without_old_hours(state: RiskState, now: datetime) -> RiskState:
    if not state.hours or now - state.hours[0].start < DAY:
        return state
    return replace(state, hours=tuple(hour for hour in state.hours if now - hour.start < DAY))
