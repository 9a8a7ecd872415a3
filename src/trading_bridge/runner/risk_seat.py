"""What one bot's limits remember while it runs, and what its cycles make of it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.core.bot import Bot
from trading_bridge.core.decision import Reason
from trading_bridge.core.market import Market
from trading_bridge.core.quoting.volatility import Volatility
from trading_bridge.core.risk import refusals
from trading_bridge.core.risk.assess import Caps, Counters, Moment, Stance, assess, caps
from trading_bridge.core.risk.basis import based, with_transfers
from trading_bridge.core.risk.drawdown import Step
from trading_bridge.core.risk.fees import worst_of_market
from trading_bridge.core.risk.ledger import with_fill
from trading_bridge.core.risk.limits import Limits, Purse
from trading_bridge.core.risk.state import Basis, Reference, RiskState, day_of, without_old_hours
from trading_bridge.core.risk.window import Window
from trading_bridge.core.trade import Trade
from trading_bridge.core.view import MarketView
from trading_bridge.storage.journal_rows import Written

REFERENCE_S = 60
#: people label transfers, and exchanges do; who labels one by this program is heard at once
TRANSFERS_EVERY = timedelta(seconds=60)
#: the reference alone is stored so often
REFERENCE_STORED_EVERY = timedelta(seconds=10)


class Seat:
    def __init__(self, state: RiskState, now: datetime, *, new: bool) -> None:
        self.state = state
        #: id of the bot's connector, and the bot's symbol; None: it has not run since the start
        self.account: tuple[str, str] | None = None
        #: None: no market was seen since the start
        self.counters: Counters | None = None
        #: what storage has taken; None: nothing yet
        self.stored: RiskState | None = None if new else state
        #: of the mids since the start; None: none was seen
        self.volatility: Volatility | None = None
        #: what is on its way there; None: nothing is
        self.writing: asyncio.Future[tuple[Written, ...]] | None = None
        #: monotonic
        self.written_next = 0.0
        #: verbs under way that store it themselves
        self.still = 0
        #: labels of transfers were looked at
        self._transfers_at = now
        #: of before the start; None: none was stored
        self._reference_before = state.reference
        self._minute = Window(REFERENCE_S)
        self._shock = self._minute
        self._market: Market | None = None
        self._day = day_of(state.hours, now)
        self._step = Step.NONE
        self._caps: tuple[Basis, Limits, Caps] | None = None
        #: when the bot was last edited, and how often its account was mended; None: not looked at yet
        self._edited: datetime | None = None
        self._healed: int | None = None

    @property
    def day_until(self) -> datetime | None:
        """When the oldest hour that counts does no more; None: there is none."""
        return self._day.until

    def heard_of(self, bot: Bot, connector_id: str, healed: int, now: datetime) -> bool:
        """Who was refused too often asks again after an edit, and when what stood in the way was mended. True: labelled
        transfers of its account were not looked at for a while, or never."""
        before, self.account = self.account, (connector_id, bot.symbol)
        if self._edited is None:
            halt = self.state.halt
            again = halt is not None and halt.since < bot.updated_at
        else:
            again = bot.updated_at != self._edited or healed != self._healed
        if again:
            self.state = refusals.asking_again(self.state)
        self._edited, self._healed = bot.updated_at, healed
        of_account = self.state.basis is not None and self.state.basis.budget is None
        if self.account == before and not (of_account and now - self._transfers_at >= TRANSFERS_EVERY):
            return False
        self._transfers_at = now
        return True

    def take_in(self, fills: Iterable[tuple[int, Trade]], now: datetime) -> None:
        """Each with its number in storage."""
        before = self.state
        for number, trade in fills:
            self.state = with_fill(self.state, number, trade, now)
        if self.state is not before:
            self._day = day_of(self.state.hours, now)

    def moved(self, transferred: Purse) -> None:
        """By labelled transfers, since the basis was taken."""
        self.state = with_transfers(self.state, transferred)

    def changed_by_hand(self, state: RiskState, now: datetime) -> None:
        """What comes from here counts, and what the market did before does not."""
        self.state, self._day, self._step = state, day_of(state.hours, now), Step.NONE
        self._forget_market()

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set by so much."""
        self.state = self.state.stepped(by)
        self._transfers_at += by
        before = self._reference_before
        self._reference_before = None if before is None else replace(before, at=before.at + by)
        if self.volatility is not None:
            self.volatility = self.volatility.stepped(by)
        self._minute.stepped(by)
        if self._shock is not self._minute:
            self._shock.stepped(by)

    def reference(self, now: datetime) -> Decimal | None:
        """That of before the start serves while it is young."""
        own = self._own_reference(now)
        before = self._reference_before
        if own is None and before is not None and now - before.at < timedelta(seconds=REFERENCE_S):
            return before.price
        return own

    def lift(self, now: datetime) -> None:
        """A cool-down that is over."""
        halt = self.state.halt
        if halt is not None and halt.over(now):
            self.state = replace(self.state, halt=None)

    def look(self, bot: Bot, view: MarketView, held: Purse, limits: Limits, together: Reason | None) -> Stance | None:
        """Where the bot stands against its limits; None: its worth is not known yet."""
        now = view.now
        if self._market is not view.market:
            self._take_market(view.market)
        if view.reference is not None:
            self.state = based(self.state, bot.budget, held, view.reference, now)
        if self._day.until is not None and now >= self._day.until:
            self.state = without_old_hours(self.state, now)
            self._day = day_of(self.state.hours, now)
        bid, ask = view.book.best_bid, view.book.best_ask
        if bid is None or ask is None:
            self.lift(now)
        else:
            self._see(view, bid + ask, limits, together)
        basis = self.state.basis
        if basis is None:
            return None
        return Stance(caps=self._caps_of(basis, limits), position=self.state.position, step=self._step)

    def _see(self, view: MarketView, half_ticks: int, limits: Limits, together: Reason | None) -> None:
        now = view.now
        if self._shock.seconds != limits.shock_window_s:
            self._shock = self._minute if limits.shock_window_s == REFERENCE_S else Window(limits.shock_window_s)
        if self.state.basis is not None:
            self._assess(view, half_ticks, limits, together)
        self._minute.add(now, half_ticks)
        mid = half_ticks * float(view.market.tick_size) / 2
        seen = self.volatility
        self.volatility = Volatility(at=now, mid=mid) if seen is None else seen.after(mid, now)
        if self._shock is not self._minute:
            self._shock.add(now, half_ticks)
        before = self.state.reference
        if before is None or now - before.at >= REFERENCE_STORED_EVERY:
            own = self._own_reference(now)
            if own is not None:
                self.state = replace(self.state, reference=Reference(price=own, at=now))

    def _assess(self, view: MarketView, half_ticks: int, limits: Limits, together: Reason | None) -> None:
        half = view.market.tick_size / 2
        mid = half * half_ticks
        low, high = self._span(view.now, half, mid, limits)
        moment = Moment(now=view.now, mid=mid, low=low, high=high)
        before = self.state.halt
        assessed = assess(self.state, self._day, moment, limits, together)
        self.state, self._day = assessed.state, assessed.day
        self.counters, self._step = assessed.counters, assessed.step
        tripped = self.state.halt
        if tripped is not None and tripped is not before and tripped.until is not None:
            self._forget_market()  # after the cool-down only what comes then can trip it again

    def _span(self, now: datetime, half: Decimal, mid: Decimal, limits: Limits) -> tuple[Decimal, Decimal]:
        """Lowest and highest within the shock window, the reference of before the start among them."""
        span = self._shock.span(now)
        low, high = (mid, mid) if span is None else (half * span[0], half * span[1])
        before = self._reference_before
        if before is None:
            return low, high
        if now - before.at > timedelta(seconds=max(limits.shock_window_s, REFERENCE_S)):
            self._reference_before = None
            return low, high
        return min(low, before.price), max(high, before.price)

    def _own_reference(self, now: datetime) -> Decimal | None:
        half_ticks = self._minute.median(now)
        return None if half_ticks is None or self._market is None else self._market.tick_size * half_ticks / 2

    def _forget_market(self) -> None:
        self._minute.clear()
        self._shock.clear()
        self._reference_before = None
        self.state = replace(self.state, reference=None)

    def _take_market(self, market: Market) -> None:
        before, self._market = self._market, market
        if before is not None and before.tick_size != market.tick_size:
            for window in {self._minute, self._shock}:
                window.recount(before.tick_size, market.tick_size)
        worst = worst_of_market(self.state.worst_fee, market)
        if worst != self.state.worst_fee:
            self.state = replace(self.state, worst_fee=worst)

    def _caps_of(self, basis: Basis, limits: Limits) -> Caps:
        known = self._caps
        if known is None or known[0] is not basis or known[1] is not limits:
            known = self._caps = (basis, limits, caps(basis.worth, limits))
        return known[2]
