"""Every bot's limits, with the references and counters that no restart forgets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot, quote_of
from trading_bridge.core.decision import Reason
from trading_bridge.core.finding import Finding
from trading_bridge.core.order import Side
from trading_bridge.core.quoting.volatility import Volatility
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk import refusals
from trading_bridge.core.risk.assess import Report, Stance
from trading_bridge.core.risk.basis import purse_of
from trading_bridge.core.risk.limits import Limits, Purse, ScopeLimits
from trading_bridge.core.risk.scope_loss import scope_loss_exceeded
from trading_bridge.core.risk.settings import Settings, Source, bot_limits, scope_limits
from trading_bridge.core.risk.state import Halt, RiskState, day_of
from trading_bridge.core.view import MarketView
from trading_bridge.runner.risk_keeper import Keeper
from trading_bridge.runner.risk_seat import Seat
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.repositories.risk import StoredRisk

_PLATFORM = Scope(kind=ScopeKind.PLATFORM, id="")
_NO_SETTINGS: Settings = {}
#: what the wall clock may be moved between two cycles without being set
_STEPPED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Loss:
    client_id: str
    quote: str
    amount: Decimal
    #: when the oldest hour in it counts no more; None: there is none
    until: datetime | None


class RiskBook:
    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._keeper = Keeper(journal, clock)
        self._seats: dict[str, Seat] = {}  # bot_id -> what its limits remember
        self._behind: set[str] = set()  # bots of which something is stored that is not taken in
        self._taking: set[str] = set()  # of which it is being read
        self._settings: Mapping[Scope, Settings] | None = None
        self._damaged: Mapping[Scope, datetime] = {}  # whose settings cannot be read -> since when
        self._loaded = False
        self._reading = asyncio.Lock()
        self._looked = clock.monotonic(), clock.now()  # at the last cycle of any bot
        self._limits: dict[str, tuple[Limits, dict[str, Source]]] = {}  # bot_id -> as people set them
        self._wider: dict[Scope, ScopeLimits] = {}  # of clients and of the platform
        self._losses: dict[str, _Loss] = {}  # bot_id -> execution loss of a day

    # what holds, from memory

    def limits(self, bot: Bot) -> Limits:
        return self.sources(bot)[0]

    def sources(self, bot: Bot) -> tuple[Limits, dict[str, Source]]:
        """The limits with who set each that is not a default."""
        known = self._limits.get(bot.id)
        if known is None:
            client = Scope(kind=ScopeKind.CLIENT, id=bot.client_id)
            known = bot_limits(self._set(_PLATFORM), self._set(client), self._set(_of_bot(bot.id)))
            self._limits[bot.id] = known
        return known

    def scope_limits(self, scope: Scope) -> ScopeLimits:
        """Of a client, or of the platform."""
        known = self._wider.get(scope)
        if known is None:
            known = self._wider[scope] = scope_limits(scope.kind, self._set(scope))
        return known

    def purse(self, bot: Bot) -> Purse | None:
        """The budget, moved by the bot's own fills; None: the bot has no budget."""
        seat = self._seats.get(bot.id)
        return purse_of(RiskState() if seat is None else seat.state, bot.budget)

    def worth(self, bot_id: str) -> Decimal | None:
        """In quote, what the shares in the bot's limits are of; None: not known yet."""
        seat = self._seats.get(bot_id)
        return None if seat is None or seat.state.basis is None else seat.state.basis.worth

    def halt(self, bot_id: str) -> Halt | None:
        """Why the bot is halted; None: it is not, or nothing is known of it yet."""
        seat = self._seats.get(bot_id)
        return None if seat is None else seat.state.halt

    def halted(self, bot: Bot) -> Halt | None:
        """As `halt`, or because what people have set for the bot, its client or the platform cannot be read: defaults
        may be looser. That ends by itself once the settings are mended."""
        for scope in (_PLATFORM, Scope(kind=ScopeKind.CLIENT, id=bot.client_id), _of_bot(bot.id)):
            since = self._damaged.get(scope)
            if since is not None:
                row = {"kind": scope.kind.value} | ({"id": scope.id} if scope.id else {})
                return Halt(code="limit.settings_unreadable", parameters=row, since=since)
        return self.halt(bot.id)

    def losses(self, scope: Scope) -> dict[str, Decimal]:
        """Execution loss of a day of all bots of a client, or of the platform, by quote currency."""
        losses: dict[str, Decimal] = {}
        now = self._clock.now()
        for bot_id, one in self._losses.items():
            if scope.kind is ScopeKind.PLATFORM or one.client_id == scope.id:
                lost = one.amount if one.until is None or now < one.until else self._lost_by(bot_id, now)
                losses[one.quote] = losses.get(one.quote, Decimal(0)) + lost
        return losses

    def _lost_by(self, bot_id: str, now: datetime) -> Decimal:
        """In a day, by a bot that nothing has looked at since the oldest of its hours ended: it does not run."""
        day = day_of(self._seats[bot_id].state.hours, now)
        return day.slippage + day.fees

    def report(self, bot_id: str) -> Report | None:
        """None: the bot has never run, or nothing was read yet."""
        seat = self._seats.get(bot_id)
        return None if seat is None else Report(state=seat.state, counters=seat.counters)

    # what changes it

    def filled(self, bot_id: str) -> None:
        """A fill of the bot is stored."""
        if bot_id in self._seats:
            self._behind.add(bot_id)

    def funds_moved(self) -> None:
        """A transfer was stored or labelled: bots whose shares are of their account look again."""
        self._behind.update(self._seats)

    def set_anew(self) -> None:
        """People changed limits in storage."""
        self._settings = None

    def resting(self, bot_id: str) -> Finding | None:
        """What was refused a moment ago, also before a restart, while nothing new is asked for; None: it may be."""
        return refusals.resting(self._seats[bot_id].state, self._clock.now())

    def refused(self, bot: Bot, cause: str, parameters: Mapping[str, str] | None = None) -> None:
        """The exchange refused what the bot asked for; `cause` is the finding's code."""
        seat = self._seats[bot.id]
        seat.state = refusals.refused(seat.state, cause, self.limits(bot), self._clock.now(), parameters)
        self._keeper.keep(bot.id, seat)

    def accepted(self, bot_id: str) -> None:
        seat = self._seats[bot_id]
        seat.state = refusals.asking_again(seat.state)

    def strokes(self, bot_id: str) -> tuple[datetime, ...]:
        """When people cancelled orders of the bot at the exchange, oldest first."""
        return self._seats[bot_id].state.strokes

    def struck(self, bot_id: str, strokes: tuple[datetime, ...]) -> None:
        seat = self._seats[bot_id]
        if strokes != seat.state.strokes:
            seat.state = replace(seat.state, strokes=strokes)
            self._keeper.keep(bot_id, seat)

    def hold(self, bot_id: str, reason: Reason) -> None:
        """Something beside the limits asks for a person: the bot is halted until one resumes it."""
        seat = self._seats[bot_id]
        if seat.state.halt is None:
            halt = Halt(code=reason.code, parameters=reason.parameters, since=self._clock.now())
            seat.state = replace(seat.state, halt=halt)
            self._keeper.keep(bot_id, seat)

    @asynccontextmanager
    async def changing(self, bot_id: str, change: Callable[[RiskState], RiskState]) -> AsyncIterator[None]:
        """While a verb stores a change in its own transaction the journal writes nothing of it; then the change holds
        in memory, too, unless the verb failed."""
        seat = self._seats.get(bot_id)
        if seat is None:
            yield
            seat = self._seats.get(bot_id)  # the bot may have been read meanwhile, as it was
        else:
            async with self._keeper.still(seat):
                yield
        if seat is not None:
            seat.changed_by_hand(change(seat.state), self._clock.now())
            self._keeper.keep(bot_id, seat)

    # each cycle

    async def ready(self, bot: Bot, connector_id: str, healed: int) -> None:
        """Everything that was stored of the bot is taken in. `healed` counts what the doctor saw mended on the account.
        Raises NotReady where storage cannot be read."""
        self._notice_step()
        if self._settings is None or not self._loaded:
            async with self._reading:
                await self._read()
        seat = self._seats.get(bot.id)
        if seat is None:
            seat = await self._begin(bot)
        if seat.heard_of(bot, connector_id, healed, self._clock.now()):
            self._behind.add(bot.id)
        if self._behind or self._reading.locked():
            async with self._reading:
                await self._catch_up()

    async def caught_up(self, bot_id: str) -> None:
        """Every fill of the bot that was stored by the time this returns is taken in. Raises NotReady."""
        while bot_id in self._behind or bot_id in self._taking:
            async with self._reading:
                await self._catch_up()

    def reference(self, bot_id: str, now: datetime) -> Decimal | None:
        """The price around which the collar lies: the median mid of the last minute, of others' orders alone."""
        return self._seats[bot_id].reference(now)

    def volatility(self, bot_id: str) -> Volatility | None:
        """Of the mids that the bot's cycles have seen; None: none yet."""
        return self._seats[bot_id].volatility

    def filled_at(self, bot_id: str, side: Side) -> datetime | None:
        """Of the last fill that is taken in; None: there was none."""
        state = self._seats[bot_id].state
        return state.bought_at if side is Side.BUY else state.sold_at

    def look(self, bot: Bot, view: MarketView, held: Purse) -> Stance | None:
        """The bot's limits at this moment; None: they cannot be read, or what it has is not known yet, so no share can
        be told. `held`: what the account has in all, taken by a bot without budget once."""
        limits, seat, halt = self.limits(bot), self._seats[bot.id], self.halted(bot)
        if halt is not None and halt.code == "limit.settings_unreadable":
            seat.lift(view.now)
            return None
        stance = seat.look(bot, view, held, limits, self._lost_together(bot))
        if seat.counters is not None:
            self._losses[bot.id] = _Loss(bot.client_id, quote_of(bot), seat.counters.execution_loss, seat.day_until)
        return stance

    def pass_time(self, bot_id: str) -> None:
        """Nothing could be looked at; a cool-down ends all the same."""
        self._seats[bot_id].lift(self._clock.now())

    async def keep(self, bot_id: str) -> None:
        """Stores what changed, at most once a second, and a halt at once. Waits only for what no order may precede:
        what the bot's shares are of. Raises NotReady."""
        await self._keeper.kept(bot_id, self._seats[bot_id])

    def _notice_step(self) -> None:
        """Before a cycle looks at times: somebody may have set the wall clock since the last one (faults T2)."""
        (before, before_at), self._looked = self._looked, (self._clock.monotonic(), self._clock.now())
        by = self._looked[1] - before_at - timedelta(seconds=self._looked[0] - before)
        if abs(by) >= _STEPPED:
            for seat in self._seats.values():
                seat.stepped(by)

    async def _read(self) -> None:
        """Settings, and at the start what every bot's limits remember."""
        async with self._database.unit_of_work(read_only=True) as uow:
            if self._settings is None:
                settings, damaged = await uow.limits.all(), await uow.limits.damaged()
                now = self._clock.now()
                self._damaged = {scope: self._damaged.get(scope, now) for scope in damaged}
                self._settings = settings
                self._limits.clear()
                self._wider.clear()
            if self._loaded:
                return
            for stored in await uow.risk.of_all():
                if stored.bot_id not in self._seats:
                    self._take(stored.bot_id, Seat(stored.state, self._clock.now(), new=False), stored)
            self._loaded = True

    async def _begin(self, bot: Bot) -> Seat:
        """Of a bot that never ran."""
        async with self._database.unit_of_work(read_only=True) as uow:
            state = await uow.risk.of(bot.id)
        return self._seats.setdefault(bot.id, Seat(state, self._clock.now(), new=True))

    def _take(self, bot_id: str, seat: Seat, stored: StoredRisk) -> None:
        self._seats[bot_id] = seat
        day = day_of(stored.state.hours, self._clock.now())
        quote = stored.symbol.partition("/")[2]
        self._losses[bot_id] = _Loss(stored.client_id, quote, day.slippage + day.fees, day.until)

    async def _catch_up(self) -> None:
        """Also of bots that do not run: their purses count."""
        if not self._behind:
            return
        behind, self._behind = self._behind, set()
        self._taking = behind
        try:
            async with self._database.unit_of_work(read_only=True) as uow:
                for bot_id in sorted(behind):
                    seat = self._seats[bot_id]
                    fills = await uow.risk.fills(bot_id, after=seat.state.fills_through)
                    seat.take_in(fills, self._clock.now())
                    basis = seat.state.basis
                    if basis is not None and basis.budget is None and seat.account is not None:
                        seat.moved(await uow.risk.transferred(*seat.account, basis.at))
        except BaseException:
            self._behind |= behind
            raise
        finally:
            self._taking = set()

    def _set(self, scope: Scope) -> Settings:
        return _NO_SETTINGS if self._settings is None else self._settings.get(scope, _NO_SETTINGS)

    def _lost_together(self, bot: Bot) -> Reason | None:
        """What bots of the same client, or of the platform, have lost in this quote currency, where it is too much."""
        for scope in (_PLATFORM, Scope(kind=ScopeKind.CLIENT, id=bot.client_id)):
            if "execution_loss_quote" not in self._set(scope):
                continue
            loss = self.losses(scope).get(quote_of(bot), Decimal(0))
            found = scope_loss_exceeded(loss, self.scope_limits(scope), scope.kind)
            if found is not None:
                return found
        return None


def _of_bot(bot_id: str) -> Scope:
    return Scope(kind=ScopeKind.BOT, id=bot_id)
