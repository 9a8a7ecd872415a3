"""What each bot traded: totals since it was made, today, and the last 24 hours, to the last digit."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot, quote_of
from trading_bridge.core.fill import DayTotals
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Side
from trading_bridge.core.trade import Trade

DAY = timedelta(hours=24)
#: fills confirmed complete longer ago than this are stale
STALE_AFTER = timedelta(seconds=15)
#: and longer ago than this they are no figure any more
UNKNOWN_AFTER = timedelta(hours=1)
#: around midnight the exchange may be a day ahead of us, or behind
DAYS_KEPT = 2
#: bot_id and quote: a bot whose pair was changed has sums in two currencies, which are no sum together
Key = tuple[str, str]


class VolumeStatus(StrEnum):
    OK = "ok"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """Sums in quote, counts of fills."""

    volume: Decimal = Decimal(0)
    maker: Decimal = Decimal(0)
    taker: Decimal = Decimal(0)
    #: of fills whose role the exchange did not say
    unknown_role: Decimal = Decimal(0)
    trades: int = 0
    buys: int = 0
    sells: int = 0

    @property
    def by_role(self) -> tuple[Decimal, Decimal] | None:
        """Maker, taker; None: of some fills it is not known, so neither sum is."""
        return None if self.unknown_role else (self.maker, self.taker)

    def plus(self, fill: Trade) -> "Traded":
        return Traded(
            volume=self.volume + fill.cost,
            maker=self.maker + (fill.cost if fill.is_maker is True else 0),
            taker=self.taker + (fill.cost if fill.is_maker is False else 0),
            unknown_role=self.unknown_role + (fill.cost if fill.is_maker is None else 0),
            trades=self.trades + 1,
            buys=self.buys + (fill.side is Side.BUY),
            sells=self.sells + (fill.side is Side.SELL),
        )

    def joined(self, day: DayTotals) -> "Traded":
        return Traded(
            volume=self.volume + day.volume,
            maker=self.maker + day.maker,
            taker=self.taker + day.taker,
            unknown_role=self.unknown_role + day.unknown_role,
            trades=self.trades + day.trades,
            buys=self.buys + day.buys,
            sells=self.sells + day.sells,
        )

    def minus(self, fill: Trade) -> "Traded":
        return Traded(
            volume=self.volume - fill.cost,
            maker=self.maker - (fill.cost if fill.is_maker is True else 0),
            taker=self.taker - (fill.cost if fill.is_maker is False else 0),
            unknown_role=self.unknown_role - (fill.cost if fill.is_maker is None else 0),
            trades=self.trades - 1,
            buys=self.buys - (fill.side is Side.BUY),
            sells=self.sells - (fill.side is Side.SELL),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRead:
    status: VolumeStatus
    #: from when on every own trade is known
    since: datetime
    #: the latest time up to which every own trade is known
    as_of: datetime
    finding: Finding | None
    currency: str
    #: None with status unknown
    today: Decimal | None
    last_24h: Decimal | None
    total: Traded | None
    last_24h_traded: Traded | None


class Volumes:
    def __init__(self, clock: Clock, complete: Callable[[Bot], tuple[datetime, Finding | None]]) -> None:
        self._clock = clock
        #: until when every fill of a bot is known, and what keeps it from being now
        self._complete = complete
        self._totals: dict[Key, Traded] = {}  # since the bot was made
        self._days: dict[Key, dict[date, Decimal]] = {}  # UTC day -> its volume; the last two
        self._recent: dict[Key, deque[Trade]] = {}  # fills of the last 24 h, oldest first
        self._recent_sums: dict[Key, Traded] = {}  # of those
        #: grows with each fill
        self.version = 0

    def load(self, bot_id: str, quote: str, total: Traded, today: Decimal, recent: Sequence[Trade]) -> None:
        """The sums that storage has at start; `recent`, the fills of the last 24 h in this quote, oldest first."""
        key = (bot_id, quote)
        self._totals[key] = total
        self._days[key] = {self._clock.now().date(): today}
        self._recent[key] = deque()
        self._recent_sums[key] = Traded()
        for fill in recent:
            self._remember(key, fill)

    def add(self, bot_id: str, fill: Trade) -> None:
        """A fill that storage has just taken for the first time."""
        key = (bot_id, fill.symbol.partition("/")[2])
        self._totals[key] = self._totals.get(key, Traded()).plus(fill)
        day = fill.exchange_time.date()
        days = self._days.setdefault(key, {})
        days[day] = days.get(day, Decimal(0)) + fill.cost
        while len(days) > DAYS_KEPT:
            del days[min(days)]
        self._remember(key, fill)
        self.version += 1

    def of(self, bot: Bot) -> VolumeRead:
        """The figures, and whether every fill up to now is in them."""
        now = self._clock.now()
        complete_as_of, failure = self._complete(bot)
        key = (bot.id, quote_of(bot))
        today = self._days.get(key, {}).get(now.date(), Decimal(0))
        last_24h = self._last_24h(key, now)
        status = _status(now - complete_as_of)
        if status is VolumeStatus.OK:
            finding = None
        else:
            finding = failure or Finding(code="volume.incomplete", severity=Severity.WARNING, since=complete_as_of)
        known = status is not VolumeStatus.UNKNOWN
        return VolumeRead(
            status=status,
            since=bot.created_at,
            as_of=complete_as_of,
            finding=finding,
            currency=key[1],
            today=today if known else None,
            last_24h=last_24h.volume if known else None,
            total=self._totals.get(key, Traded()) if known else None,
            last_24h_traded=last_24h if known else None,
        )

    def _remember(self, key: Key, fill: Trade) -> None:
        self._recent.setdefault(key, deque()).append(fill)
        self._recent_sums[key] = self._recent_sums.get(key, Traded()).plus(fill)

    def _last_24h(self, key: Key, now: datetime) -> Traded:
        recent = self._recent.get(key)
        if not recent:
            return Traded()
        traded = self._recent_sums[key]
        while recent and now - recent[0].exchange_time > DAY:
            traded = traded.minus(recent.popleft())
        self._recent_sums[key] = traded
        return traded


def _status(age: timedelta) -> VolumeStatus:
    if age > UNKNOWN_AFTER:
        return VolumeStatus.UNKNOWN
    return VolumeStatus.STALE if age > STALE_AFTER else VolumeStatus.OK
