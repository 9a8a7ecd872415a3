"""What an exchange account must hold by all that is known of it, and what a balance says otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.conservation import Books, changes_of, differences, dust_of, key_of, renamed
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import Transfer

#: what was counted before is surely in the stored books, and in each balance
COUNTED_FOR_S = 60.0
#: fills are remembered so long, and so many: the exchange may take them back
FILLS_FOR = timedelta(hours=1)
FILLS_MAX = 1_000
#: the exchange's clock and ours agree to so much, or nothing is placed
CLOCKS_DIFFER = timedelta(seconds=5)

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One balance that was believed."""

    connector_id: str
    #: monotonic: what was counted before is in it
    started: float
    as_of: datetime
    #: of all wallets that the answer names
    totals: Mapping[str, Decimal]
    #: what is not in it is zero
    complete: bool
    #: the currencies of the exchange's markets; None: not known
    traded: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _Counted:
    at: float
    #: by the clock as it was; storage has no later time of it
    wall: datetime
    changes: Mapping[str, Decimal]


class Ledger:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        #: since when the totals are right; None: they are only what has moved
        self.opened_at: datetime | None = None
        #: by the clock as it was then, and by how much that was set since; None: an earlier process opened them
        self._opened_by_clock: datetime | None = None
        self._set_since = timedelta()
        #: grows with each fill and transfer that is counted
        self.version = 0
        self._totals: dict[str, Decimal] = {}
        self._counted: dict[str, _Counted] = {}  # key of a fill, or id of a transfer; oldest first
        self._fills: dict[str, Trade] = {}  # oldest first
        #: not counted, by a time of opening that may be put right; oldest first
        self._past: dict[str, Trade] = {}

    def restore(self, books: Books, until: datetime, fills: Iterable[Trade], transfers: Iterable[Transfer]) -> None:
        """Stored books, and what storage has beyond them, the last of it stored at `until`; what was told meanwhile
        counts once. What they had counted is still known in the books that are stored from now on."""
        self.opened_at = books.opened_at
        self._add(books.totals)
        restored_at = self._clock.monotonic()
        self._counted.update((key, _Counted(restored_at, until, {})) for key in sorted(books.counted))
        for fill in fills:
            if key_of(fill) not in books.counted:
                self.filled(fill)
        for transfer in transfers:
            if transfer.id not in books.counted:
                self.moved(transfer)
        self._counted = {key: replace(one, wall=max(one.wall, until)) for key, one in self._counted.items()}

    def filled(self, fill: Trade) -> None:
        key = key_of(fill)
        if key in self._counted or key in self._fills:
            return
        kept = self._past if self._is_past(fill) else self._fills
        kept[key] = fill
        if kept is self._fills:
            self._count(key, changes_of(fill))
        while len(kept) > FILLS_MAX:
            del kept[next(iter(kept))]

    def corrected(self, was: Trade, fill: Trade) -> None:
        """The same fill with the fee that it had, and with the one that it has."""
        key = key_of(fill)
        if key in self._past:
            self._past[key] = fill
        if self._is_past(fill):
            return
        before, now = changes_of(was), changes_of(fill)
        moved = {
            currency: change
            for currency in {**before, **now}
            if (change := exact_sum(now.get(currency, _ZERO), -before.get(currency, _ZERO))) != 0
        }
        if moved:
            self._count(f"{key} {fill.fee} {fill.fee_currency}", moved)
        if key in self._fills:
            self._fills[key] = fill

    def moved(self, transfer: Transfer) -> None:
        if transfer.id not in self._counted:
            self._count(transfer.id, {transfer.currency: transfer.amount})

    def fills(self) -> tuple[Trade, ...]:
        """The last ones, oldest first."""
        return tuple(self._fills.values())

    def dust(self, currency: str) -> Decimal:
        return dust_of(self._totals.get(currency, _ZERO))

    def books(self) -> Books | None:
        """None: not opened yet."""
        if self.opened_at is None:
            return None
        recent = self._clock.monotonic() - COUNTED_FOR_S
        counted = frozenset(key for key, one in self._counted.items() if one.at >= recent or self._seems_recent(one))
        return Books(opened_at=self.opened_at, totals=dict(self._totals), counted=counted)

    def recognised(self, seen: Seen) -> Seen:
        """With each coin under the name by which markets trade it (faults X12). Books that began with a wrong name go
        on with the right one; an answer with a wrong one is read as if it had the right one."""
        if seen.traded is None or not {*self._totals, *seen.totals} - seen.traded:
            return seen
        totals = dict(seen.totals)
        for wrong, right in renamed(self.differences(seen) or {}, seen.traded).items():
            booked, said = self._totals.get(wrong, _ZERO), totals.get(wrong, _ZERO)
            if said == 0 and right in totals:
                self._add({right: booked})
                del self._totals[wrong]
                self.version += 1
            elif booked == 0 and right not in totals:
                totals[right] = totals.pop(wrong)
        return replace(seen, totals=totals)

    def differences(self, seen: Seen) -> Mapping[str, frozenset[Decimal]] | None:
        """Currency -> what may be unexplained of it; None: too many fills are under way to tell."""
        maybe = [one.changes for one in self._counted.values() if one.at >= seen.started]
        found: dict[str, frozenset[Decimal]] = {}
        for currency in {**self._totals, **seen.totals}:
            if currency not in seen.totals and not seen.complete:
                continue
            moved = [changes[currency] for changes in maybe if currency in changes]
            expected = exact_sum(self._totals.get(currency, _ZERO), *(-change for change in moved))
            possible = differences(seen.totals.get(currency, _ZERO), expected, moved)
            if possible is None:
                return None
            found[currency] = possible
        return found

    def open(self, differences: Mapping[str, frozenset[Decimal]], seen: Seen) -> None:
        """The first balance is taken as it is, once there is no fill that may be in it or not."""
        if all(len(possible) == 1 for possible in differences.values()):
            self._add({currency: next(iter(possible)) for currency, possible in differences.items()})
            self.opened_at = self._opened_by_clock = seen.as_of

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set by so much. Fills have the exchange's times: books that a clock which was ahead opened
        were opened earlier than it said, and what was traded since is not their past."""
        if self._opened_by_clock is not None:
            self._set_since += by
            self.opened_at = min(self._opened_by_clock, self._opened_by_clock + self._set_since)
            past, self._past = self._past, {}
            for fill in past.values():
                self.filled(fill)

    def forget(self, waiting: Seen | None) -> None:
        """What was counted long ago is in every balance, but for one that waits to be compared."""
        horizon = self._clock.monotonic() - COUNTED_FOR_S
        if waiting is not None:
            horizon = min(horizon, waiting.started)
        old = [key for key, one in self._counted.items() if one.at < horizon and not self._seems_recent(one)]
        for key in old:
            del self._counted[key]
        oldest = self._clock.now() - FILLS_FOR
        while self._fills and next(iter(self._fills.values())).exchange_time < oldest:
            del self._fills[next(iter(self._fills))]

    def _is_past(self, fill: Trade) -> bool:
        """A trade of people that is told late, and that the first balance contains."""
        return self.opened_at is not None and fill.exchange_time < self.opened_at - CLOCKS_DIFFER

    def _seems_recent(self, one: _Counted) -> bool:
        """Storage is asked for what it has since about the time of the books: also for what was stored long ago, while
        the clock was ahead."""
        return one.wall >= self._clock.now() - timedelta(seconds=COUNTED_FOR_S)

    def _count(self, key: str, changes: Mapping[str, Decimal]) -> None:
        self.version += 1
        self._add(changes)
        self._counted[key] = _Counted(self._clock.monotonic(), self._clock.now(), changes)

    def _add(self, changes: Mapping[str, Decimal]) -> None:
        for currency, change in changes.items():
            self._totals[currency] = exact_sum(self._totals.get(currency, _ZERO), change)


def totals_of(balances: Balances) -> Mapping[str, Decimal]:
    """A move between wallets that one answer shows is none."""
    totals = {currency: held.total for currency, held in balances.by_currency.items()}
    for one in balances.elsewhere:
        totals[one.currency] = exact_sum(totals.get(one.currency, _ZERO), one.amount)
    return totals
