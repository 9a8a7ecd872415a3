"""Money of one exchange account that moves other than by trading: found, recorded, and waiting for a person's word."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2s

from trading_bridge.accounts.funds_words import contradicted, contradicts, left, received
from trading_bridge.accounts.ledger import Ledger, Seen, totals_of
from trading_bridge.accounts.transfer_records import TransferRecords, observed, proved
from trading_bridge.clock import Clock, wall_time_of
from trading_bridge.core.balance import Balances
from trading_bridge.core.conservation import (
    Books,
    Doubt,
    beside_a_fee,
    dust_of,
    recorded,
    takes_back,
    unseen,
    unstated_fees,
)
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.finding import Finding
from trading_bridge.core.outcome import Answered, Refused
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import Transfer, TransferLabel, TransferRecord, TransferSource
from trading_bridge.errors import NotReady
from trading_bridge.logs import get_logger

LOOK_EVERY_S = 1.0
#: somebody reads the balance at least so often, and so soon again where a read shows a difference
READ_EVERY_S = 60.0
READ_AGAIN_S = 3.0
#: the exchange's records are read so often where nothing asks for them
RECORDS_EVERY_S = 300.0
#: fills that are told late have so long to explain a difference that no record does
FILLS_WITHIN_S = 10.0
#: what the records cannot be asked about within this is booked as it was observed
RECORDS_WITHIN_S = 60.0
#: a balance that contradicts a fill has so long to be corrected, before that is recorded
CORRECTED_WITHIN_S = 60.0
#: while a movement waits for a word storage is asked so often whether one was said
WORDS_EVERY_S = 10.0
#: what is said of a fee that was booked as it was observed, before the ids of its trades
_NO_FEE = "The exchange stated no fee for trade"
#: differences that began together are settled together
TOGETHER_S = 20.0

_log = get_logger("funds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What storage has of an exchange account."""

    #: None: none were kept yet
    books: Books | None
    #: by the clock that it was stored by, which may have been ahead: nothing of the books, nor beyond them, is later
    until: datetime
    #: of about the time of the books, and later
    fills: tuple[Trade, ...]
    moved: tuple[Transfer, ...]
    #: unlabelled ones, and those of the time in which records are read
    transfers: tuple[Transfer, ...]


