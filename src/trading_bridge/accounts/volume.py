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
        self._totals: dict[str, Traded] = {}  # bot_id -> since it was made
        self._days: dict[str, tuple[date, Decimal]] = {}  # bot_id -> UTC day, its volume
        self._recent: dict[str, deque[Trade]] = {}  # bot_id -> fills of the last 24 h, oldest first
        self._recent_sums: dict[str, Traded] = {}  # bot_id -> sum of its recent fills
        #: grows with each fill
        self.version = 0

    def load(self, bot_id: str, total: Traded, today: Decimal, recent: Sequence[Trade]) -> None:
        """The sums that storage has at start; `recent`, the fills of the last 24 h, oldest first."""
        self._totals[bot_id] = total
        self._days[bot_id] = (self._clock.now().date(), today)
        self._recent[bot_id] = deque()
        self._recent_sums[bot_id] = Traded()
        for fill in recent:
            self._remember(bot_id, fill)

    def add(self, bot_id: str, fill: Trade) -> None:
        """A fill that storage has just taken for the first time."""
        self._totals[bot_id] = self._totals.get(bot_id, Traded()).plus(fill)
        day = fill.exchange_time.date()
        known_day, volume = self._days.get(bot_id, (day, Decimal(0)))
        if day == known_day:
            self._days[bot_id] = (day, volume + fill.cost)
        elif day > known_day:
            self._days[bot_id] = (day, fill.cost)
        self._remember(bot_id, fill)
        self.version += 1

    def of(self, bot: Bot) -> VolumeRead:
        """The figures, and whether every fill up to now is in them."""
        now = self._clock.now()
        complete_as_of, failure = self._complete(bot)
        day, volume = self._days.get(bot.id, (now.date(), Decimal(0)))
        last_24h = self._last_24h(bot.id, now)
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
            currency=quote_of(bot),
            today=(volume if day == now.date() else Decimal(0)) if known else None,
            last_24h=last_24h.volume if known else None,
            total=self._totals.get(bot.id, Traded()) if known else None,
            last_24h_traded=last_24h if known else None,
        )

    def _remember(self, bot_id: str, fill: Trade) -> None:
        self._recent.setdefault(bot_id, deque()).append(fill)
        self._recent_sums[bot_id] = self._recent_sums.get(bot_id, Traded()).plus(fill)

    def _last_24h(self, bot_id: str, now: datetime) -> Traded:
        recent = self._recent.get(bot_id)
        if not recent:
            return Traded()
        traded = self._recent_sums[bot_id]
        while recent and now - recent[0].exchange_time > DAY:
            traded = traded.minus(recent.popleft())
        self._recent_sums[bot_id] = traded
        return traded


def _status(age: timedelta) -> VolumeStatus:
    if age > UNKNOWN_AFTER:
        return VolumeStatus.UNKNOWN
    return VolumeStatus.STALE if age > STALE_AFTER else VolumeStatus.OK