class Funds:
    def __init__(
        self,
        *,
        exchange: str,
        exchange_account: str,
        clock: Clock,
        load: Callable[[], Awaitable[Loaded]],
        store: Callable[[Transfer], Awaitable[Transfer]],
        read: Callable[[], Awaitable[object]],
        records: TransferRecords,
        doubted: Callable[[], bool],
        book_fills: Callable[[Collection[str]], Awaitable[object]],
        fills_known_until: Callable[[], datetime | None],
        on_change: Callable[[], None],
        on_opened: Callable[[str], None],
        on_moved: Callable[[str], None],
    ) -> None:
        """`store` returns the transfer as storage has it, which may have had it before. `read` reads the balance, of
        which `doubted` says that the last answer was not believed; `book_fills` reads the account's own trades, also
        those by which people moved these currencies. `fills_known_until` None: not now. `on_moved` hears the connector
        through which a movement was seen, when it is booked and when it is labelled; `on_opened` the one through which
        the first balance was read."""
        self._exchange = exchange
        self._exchange_account = exchange_account
        self._clock = clock
        self._load = load
        self._store = store
        self._read = read
        self._records = records
        self._doubted = doubted
        self._book_fills = book_fills
        self._fills_known_until = fills_known_until
        self._on_change = on_change
        self._on_opened = on_opened
        self._on_moved = on_moved
        self._ledger = Ledger(clock)
        self._doubts: dict[str, Doubt] = {}  # currency -> difference
        self._transfers: dict[str, Transfer] = {}
        #: a balance that contradicts fills, and may be corrected yet
        self._mismatch: Finding | None = None
        self._seen: Seen | None = None
        self._seen_at = float("-inf")
        self._last_read = float("-inf")
        self._loaded = False
        self._words_heard = float("-inf")

    def saw(self, connector_id: str, balances: Balances, started: float, as_of: datetime) -> None:
        """A balance that was believed. One that waits for its fills is not replaced by the next."""
        self._last_read = self._clock.monotonic()
        if self._seen is None:
            self._seen_at = self._last_read
            self._seen = Seen(
                connector_id=connector_id,
                started=started,
                as_of=as_of,
                totals=totals_of(balances),
                complete=balances.complete,
                traded=balances.traded,
            )

    def filled(self, fill: Trade) -> None:
        """A fill of the account that was stored just now."""
        self._ledger.filled(fill)

    def corrected(self, was: Trade, fill: Trade) -> None:
        """The fee of a stored fill is another than it was; one that was not stated may have been booked as observed."""
        if was.fee is not None or not self._is_booked(fill, fill.fee_currency):
            self._ledger.corrected(was, fill)

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set by so much (faults T2)."""
        self._ledger.stepped(by)
        if self._seen is not None:
            self._seen = replace(self._seen, as_of=wall_time_of(self._clock, self._seen_at))

    def named(self, exchange_account: str) -> None:
        """The account has got a name with its first money."""
        self._exchange_account = exchange_account

    def labelled(self, transfer: Transfer) -> None:
        self._transfers[transfer.id] = transfer
        self._tell(transfer.connector_id)

    @property
    def books(self) -> Books | None:
        """To be stored beside the balance; None: not opened yet."""
        return self._ledger.books()

    @property
    def held(self) -> Finding | None:
        """Why new orders of the account are held; None: they are not."""
        now, moved = self._clock.now(), self._transfers.values()
        return self._mismatch or contradicted(moved, now) or left(moved, now)

    def findings(self) -> Iterator[Finding]:
        now, moved = self._clock.now(), self._transfers.values()
        for finding in (self._mismatch or contradicted(moved, now), left(moved, now), received(moved, now)):
            if finding is not None:
                yield finding

    async def withdrew(self, missing: Mapping[str, Decimal]) -> bool:
        """Whether the exchange's records say of each of these currencies that so much of it has left."""
        if not self._loaded:
            return False
        await self._records.read()
        return all(
            recorded(-amount, self._unbooked(currency), max(amount / 1000, dust_of(amount)))
            for currency, amount in missing.items()
        )

    async def run(self) -> None:
        """Compares each balance with the books, for ever; its owner cancels it. What holds new orders is known again
        at once."""
        while True:
            try:
                await (self.look() if self._loaded else self._restore())
            except NotReady as error:
                _log.warning("books not kept", exchange_account=self._exchange_account, error=error.message)
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Compares the balance that waits, once every fill is known that may be in it."""
        if not self._loaded:
            await self._restore()
        await self._read_if_due()
        await self._hear_words()
        seen, until = self._seen, self._fills_known_until()
        if seen is not None and until is not None and until >= seen.as_of:
            self._seen = None
            await self._compare(seen)
        self._ledger.forget(self._seen)

    async def _restore(self) -> None:
        loaded = await self._load()
        self._transfers = {one.id: one for one in loaded.transfers} | self._transfers
        if loaded.books is not None:
            self._ledger.restore(loaded.books, loaded.until, loaded.fills, loaded.moved)
        self._loaded = True
        self._on_change()

    async def _read_if_due(self) -> None:
        now = self._clock.monotonic()
        pause = READ_AGAIN_S if self._doubts or self._doubted() else READ_EVERY_S
        if self._seen is None and now - self._last_read >= pause:
            self._last_read = now
            await self._read()

    async def _hear_words(self) -> None:
        """What was said to another process, or by a call whose answer was lost, counts too."""
        now = self._clock.monotonic()
        unsaid = [one for one in self._transfers.values() if one.label is None]
        if not unsaid or now - self._words_heard < WORDS_EVERY_S:
            return
        self._words_heard = now
        stored = {one.id: one for one in (await self._load()).transfers}
        for one in unsaid:
            if (said := stored.get(one.id)) is not None and said.label is not None:
                self.labelled(said)

    async def _compare(self, seen: Seen) -> None:
        seen = self._ledger.recognised(seen)
        found = self._ledger.differences(seen)
        if found is None:
            return
        if self._ledger.opened_at is None:
            self._ledger.open(found, seen)
            if self._ledger.opened_at is not None:
                _log.info(
                    "books opened",
                    exchange=self._exchange,
                    exchange_account=self._exchange_account,
                    read_s_before=round(self._clock.monotonic() - seen.started, 1),
                )
                self._last_read = float("-inf")  # the next balance is stored with them
                self._on_opened(seen.connector_id)
            return
        if seen.complete:
            self._doubts = {currency: doubt for currency, doubt in self._doubts.items() if currency in found}
        for currency, possible in found.items():
            if abs(min(possible, key=abs)) <= self._ledger.dust(currency):
                self._doubts.pop(currency, None)
            elif currency in self._doubts:
                self._doubts[currency] = self._doubts[currency].seen_again(possible, seen.started)
            else:
                self._doubts[currency] = Doubt(candidates=possible, since=seen.started)
        if self._doubts:
            await self._settle(seen, {currency: min(possible, key=abs) for currency, possible in found.items()})
        else:
            self._agrees()
            await self._look_up_what_was_observed()
            await self._book_what_was_not_seen(seen, found)

    async def _settle(self, seen: Seen, smallest: Mapping[str, Decimal]) -> None:
        """What two reads agree on is explained by fills, then by records, or else booked as it was observed."""
        now, since = self._clock.monotonic(), min(doubt.since for doubt in self._doubts.values())
        agreed = {currency: doubt.agreed for currency, doubt in self._doubts.items()}
        sure = {currency: amount for currency, amount in agreed.items() if amount is not None}
        if not sure or (len(sure) < len(agreed) and now - since < TOGETHER_S):
            return
        version = self._ledger.version
        await self._book_fills(self._doubts.keys())
        if self._ledger.version != version or self._fills_known_until() is None:
            return  # the next read is compared with those fills too
        answer = await self._records.read()
        if not isinstance(answer, Answered | Refused) and now - since < RECORDS_WITHIN_S:
            return
        explained = {
            currency: recorded(amount, self._unbooked(currency), self._ledger.dust(currency))
            for currency, amount in sure.items()
        }
        for currency, records in explained.items():
            if records:
                await self._book_recorded(currency, records, seen)
        riddles = {currency: amount for currency, amount in sure.items() if not explained[currency]}
        if not riddles or now - since < FILLS_WITHIN_S:
            return
        dust = {currency: self._ledger.dust(currency) for currency in smallest}
        undone = takes_back({**smallest, **riddles}, self._ledger.fills(), dust)
        if undone:
            await self._contradict(riddles, undone, since, seen)
        else:
            for currency, amount in riddles.items():
                await self._book_riddle(currency, amount, seen)

    async def _contradict(
        self, riddles: Mapping[str, Decimal], undone: tuple[Trade, ...], since: float, seen: Seen
    ) -> None:
        """Shown and held at once, and adjusted by nobody; what is not corrected is recorded for a person to judge."""
        if self._mismatch is None:
            self._mismatch = contradicts(riddles, undone, self._clock.now())
            self._on_change()
        if self._clock.monotonic() - since < CORRECTED_WITHIN_S:
            return
        for currency, amount in riddles.items():
            await self._book(self._made(currency, amount, seen, TransferSource.CONTRADICTION))
        self._agrees()

    def _agrees(self) -> None:
        if self._mismatch is not None:
            self._mismatch = None
            self._on_change()

    async def _book_riddle(self, currency: str, amount: Decimal, seen: Seen) -> None:
        """Money that moved with a record, while fees that nobody stated were taken, is no other movement."""
        records = beside_a_fee(amount, currency, self._unbooked(currency), self._silent(currency))
        await self._book_recorded(currency, records, seen)
        rest = exact_sum(amount, *(-one.amount for one in records))
        await self._book(self._observed(currency, rest, seen))

    def _observed(self, currency: str, amount: Decimal, seen: Seen) -> Transfer:
        made = self._made(currency, amount, seen, TransferSource.OBSERVED)
        fills = unstated_fees(amount, currency, self._silent(currency))
        if not fills:
            return made
        return replace(made, label=TransferLabel.FEE, note=_unstated(fills), labelled_at=self._clock.now())

    def _silent(self, currency: str) -> list[Trade]:
        """Fills of which the exchange has stated no fee, and none in this currency was booked as observed."""
        return [fill for fill in self._ledger.fills() if fill.fee is None and not self._is_booked(fill, currency)]

    def _is_booked(self, fill: Trade, currency: str | None) -> bool:
        """Its fee, as observed."""
        return any(one.currency == currency and _names(one.note, fill) for one in self._transfers.values())

    async def _book_recorded(self, currency: str, records: Iterable[TransferRecord], seen: Seen) -> None:
        for record in records:
            made = self._made(currency, record.amount, seen, TransferSource.EXCHANGE, record.exchange_id)
            await self._book(proved(made, record, self._clock.now()))

    def _made(self, currency: str, amount: Decimal, seen: Seen, source: TransferSource, record: str = "") -> Transfer:
        """The same movement has the same id."""
        named = f"{self._exchange} {self._exchange_account} {currency} {amount} {seen.as_of.isoformat()} {record}"
        return Transfer(
            id=blake2s(named.encode(), digest_size=8).hexdigest(),
            exchange=self._exchange,
            exchange_account=self._exchange_account,
            connector_id=seen.connector_id,
            currency=currency,
            amount=amount,
            at=seen.as_of,
            source=source,
            exchange_id=None,
        )

    async def _book(self, transfer: Transfer) -> None:
        """It counts once it is stored; somebody may have labelled it by then."""
        transfer = await self._store(transfer)
        self._transfers.setdefault(transfer.id, transfer)
        self._ledger.moved(transfer)
        self._doubts.pop(transfer.currency, None)
        _log.info(
            "funds moved",
            exchange_account=transfer.exchange_account,
            currency=transfer.currency,
            amount=str(transfer.amount),
            source=transfer.source.value,
        )
        self._tell(transfer.connector_id)

    async def _look_up_what_was_observed(self) -> None:
        """A record may come later than what it moved. While the books agree, what it says has moved before."""
        assert self._ledger.opened_at is not None
        if self._records.age_s < RECORDS_EVERY_S:
            return
        if not isinstance(await self._records.read(), Answered):
            return
        self._records.draw_line(self._ledger.opened_at)
        for record in self._records.unbooked(self._transfers.values(), self._ledger.opened_at):
            found = observed(record, self._transfers.values())
            if found is not None:
                known = proved(found, record, self._clock.now())
                await self._store(known)
                self._transfers[known.id] = known
                self._tell(known.connector_id)

    async def _book_what_was_not_seen(self, seen: Seen, found: Mapping[str, frozenset[Decimal]]) -> None:
        """What came and left between two reads shows in no balance, and dust in none that differs; records tell it."""
        if not self._records.news_since_line():
            return
        for currency, possible in found.items():
            records = unseen(min(possible, key=abs), self._unbooked(currency))
            await self._book_recorded(currency, records, seen)

    def _unbooked(self, currency: str) -> tuple[TransferRecord, ...]:
        unbooked = self._records.unbooked(self._transfers.values(), self._ledger.opened_at)
        return tuple(one for one in unbooked if one.currency == currency)

    def _tell(self, connector_id: str) -> None:
        self._on_change()
        self._on_moved(connector_id)


def _unstated(fills: Collection[Trade]) -> str:
    return f"{_NO_FEE} {', '.join(fill.trade_id for fill in fills)}."


def _names(note: str | None, fill: Trade) -> bool:
    named = (note or "").removeprefix(_NO_FEE)
    return named != note and fill.trade_id in named.strip(" .").split(", ")
